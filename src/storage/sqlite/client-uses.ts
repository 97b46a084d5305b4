/** When clients were last used: one row for each thing that one does, which only moves forward. */
import type { ClientUse, ClientUses } from '../../domain/ports/client-uses.ts';
import type { Database } from './group-commit.ts';

type Row = { client: string; used_for: string; hour: number };

/** In one write, so that it holds the loop for less than a millisecond (rule 33). */
const AT_ONCE = 50;

export function createClientUses({ read, write }: Database): ClientUses {
  return {
    note: async (uses) => {
      for (let from = 0; from < uses.length; from += AT_ONCE)
        await write((sql) => {
          for (const { client, of, hour } of uses.slice(from, from + AT_ONCE))
            sql.run(
              `INSERT INTO client_uses (client, used_for, hour) VALUES (?, ?, ?)
              ON CONFLICT DO UPDATE SET hour = max(hour, excluded.hour)`,
              client,
              of,
              hour,
            );
        });
    },

    of: async (clients) => {
      const rows = await read((sql) =>
        clients.flatMap((client) =>
          sql.all<Row>('SELECT client, used_for, hour FROM client_uses WHERE client = ?', client),
        ),
      );
      return rows.map(recordOf);
    },
  };
}

export const recordOf = ({ client, used_for, hour }: Row): ClientUse => ({ client, of: used_for, hour });
export const columnsOf = ({ client, of, hour }: ClientUse): Row => ({ client, used_for: of, hour });
