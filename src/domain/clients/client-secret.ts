/** Secrets of applications: made with full entropy, kept only as hashes, several at a time while a rotation overlaps. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../random.ts';

/** Characters that a given secret must at least have: a plain hash is only safe where guessing is hopeless (OpenID Core 16.19). */
export const CLIENT_SECRET_MIN_LENGTH = 32;

/** `sha256$…` (base64url). Fast on purpose: it is compared with every token request, and its input is random. */
export function hashClientSecret(secret: string): string {
  return `sha256$${createHash('sha256').update(secret).digest('base64url')}`;
}

/** A new secret of 256 bits; shown once. */
export function newClientSecret(randomBytes: RandomBytes): string {
  return Buffer.from(randomBytes(32)).toString('base64url');
}

/** Whether `given` is one of the secrets that have not expired at `now` (ms); every one is compared, in constant time. */
export function clientSecretMatches(
  given: string,
  secrets: readonly { hash: string; expiresAt?: number }[],
  now: number,
): boolean {
  const actual = Buffer.from(hashClientSecret(given));
  let matches = false;
  for (const { hash, expiresAt } of secrets) {
    const expected = Buffer.from(hash);
    const same = actual.length === expected.length && timingSafeEqual(actual, expected);
    if (same && (expiresAt === undefined || now < expiresAt)) matches = true;
  }
  return matches;
}
