/** The state that all actions of a chaos run share, and how an action is judged: done, in doubt, or refused. */
import { createHash, randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import type { Attempts } from '../../src/domain/ports/attempts.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { Problem } from '../../src/domain/problem.ts';
import type { Cluster } from '../support/cluster.ts';
import { type Browser, browserAt, type Interruption, interruption, isInterruption } from './browser.ts';
import type { Chance } from './chance.ts';
import type { Disturbance, EventKind } from './events.ts';
import type { Ledger, Outcome, Person } from './ledger.ts';
import type { Applications, Mail } from './receivers.ts';

export type World = {
  cluster: Cluster;
  issuer: string;
  ledger: Ledger;
  chance: Chance;
  mail: Mail;
  applications: Applications;
  /** a direct connection, beside the nodes */
  storage: Storage;
  /** the counters of rate limits, as the nodes name them */
  attempts: Attempts;
  people: Person[];
  log: (line: string) => void;
  /** what happened so far; the last one may still go on */
  disturbances: Disturbance[];
  /** does as MongoDB does in all that is tested but one: see `spoiltByDatabase` */
  imitation: boolean;
  /** a stopped process may still do, much later, what it was asked */
  somethingIsStopped: () => boolean;
};

export const FIRST_PASSWORD = 'negen koperen lampen dwalen';
export const SECRET = 'a-secret-that-only-this-application-and-the-test-know';

const application = (id: string, more: object) => ({
  client_id: id,
  client_secret: SECRET,
  redirect_uris: [backTo(id)],
  post_logout_redirect_uris: [backTo(id)],
  ...more,
});
const offline = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email offline_access' };

export function backTo(client: string): string {
  return `https://${client}.example/back`;
}

/** The applications that are told when a session ends. */
export const listening = ['toledo', 'webmail'] as const;
export const clients = ['toledo', 'webmail', 'pocket', 'library'] as const;
export type ClientId = (typeof clients)[number];

/** Two of the house that hear of sign-outs, one without a secret whose refresh tokens rotate, and one that needs consent. */
export function registrations(logoutAddress: string, libraryName = 'Library'): object[] {
  const hears = (id: string) => ({ backchannel_logout_uri: `${logoutAddress}/${id}` });
  const { client_secret: _, ...pocket } = application('pocket', {
    token_endpoint_auth_method: 'none',
    pedel_first_party: true,
    ...offline,
  }) as { client_secret?: string };
  return [
    application('toledo', { pedel_first_party: true, scope: 'openid profile email', ...hears('toledo') }),
    application('webmail', { pedel_first_party: true, ...offline, ...hears('webmail') }),
    pocket,
    application('library', { client_name: libraryName, scope: 'openid profile' }),
  ];
}

export const isOffline = (client: ClientId) => client === 'webmail' || client === 'pocket';

/** An authorization request, and what its code is exchanged with. */
export function requestOf(world: World, client: ClientId, more: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL('/auth', world.issuer);
  const parameters = {
    client_id: client,
    response_type: 'code',
    redirect_uri: backTo(client),
    scope: isOffline(client) ? 'openid email offline_access' : 'openid profile',
    ...(isOffline(client) && more.prompt === undefined ? { prompt: 'consent' } : {}),
    state: randomBytes(8).toString('hex'),
    nonce: randomBytes(8).toString('hex'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, verifier };
}

export function newBrowser(world: World, address?: string): Browser {
  return browserAt(world.issuer, () => world.ledger.success(), address);
}

let passwords = 0;
/** One that nobody had before. */
export function freshPassword(): string {
  passwords += 1;
  return `zeven fietsen langs de vaart ${passwords}`;
}

const STEP_MS = 30_000;

/** A code of the person's authenticator application that was never shown before and is valid for half a minute at least. */
export function nextCode(person: Person): { code: string; step: number } | undefined {
  const current = Math.floor(Date.now() / STEP_MS);
  const step = Math.max(person.lastStep + 1, current);
  if (person.seed === undefined || step > current + 1) return undefined;
  person.lastStep = step;
  return { step, code: generateSync({ secret: person.seed, epoch: (step * STEP_MS) / 1000 }) };
}

export async function accountOf({ storage }: World, person: Person): Promise<Account> {
  const account = await storage.accounts.findByLogin(person.number);
  if (account === undefined) throw new Error(`${person.number} has no account`);
  return account;
}

/** That a page is not what it must be: no act was interrupted, so nothing excuses it. */
export function unexpected(browser: Browser, wanted: string): Error {
  return new Error(`${wanted}, but got ${browser.words()}`);
}

/** `doubt` is told where the request may have done its work although nobody heard of it. */
export async function orDoubt<T>(going: Promise<T>, doubt: () => void): Promise<T> {
  try {
    return await going;
  } catch (error) {
    if (isInterruption(error) && error.interrupted.touched) doubt();
    throw error;
  }
}

const SETTLES_MS = { answered: 8000, silent: 25_000 }; // of a node that has to share its machine

/** Does it, counts it, and says what became of it. Whatever is not an interruption is a broken promise. */
export async function perform(
  world: World,
  person: Person,
  name: string,
  act: () => Promise<Outcome | undefined>,
): Promise<void> {
  const { ledger } = world;
  const [since, startedAt] = [ledger.seconds(), Date.now()];
  const note = (outcome: string) => ledger.note(person.number, `(since ${since} s) ${name}: ${outcome}`);
  try {
    const outcome = await act();
    if (outcome === undefined) return;
    ledger.count(name, outcome);
    note(outcome);
  } catch (error) {
    note(String(error));
    if (isInterruption(error)) {
      ledger.count(name, error.interrupted.touched ? 'in doubt' : 'refused');
      letSettle(world, person, error);
    } else if (error instanceof Problem && error.code === 'storage_unavailable') {
      ledger.count(name, 'in doubt');
      letSettle(world, person, interruption(error.message, { touched: true, silent: false }));
    } else if (spoiltByDatabase(world, startedAt)) {
      ledger.count(name, 'in doubt');
      person.retired = String(error);
    } else ledger.violation(name, person.number, error instanceof Error ? error.message : String(error));
  }
}

const REPEATED_BY_DRIVER: EventKind[] = ['kill the database', 'stop the database', 'cut connections'];
const REPEATED_WITHIN_MS = 10_000;

/**
 * A driver repeats a write that was not answered, and mongod answers the second one as it did the first. SecantusDB
 * executes it again where the first is still under way or was before its end: the guard of the write then fails because of
 * the write itself, and whoever won is told to have lost. Nothing passes twice by that, but an answer is wrong, or an act
 * is told twice in the audit log, with the time of its one request.
 */
export function spoiltByDatabase({ imitation, disturbances }: World, startedAt: number, endedAt = Date.now()): boolean {
  return (
    imitation &&
    disturbances.some(
      ({ kind, from, until }) =>
        REPEATED_BY_DRIVER.includes(kind) && from <= endedAt && startedAt <= until + REPEATED_WITHIN_MS,
    )
  );
}

/** The person waits until what was asked can have no effect any more. */
export function letSettle(world: World, person: Person, { interrupted }: Interruption): void {
  const forEver = interrupted.silent && world.somethingIsStopped();
  const at = Date.now() + (interrupted.silent ? SETTLES_MS.silent : SETTLES_MS.answered);
  person.settlesAt = Math.max(person.settlesAt, forEver ? Number.POSITIVE_INFINITY : at);
}

/** Nothing is stopped any more: what waited for that settles soon. */
export function settleAfterStop(world: World): void {
  for (const person of world.people)
    if (person.settlesAt === Number.POSITIVE_INFINITY) person.settlesAt = Date.now() + SETTLES_MS.silent;
}
