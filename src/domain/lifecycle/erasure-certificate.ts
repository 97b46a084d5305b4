/** A certificate of an erasure, which holds nothing of the person: signed under a key that PEDEL_SECRET seals. */
import type { Account } from '../account/account.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Tombstone } from './erasure.ts';

export type ErasureCertificate = { account: string; issuer: string } & Tombstone & { mac: string };
const FIELD = 'erasure-certificate';

/** Undefined: the account was not erased. */
export function certificateOf(
  { id, erased }: Pick<Account, 'id' | 'erased'>,
  issuer: string,
  sealer: Pick<Sealer, 'mac'>,
): ErasureCertificate | undefined {
  if (erased === undefined) return undefined;
  const certificate = { account: id, issuer, ...erased };
  return { ...certificate, mac: sealer.mac(FIELD, canonicalJson(certificate)) };
}

/** Whether this installation signed it, and nobody has changed it since. */
export function isGenuine({ mac, ...certificate }: ErasureCertificate, sealer: Pick<Sealer, 'macMatches'>): boolean {
  return sealer.macMatches(mac, FIELD, canonicalJson(certificate));
}
