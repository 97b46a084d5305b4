/** The keys that sign: made at first start, sealed in storage, offered in an order in which the right one signs. */
import { createPublicKey, generateKeyPair, type KeyObject, type webcrypto } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { JsonValue } from '../domain/account.ts';
import type { SigningKeyRecord, SigningKeys } from '../domain/ports.ts';
import type { Sealer } from '../domain/sealed.ts';

const generate = promisify(generateKeyPair);

/** RS256 is the standard's default and signs PS256 as well; ES256 costs a tenth (design, section 6). */
const algorithms = ['ES256', 'RS256'] as const;
type Algorithm = (typeof algorithms)[number];

/** Makes the first key of each algorithm that has none; of two nodes that start together, one makes it. */
export async function ensureSigningKeys(signingKeys: SigningKeys, sealer: Sealer, now: number): Promise<void> {
  const known = await signingKeys.list();
  for (const alg of algorithms) {
    if (known.some((key) => key.alg === alg)) continue;
    await signingKeys.insert(await newSigningKey(alg, 1, sealer, now));
  }
}

/** A new key pair as it is stored; `generation` counts from 1 within an algorithm, `now` in ms. */
export async function newSigningKey(
  alg: Algorithm,
  generation: number,
  sealer: Sealer,
  now: number,
): Promise<SigningKeyRecord> {
  const { privateKey } = (await (alg === 'RS256'
    ? generate('rsa', { modulusLength: 2048 })
    : generate('ec', { namedCurve: 'P-256' }))) as { privateKey: KeyObject };
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint(publicJwk as JWK);
  return {
    kid,
    alg,
    generation,
    publicJwk: publicJwk as Record<string, JsonValue>,
    sealedPrivateJwk: sealer.seal(JSON.stringify(privateKey.export({ format: 'jwk' })), kid, 'signing-key'),
    createdAt: now,
    usedFrom: now,
  };
}

/**
 * The private keys as a JWK set for the library, which signs with the first that fits: of each algorithm the one that
 * is in use at `now` (ms), then those to come, then those that only verify any more.
 */
export async function signingJwks(
  signingKeys: Pick<SigningKeys, 'list'>,
  sealer: Sealer,
  now: number,
): Promise<webcrypto.JsonWebKey[]> {
  const published = (await signingKeys.list()).filter(({ removedAt }) => removedAt === undefined || now < removedAt);
  const place = ({ usedFrom, usedUntil }: SigningKeyRecord) =>
    usedUntil !== undefined && usedUntil <= now ? 2 : now < usedFrom ? 1 : 0;
  return published
    .sort((a, b) => place(a) - place(b) || b.usedFrom - a.usedFrom)
    .map(({ kid, alg, sealedPrivateJwk }) => ({
      ...(JSON.parse(sealer.open(sealedPrivateJwk, kid, 'signing-key')) as webcrypto.JsonWebKey),
      kid,
      use: 'sig',
      // the RSA key names none, so that it serves RS256 and PS256
      ...(alg === 'RS256' ? {} : { alg }),
    }));
}
