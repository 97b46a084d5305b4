/**
 * The audit log: entries are appended, read newest first, and never changed. All processes on a file write one chain, because
 * each entry is chained under the write lock.
 */
import { type ChainedEntry, type ChainLink, linkAfter } from '../../domain/audit/audit-chain.ts';
import { storedCheckpoint } from '../../domain/audit/audit-checkpoint.ts';
import type { AuditEntry, AuditFilter, AuditLog, ChangeEntry, StoredEntry } from '../../domain/ports/audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

type Row = { id: string; at: number; entry: string } & Columns & ChainLink;
type Columns = { action: string; subject: string | null; client: string | null; actor: string | null };

export function createAuditLog({ read, write }: Database): AuditLog {
  return {
    append: (entry) => write((sql) => appendEntry(sql, entry)),

    page: async (filter, before, limit) => {
      const { conditions, values }: { conditions: string[]; values: (string | number)[] } = equalTo(filter);
      const where = (condition: string, ...bound: (string | number | undefined)[]) => {
        const given = bound.filter((value) => value !== undefined);
        if (given.length === 0) return;
        conditions.push(condition);
        values.push(...given);
      };
      where('at >= ?', filter.from);
      // a place before that end says more, and SQLite would begin at the end with every page
      const { to } = filter;
      where('at < ?', before !== undefined && to !== undefined && before.at < to ? undefined : to);
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

    chained: async (after, limit) => {
      const rows = await read((sql) =>
        sql.all<Row>(
          'SELECT * FROM audit_log WHERE node IS NOT NULL AND (node, seq) > (?, ?) ORDER BY node, seq LIMIT +?',
          after?.node ?? '',
          after?.seq ?? 0,
          limit,
        ),
      );
      return rows.map((row) => ({ ...storedOf(row), chain: { node: row.node, seq: row.seq, hash: row.hash } }));
    },

    loose: async ({ from, to }, after, limit) => {
      const rows = await read((sql) =>
        sql.all<Row>(
          `SELECT * FROM audit_log WHERE (at, id) > (?, ?) AND at < ? AND node IS NULL ORDER BY at, id LIMIT +?`,
          after?.at ?? from,
          after?.id ?? '',
          to,
          limit,
        ),
      );
      return rows.map((row) => ({ ...storedOf(row), at: row.at }));
    },

    heads: async () => {
      const heads: ChainLink[] = [];
      for (let node = ''; ; ) {
        const next = await read((sql) =>
          sql.get<{ node: string }>('SELECT node FROM audit_log WHERE node > ? ORDER BY node LIMIT 1', node),
        );
        if (next === undefined) return heads;
        node = next.node;
        const head = await read((sql) => headOf(sql, node));
        if (head !== undefined) heads.push({ ...head });
      }
    },

    addCheckpoint: (checkpoint) =>
      write(
        (sql) =>
          sql.run(
            'INSERT INTO audit_checkpoints (number, checkpoint) VALUES (?, ?) ON CONFLICT DO NOTHING',
            checkpoint.number,
            JSON.stringify(checkpoint),
          ) === 1,
      ),

    prune: ({ node, seq }, limit) =>
      write((sql) => {
        // the next entry of this file hangs on the last one
        const last = node === chainOf(sql) ? Math.min(seq, (headOf(sql, node)?.seq ?? 0) - 1) : seq;
        return sql.run(
          `DELETE FROM audit_log WHERE rowid IN (
            SELECT rowid FROM audit_log WHERE node = ? AND seq <= ? ORDER BY seq LIMIT +?)`,
          node,
          last,
          limit,
        );
      }),

    pruneLoose: (to, limit) =>
      write((sql) =>
        sql.run(
          `DELETE FROM audit_log WHERE rowid IN (
            SELECT rowid FROM audit_log WHERE at < ? AND node IS NULL ORDER BY at, id LIMIT +?)`,
          to,
          limit,
        ),
      ),

    oldest: async () =>
      (await read((sql) => sql.get<{ at: number }>('SELECT at FROM audit_log ORDER BY at, id LIMIT 1')))?.at,

    checkpoints: async (after, limit) => {
      const rows = await read((sql) =>
        sql.all<{ number: number; checkpoint: string }>(
          'SELECT number, checkpoint FROM audit_checkpoints WHERE number > ? ORDER BY number LIMIT +?',
          after,
          limit,
        ),
      );
      return rows.map(({ number, checkpoint }) => storedCheckpoint(number, checkpoint));
    },
  };
}

/** By which index entries are found where several conditions hold: the one that leaves fewest to look at comes first. */
const COLUMNS = ['subject', 'actor', 'client', 'action'] as const;
/** Most of the log: left out of the indexes of applications or actors and actions (schema.ts), which the same words let SQLite take. */
const NOT_SIGN_IN = "action <> 'sign-in'";

/**
 * A plus sign keeps SQLite from another index than the first one's: without statistics it would go through all sign-ins of an
 * application to find those of one person.
 */
function equalTo(filter: AuditFilter): { conditions: string[]; values: string[] } {
  const given = COLUMNS.filter((column) => filter[column] !== undefined);
  const [first] = given;
  const indexed = (first === 'client' || first === 'actor') && given.includes('action') && filter.action !== 'sign-in';
  const conditions = given.map((column, place) =>
    place === 0 || (indexed && column === 'action') ? `${column} = ?` : `+${column} = ?`,
  );
  if (indexed) conditions.push(NOT_SIGN_IN);
  return { conditions, values: given.map((column) => filter[column] ?? '') };
}

/** Appends within a write that may also change what the entry tells of. Without an entry it does nothing. */
export function appendEntry(sql: Sql, entry: ChangeEntry | undefined): void {
  if (entry === undefined) return;
  const node = chainOf(sql);
  const { seq, hash } = linkAfter(headOf(sql, node), node, entry);
  const { subject, client, actor } = columnsOf(entry);
  sql.run(
    `INSERT INTO audit_log (id, at, action, subject, client, actor, entry, node, seq, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
    entry.id,
    entry.at,
    entry.action,
    subject,
    client,
    actor,
    JSON.stringify(entry),
    node,
    seq,
    hash,
  );
}

const headOf = (sql: Sql, node: string) =>
  sql.get<ChainLink>('SELECT node, seq, hash FROM audit_log WHERE node = ? ORDER BY seq DESC LIMIT 1', node);

const chains = new WeakMap<Sql, string>();

/** The name of the chain that this file writes; a copy of its records into another file does not take it along. */
function chainOf(sql: Sql): string {
  let name = chains.get(sql);
  if (name === undefined) {
    name = sql.get<{ value: string }>(`SELECT value FROM installation WHERE name = 'auditChain'`)?.value;
    if (name === undefined) throw new Error('the table installation has lost the name of the audit chain');
    chains.set(sql, name);
  }
  return name;
}

/** The columns by which an entry is found. */
export function columnsOf({ action, subject, client, actor }: AuditEntry): Columns {
  return { action, subject: subject ?? null, client: client ?? null, actor: actor?.id ?? null };
}

/** For the archive: the entry with its place. */
export function recordOf({ entry, node, seq, hash }: Row): ChainedEntry {
  return { ...JSON.parse(entry), ...(node === null ? {} : { chain: { node, seq, hash } }) };
}

function storedOf(row: Row): StoredEntry {
  try {
    const entry = JSON.parse(row.entry) as AuditEntry;
    const expected = { id: entry.id, at: entry.at, ...columnsOf(entry) };
    const misfiled = Object.entries(expected).some(([column, value]) => row[column as keyof Columns] !== value);
    return { id: row.id, entry, misfiled };
  } catch {
    return { id: row.id, misfiled: true };
  }
}
