/** Client secrets: made with full entropy, stored only as hashes, and several at a time during a rotation. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../random.ts';

/**
 * Minimum characters of a secret that is given, not made: a fast hash is safe only if guessing is hopeless (OpenID
 * Connect Core 16.19).
 */
export const CLIENT_SECRET_MIN_LENGTH = 32;

/** How each made secret begins, so that whoever searches code and logs for secrets finds it. */
const CLIENT_SECRET_PREFIX = 'pedel_cs_';

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

/** A new secret of 256 bits, of letters, digits, `-` and `_`. Show it once. */
export function newClientSecret(randomBytes: RandomBytes): string {
  return CLIENT_SECRET_PREFIX + Buffer.from(randomBytes(32)).toString('base64url');
}

type Stored = { hash: string; expiresAt?: number };

/** Whether it is accepted at `now` (epoch ms). */
export function isLiving({ expiresAt }: Pick<Stored, 'expiresAt'>, now: number): boolean {
  return expiresAt === undefined || now < expiresAt;
}

/**
 * The stored secret that `given` is, a living one rather than one that has expired at `now` (epoch ms). It compares all of
 * them, each in constant time.
 */
export function matchingSecret<Secret extends Stored>(
  given: string,
  secrets: readonly Secret[],
  now: number,
): { secret: Secret; living: boolean } | undefined {
  const actual = Buffer.from(hashClientSecret(given));
  let match: { secret: Secret; living: boolean } | undefined;
  for (const secret of secrets) {
    const expected = Buffer.from(secret.hash);
    const same = actual.length === expected.length && timingSafeEqual(actual, expected);
    if (same && match?.living !== true) match = { secret, living: isLiving(secret, now) };
  }
  return match;
}

/** Whether `given` is one of the secrets, which has not expired at `now` (epoch ms). */
export function clientSecretMatches(given: string, secrets: readonly Stored[], now: number): boolean {
  return matchingSecret(given, secrets, now)?.living === true;
}
