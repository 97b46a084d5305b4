/** Signing keys, which callers seal. When two nodes both make the first key, one of them is stored. */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { SigningKeyRecord, SigningKeys } from '../../domain/ports/signing-keys.ts';
import { appendEntry } from './audit-log.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

type Row = { record: string };

export function createSigningKeys({ read, write }: Database): SigningKeys {
  return {
    list: async () => {
      const rows = await read((sql) => sql.all<Row>('SELECT record FROM signing_keys ORDER BY alg, generation'));
      return rows.map(({ record }) => JSON.parse(record) as SigningKeyRecord);
    },

    insert: (record, entry) =>
      write((sql) => {
        const changes = sql.run(
          'INSERT INTO signing_keys (kid, alg, generation, record) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          record.kid,
          record.alg,
          record.generation,
          JSON.stringify(record),
        );
        return changed(sql, changes, entry);
      }),

    update: (kid, change, expected = {}, entry) =>
      write((sql) => {
        const row = sql.get<Row>('SELECT record FROM signing_keys WHERE kid = ?', kid);
        if (row === undefined) return false;
        const stored = JSON.parse(row.record) as SigningKeyRecord;
        const names = Object.keys(expected) as (keyof typeof expected)[];
        if (names.some((name) => stored[name] !== expected[name])) return false;
        const record = JSON.stringify({ ...stored, ...change });
        return changed(sql, sql.run('UPDATE signing_keys SET record = ? WHERE kid = ?', record, kid), entry);
      }),

    remove: (kid, entry) => write((sql) => changed(sql, sql.run('DELETE FROM signing_keys WHERE kid = ?', kid), entry)),
  };
}

function changed(sql: Sql, changes: number, entry: ChangeEntry | undefined): boolean {
  if (changes === 1) appendEntry(sql, entry);
  return changes === 1;
}
