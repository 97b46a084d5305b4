/** Single values that are made once and kept. */
import type { Values } from '../../domain/ports/values.ts';
import { appendEntry } from './audit-log.ts';
import type { Database } from './group-commit.ts';

type Row = { value: string };
const GET = 'SELECT value FROM stored_values WHERE name = ?';
const INSERT = 'INSERT INTO stored_values (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING';

export function createValues({ read, write }: Database): Values {
  return {
    get: (name) => read((sql) => sql.get<Row>(GET, name)?.value),

    getOrInsert: (name, value) =>
      write((sql) => {
        sql.run(INSERT, name, value);
        return sql.get<Row>(GET, name)?.value ?? value;
      }),

    replace: (name, value, expected, entry) =>
      write((sql) => {
        const changes =
          expected === undefined
            ? sql.run(INSERT, name, value)
            : sql.run('UPDATE stored_values SET value = ? WHERE name = ? AND value = ?', value, name, expected);
        if (changes === 1) appendEntry(sql, entry);
        return changes === 1;
      }),
  };
}
