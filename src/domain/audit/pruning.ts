/**
 * What is given up of the audit log (rule 28). A checkpoint says it, signed, a day before the first entry goes: it names the last
 * entry of each chain that goes, so that what stays still hangs together (docs/decisions/audit-chain.md).
 */
import { Temporal } from 'temporal-polyfill';
import { timeZone } from '../account/affiliation.ts';
import type { ChainLink } from './audit-chain.ts';

/** The last entry of a chain that is given up; `count`: how many are since the last time. */
export type PrunedChain = ChainLink & { count: number };
export type Pruning = {
  /** all of it happened before then (epoch ms) */
  before: number;
  chains: PrunedChain[];
  /** entries in no chain, up to `to` (epoch ms, exclusive), where there are any */
  loose?: { to: number; count: number };
};

/** How long it stays after it was given up: backups that were running are complete, and an operator has time to say no. */
export const PRUNED_AFTER_MS = 24 * 3600 * 1000;

/** Epoch ms: what happened before then is older than `retain`, an ISO 8601 duration of years, months and days. */
export function prunedBefore(retain: string, now: number): number {
  return Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timeZone).subtract(retain).epochMilliseconds;
}

export const prunedCount = ({ chains, loose }: Pruning): number =>
  chains.reduce((sum, { count }) => sum + count, loose?.count ?? 0);

/** Whether a value from outside has the form of a pruning. */
export function isPruning(value: unknown): value is Pruning {
  const { before, chains, loose } = (value ?? {}) as Partial<Pruning>;
  return (
    Number.isSafeInteger(before) &&
    Array.isArray(chains) &&
    chains.every((chain: Partial<PrunedChain> | null) => {
      const { node, seq, hash, count } = chain ?? {};
      return typeof node === 'string' && typeof hash === 'string' && [seq, count].every(Number.isSafeInteger);
    }) &&
    (loose === undefined || [loose.to, loose.count].every(Number.isSafeInteger))
  );
}
