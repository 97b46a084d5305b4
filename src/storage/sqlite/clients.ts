/** Clients, written by compare-and-set, and a version number by which any process notices a change. */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { appendEntry } from './audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

type Row = { record: string };

export function createClients({ read, write }: Database): Clients {
  return {
    find: async (id) => {
      const row = await read((sql) => sql.get<Row>('SELECT record FROM clients WHERE id = ?', id));
      return row === undefined ? undefined : JSON.parse(row.record);
    },

    list: async (after = '', limit) => {
      const rows = await read((sql) =>
        sql.all<Row>('SELECT record FROM clients WHERE id > ? ORDER BY id LIMIT ?', after, limit),
      );
      return rows.map(({ record }) => JSON.parse(record) as ClientRecord);
    },

    put: async (record, expectedRevision, entry) => {
      const { id, revision } = record;
      const text = JSON.stringify(record);
      return write((sql) => {
        const changes =
          expectedRevision === 0
            ? sql.run(
                'INSERT INTO clients (id, revision, record) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
                id,
                revision,
                text,
              )
            : sql.run(
                'UPDATE clients SET revision = ?, record = ? WHERE id = ? AND revision = ?',
                revision,
                text,
                id,
                expectedRevision,
              );
        return changed(sql, changes, entry);
      });
    },

    remove: (id, entry) => write((sql) => changed(sql, sql.run('DELETE FROM clients WHERE id = ?', id), entry)),

    version: async () => {
      const row = await read((sql) => sql.get<{ version: number }>('SELECT version FROM client_version'));
      return row?.version ?? 0;
    },
  };
}

function changed(sql: Sql, changes: number, entry: ChangeEntry | undefined): boolean {
  if (changes === 0) return false;
  appendEntry(sql, entry);
  sql.run('UPDATE client_version SET version = version + 1');
  return true;
}
