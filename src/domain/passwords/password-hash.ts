/**
 * Hashes and verifies passwords, with the same work whether an account exists or not (rules 1, 5); the hashing
 * processes load only this.
 */
import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import type { RandomBytes } from '../random.ts';
import { pbkdf2Of, pbkdf2Text, saltedShaOf, saltedShaText } from './foreign-scheme.ts';
import { normalizePassword } from './password.ts';
import { emptyKey, shaCryptKey, shaCryptOf, shaCryptText } from './sha-crypt.ts';
import { DUMMY, formsOf, type Hashing, OWN_PREFIX, WRAPPED } from './stored-hash.ts';

/** OWASP's first choice for argon2id (19 MiB, 2 passes, 1 lane); `@node-rs/argon2` does argon2id by default. */
const PARAMETERS = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
/** Ours, and what another system made. argon2i is what Debian's OpenLDAP makes. */
const ARGON2 = /^\$argon2id?\$/;
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
    fullToBegin: () => undefined,
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
    const [, scheme = '', settings = '', inner = ''] = wrapped;
    return argon2Verify(inner, await foreignHashOf(form, scheme, Buffer.from(settings, 'base64url')));
  }
  if (stored !== undefined && ARGON2.test(stored)) return argon2Verify(stored, form);
  await argon2Verify(DUMMY, form);
  return stored !== undefined && matchesForeign(stored, form);
}

/** @see Hashing.wrap */
export async function wrapForeignHash(foreignHash: string, randomBytes: RandomBytes): Promise<string> {
  const { scheme, settings } = settingsOf(foreignHash);
  return `wrapped$${scheme}$${settings.toString('base64url')}${await argon2id(foreignHash, randomBytes)}`;
}

/** What a hash says besides the password: with it, the same can be made of another. */
function settingsOf(foreignHash: string): { scheme: string; settings: Buffer } {
  if (foreignHash.startsWith('$2')) return { scheme: 'bcrypt', settings: Buffer.from(foreignHash.slice(0, 29)) };
  const salted = saltedShaOf(foreignHash);
  if (salted !== undefined)
    return { scheme: salted.hash === 'sha1' ? 'ssha' : salted.hash.replace('sha', 'ssha'), settings: salted.salt };
  const crypt = shaCryptOf(foreignHash);
  // the key empty, so that nothing of the hash itself stays outside argon2id
  if (crypt !== undefined) return { scheme: 'crypt', settings: Buffer.from(shaCryptText(crypt, emptyKey(crypt.hash))) };
  const derived = pbkdf2Of(foreignHash);
  if (derived === undefined) throw new TypeError('this is no hash of another system');
  // of the same length, and as empty
  return { scheme: 'pbkdf2', settings: Buffer.from(pbkdf2Text(derived, Buffer.alloc(derived.length))) };
}

/** The hash of `password` as the other system would have stored it. */
async function foreignHashOf(password: string, scheme: string, settings: Buffer): Promise<string> {
  if (scheme === 'bcrypt') return (await bcrypt()).hash(password, settings.toString());
  if (scheme === 'pbkdf2') {
    const derived = pbkdf2Of(settings.toString());
    if (derived === undefined) throw new TypeError('the settings of a wrapped hash cannot be read');
    const key = await promisify(pbkdf2)(password, derived.salt, derived.iterations, derived.length, derived.hash);
    return pbkdf2Text(derived, key);
  }
  if (scheme === 'crypt') {
    const crypt = shaCryptOf(settings.toString());
    if (crypt === undefined) throw new TypeError('the settings of a wrapped hash cannot be read');
    return shaCryptText(crypt, shaCryptKey(password, crypt));
  }
  const hash = scheme === 'ssha256' ? 'sha256' : scheme === 'ssha512' ? 'sha512' : 'sha1';
  return saltedShaText({ hash, salt: settings }, createHash(hash).update(password).update(settings).digest());
}

/** Loaded where such a hash is met: most installations have none. */
const bcrypt = () => import('bcryptjs');

function argon2id(secret: string, randomBytes: RandomBytes): Promise<string> {
  return argon2Hash(secret, { ...PARAMETERS, salt: randomBytes(SALT_BYTES) });
}

async function matchesForeign(stored: string, password: string): Promise<boolean> {
  if (stored.startsWith('$2')) return (await bcrypt()).compare(password, stored);
  if ([saltedShaOf, pbkdf2Of, shaCryptOf].every((read) => read(stored) === undefined)) return false;
  const { scheme, settings } = settingsOf(stored);
  const [expected, given] = [stored, await foreignHashOf(password, scheme, settings)].map((each) => Buffer.from(each));
  return expected !== undefined && given?.length === expected.length && timingSafeEqual(expected, given);
}
