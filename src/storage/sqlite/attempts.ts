/** Counters in time windows; all that one try adds to are counted in one write. */
import type { Attempts, Counted } from '../../domain/ports/attempts.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

export function createAttempts({ read, write }: Database): Attempts {
  return {
    take: (key, windowEndsAt, now) => write((sql) => add(sql, { key, windowEndsAt }, now)),

    takeAll: (counters, now) =>
      write((sql) => {
        const isFull = ({ key, most }: Counted) => most !== undefined && countOf(sql, key, now) >= most;
        return counters.some(isFull) ? undefined : counters.map((counter) => add(sql, counter, now));
      }),

    giveBack: (counters, now) =>
      write((sql) => {
        for (const { key, by } of counters) {
          sql.run(
            'UPDATE attempts SET count = max(0, count - ?) WHERE key = ? AND count > 0 AND window_ends_at > ?',
            by,
            key,
            now,
          );
        }
      }),

    clear: (key, now) =>
      write((sql) => {
        const row = sql.get<{ count: number; window_ends_at: number }>(
          'DELETE FROM attempts WHERE key = ? RETURNING count, window_ends_at',
          key,
        );
        return row !== undefined && row.window_ends_at > now ? row.count : 0;
      }),

    peek: (keys, now) => read((sql) => keys.map((key) => countOf(sql, key, now))),
  };
}

function add(sql: Sql, { key, windowEndsAt }: Counted, now: number): number {
  const row = sql.get<{ count: number }>(
    `INSERT INTO attempts (key, count, window_ends_at) VALUES (?1, 1, ?2)
    ON CONFLICT DO UPDATE SET
      count = CASE WHEN window_ends_at <= ?3 THEN 1 ELSE count + 1 END,
      window_ends_at = CASE WHEN window_ends_at <= ?3 THEN ?2 ELSE window_ends_at END
    RETURNING count`,
    key,
    windowEndsAt,
    now,
  );
  if (row === undefined) throw new TypeError('an upsert returns its row');
  return row.count;
}

function countOf(sql: Sql, key: string, now: number): number {
  const row = sql.get<{ count: number }>('SELECT count FROM attempts WHERE key = ? AND window_ends_at > ?', key, now);
  return row?.count ?? 0;
}
