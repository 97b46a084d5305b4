/** The archive port for an SQLite file: reads and writes all records kind by kind, and checks them against the tables. */
import type { SQLInputValue } from 'node:sqlite';
import type { Account } from '../../domain/account/account.ts';
import { keysOf } from '../../domain/account/account-keys.ts';
import { storedLogoFaults } from '../../domain/clients/client-logo.ts';
import { storedValidityFaults } from '../../domain/clients/client-validity.ts';
import { archiveKinds } from '../../domain/installation/archive.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Archive, ArchiveKind, ArchiveRecords, HalfCopy } from '../../domain/ports/archive.ts';
import type { ClientRecord, PictureOfClient } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { moveKeys, unique } from './accounts.ts';
import { type Row, tables } from './archive-tables.ts';
import { moveResources, resourceFaults } from './clients.ts';
import { type Connection, isOutOfRange, type Sql } from './database.ts';
import type { Database } from './group-commit.ts';
import { createKeyCheck } from './key-check.ts';
import { halfCopyOf, schemaState } from './schema.ts';

const PAGE = 500;

/** `error`: the row cannot be read, and `row` has only its key. */
type Found = { row: Row; error?: unknown };

export function createArchive({ read, write }: Database, { file }: Pick<Connection, 'file'>): Archive {
  /** A page of rows after the cursor, which is the key of the last row as JSON. */
  async function rows(kind: ArchiveKind, at: number | undefined, after: string | undefined, limit: number) {
    const { table, key, useful } = tables[kind];
    const cursor: SQLInputValue[] = after === undefined ? [] : JSON.parse(after);
    // ?1 is the time; the values of the cursor follow
    const conditions = [
      useful === undefined || (at === undefined && kind !== 'clientVersion') ? '?1 IS ?1' : useful,
      ...(after === undefined ? [] : [`(${key.join(', ')}) > (${key.map((_, index) => `?${index + 2}`).join(', ')})`]),
    ];
    const select = (columns: string) =>
      read((sql) =>
        sql.all<Row>(
          `SELECT ${columns} FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${key.join(', ')} LIMIT ${limit}`,
          at ?? null,
          ...cursor,
        ),
      );
    const found = await select('*')
      .then((whole) => whole.map((row): Found => ({ row })))
      .catch(async (error: unknown) => {
        if (!isOutOfRange(error)) throw error;
        return Promise.all((await select(key.join(', '))).map((named) => oneByOne(table, key, named)));
      });
    const last = found.at(-1)?.row;
    return { found, next: found.length < limit ? undefined : JSON.stringify(key.map((column) => last[column])) };
  }

  /** A row of a page in which some row cannot be read. @param named its key columns */
  async function oneByOne(table: string, key: string[], named: Row): Promise<Found> {
    const condition = key.map((column) => `${column} = ?`).join(' AND ');
    const values = key.map((column) => named[column] as SQLInputValue);
    try {
      return { row: await read((sql) => sql.get<Row>(`SELECT * FROM ${table} WHERE ${condition}`, ...values)) };
    } catch (error) {
      if (!isOutOfRange(error)) throw error;
      return { row: named, error };
    }
  }

  const nameOf = (kind: ArchiveKind, row: Row) => tables[kind].key.map((column) => row[column]).join(' ');

  function insert<Kind extends ArchiveKind>(sql: Sql, kind: Kind, record: ArchiveRecords[Kind]): void {
    const { table, key, columns } = tables[kind];
    const values = columns(record);
    if (kind === 'clientVersion') {
      sql.run('UPDATE client_version SET version = ?', values.version ?? 0);
      return;
    }
    const names = Object.keys(values);
    const row = sql.get<{ row: number }>(
      `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
      ON CONFLICT DO NOTHING RETURNING rowid AS row`,
      ...Object.values(values),
    )?.row;
    if (row === undefined)
      throw new Problem('login_taken', `${kind}: ${key.map((column) => values[column]).join(' ')} is there already`);
    if (kind === 'clients') moveResources(sql, record as ClientRecord);
    if (kind !== 'accounts') return;
    const account = record as Account;
    moveKeys(sql, { row, id: account.id }, undefined, keysOf(account));
  }

  const setMark = (sql: Sql, copy: HalfCopy) =>
    sql.run(
      `INSERT INTO installation (name, value) VALUES ('copy', ?) ON CONFLICT DO UPDATE SET value = excluded.value`,
      JSON.stringify(copy),
    );
  const removeMark = (sql: Sql) => sql.run(`DELETE FROM installation WHERE name = 'copy'`);

  return {
    page: async (kind, at, after, limit) => {
      const { found, next } = await rows(kind, at, after, limit);
      const records = found.map(({ row, error: fault }) => {
        try {
          if (fault !== undefined) throw fault;
          return tables[kind].record(row);
        } catch (error) {
          throw damaged(kind, nameOf(kind, row), error);
        }
      });
      return { records, next };
    },

    put: (kind, records) =>
      write((sql) => {
        for (const record of records) insert(sql, kind, record);
      }),

    counts: async () => {
      const counted = {} as Record<ArchiveKind, number>;
      for (const kind of archiveKinds) {
        const { table } = tables[kind];
        const condition = kind === 'clientVersion' ? 'WHERE version > 0' : '';
        const row = await read((sql) => sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table} ${condition}`));
        counted[kind] = row?.n ?? 0;
      }
      return counted;
    },

    inspect: async (kind, visit) => {
      const table = tables[kind];
      const keys = kind === 'accounts' ? createKeyCheck(read) : undefined;
      for (let after: string | undefined; ; ) {
        const { found, next } = await rows(kind, undefined, after, PAGE);
        for (const { row, error: fault } of found) {
          const name = nameOf(kind, row);
          try {
            if (fault !== undefined) throw fault;
            const record = table.record(row);
            const expected = table.columns(record);
            const faults = Object.entries(expected)
              .filter(([column, value]) => !table.documents?.includes(column) && row[column] !== value)
              .map(([column, value]) => `column ${column} is ${show(row[column])}, its document says ${show(value)}`);
            if (kind === 'clients')
              faults.push(
                ...storedLogoFaults(record as PictureOfClient),
                ...storedValidityFaults(record as ClientRecord),
                ...(await read((sql) => resourceFaults(sql, record as ClientRecord))),
              );
            if (keys !== undefined) faults.push(...(await keys.faultsOf(row.row, record as Account)));
            visit({ name, record, faults });
          } catch (error) {
            keys?.noteUnreadable();
            visit({ name, faults: [`cannot be read: ${(error as Error).message}`] });
          }
        }
        if (next === undefined) break;
        after = next;
      }
      for (const { name, fault } of (await keys?.rest()) ?? []) visit({ name, faults: [fault] });
    },

    remove: (kind, name) =>
      write((sql) => {
        const { table, key } = tables[kind];
        // names of models have no space
        const space = name.indexOf(' ');
        const values = key.length === 1 ? [name] : [name.slice(0, space), name.slice(space + 1)];
        return (
          sql.run(`DELETE FROM ${table} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`, ...values) === 1
        );
      }),

    faults: async () => {
      const whole = await read((sql) => sql.all<{ integrity_check: string }>('PRAGMA integrity_check'));
      const dangling = await read((sql) => sql.all<{ table: string; rowid: number }>('PRAGMA foreign_key_check'));
      return [
        ...whole.map(({ integrity_check }) => integrity_check).filter((line) => line !== 'ok'),
        ...dangling.map(({ table, rowid }) => `row ${rowid} of ${table} belongs to no account`),
      ];
    },

    state: async () => {
      const pragma = (name: string) => read((sql) => sql.get<Record<string, number>>(`PRAGMA ${name}`)?.[name] ?? 0);
      const bytes = (await pragma('page_count')) * (await pragma('page_size'));
      return { ...(await read(schemaState)), bytes, auditSetAside: 0 }; // an entry is written with what it tells
    },

    beginCopy: (copy) =>
      write((sql) => {
        if (halfCopyOf(sql) !== undefined) return false;
        setMark(sql, copy);
        return true;
      }),

    noteEmpty: (id) =>
      write((sql) => {
        const copy = halfCopyOf(sql);
        if (copy?.id !== id) return false;
        setMark(sql, { ...copy, seenEmpty: true });
        return true;
      }),

    endCopy: (id) =>
      write((sql) => {
        if (halfCopyOf(sql)?.id !== id) return false;
        removeMark(sql);
        return true;
      }),

    restartCopy: (id, copy) =>
      write((sql) => {
        const half = halfCopyOf(sql);
        if (half?.id !== id) return 'none';
        if (half.seenEmpty !== true) {
          removeMark(sql);
          return 'unmarked';
        }
        for (const { table } of [...unique, { table: 'account_search' }, { table: 'client_resources' }])
          sql.run(`DELETE FROM ${table}`);
        for (const { table } of Object.values(tables))
          sql.run(table === 'client_version' ? 'UPDATE client_version SET version = 0' : `DELETE FROM ${table}`);
        setMark(sql, { ...copy, seenEmpty: true });
        return 'restarted';
      }),

    snapshot: async (path) => {
      if (file === ':memory:') return false;
      await read((sql) => sql.run('VACUUM INTO ?', path));
      return true;
    },
  };
}

function show(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value as JsonValue);
}

function damaged(kind: ArchiveKind, name: string, error: unknown): Problem {
  return new Problem(
    'storage_damaged',
    `${kind}: ${name} cannot be read: ${(error as Error).message}; pedel storage check names every fault`,
    { cause: error },
  );
}
