/** The public keys by which an application proves who it is (private_key_jwt, RFC 7523): what is wrong with one, and its name. */
import { createHash } from 'node:crypto';
import type { JsonValue } from '../../json-value.ts';
import { acceptedAlgorithms } from '../metadata/algorithms.ts';

/** A JSON Web Key (RFC 7517). What it holds is judged, not believed. */
export type PublicKey = { kty: string } & Record<string, JsonValue | undefined>;

/** NIST SP 800-131A and RFC 7518, 3.3 ask so many bits; more than the most only cost time at every sign-in. */
const RSA_BITS = { least: 2048, most: 8192 };
/** RFC 7518, 6.2.2, 6.3.2 and 6.4, RFC 8037, 2, RFC 9964: what only its owner has. */
const privateParts = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

export const PRIVATE_REMEDY =
  'remove the private parts: only public keys belong here. Replace this key, because it was disclosed';

export const isPrivate = (key: object): boolean => privateParts.some((part) => part in key);

/** What no key may be, whatever it is for. Undefined: nothing is wrong. */
export function weaknessOf(key: PublicKey): string | undefined {
  if (key.kty !== 'RSA') return undefined;
  const bits = bitsOf(key.n);
  if (bits < RSA_BITS.least)
    return `replace the RSA key of ${bits} bits: it is weak, and ${RSA_BITS.least} are the least`;
  if (bits > RSA_BITS.most) return `replace the RSA key of ${bits} bits: ${RSA_BITS.most} are the most`;
  const exponent = Buffer.from(String(key.e), 'base64url');
  const isOdd = ((exponent.at(-1) ?? 0) & 1) === 1;
  // with 1 every text is its own signature
  if (!isOdd || bitsOf(key.e) < 2) return 'replace the RSA key: with its exponent anybody can sign';
  return undefined;
}

/**
 * Why it checks no signature of the application. Undefined: it does.
 * @param only the one algorithm that the registration allows
 */
export function unusableFor(key: PublicKey, only?: string): string | undefined {
  const algorithms = algorithmsOf(key);
  if (algorithms.length === 0)
    return 'give a key of type RSA, EC on the curve P-256, or OKP on the curve Ed25519: others sign nothing here';
  if (key.use !== undefined && key.use !== 'sig')
    return 'give a key with "use": "sig", or without use: this one is not for signing';
  if (key.key_ops !== undefined && !(Array.isArray(key.key_ops) && key.key_ops.includes('verify')))
    return 'give a key whose key_ops have "verify", or without key_ops: this one is not for signing';
  if (key.alg !== undefined && !algorithms.includes(String(key.alg)))
    return `give ${algorithms.join(' or ')} as the alg of this key, or leave alg out`;
  if (only !== undefined && !(key.alg === undefined ? algorithms : [key.alg]).includes(only))
    return `give a key for ${only}, the one algorithm that token_endpoint_auth_signing_alg allows`;
  return undefined;
}

/** Two keys of one type that cannot be told apart (RFC 7517, 4.5). Undefined: there are none. */
export function sharedKid(keys: readonly PublicKey[]): string | undefined {
  const seen = new Set<string>();
  for (const { kid, kty } of keys) {
    if (typeof kid !== 'string') continue;
    const one = `${kty} ${kid}`;
    if (seen.has(one)) return kid;
    seen.add(one);
  }
  return undefined;
}

/** The signature algorithms that a key of this type and curve checks here. */
function algorithmsOf({ kty, crv }: PublicKey): string[] {
  const fits = (algorithm: string) =>
    kty === 'RSA'
      ? /^[RP]S/.test(algorithm)
      : kty === 'EC'
        ? crv === 'P-256' && algorithm === 'ES256'
        : kty === 'OKP' && crv === 'Ed25519' && /^Ed/.test(algorithm);
  return acceptedAlgorithms.filter(fits);
}

const bitsOf = (number: unknown): number => {
  const bytes = Buffer.from(String(number), 'base64url');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first - 1) * 8 + (32 - Math.clz32(bytes[first] ?? 0));
};

/** "RSA, 2048 bits", "EC, P-256": what somebody who has the key can compare. */
export function kindOfKey(key: PublicKey): { type: string; curve: string } | { type: 'RSA'; bits: number } {
  if (key.kty === 'RSA') return { type: 'RSA', bits: bitsOf(key.n) };
  return { type: key.kty, curve: String(key.crv ?? '') };
}

/** RFC 7638: the same for the same key, wherever it comes from. */
export function thumbprintOf(key: PublicKey): string {
  const parts: Record<string, readonly string[]> = {
    RSA: ['e', 'kty', 'n'],
    EC: ['crv', 'kty', 'x', 'y'],
    OKP: ['crv', 'kty', 'x'],
  };
  const members = (parts[key.kty] ?? ['kty']).map((name) => [name, key[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url');
}

/** How a key is called on pages: its own kid, or its thumbprint. */
export const nameOfKey = (key: PublicKey): string =>
  typeof key.kid === 'string' && key.kid !== '' ? key.kid : thumbprintOf(key);

/**
 * Under what the last use of a key is kept among those of its application (`ClientUse.of`). Few enough that an application that
 * publishes a new key every hour fills no table; two of its keys share a place once in 4,096.
 */
export const useOfKey = (name: string): string =>
  `key ${createHash('sha256').update(name).digest('base64url').slice(0, 2)}`;
