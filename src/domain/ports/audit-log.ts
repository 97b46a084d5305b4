/** The port for the audit log: entries are appended and never changed (rule 28). */
import type { AuditEntry, AuditInput } from '../audit/audit-entry.ts';

export type { AuditEntry };
export type AuditLog = {
  /** append-only; the same id twice keeps the first */
  append(entry: AuditInput & { id: string }): Promise<void>;
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
