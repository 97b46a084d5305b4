/** The audit log: entries are appended, read newest first, and never changed. */
import type { AuditEntry, AuditLog, ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

export function createAuditLog({ read, write }: Database): AuditLog {
  return {
    append: (entry) => write((sql) => appendEntry(sql, entry)),

    page: async (filter, before, limit) => {
      const conditions: string[] = [];
      const values: (string | number)[] = [];
      const where = (condition: string, ...bound: (string | number | undefined)[]) => {
        const given = bound.filter((value) => value !== undefined);
        if (given.length === 0) return;
        conditions.push(condition);
        values.push(...given);
      };
      where('subject = ?', filter.subject);
      where('action = ?', filter.action);
      where('client = ?', filter.client);
      where('at >= ?', filter.from);
      where('at < ?', filter.to);
      where('(at, id) < (?, ?)', before?.at, before?.id);
      const rows = await read((sql) =>
        sql.all<{ entry: string }>(
          `SELECT entry FROM audit_log ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
          ORDER BY at DESC, id DESC LIMIT +?`,
          ...values,
          limit,
        ),
      );
      return rows.map(({ entry }) => JSON.parse(entry) as AuditEntry);
    },
  };
}

/** Appends within a write that may also change what the entry tells of. Without an entry it does nothing. */
export function appendEntry(sql: Sql, entry: ChangeEntry | undefined): void {
  if (entry === undefined) return;
  sql.run(
    `INSERT INTO audit_log (id, at, action, subject, client, entry) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
    entry.id,
    entry.at,
    entry.action,
    entry.subject ?? null,
    entry.client ?? null,
    JSON.stringify(entry),
  );
}
