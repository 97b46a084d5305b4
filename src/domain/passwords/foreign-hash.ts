/** Password hashes of other systems: says which are accepted, and asks the job to put them inside argon2id (rule 5). */
import { z } from 'zod';
import type { Values } from '../ports/values.ts';
import { pbkdf2Of, pbkdf2Work, saltedShaOf } from './foreign-scheme.ts';
import { shaCryptOf } from './sha-crypt.ts';
import { OWN_WORK } from './stored-hash.ts';

const ARGON2 =
  /^\$argon2id?\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,10})\$([A-Za-z0-9+/]{11,88})\$([A-Za-z0-9+/]{22,172})$/;
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** A third of a second: each try at such an account holds a process for as long, and twice where a password has two forms. */
const MOST_BCRYPT = 12;
const MOST_ARGON2 = 786_432;
/** The same time, in rounds of sha256-crypt and sha512-crypt. */
const MOST_SHA_CRYPT = 50_000;
/** The same time, in blocks of PBKDF2 (`pbkdf2Work`). */
const MOST_PBKDF2 = { sha1: 2_000_000, sha256: 2_000_000, sha512: 800_000 };

/**
 * Why this hash is refused, with the limits. Undefined: it is accepted. Without a limit on cost one row could stop
 * every sign-in.
 */
export function foreignHashFault(hash: string): string | undefined {
  const argon2 = ARGON2.exec(hash);
  if (argon2 !== null) {
    const [memoryKibibytes = 0, passes = 0, lanes = 0] = argon2.slice(1, 4).map(Number);
    const affordable = memoryKibibytes <= 262_144 && passes >= 1 && passes <= 10 && lanes >= 1 && lanes <= 16;
    if (!affordable || memoryKibibytes < 8 * lanes || memoryKibibytes * passes > MOST_ARGON2)
      return 'is an argon2 hash outside m ≤ 262144, t ≤ 10, p ≤ 16, m × t ≤ 786432: it would take longer than a sign-in may; let its owner activate by code or link';
    return undefined;
  }
  const bcrypt = BCRYPT.exec(hash);
  if (bcrypt !== null) {
    const cost = Number(bcrypt[1]);
    if (cost >= 4 && cost <= MOST_BCRYPT) return undefined;
    return 'is a bcrypt hash of a cost outside 4 to 12: it would take longer than a sign-in may; let its owner activate by code or link';
  }
  const salted = saltedShaOf(hash);
  if (salted !== undefined) {
    const { length } = salted.salt;
    return length >= 4 && length <= 64
      ? undefined
      : 'is a salted SHA hash of a wrong length: export it again, or let its owner activate by code or link';
  }
  const pbkdf2 = pbkdf2Of(hash);
  if (pbkdf2 !== undefined) {
    if (pbkdf2.iterations < 1 || pbkdf2.salt.length > 128 || pbkdf2.length < 16 || pbkdf2.length > 128)
      return 'is a PBKDF2 hash of a wrong length: export it again, or let its owner activate by code or link';
    if (pbkdf2Work(pbkdf2) <= MOST_PBKDF2[pbkdf2.hash]) return undefined;
    return `is a PBKDF2 hash of more than ${MOST_PBKDF2[pbkdf2.hash].toLocaleString('en')} rounds for each part of the key: it would take longer than a sign-in may; let its owner activate by code or link`;
  }
  const crypt = shaCryptOf(hash);
  if (crypt !== undefined) {
    if (crypt.rounds <= MOST_SHA_CRYPT) return undefined;
    return `is ${crypt.hash}-crypt of more than ${MOST_SHA_CRYPT.toLocaleString('en')} rounds: it would take longer than a sign-in may; let its owner activate by code or link`;
  }
  if (/^\$[56]\$/.test(hash))
    return 'is sha256-crypt or sha512-crypt that is not whole: $6$salt$ and 86 signs ($5$: 43), rounds=1000 at least where they are said';
  return 'must be a hash: argon2id or argon2i ($argon2id$v=19$…), bcrypt ($2b$…), {SSHA}, {SSHA256}, {SSHA512}, PBKDF2 ($pbkdf2-sha256$…, Keycloak), sha256-crypt or sha512-crypt ($5$…, $6$…), never the password itself';
}

const WANTED = 'foreign-hashes'; // '': none is known to wait

