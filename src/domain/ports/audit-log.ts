/** The port for the audit log: entries are appended, each joins a hash chain, and none is ever changed (rule 28). */
import type { ChainLink } from '../audit/audit-chain.ts';
import type { AuditCheckpoint } from '../audit/audit-checkpoint.ts';
import type { AuditEntry, AuditInput } from '../audit/audit-entry.ts';

export type { AuditEntry };
/**
 * An entry that tells a change. Methods of other ports take one and write both or neither, so that no change goes
 * unaudited, however a process dies; where nothing was changed, the entry is not written.
 */
export type ChangeEntry = AuditInput & { id: string };
/** All conditions hold at once. `actor`: the id of who did it. `from` (inclusive) and `to` (exclusive) in epoch ms. */
export type AuditFilter = {
  subject?: string;
  actor?: string;
  action?: string;
  client?: string;
  from?: number;
  to?: number;
};
/** `entry` is absent where it cannot be read. `misfiled`: a search would not find it by what it says. */
export type StoredEntry = { id: string; entry?: AuditEntry; misfiled: boolean };
export type AuditLog = {
  /** append-only; the same id twice keeps the first. The entry is the next of a chain, without a gap */
  append(entry: ChangeEntry): Promise<void>;
  /** newest first, by (at, id); `before`: the last entry of the page before */
  page(filter: AuditFilter, before: { at: number; id: string } | undefined, limit: number): Promise<AuditEntry[]>;
  /** entries with their places, by (node, seq) */
  chained(
    after: Pick<ChainLink, 'node' | 'seq'> | undefined,
    limit: number,
  ): Promise<(StoredEntry & { chain: ChainLink })[]>;
  /** entries in no chain, oldest first, by (at, id); from `from` (inclusive) to `to` (exclusive), in epoch ms */
  loose(
    span: { from: number; to: number },
    after: { at: number; id: string } | undefined,
    limit: number,
  ): Promise<(StoredEntry & { at: number })[]>;
  /** the last entry of each chain, once nothing can roll it back */
  heads(): Promise<ChainLink[]>;
  /** append-only. False: there is one of this number */
  addCheckpoint(checkpoint: AuditCheckpoint): Promise<boolean>;
  /**
   * deletes the oldest entries of a chain, up to and with this one, at most `limit`; only what a signed checkpoint gave up. The
   * last entry stays where the chain goes on from it. @returns how many there were
   */
  prune(last: Pick<ChainLink, 'node' | 'seq'>, limit: number): Promise<number>;
  /** likewise of entries in no chain, of before `to` (epoch ms) */
  pruneLoose(to: number, limit: number): Promise<number>;
  /** when the oldest entry happened (epoch ms); undefined: there is none */
  oldest(): Promise<number | undefined>;
  /** by number */
  checkpoints(after: number, limit: number): Promise<AuditCheckpoint[]>;
};
