/**
 * Signed checkpoints of the audit log: how far each chain had come at a time. A database can be rewritten by who writes to it, a
 * checkpoint only by who also has PEDEL_SECRET.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { type ChainLink, canonicalHash } from './audit-chain.ts';
import { isPruning, type Pruning } from './pruning.ts';

/** Entries of a version before the chain, from `from` (inclusive) to `to` (exclusive), in epoch ms. */
export type LooseEntries = { from: number; to: number; count: number; hash: string };

export type AuditCheckpoint = {
  /** counts from 1 */
  number: number;
  /** epoch ms */
  at: number;
  /** of the checkpoint before */
  previousHash: string;
  /** the last entries of the chains that have grown since the checkpoint before */
  heads: ChainLink[];
  /** entries in no chain, where there are any in this stretch of time */
  loose?: LooseEntries;
  /** up to when (epoch ms, exclusive) entries in no chain are signed */
  looseTo: number;
  /** what was given up with it */
  pruned?: Pruning;
  /** HMAC-SHA-256 under a key that PEDEL_SECRET seals */
  mac: string;
};

const FIELD = 'audit-checkpoint';

/** Signs a checkpoint. */
export function signed(checkpoint: Omit<AuditCheckpoint, 'mac'>, sealer: Pick<Sealer, 'mac'>): AuditCheckpoint {
  return { ...checkpoint, mac: sealer.mac(FIELD, canonicalJson(checkpoint)) };
}

/** Whether this installation signed it, and nobody has changed it since. */
export function isSigned({ mac, ...checkpoint }: AuditCheckpoint, sealer: Pick<Sealer, 'macMatches'>): boolean {
  return sealer.macMatches(mac, FIELD, canonicalJson(checkpoint));
}

/** What the next checkpoint names as `previousHash`. */
export const checkpointHash = (checkpoint: AuditCheckpoint): string => canonicalHash(checkpoint);

/** Whether a value from outside has the form of a checkpoint. */
export function isCheckpoint(value: unknown): value is AuditCheckpoint {
  const { number, at, previousHash, heads, looseTo, loose, pruned, mac } = (value ?? {}) as Partial<AuditCheckpoint>;
  return (
    [number, at, looseTo].every(Number.isSafeInteger) &&
    [previousHash, mac].every((each) => typeof each === 'string') &&
    Array.isArray(heads) &&
    heads.every((head: Partial<ChainLink> | null) => {
      const { node, seq, hash } = head ?? {};
      return typeof node === 'string' && Number.isSafeInteger(seq) && typeof hash === 'string';
    }) &&
    (loose === undefined || isLoose(loose)) &&
    (pruned === undefined || isPruning(pruned))
  );
}

/** Reads a stored checkpoint. One that cannot be read, or says another number, counts as signed by nobody. */
export function storedCheckpoint(number: number, text: string): AuditCheckpoint {
  try {
    const checkpoint: unknown = JSON.parse(text);
    if (isCheckpoint(checkpoint) && checkpoint.number === number) return checkpoint;
  } catch {
    // as below
  }
  return { number, at: 0, previousHash: '', heads: [], looseTo: 0, mac: '' };
}

function isLoose(value: unknown): value is LooseEntries {
  const { from, to, count, hash } = (value ?? {}) as Partial<LooseEntries>;
  return [from, to, count].every(Number.isSafeInteger) && typeof hash === 'string';
}
