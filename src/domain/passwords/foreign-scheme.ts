/**
 * How other systems write what they store of a password: salted SHA and PBKDF2 in one form each, from which the settings and
 * the hash of a password can be made again.
 */

import { shaCryptOf, shaCryptText } from './sha-crypt.ts';

/** `hash`: which SHA. `length`: bytes of the derived key. */
export type Pbkdf2 = { hash: 'sha1' | 'sha256' | 'sha512'; iterations: number; salt: Buffer; length: number };
export type SaltedSha = { hash: 'sha1' | 'sha256' | 'sha512'; salt: Buffer };

/** `$pbkdf2-sha256$600000$salt$hash`, base64 with `.` for `+` (the Modular Crypt Format of passlib). */
const PBKDF2 =
  /^\$pbkdf2(?:-(sha1|sha256|sha512))?\$(?:i=)?(\d{1,8})\$([A-Za-z0-9./+]{2,172})={0,2}\$([A-Za-z0-9./+]{22,172})={0,2}$/;
/** The same as OpenLDAP's pw-pbkdf2 writes it: `{PBKDF2-SHA512}10000$salt$hash`; without a name it is SHA-1. */
const PBKDF2_OF_OPENLDAP = /^\{PBKDF2(?:-SHA(1|256|512))?\}(\d{1,8}\$[A-Za-z0-9./+]+\$[A-Za-z0-9./+]+)$/i;
/** Where a directory keeps hashes that say themselves what they are. */
const NAMED_TWICE = /^\{(?:crypt|bcrypt|argon2)\}(?=\$(?:[56]|2[aby]|argon2id?)\$)/i;
const SALTED = /^\{SSHA(256|512)?\}([A-Za-z0-9+/]+={0,2})$/i;
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64 };

export function pbkdf2Of(stored: string): Pbkdf2 | undefined {
  const [, hash = 'sha1', iterations, salt, key] = PBKDF2.exec(stored) ?? [];
  if (iterations === undefined || salt === undefined || key === undefined) return undefined;
  const [saltBytes, keyBytes] = [salt, key].map(bytesOf);
  if (saltBytes === undefined || keyBytes === undefined) return undefined;
  return { hash: hash as Pbkdf2['hash'], iterations: Number(iterations), salt: saltBytes, length: keyBytes.length };
}

/** The form in which such a hash is stored; `key`: what was derived. */
export function pbkdf2Text({ hash, iterations, salt }: Omit<Pbkdf2, 'length'>, key: Buffer): string {
  return `$pbkdf2-${hash}$${iterations}$${textOf(salt)}$${textOf(key)}`;
}

/** The blocks of work (RFC 8018, 5.2): each iteration, for each part of the key that one hash gives. */
export function pbkdf2Work({ hash, iterations, length }: Pbkdf2): number {
  return iterations * Math.ceil(length / DIGEST_BYTES[hash]);
}

/** `{SSHA}`, `{SSHA256}`, `{SSHA512}` (RFC 2307 style): base64 of the digest followed by the salt. */
export function saltedShaOf(stored: string): SaltedSha | undefined {
  const [, bits, text] = SALTED.exec(stored) ?? [];
  if (text === undefined) return undefined;
  const hash = bits === undefined ? 'sha1' : bits === '256' ? 'sha256' : 'sha512';
  const bytes = Buffer.from(text, 'base64');
  return { hash, salt: bytes.subarray(DIGEST_BYTES[hash]) };
}

export function saltedShaText({ hash, salt }: SaltedSha, digest: Buffer): string {
  const name = hash === 'sha1' ? 'SSHA' : hash === 'sha256' ? 'SSHA256' : 'SSHA512';
  return `{${name}}${Buffer.concat([digest, salt]).toString('base64')}`;
}

/**
 * A hash in our form, where it came in another: Keycloak's `{"credentialData": "…", "secretData": "…"}`, as a realm export has
 * it, what OpenLDAP's modules write, and small differences of writing. Whatever it is not stays as it is.
 */
