/** Subjects that differ per sector, so that two applications cannot match their users (OpenID Connect Core 8.1). */
import { createHmac } from 'node:crypto';
import type { Values } from '../../domain/ports/values.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { madeOnce, PAIRWISE_SALT } from '../../domain/sealing/lasting-key.ts';
import { preparedKey } from '../../domain/sealing/prepared-key.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';

/** The salt. It is made once and never rotated: with another salt every application would see new users (rule 25). */
export function pairwiseSalt(
  values: Pick<Values, 'get' | 'getOrInsert'>,
  sealer: Sealer,
  randomBytes: RandomBytes,
): Promise<Buffer> {
  return madeOnce(values, sealer, PAIRWISE_SALT, randomBytes);
}

/** The `sub` of an account in a sector (the host of the redirect URIs or of `sector_identifier_uri`). */
export function pairwiseSubject(salt: Buffer, sector: string, accountId: string): string {
  return createHmac('sha256', preparedKey(salt)).update(`${sector.length}:${sector}${accountId}`).digest('base64url');
}
