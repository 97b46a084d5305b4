/** Signs certificates of erasures with the key that signs ID tokens with ES256 now. */
import { createPrivateKey, type JsonWebKey, sign } from 'node:crypto';
import { CERTIFICATE_TYPE } from '../domain/lifecycle/erasure-certificate.ts';
import type { SigningKeyRecord } from '../domain/ports/signing-keys.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { SIGNING_KEY_FIELD } from '../domain/signing-keys/signing-key.ts';
import { signerOf } from '../domain/signing-keys/signing-key-schedule.ts';

/** A text as a compact JWS (RFC 7515, 7.1). `now`: epoch ms. Undefined: no key signs yet. */
export function erasureSigner(
  keys: readonly SigningKeyRecord[],
  sealer: Pick<Sealer, 'open'>,
  now: number,
): ((text: string) => string) | undefined {
  const signer = signerOf(keys, 'ES256', now);
  if (signer === undefined) return undefined;
  const { kid, sealedPrivateJwk } = signer;
  const jwk = JSON.parse(sealer.open(sealedPrivateJwk, kid, SIGNING_KEY_FIELD)) as JsonWebKey;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const header = JSON.stringify({ alg: 'ES256', kid, typ: CERTIFICATE_TYPE });
  return (text) => {
    const input = [header, text].map((part) => Buffer.from(part).toString('base64url')).join('.');
    // as JOSE writes it (RFC 7518, 3.4)
    const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
    return `${input}.${signature.toString('base64url')}`;
  };
}
