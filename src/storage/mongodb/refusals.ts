/**
 * What applications were refused. The places of an hour are shared out by a unique index, so that however many nodes add
 * at once, no hour has more.
 */
import type { AnyBulkWriteOperation, Filter, WithId } from 'mongodb';
import {
  asFurther,
  clientOf,
  hourOf,
  MOST_KEPT,
  type NotedRefusal,
  REFUSALS_KEPT_MS,
  type RefusalRecord,
  refusalId,
  slotsFor,
  together,
} from '../../domain/clients/refusals/refusal.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import type { Collections, RefusalDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { dateOf } from './schema.ts';

export function createRefusals({ refusals }: Collections): Refusals {
  /** Counts on what is there. @returns how many were */
  async function countOn(noted: readonly NotedRefusal[]): Promise<number> {
    if (noted.length === 0) return 0;
    const writes = noted.map((each): AnyBulkWriteOperation<RefusalDocument> => {
      const { _id, client: _, firstAt: __, lastAt, clearAt, count, ...told } = documentOf(identified(each));
      return { updateOne: { filter: { _id }, update: { $inc: { count }, $max: { lastAt, clearAt }, $set: told } } };
    });
    return (await refusals.bulkWrite(writes, { ordered: false })).matchedCount;
  }

  /** False: its hour has no room for it. */
  async function insert(noted: NotedRefusal): Promise<boolean> {
    const { from, before } = hourOf(noted);
    const ofHour = { client: clientOf(noted) ?? null, firstAt: { $gte: from, $lt: before }, slot: { $exists: true } };
    const taken = new Set((await refusals.find(ofHour).project({ slot: 1 }).toArray()).map(({ slot }) => slot));
    for (const slot of slotsFor(noted)) {
      const document = documentOf({ ...noted, id: refusalId(noted), slot });
      if (taken.has(document.slot)) continue;
      if ((await unlessTaken(refusals.insertOne(document))) !== undefined) {
        await forgetOldest(document.client);
        return true;
      }
      // another node took the place, or added the same one
      if ((await countOn([noted])) === 1) return true;
    }
    return false;
  }

  async function forgetOldest(client: string | null): Promise<void> {
    const beyond = await refusals
      .find({ client }, { projection: { lastAt: 1 } })
      .sort({ lastAt: -1, _id: -1 })
      .skip(MOST_KEPT)
      .toArray();
    if (beyond.length === 0) return;
    // one that happened again meanwhile stays
    const deletions = beyond.map(({ _id, lastAt }) => ({ deleteOne: { filter: { _id, lastAt } } }));
    await refusals.bulkWrite(deletions, { ordered: false });
  }

  return {
    add: async (noted) => {
      const ids = noted.map(refusalId);
      const found = await refusals.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
      const known = new Set(found.map(({ _id }) => _id));
      await countOn(noted.filter((_, place) => known.has(ids[place] ?? '')));
      const further = new Map<string, NotedRefusal>();
      for (const [place, each] of noted.entries()) {
        if (known.has(ids[place] ?? '') || (await insert(each))) continue;
        const counted = asFurther(each);
        const id = refusalId(counted);
        const before = further.get(id);
        further.set(id, before === undefined ? counted : together(before, counted));
      }
      for (const each of further.values()) {
        if ((await countOn([each])) === 1) continue;
        if ((await unlessTaken(refusals.insertOne(documentOf(identified(each))))) === undefined) await countOn([each]);
      }
    },

    page: async (of, before, limit) => {
      const filter: Filter<RefusalDocument> = {
        ...(of === 'all' ? {} : { client: of === 'unknown' ? null : of.client }),
        ...(before === undefined
          ? {}
          : {
              lastAt: { $lte: before.lastAt },
              $or: [{ lastAt: { $lt: before.lastAt } }, { _id: { $lt: before.id } }],
            }),
      };
      return (await firstOf(refusals.find(filter).sort({ lastAt: -1, _id: -1 }), limit)).map(recordOf);
    },
  };
}

const identified = (noted: NotedRefusal): RefusalRecord => ({ ...noted, id: refusalId(noted) });

export function recordOf({
  _id,
  client: _,
  clearAt: __,
  slot,
  record,
  ...rest
}: WithId<RefusalDocument>): RefusalRecord {
  return {
    id: _id,
    ...JSON.parse(record),
    ...rest,
    ...(slot === undefined ? {} : { slot: JSON.parse(slot)[2] }),
  };
}

export function documentOf(noted: RefusalRecord): RefusalDocument {
  const { id, party, refusal, proven, firstAt, lastAt, count, incident, slot } = noted;
  const client = clientOf(noted) ?? null;
  return {
    _id: id,
    client,
    firstAt,
    lastAt,
    count,
    ...(slot === undefined ? {} : { slot: JSON.stringify([client, hourOf(noted).from, slot]) }),
    ...(incident === undefined ? {} : { incident }),
    record: JSON.stringify({ party, refusal, proven }),
    clearAt: dateOf(lastAt + REFUSALS_KEPT_MS),
  };
}
