/**
 * A certificate of an erasure, which holds nothing of the person. Signed twice: with the key that signs ID tokens (RFC 7515),
 * for anybody as long as that key is published, and under a key that PEDEL_SECRET seals, for this installation and for ever.
 */
import type { Account } from '../account/account.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Tombstone } from './erasure.ts';

/** `jws`: of what stands beside it, compact; absent of earlier certificates, and where there was no key. `mac`: of all. */
export type ErasureCertificate = { account: string; issuer: string } & Tombstone & { jws?: string; mac: string };
const FIELD = 'erasure-certificate';
/** The type of the JWS, so that nobody takes it for an ID token (RFC 8725, 3.11). */
export const CERTIFICATE_TYPE = 'pedel-erasure+json';

/**
 * @param context `signed`: a text as a compact JWS. It is given, because signing draws randomness; absent: there is no key
 * @returns undefined: the account was not erased
 */
export function certificateOf(
  { id, erased }: Pick<Account, 'id' | 'erased'>,
  context: { issuer: string; sealer: Pick<Sealer, 'mac'>; signed: ((text: string) => string) | undefined },
): ErasureCertificate | undefined {
  if (erased === undefined) return undefined;
  const { issuer, sealer, signed } = context;
  const said = { account: id, issuer, ...erased };
  const certificate = signed === undefined ? said : { ...said, jws: signed(canonicalJson(said)) };
  return { ...certificate, mac: sealer.mac(FIELD, canonicalJson(certificate)) };
}

/** Whether this installation signed it, and nobody has changed it since. */
export function isGenuine({ mac, ...certificate }: ErasureCertificate, sealer: Pick<Sealer, 'macMatches'>): boolean {
  return sealer.macMatches(mac, FIELD, canonicalJson(certificate));
}
