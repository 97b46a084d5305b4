/** Stretches of time in which entries in no chain were signed together. */
import { NO_HASH } from '../../domain/audit/audit-chain.ts';
import type { AuditCheckpoint } from '../../domain/audit/audit-checkpoint.ts';

/** From `from` (inclusive) to `to` (exclusive), in epoch ms. */
export type Stretch = { from: number; to: number; count: number; hash: string };

/** Adds what a checkpoint signed. Neighbours without such entries become one. @param before the checkpoint before */
export function noteStretch(
  stretches: Stretch[],
  before: AuditCheckpoint | undefined,
  { loose, looseTo }: AuditCheckpoint,
): void {
  const from = loose?.from ?? before?.looseTo ?? 0;
  const newest = stretches.at(-1);
  if (loose === undefined && newest?.count === 0 && newest.to === from) newest.to = looseTo;
  else stretches.push({ from, to: looseTo, count: loose?.count ?? 0, hash: loose?.hash ?? NO_HASH });
}
