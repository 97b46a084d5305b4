/**
 * What is stored in place of a password, and what checking it costs (rules 1, 5). It needs no hash function: those are in
 * password-hash.ts, which the hashing processes load and a node does not.
 */
import { pbkdf2Of } from './foreign-scheme.ts';
import { normalizePassword } from './password.ts';
import { emptyKey, type ShaCrypt, shaCryptOf, shaCryptText } from './sha-crypt.ts';

/**
 * Who is served first where passwords wait: people who are half-way through something, and chose a password. Browsers
 * that signed in before have places of their own, and so have tries from where many were wrong, which come last.
 */
export type Lane = 'begun' | 'known' | 'others' | 'slowed';

/** Slow work, done before a rule runs; the rule then checks that the verified hash is still the stored one. */
export type Hashing = {
  /** argon2id as a PHC string. `lane`: `begun` if absent. @throws Problem `busy` where the queue is full */
  hash(password: string, lane?: Lane): Promise<string>;
  /**
   * Whether `password` belongs to `stored`. The work is the same where `stored` is absent (an unknown login). Where it
   * is not (`workOf`), the answer of a wrong password takes the same time. `outdated`: the hash has other parameters
   * than ours, or is of another Unicode form of the password, so the password should be hashed again.
   * @throws Problem `busy`
   */
  verify(stored: string | undefined, password: string, lane?: Lane): Promise<{ matches: boolean; outdated: boolean }>;
  /**
   * When to come back, where a password that is asked for in this lane now would wait too long. Undefined: it may come.
   */
  fullFor(lane: Lane): { retryAfterSeconds: number } | undefined;
  /** The same for somebody who begins, and has yet to type one: where many wait, as many may begin as can be served. */
  fullToBegin(lane: Lane): { retryAfterSeconds: number } | undefined;
  /** A foreign hash ({SSHA}, bcrypt, PBKDF2, SHA crypt) put inside argon2id, without knowing the password. @throws Problem `busy` */
  wrap(foreignHash: string): Promise<string>;
  close(): Promise<void>;
};

/** How a hash with our own parameters begins. */
export const OWN_PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';
/** A hash of an unknown password, verified where there is none, so that the work is the same. */
export const DUMMY = `${OWN_PREFIX}cGVkZWxkdW1teXNhbHQ$pPplPg2wI6FH6dLzv0kFr5WzLSFjFxmEHgnNo6BoQWA`;
/** A foreign hash inside argon2id: scheme, settings, hash. */
export const WRAPPED = /^wrapped\$(bcrypt|ssha|ssha256|ssha512|pbkdf2|crypt)\$([A-Za-z0-9_-]+)(\$argon2id\$.+)$/;

/**
 * The forms in which the same password may have been hashed, the likeliest first, two at most: ours and that of earlier
 * versions of Pedel (NFC); of other systems what was typed, and NFC. One for nearly everybody. Their number depends on what
 * is typed only, never on what is stored (rule 1).
 */
export function formsOf(typed: string, stored: string | undefined): [string, ...string[]] {
  const [own, nfc] = [normalizePassword(typed), typed.normalize('NFC')];
  const likeliest = stored === undefined || stored.startsWith(OWN_PREFIX) ? [own, nfc, typed] : [typed, nfc, own];
  const [first = own, ...others] = new Set(likeliest);
  return [first, ...others.slice(0, 1)];
}

/** The work that verifying a hash of ours, an {SSHA} one or none at all takes. */
export const OWN_WORK = 'own';
const OTHER_ARGON2 = /^\$(argon2id?)\$v=19\$(m=\d+,t=\d+,p=\d+)\$/;

/** What verifying this hash costs: equal texts are equal work. Undefined: an unknown login. */
export function workOf(stored: string | undefined): string {
  if (stored === undefined || stored.startsWith(OWN_PREFIX)) return OWN_WORK;
  const [, scheme, settings = ''] = WRAPPED.exec(stored) ?? [];
  const bcrypt = scheme === 'bcrypt' ? Buffer.from(settings, 'base64url').toString() : stored;
  const [, cost] = /^\$2[aby]\$(\d\d)\$/.exec(bcrypt) ?? [];
  if (cost !== undefined) return `bcrypt ${cost}`;
  const pbkdf2 = pbkdf2Of(scheme === 'pbkdf2' ? Buffer.from(settings, 'base64url').toString() : stored);
  if (pbkdf2 !== undefined) return `pbkdf2 ${pbkdf2.hash} ${pbkdf2.iterations} ${pbkdf2.length}`;
  const crypt = shaCryptOf(scheme === 'crypt' ? Buffer.from(settings, 'base64url').toString() : stored);
  if (crypt !== undefined) return `crypt ${crypt.hash} ${crypt.rounds}`;
  const [, kind, parameters] = OTHER_ARGON2.exec(stored) ?? [];
  return kind === undefined ? OWN_WORK : `${kind} ${parameters}`;
}

/** A hash of nobody's password that takes this work to verify. Undefined: `work` is not of `workOf`. */
export function dummyFor(work: string): string | undefined {
  if (work === OWN_WORK) return DUMMY;
  const [, cost, kind, parameters] = /^(?:bcrypt (\d\d)|(argon2id?) (m=\d+,t=\d+,p=\d+))$/.exec(work) ?? [];
  if (cost !== undefined) return `$2b$${cost}$${'pedeldummysaltpedeldu.'}${'x'.repeat(31)}`;
  if (kind !== undefined) return DUMMY.replace('argon2id', kind).replace('m=19456,t=2,p=1', parameters ?? '');
  const [, name, rounds] = /^crypt (sha256|sha512) (\d+)$/.exec(work) ?? [];
  if (name !== undefined) {
    const crypt = { hash: name as ShaCrypt['hash'], rounds: Number(rounds), salt: 'pedeldummysalt' };
    return shaCryptText(crypt, emptyKey(crypt.hash));
  }
  const [, hash, iterations, length] = /^pbkdf2 (sha1|sha256|sha512) (\d+) (\d+)$/.exec(work) ?? [];
  if (hash === undefined) return undefined;
  return `$pbkdf2-${hash}$${iterations}$cGVkZWxkdW1teXNhbHQ$${Buffer.alloc(Number(length), 1).toString('base64').replace(/=+$/, '')}`;
}

/** Whether the hash is salted SHA, bcrypt, PBKDF2 or SHA crypt, and not yet inside argon2id. */
export function isForeignHash(hash: string): boolean {
  return ['$2', '{SSHA', '$pbkdf2', '$5$', '$6$'].some((beginning) => hash.startsWith(beginning));
}
