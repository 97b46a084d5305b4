/** Leases with one holder at a time, and a growing fencing token, which reveals a holder that slept past its lease. */
import type { Leases } from '../../domain/ports/leases.ts';
import type { Database } from './group-commit.ts';

export function createLeases({ write }: Database): Leases {
  return {
    acquire: (name, holder, until, now) =>
      write(
        (sql) =>
          sql.get<{ token: number }>(
            `INSERT INTO leases (name, holder, held_until, token) VALUES (?1, ?2, ?3, 1)
            ON CONFLICT DO UPDATE SET
              holder = ?2, held_until = ?3, token = CASE WHEN holder IS ?2 THEN token ELSE token + 1 END
              WHERE holder IS ?2 OR holder IS NULL OR held_until <= ?4
            RETURNING token`,
            name,
            holder,
            until,
            now,
          )?.token,
      ),

    release: (name, holder) =>
      write((sql) => {
        sql.run('UPDATE leases SET holder = NULL, held_until = 0 WHERE name = ? AND holder = ?', name, holder);
      }),
  };
}
