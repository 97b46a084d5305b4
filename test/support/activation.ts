/**
 * Shared parts of stories about activation and forgotten passwords: people, their emails, and browsers on separate
 * networks.
 */

import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Account } from '../../src/domain/account/account.ts';
import type { Email } from '../../src/domain/account/emails.ts';
import { newTicket, withTicket } from '../../src/domain/tickets/ticket.ts';
import type { CurrentSession, Sessions } from '../../src/oidc/sign-in/session.ts';
import type { WebDeps } from '../../src/web/web.ts';
import { anAccount } from './account.ts';
import { httpVisitor, textOf, type Visit } from './http-visitor.ts';
import { type RunningWeb, startWeb } from './web.ts';

export const GOOD = 'drie gele fietsen zwemmen traag';
export const BETTER = 'seventeen quiet lamps near winter';

type Started = { accountId: string; amr: string[]; epoch: number };

/** The contract of src/oidc/sign-in/session.ts: a cookie, who it stands for, and the URL of a request that may be waiting. */
function startedSessions(now: () => number) {
  const open = new Map<string, CurrentSession>();
  const started: Started[] = [];
  const state: { waiting?: string } = {};
  const sessions: Sessions = {
    current: async (ctx) => open.get(ctx.cookies.get('test_session') ?? ''),
    async start(ctx, login) {
      open.delete(ctx.cookies.get('test_session') ?? '');
      const uid = randomBytes(8).toString('hex');
      open.set(uid, { uid, ...login, authTime: Math.floor(now() / 1000) });
      started.push(login);
      ctx.append('Set-Cookie', `test_session=${uid}; Path=/; HttpOnly`);
      const { waiting } = state;
      delete state.waiting;
      return waiting;
    },
    signInUrl: (path) => `/auth?back=${encodeURIComponent(path)}`,
    async renew(ctx, epoch, amr) {
      const session = open.get(ctx.cookies.get('test_session') ?? '');
      if (session !== undefined) Object.assign(session, { epoch }, amr === undefined ? {} : { amr });
    },
    resume: async () => undefined,
    end: async () => {},
    endAll: async () => 0,
    endExpired: async () => ({ ended: 0, failures: [] }),
  };
  return { sessions, open, started, state };
}

export async function startActivation(change: Partial<WebDeps> = {}) {
  const clock: { now?: () => number } = {};
  const memory = startedSessions(() => clock.now?.() ?? Date.now());
  const web = await startWeb({ sessions: memory.sessions, ...change });
  clock.now = () => web.clock.now;
  const { open: openSessions, started, state } = memory;
  return Object.assign(web, { openSessions, started, state });
}
export type Activation = Awaited<ReturnType<typeof startActivation>>;

let addresses = 0;
function freshAddress(): string {
  addresses += 1;
  return `198.51.${addresses >> 8}.${addresses & 255}`;
}

/** A browser at an address of its own unless told otherwise. */
export function visitor({ url }: { url: string }, address = freshAddress()) {
  const browser = httpVisitor({ 'x-forwarded-for': address, 'accept-language': 'en' });
  return {
    ...browser,
    address,
    at: (path: string) => browser.open(`${url}${path}`, { follow: (next) => next.startsWith(url) }),
  };
}

export const alumna = (change: Partial<Account> = {}): Account =>
  anAccount({
    id: 'alumna',
    userNumbers: ['q0123456'],
    emails: [],
    personalEmail: 'An.Peeters@example.org',
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    language: 'nl',
    ...change,
  });

export const student = (change: Partial<Account> = {}): Account => anAccount({ id: 'student', ...change });

/** An invited student of VIVES, and the path of the link in the letter. */
export async function invite(web: RunningWeb, change: Partial<Account> = {}) {
  const about = { purpose: 'activation' as const, accountId: 'student', lifetimeSeconds: 1_209_600, withCode: false };
  const { ticket, token } = newTicket(about, web.sealer, web.clock.now, randomBytes);
  await web.storage.accounts.insert(withTicket(student(change), ticket, web.clock.now));
  return { ticket, link: `/activate?ticket=${token}` };
}

export async function stored(web: RunningWeb, id: string): Promise<Account> {
  const account = await web.storage.accounts.findById(id);
  if (account === undefined) throw new Error(`no account ${id}`);
  return account;
}

/** Every letter the account was to receive, oldest first, with what was sealed for it. */
export async function lettersTo(web: RunningWeb, id: string): Promise<(Email & { link: string; code: string })[]> {
  const { effects } = await stored(web, id);
  return effects.flatMap((effect) => {
    if (effect.kind !== 'letter') return [];
    const { sealedSecret } = effect.letter;
    const secret = sealedSecret === undefined ? {} : JSON.parse(web.sealer.open(sealedSecret, id, 'letter'));
    return [{ ...effect.letter, link: '', code: '', ...secret }];
  });
}

export async function lastLetter(web: RunningWeb, id: string) {
  const letter = (await lettersTo(web, id)).at(-1);
  if (letter === undefined) throw new Error('no letter');
  return letter;
}

/** The heading of a page. */
function titleOf({ html }: Visit): string {
  return textOf(/<h1 id="title">([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? '');
}
export function errorOf({ html }: Visit): string {
  return textOf(/<p id="error"[^>]*>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? '');
}
export function wordsOf({ html }: Visit): string {
  return textOf(/<main[\s\S]*<\/main>/.exec(html)?.[0] ?? '');
}
export function codesOn({ html }: Visit): string[] {
  return [...html.matchAll(/<code>((?:[2-9A-Z]{5}-){2}[2-9A-Z]{5})<\/code>/g)].map(([, code = '']) => code);
}

/** The code that an authenticator shows at the clock of the test, for the key on the page or a seed. */
export function totpCode(web: RunningWeb, from: Visit | string): string {
  const secret = typeof from === 'string' ? from : (/id="key">([^<]*)</.exec(from.html)?.[1] ?? '').replace(/\s/g, '');
  return generateSync({ secret, epoch: Math.floor(web.clock.now / 1000) });
}

export function expectPage(visit: Visit, title: string, status = 200): void {
  expect([visit.status, titleOf(visit)]).toEqual([status, title]);
}

/** Counts what is asked of the storage, by name: what an answer costs must not depend on who is there (rule 1). */
export function counted<Port extends object>(port: Port, calls: Record<string, number>): Port {
  return new Proxy(port, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        calls[String(name)] = (calls[String(name)] ?? 0) + 1;
        return value.apply(target, given);
      };
    },
  });
}
