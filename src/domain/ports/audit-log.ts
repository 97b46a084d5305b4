/** The port for the audit log: entries are appended and never changed (rule 28). */
import type { AuditEntry, AuditInput } from '../audit/audit-entry.ts';

export type { AuditEntry };
/**
 * An entry that tells a change. Methods of other ports take one and write both or neither, so that no change goes
 * unaudited, however a process dies; where nothing was changed, the entry is not written.
 */
export type ChangeEntry = AuditInput & { id: string };
export type AuditLog = {
  /** append-only; the same id twice keeps the first */
  append(entry: ChangeEntry): Promise<void>;
  /**
   * newest first, by (at, id); `from` (inclusive) and `to` (exclusive) in epoch ms; `before`: the last entry of the
   * page before
   */
  page(
    filter: { subject?: string; action?: string; client?: string; from?: number; to?: number },
    before: { at: number; id: string } | undefined,
    limit: number,
  ): Promise<AuditEntry[]>;
};
