/**
 * Hashes and verifies passwords, with the same work whether an account exists or not (rules 1, 5); the hashing
 * processes load only this.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { compare as bcryptCompare, hash as bcryptHash } from 'bcryptjs';
import type { RandomBytes } from '../random.ts';
import { normalizePassword } from './password.ts';

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
  /** A foreign hash ({SSHA}, bcrypt) put inside argon2id, without knowing the password. @throws Problem `busy` */
  wrap(foreignHash: string): Promise<string>;
  close(): Promise<void>;
};

/** OWASP's first choice for argon2id (19 MiB, 2 passes, 1 lane); `@node-rs/argon2` does argon2id by default. */
const PARAMETERS = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
const SALT_BYTES = 16; // RFC 9106, section 3.1
const OWN_PREFIX = '$argon2id$v=19$m=19456,t=2,p=1$';
/** A hash of an unknown password, verified where there is none, so that the work is the same. */
const DUMMY = `${OWN_PREFIX}cGVkZWxkdW1teXNhbHQ$pPplPg2wI6FH6dLzv0kFr5WzLSFjFxmEHgnNo6BoQWA`;
const WRAPPED = /^wrapped\$(bcrypt|ssha)\$([A-Za-z0-9_-]+)(\$argon2id\$.+)$/;

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
const OTHER_ARGON2ID = /^\$argon2id\$v=19\$(m=\d+,t=\d+,p=\d+)\$/;

/** What verifying this hash costs: equal texts are equal work. Undefined: an unknown login. */
export function workOf(stored: string | undefined): string {
  if (stored === undefined || stored.startsWith(OWN_PREFIX)) return OWN_WORK;
  const [, scheme, settings = ''] = WRAPPED.exec(stored) ?? [];
  const bcrypt = scheme === 'bcrypt' ? Buffer.from(settings, 'base64url').toString() : stored;
  const [, cost] = /^\$2[aby]\$(\d\d)\$/.exec(bcrypt) ?? [];
  if (cost !== undefined) return `bcrypt ${cost}`;
  const [, parameters] = OTHER_ARGON2ID.exec(stored) ?? [];
  return parameters === undefined ? OWN_WORK : `argon2id ${parameters}`;
}

/** A hash of nobody's password that takes this work to verify. Undefined: `work` is not of `workOf`. */
export function dummyFor(work: string): string | undefined {
  if (work === OWN_WORK) return DUMMY;
  const [, cost, parameters] = /^(?:bcrypt (\d\d)|argon2id (m=\d+,t=\d+,p=\d+))$/.exec(work) ?? [];
  if (cost !== undefined) return `$2b$${cost}$${'pedeldummysaltpedeldu.'}${'x'.repeat(31)}`;
  return parameters === undefined ? undefined : DUMMY.replace('m=19456,t=2,p=1', parameters);
}

/**
 * Hashing in this process. Production runs the same functions in processes of their own, behind a bounded queue
 * (src/hashing).
 */
export function createHashing(randomBytes: RandomBytes): Hashing {
  return {
    hash: (password) => hashPassword(password, randomBytes),
    verify: verifyPassword,
    fullFor: () => undefined,
    wrap: (foreignHash) => wrapForeignHash(foreignHash, randomBytes),
    close: async () => {},
  };
}

/** @see Hashing.hash */
export async function hashPassword(password: string, randomBytes: RandomBytes): Promise<string> {
  return argon2id(normalizePassword(password), randomBytes);
}

/** @see Hashing.verify */
export async function verifyPassword(
  stored: string | undefined,
  password: string,
): Promise<{ matches: boolean; outdated: boolean }> {
  const isOurs = stored?.startsWith(OWN_PREFIX) === true;
  const own = normalizePassword(password);
  for (const form of formsOf(password, stored)) {
    if (await matchesForm(stored, form)) return { matches: true, outdated: !isOurs || form !== own };
  }
  return { matches: false, outdated: stored !== undefined && !isOurs };
}

async function matchesForm(stored: string | undefined, form: string): Promise<boolean> {
  const wrapped = stored === undefined ? null : WRAPPED.exec(stored);
  if (wrapped !== null) {
    const [, scheme, salt = '', inner = ''] = wrapped;
    const settings = Buffer.from(salt, 'base64url');
    return argon2Verify(
      inner,
      scheme === 'bcrypt' ? await bcryptHash(form, settings.toString()) : sshaOf(form, settings),
    );
  }
  if (stored?.startsWith('$argon2id$')) return argon2Verify(stored, form);
  await argon2Verify(DUMMY, form);
  return stored !== undefined && matchesForeign(stored, form);
}

/** @see Hashing.wrap */
export async function wrapForeignHash(foreignHash: string, randomBytes: RandomBytes): Promise<string> {
  if (foreignHash.startsWith('$2')) {
    const settings = Buffer.from(foreignHash.slice(0, 29)).toString('base64url');
    return `wrapped$bcrypt$${settings}${await argon2id(foreignHash, randomBytes)}`;
  }
  const { salt } = sshaParts(foreignHash);
  return `wrapped$ssha$${salt.toString('base64url')}${await argon2id(foreignHash, randomBytes)}`;
}

function argon2id(secret: string, randomBytes: RandomBytes): Promise<string> {
  return argon2Hash(secret, { ...PARAMETERS, salt: randomBytes(SALT_BYTES) });
}

/** Whether the hash is {SSHA} or bcrypt and not yet inside argon2id. */
export function isForeignHash(hash: string): boolean {
  return hash.startsWith('$2') || hash.startsWith('{SSHA}');
}

async function matchesForeign(stored: string, password: string): Promise<boolean> {
  if (stored.startsWith('$2')) return bcryptCompare(password, stored);
  if (!stored.startsWith('{SSHA}')) return false;
  const expected = Buffer.from(stored);
  const given = Buffer.from(sshaOf(password, sshaParts(stored).salt));
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** RFC 2307 style: base64 of SHA-1(password + salt) followed by the salt. */
function sshaParts(stored: string): { salt: Buffer } {
  return { salt: Buffer.from(stored.slice('{SSHA}'.length), 'base64').subarray(20) };
}

function sshaOf(password: string, salt: Buffer): string {
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`;
}
