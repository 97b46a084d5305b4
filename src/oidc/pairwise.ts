/** Subjects that differ per sector, so that two applications cannot compare notes (OpenID Connect Core 8.1). */
import { createHmac, randomBytes } from 'node:crypto';
import type { Values } from '../domain/ports.ts';
import type { Sealer } from '../domain/sealed.ts';

const NAME = 'pairwise-salt';

/** The salt, made once and never rotated: with another one every application would see strangers (rule 25). */
export async function pairwiseSalt(values: Pick<Values, 'getOrInsert'>, sealer: Sealer): Promise<Buffer> {
  const fresh = sealer.seal(randomBytes(32).toString('base64url'), 'values', NAME);
  return Buffer.from(sealer.open(await values.getOrInsert(NAME, fresh), 'values', NAME), 'base64url');
}

/** The `sub` of an account in a sector (the host of the redirect URIs, or that of `sector_identifier_uri`). */
export function pairwiseSubject(salt: Buffer, sector: string, accountId: string): string {
  return createHmac('sha256', salt).update(`${sector.length}:${sector}${accountId}`).digest('base64url');
}
