/** Client secrets: made with full entropy, stored only as hashes, and several at a time during a rotation. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../random.ts';

/**
 * Minimum characters of a secret that is given, not made: a fast hash is safe only if guessing is hopeless (OpenID
 * Connect Core 16.19).
 */
export const CLIENT_SECRET_MIN_LENGTH = 32;

/**
 * `sha256$…` (base64url). A fast hash suffices, because secrets are random. It must be fast, because every token
 * request computes it.
 */
export function hashClientSecret(secret: string): string {
  return `sha256$${hash('sha256', secret, 'base64url')}`;
}

/**
 * Whether an application that puts its id and secret into a Basic header as they are, without the encoding of RFC 6749,
 * 2.3.1, is understood. Many do, and the header is decoded all the same.
 */
export const survivesBasic = {
  id: (id: string) => !/[+%:]/.test(id),
  secret: (secret: string) => !/[+%]/.test(secret),
};

/** A new secret of 256 bits. Show it once. */
export function newClientSecret(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/**
 * Whether `given` matches a secret that has not expired at `now` (ms). It compares all of them, each in constant time.
 */
export function clientSecretMatches(
  given: string,
  secrets: readonly { hash: string; expiresAt?: number }[],
  now: number,
): boolean {
  const actual = Buffer.from(hashClientSecret(given));
  let matches = false;
  for (const { hash: stored, expiresAt } of secrets) {
    const expected = Buffer.from(stored);
    const same = actual.length === expected.length && timingSafeEqual(actual, expected);
    if (same && (expiresAt === undefined || now < expiresAt)) matches = true;
  }
  return matches;
}