export function canonicalHash(given: string): string {
  const keycloak = given.startsWith('{"') ? fromKeycloak(given) : undefined;
  const [, bits = '1', openLdap] = PBKDF2_OF_OPENLDAP.exec(given) ?? [];
  const hash = openLdap === undefined ? (keycloak ?? given.replace(NAMED_TWICE, '')) : `$pbkdf2-sha${bits}$${openLdap}`;
  const crypt = shaCryptOf(hash);
  if (crypt !== undefined) return shaCryptText(crypt, crypt.key);
  const pbkdf2 = pbkdf2Of(hash);
  const key = bytesOf(hash.slice(hash.lastIndexOf('$') + 1).replace(/=+$/, ''));
  if (pbkdf2 !== undefined && key !== undefined) return pbkdf2Text(pbkdf2, key);
  return hash.replace(/^\{ssha(256|512)?\}/i, (name) => name.toUpperCase());
}

/** Undefined: it is not of Keycloak, or of an algorithm that is not known here. */
function fromKeycloak(given: string): string | undefined {
  try {
    const { credentialData, secretData } = JSON.parse(given) as Record<string, unknown>;
    const [data, secret] = [credentialData, secretData].map((each) =>
      typeof each === 'string' ? (JSON.parse(each) as Record<string, unknown>) : (each as Record<string, unknown>),
    );
    const { algorithm, hashIterations, additionalParameters } = data ?? {};
    const { value, salt } = secret ?? {};
    if (typeof value !== 'string' || typeof salt !== 'string' || typeof algorithm !== 'string') return undefined;
    const [key, saltBytes] = [value, salt].map((each) => Buffer.from(each, 'base64'));
    if (key === undefined || saltBytes === undefined) return undefined;
    const pbkdf2 = /^pbkdf2(?:-(sha256|sha512))?$/.exec(algorithm);
    if (pbkdf2 !== null)
      return pbkdf2Text(
        { hash: (pbkdf2[1] ?? 'sha1') as Pbkdf2['hash'], iterations: Number(hashIterations), salt: saltBytes },
        key,
      );
    if (algorithm !== 'argon2') return undefined;
    const one = (name: string) =>
      String((additionalParameters as Record<string, unknown[]> | undefined)?.[name]?.[0] ?? '');
    if (one('type') !== 'id' || one('version') !== '1.3') return undefined;
    const plain = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
    return `$argon2id$v=19$m=${one('memory')},t=${String(hashIterations)},p=${one('parallelism')}$${plain(saltBytes)}$${plain(key)}`;
  } catch {
    return undefined;
  }
}

/** Names of schemes that are read here: what stands behind them and is not whole is a fault of its row. */
const READ = /^(?:SSHA(?:256|512)?|CRYPT|BCRYPT|ARGON2|PBKDF2(?:-SHA(?:1|256|512))?)$/;
const UNKNOWN_CRYPT = /^(?:\{(?:crypt|argon2)\})?(\$(?:y|gy|7|sha1|scrypt|argon2d)\$)/i;

/**
 * Why a hash is left out, in words, while its person goes in and is invited: it is worth no more than the password itself to
 * whoever reads it (without a salt, or of a function that was broken long ago), or of a scheme that is not known here.
 * Undefined: it is none of these.
 */
export function whyHashLeft(hash: string): string | undefined {
  const [, scheme] = /^\{([A-Za-z0-9_-]+)\}/.exec(hash) ?? [];
  const name = scheme?.toUpperCase();
  if (name === 'SHA' || name === 'MD5' || name === 'SHA256' || name === 'SHA512') return `{${name}} has no salt`;
  if (name === 'SMD5') return '{SMD5} is MD5';
  if (name === 'NTHASH' || name === 'NT' || name === 'LM' || /^(?:[0-9a-f]{32}|\$NT\$.*)$/i.test(hash))
    return 'it is an NT hash or MD5 without a salt';
  if (/^(?:\{crypt\})?(?:[./A-Za-z0-9]{13}|_[./A-Za-z0-9]{19})$/i.test(hash)) return 'it is a DES crypt';
  if (/^(?:\{crypt\})?\$1\$/i.test(hash)) return 'it is MD5 crypt ($1$)';
  const [, crypt] = UNKNOWN_CRYPT.exec(hash) ?? [];
  const unknown = crypt ?? (name === undefined || READ.test(name) ? undefined : `{${name}}`);
  return unknown && `it is of a scheme that is not known here: ${unknown}`;
}

function bytesOf(text: string): Buffer | undefined {
  const bytes = Buffer.from(text.replaceAll('.', '+'), 'base64');
  return bytes.length === 0 ? undefined : bytes;
}

const textOf = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '').replaceAll('+', '.');
