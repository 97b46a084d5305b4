/** Clients, written by compare-and-set, and a version number by which any process notices a change. */

import { historyAfter } from '../../domain/clients/client-history.ts';
import { resourceKeysOf } from '../../domain/clients/resources/resource-servers.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, ClientRevision, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { appendEntry } from './audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';
import { revokeGrantsOf } from './protocol-records.ts';

type Row = { record: string };
type WithHistory = Row & { history: string | null };

const BATCH = 200; // so that a removal holds the write lock for a few milliseconds at most

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createClients({ read, write }: Database, now: () => number): Clients {
  /** Ends some of what depended on a client. @returns how much */
  const endSome = (clientId: string) =>
    write((sql) => {
      const consents = sql.run(
        'DELETE FROM consents WHERE rowid IN (SELECT rowid FROM consents WHERE client_id = ? LIMIT +?)',
        clientId,
        BATCH,
      );
      return consents + revokeGrantsOf(sql, { clientId }, BATCH, now());
    });

  async function clear(id: string): Promise<void> {
    while ((await endSome(id)) > 0);
  }

  return {
    find: async (id) => {
      const row = await read((sql) => sql.get<Row>('SELECT record FROM clients WHERE id = ?', id));
      return row === undefined ? undefined : JSON.parse(row.record);
    },

    findByResource: async (key) => {
      const row = await read((sql) =>
        sql.get<Row>(
          'SELECT record FROM client_resources JOIN clients ON clients.id = client_resources.client WHERE value = ?',
          key,
        ),
      );
      return row === undefined ? undefined : JSON.parse(row.record);
    },

    findAll: async (ids) => {
      const rows = await read((sql) =>
        [...new Set(ids)].sort().flatMap((id) => sql.get<Row>('SELECT record FROM clients WHERE id = ?', id) ?? []),
      );
      return rows.map(({ record }) => JSON.parse(record) as ClientRecord);
    },

    list: async (after = '', limit) => {
      const rows = await read((sql) =>
        sql.all<Row>('SELECT record FROM clients WHERE id > ? ORDER BY id LIMIT +?', after, limit),
      );
      return rows.map(({ record }) => JSON.parse(record) as ClientRecord);
    },

    put: async (record, expectedRevision, entry, picture) => {
      const { id, revision } = record;
      const stays = record.logo !== undefined && picture === undefined ? 1 : 0;
      const text = JSON.stringify(record);
      return write((sql) => {
        if (expectedRevision === 0) return insertClient(sql, record, entry, picture);
        const stored = sql.get<WithHistory>(
          'SELECT record, history FROM clients WHERE id = ? AND revision = ?',
          id,
          expectedRevision,
        );
        if (stored === undefined) return false;
        const changes = sql.run(
          'UPDATE clients SET revision = ?, record = ?, history = ?, picture = iif(?, picture, ?) WHERE id = ?',
          revision,
          text,
          JSON.stringify(historyAfter(revisionsIn(stored), JSON.parse(stored.record), record, entry)),
          stays,
          picture ?? null,
          id,
        );
        if (changes > 0) moveResources(sql, record);
        return changed(sql, changes, entry);
      });
    },

    history: async (id) => {
      const row = await read((sql) => sql.get<WithHistory>('SELECT history FROM clients WHERE id = ?', id));
      return row === undefined ? [] : revisionsIn(row);
    },

    picture: async (id) => {
      const row = await read((sql) =>
        sql.get<{ picture: string | null }>('SELECT picture FROM clients WHERE id = ?', id),
      );
      return row?.picture ?? undefined;
    },

    remove: async (id, entry, revision) => {
      const removed = await write((sql) => {
        const changes = sql.run(
          'DELETE FROM clients WHERE id = ? AND revision = coalesce(?, revision)',
          id,
          revision ?? null,
        );
        if (changes > 0) sql.run('DELETE FROM client_resources WHERE client = ?', id);
        if (changes > 0) sql.run('DELETE FROM client_uses WHERE client = ?', id);
        return changed(sql, changes, entry);
      });
      if (!removed && revision !== undefined) return false; // another one of that id may be there
      await clear(id);
      return removed;
    },

    clear,

    version: async () => {
      const row = await read((sql) => sql.get<{ version: number }>('SELECT version FROM client_version'));
      return row?.version ?? 0;
    },
  };
}

/** Stores a new client within a write. @returns whether its id was free. @throws Problem `resource_taken` */
export function insertClient(sql: Sql, record: ClientRecord, entry?: ChangeEntry, picture?: string): boolean {
  const changes = sql.run(
    'INSERT INTO clients (id, revision, record, picture, history) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    record.id,
    record.revision,
    JSON.stringify(record),
    picture ?? null,
    JSON.stringify(historyAfter([], undefined, record, entry)),
  );
  if (changes > 0) moveResources(sql, record);
  return changed(sql, changes, entry);
}

/** Null: of a version that kept none. */
function revisionsIn({ history }: Pick<WithHistory, 'history'>): ClientRevision[] {
  return history === null ? [] : JSON.parse(history);
}

/** Makes the side table say what the record says. @throws Problem `resource_taken`: nothing of the write stays */
export function moveResources(sql: Sql, record: ClientRecord): void {
  sql.run('DELETE FROM client_resources WHERE client = ?', record.id);
  const taken = resourceKeysOf(record).filter(
    (key) =>
      sql.run('INSERT INTO client_resources (value, client) VALUES (?, ?) ON CONFLICT DO NOTHING', key, record.id) ===
      0,
  );
  if (taken.length > 0) throw new Problem('resource_taken', `of another client: ${taken.join(', ')}`);
}

/** Names of APIs that do not lead to the client which has them, for `storage check`. */
export function resourceFaults(sql: Sql, record: ClientRecord): string[] {
  const stored = sql
    .all<{ value: string }>('SELECT value FROM client_resources WHERE client = ?', record.id)
    .map(({ value }) => value);
  const wanted = resourceKeysOf(record);
  return [
    ...wanted.filter((key) => !stored.includes(key)).map((key) => `client_resources does not lead from ${key} to it`),
    ...stored.filter((key) => !wanted.includes(key)).map((key) => `client_resources leads from ${key} to it`),
  ];
}

function changed(sql: Sql, changes: number, entry: ChangeEntry | undefined): boolean {
  if (changes === 0) return false;
  appendEntry(sql, entry);
  sql.run('UPDATE client_version SET version = version + 1');
  return true;
}