/** Tells the job that there will be a hash to wrap; called before one is stored. `mark`: a new random text. */
export async function wantWrapping(values: Pick<Values, 'get' | 'replace'>, mark: string): Promise<void> {
  while (!(await values.replace(WANTED, mark, await values.get(WANTED)))); // lost to another import, or to the end of a round
}

/** What was asked for last. Undefined: nothing waits. */
export async function wrappingWanted(values: Pick<Values, 'get'>): Promise<string | undefined> {
  return (await values.get(WANTED)) || undefined;
}

const WORKS = 'foreign-hash-works';
const MOST_WORKS = 16; // a feed could bring as many as there are parameters

/** `read`: all accounts were looked at since the upgrade that made this, so no others are stored. */
const worksShape = z.object({ works: z.array(z.string()), read: z.boolean() });
export type ForeignWorks = z.output<typeof worksShape>;

/** The kinds of work (`workOf`), beside our own, that stored hashes may take. */
export async function foreignWorks(values: Pick<Values, 'get'>): Promise<ForeignWorks> {
  return worksIn(await values.get(WORKS));
}

/** What a hash of a feed needs: to be put inside argon2id; and the work that verifying it takes (`workOf`). */
export type ForeignKind = { wrap: boolean; work: string };

/** Tells the job and the nodes of a hash that is about to be stored. `mark`: a new random text. */
export async function announceForeignHash(
  values: Pick<Values, 'get' | 'replace'>,
  { wrap, work }: ForeignKind,
  mark: string,
): Promise<void> {
  if (work !== OWN_WORK) await noteForeignWork(values, work);
  if (wrap) await wantWrapping(values, mark);
}

/** Notes a kind of work; called before a hash that takes it is stored. */
async function noteForeignWork(values: Pick<Values, 'get' | 'replace'>, work: string): Promise<void> {
  for (;;) {
    const stored = await values.get(WORKS);
    const { works, read } = worksIn(stored);
    if (works.includes(work) || works.length >= MOST_WORKS) return;
    if (await values.replace(WORKS, JSON.stringify({ works: [...works, work], read }), stored)) return;
  }
}

const ROUND = 'foreign-hash-round'; // '': none was broken off

/**
 * A round of the job over all accounts, in the order of their ids. `after`: the last one that it is done with. `works`: the kinds
 * of work that it found. `noted`: those that were noted when it began.
 */
const roundShape = z.object({
  mark: z.string(),
  after: z.string().optional(),
  works: z.array(z.string()),
  noted: z.string().optional(),
});
export type WrapRound = { mark: string; after?: string | undefined; works: Set<string>; noted?: string | undefined };

/** The round that was broken off, unless wrapping was asked for since; else a new one. Undefined: nothing waits. */
export async function roundToDo(values: Pick<Values, 'get'>): Promise<WrapRound | undefined> {
  const mark = (await wrappingWanted(values)) ?? '';
  const noted = await values.get(WORKS);
  if (mark === '' && worksIn(noted).read) return undefined;
  const text = await values.get(ROUND);
  const begun = text ? roundShape.parse(JSON.parse(text)) : undefined;
  return begun?.mark === mark ? { ...begun, works: new Set(begun.works) } : { mark, works: new Set(), noted };
}

/** The next call of `roundToDo` goes on there. */
export async function breakOffRound(values: Pick<Values, 'get' | 'replace'>, round: WrapRound): Promise<void> {
  const text = JSON.stringify({ ...round, works: [...round.works].slice(0, MOST_WORKS) });
  await values.replace(ROUND, text, await values.get(ROUND));
}

/**
 * Notes that nothing is left to wrap, unless `wantWrapping` was called since the round began, and that no other kinds of work
 * than its own are stored, unless one was noted meanwhile.
 */
export async function endRound(values: Pick<Values, 'get' | 'replace'>, round: WrapRound): Promise<void> {
  const { mark, works, noted } = round;
  if (mark !== '') await values.replace(WANTED, '', mark);
  await values.replace(WORKS, JSON.stringify({ works: [...works].slice(0, MOST_WORKS), read: true }), noted);
  const begun = await values.get(ROUND);
  if (begun) await values.replace(ROUND, '', begun);
}

const worksIn = (stored: string | undefined): ForeignWorks =>
  stored === undefined ? { works: [], read: false } : worksShape.parse(JSON.parse(stored));
