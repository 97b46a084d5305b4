/** What applications were refused: the room of an hour is shared out within one write. */
import {
  asFurther,
  clientOf,
  hourOf,
  MOST_KEPT,
  type NotedRefusal,
  type RefusalRecord,
  refusalId,
  slotsFor,
} from '../../domain/clients/refusals/refusal.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

type Row = {
  id: string;
  client: string | null;
  first_at: number;
  last_at: number;
  count: number;
  incident: string | null;
  slot: number | null;
  record: string;
};

/** In one write: a flood brings hundreds, which together would hold the loop for some milliseconds (rule 33). */
const AT_ONCE = 20;

export function createRefusals({ read, write }: Database): Refusals {
  return {
    add: async (noted) => {
      for (let from = 0; from < noted.length; from += AT_ONCE)
        await write((sql) => {
          const some = noted.slice(from, from + AT_ONCE);
          const more = some.filter((each) => addOne(sql, each)).map((each) => clientOf(each) ?? null);
          for (const client of new Set(more)) forgetOldest(sql, client);
        });
    },

    page: async (of, before, limit) => {
      const conditions = [
        ...(of === 'all' ? [] : ['client IS ?']),
        ...(before === undefined ? [] : ['(last_at, id) < (?, ?)']),
      ];
      const rows = await read((sql) =>
        sql.all<Row>(
          `SELECT * FROM refusals ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
          ORDER BY last_at DESC, id DESC LIMIT +?`,
          ...(of === 'all' ? [] : [of === 'unknown' ? null : of.client]),
          ...(before === undefined ? [] : [before.lastAt, before.id]),
          limit,
        ),
      );
      return rows.map(recordOf);
    },
  };
}

/** Whether there is one more. */
function addOne(sql: Sql, noted: NotedRefusal): boolean {
  if (countOn(sql, noted)) return false;
  const slot = freeSlot(sql, noted);
  if (slot !== undefined) {
    insert(sql, { ...noted, id: refusalId(noted), slot });
    return true;
  }
  const further = asFurther(noted);
  if (countOn(sql, further)) return false;
  insert(sql, { ...further, id: refusalId(further) });
  return true;
}

/** False: there is none yet. */
function countOn(sql: Sql, noted: NotedRefusal): boolean {
  const changed = sql.run(
    `UPDATE refusals SET count = count + ?, last_at = max(last_at, ?), incident = coalesce(?, incident), record = ?
    WHERE id = ?`,
    noted.count,
    noted.lastAt,
    noted.incident ?? null,
    textOf(noted),
    refusalId(noted),
  );
  return changed === 1;
}

function freeSlot(sql: Sql, noted: NotedRefusal): number | undefined {
  const { from, before } = hourOf(noted);
  const taken = sql.all<{ slot: number }>(
    'SELECT slot FROM refusals WHERE client IS ? AND first_at >= ? AND first_at < ? AND slot IS NOT NULL',
    clientOf(noted) ?? null,
    from,
    before,
  );
  const full = new Set(taken.map(({ slot }) => slot));
  return slotsFor(noted).find((slot) => !full.has(slot));
}

function forgetOldest(sql: Sql, client: string | null): void {
  sql.run(
    `DELETE FROM refusals WHERE id IN
      (SELECT id FROM refusals WHERE client IS ? ORDER BY last_at DESC, id DESC LIMIT -1 OFFSET ${MOST_KEPT})`,
    client,
  );
}

function insert(sql: Sql, record: RefusalRecord): void {
  const columns = columnsOf(record);
  sql.run(
    `INSERT INTO refusals (id, client, first_at, last_at, count, incident, slot, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    columns.id,
    columns.client,
    columns.first_at,
    columns.last_at,
    columns.count,
    columns.incident,
    columns.slot,
    columns.record,
  );
}

const textOf = ({ party, refusal, proven }: NotedRefusal) => JSON.stringify({ party, refusal, proven });

export function recordOf({ id, first_at, last_at, count, incident, slot, record }: Row): RefusalRecord {
  return {
    id,
    ...JSON.parse(record),
    firstAt: first_at,
    lastAt: last_at,
    count,
    ...(incident === null ? {} : { incident }),
    ...(slot === null ? {} : { slot }),
  };
}

export function columnsOf(record: RefusalRecord): Row {
  return {
    id: record.id,
    client: clientOf(record) ?? null,
    first_at: record.firstAt,
    last_at: record.lastAt,
    count: record.count,
    incident: record.incident ?? null,
    slot: record.slot ?? null,
    record: textOf(record),
  };
}
