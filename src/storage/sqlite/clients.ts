/** Clients, written by compare-and-set, and a version number by which any process notices a change. */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { appendEntry } from './audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';
import { revokeGrantsOf } from './protocol-records.ts';

type Row = { record: string };

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

  return {
    find: async (id) => {
      const row = await read((sql) => sql.get<Row>('SELECT record FROM clients WHERE id = ?', id));
      return row === undefined ? undefined : JSON.parse(row.record);
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
        const changes = sql.run(
          'UPDATE clients SET revision = ?, record = ?, picture = iif(?, picture, ?) WHERE id = ? AND revision = ?',
          revision,
          text,
          stays,
          picture ?? null,
          id,
          expectedRevision,
        );
        return changed(sql, changes, entry);
      });
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
        return changed(sql, changes, entry);
      });
      if (!removed && revision !== undefined) return false; // another one of that id may be there
      while ((await endSome(id)) > 0);
      return removed;
    },

    version: async () => {
      const row = await read((sql) => sql.get<{ version: number }>('SELECT version FROM client_version'));
      return row?.version ?? 0;
    },
  };
}

/** Stores a new client within a write. @returns whether its id was free */
export function insertClient(sql: Sql, record: ClientRecord, entry?: ChangeEntry, picture?: string): boolean {
  const changes = sql.run(
    'INSERT INTO clients (id, revision, record, picture) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    record.id,
    record.revision,
    JSON.stringify(record),
    picture ?? null,
  );
  return changed(sql, changes, entry);
}

function changed(sql: Sql, changes: number, entry: ChangeEntry | undefined): boolean {
  if (changes === 0) return false;
  appendEntry(sql, entry);
  sql.run('UPDATE client_version SET version = version + 1');
  return true;
}
