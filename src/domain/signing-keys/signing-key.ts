/**
 * Makes signing keys, each with its private half sealed at once, and the first of each algorithm before anything is
 * signed.
 */
import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import type { JsonValue } from '../json-value.ts';
import type { SigningKeyRecord, SigningKeys } from '../ports/signing-keys.ts';
import type { Sealer } from '../sealing/sealer.ts';

/** RS256 is the default of OpenID Connect Core (2), and its key signs PS256 as well; ES256 costs a tenth (rule 17). */
export const signingAlgorithms = ['ES256', 'RS256'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/**
 * Makes a key pair. It is the one thing here that draws randomness by itself: OpenSSL makes key pairs with its own
 * generator and takes none of ours. So callers take the whole function as an argument.
 */
export type MakeKey = typeof newSigningKey;

/**
 * Makes the first key of each algorithm that has none; of two nodes that start together, one makes it. `now`: epoch ms.
 */
export async function ensureSigningKeys(
  signingKeys: SigningKeys,
  sealer: Sealer,
  now: number,
  makeKey: MakeKey = newSigningKey,
): Promise<void> {
  const known = await signingKeys.list();
  for (const alg of signingAlgorithms) {
    if (known.some((key) => key.alg === alg)) continue;
    await signingKeys.insert(await makeKey(alg, 1, sealer, { createdAt: now, usedFrom: now }));
  }
}

/** A new key pair as it is stored. `generation` counts from 1 within an algorithm; times in epoch ms. */
export async function newSigningKey(
  alg: SigningAlgorithm,
  generation: number,
  sealer: Sealer,
  times: Pick<SigningKeyRecord, 'createdAt' | 'usedFrom'>,
): Promise<SigningKeyRecord> {
  const privateKey = await generate(alg);
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, JsonValue>;
  const kid = thumbprintOf(publicJwk);
  return {
    kid,
    alg,
    generation,
    publicJwk,
    sealedPrivateJwk: sealer.seal(JSON.stringify(privateKey.export({ format: 'jwk' })), kid, SIGNING_KEY_FIELD),
    ...times,
  };
}

/** The field that the private half is sealed for; the owner is the `kid`. */
export const SIGNING_KEY_FIELD = 'signing-key';

function generate(alg: SigningAlgorithm): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _publicKey: KeyObject, privateKey: KeyObject) =>
      error === null ? resolve(privateKey) : reject(error);
    if (alg === 'RS256') generateKeyPair('rsa', { modulusLength: 2048 }, done);
    else generateKeyPair('ec', { namedCurve: 'P-256' }, done);
  });
}

/** RFC 7638: SHA-256 of the members that make the key, in the order of their names. */
function thumbprintOf({ kty, crv, x, y, e, n }: Record<string, JsonValue>): string {
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}
