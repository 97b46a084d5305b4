/**
 * Hashes and verifies passwords, with the same work whether an account exists or not (rules 1, 5); the hashing
 * processes load only this.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import type { RandomBytes } from '../random.ts';
import { normalizePassword } from './password.ts';
import { DUMMY, formsOf, type Hashing, OWN_PREFIX, WRAPPED } from './stored-hash.ts';

/** OWASP's first choice for argon2id (19 MiB, 2 passes, 1 lane); `@node-rs/argon2` does argon2id by default. */
const PARAMETERS = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
const SALT_BYTES = 16; // RFC 9106, section 3.1

/**
 * Hashing in this process. Production runs the same functions in processes of their own, behind a bounded queue
 * (src/hashing).
 */
export function createHashing(randomBytes: RandomBytes): Hashing {
  return {
    hash: (password) => hashPassword(password, randomBytes),
    verify: verifyPassword,
    fullFor: () => undefined,
    fullForNewcomer: () => undefined,
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
      scheme === 'bcrypt' ? await (await bcrypt()).hash(form, settings.toString()) : sshaOf(form, settings),
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

/** Loaded where such a hash is met: most installations have none. */
const bcrypt = () => import('bcryptjs');

function argon2id(secret: string, randomBytes: RandomBytes): Promise<string> {
  return argon2Hash(secret, { ...PARAMETERS, salt: randomBytes(SALT_BYTES) });
}

async function matchesForeign(stored: string, password: string): Promise<boolean> {
  if (stored.startsWith('$2')) return (await bcrypt()).compare(password, stored);
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
