/** Counters in time windows; those that one try adds to are counted side by side, and given back where one is full. */
import type { Attempts, Counted } from '../../domain/ports/attempts.ts';
import { Problem } from '../../domain/problem.ts';
import type { Collections } from './collections.ts';
import { unlessTaken } from './database.ts';
import { dateOf } from './schema.ts';

const ATTEMPTS = 20; // one fails only if a window ends or is swept in between

export function createAttempts({ attempts }: Collections): Attempts {
  /** Undefined: it holds `most` already. */
  async function add({ key, windowEndsAt, most = Number.MAX_SAFE_INTEGER }: Counted, now: number) {
    if (most < 1) return undefined;
    const window = { windowEndsAt, clearAt: dateOf(windowEndsAt) };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      // without a window the first caller starts one; one that has ended, or is full, refuses the insert
      const counted = await unlessTaken(
        attempts.findOneAndUpdate(
          { _id: key, windowEndsAt: { $gt: now }, count: { $lt: most } },
          { $inc: { count: 1 }, $setOnInsert: window },
          { upsert: true, returnDocument: 'after' },
        ),
      );
      if (counted) return counted.count;
      const started = await attempts.updateOne(
        { _id: key, windowEndsAt: { $lte: now } },
        { $set: { ...window, count: 1 } },
      );
      if (started.matchedCount === 1) return 1;
      const full = await attempts.findOne({ _id: key, windowEndsAt: { $gt: now }, count: { $gte: most } });
      if (full !== null) return undefined;
    }
    throw new Problem('lost_race', 'too many requests change this counter at once', { retryAfterSeconds: 2 });
  }

  /** One command. In this order, because what was counted down may be less than `by` then. */
  async function giveBack(counters: readonly { key: string; by: number }[], now: number): Promise<void> {
    const updates = counters.flatMap(({ key, by }) => {
      const living = { _id: key, windowEndsAt: { $gt: now } };
      return [
        ...(by === 1
          ? []
          : [{ updateOne: { filter: { ...living, count: { $lt: by } }, update: { $set: { count: 0 } } } }]),
        { updateOne: { filter: { ...living, count: { $gte: by } }, update: { $inc: { count: -by } } } },
      ];
    });
    if (updates.length > 0) await attempts.bulkWrite(updates);
  }

  return {
    take: async (key, windowEndsAt, now) => (await add({ key, windowEndsAt }, now)) as number,

    takeAll: async (counters, now) => {
      const added = await Promise.allSettled(counters.map((counter) => add(counter, now)));
      const counts = added.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
      if (!counts.includes(undefined)) return counts as number[];
      const taken = counters.filter((_, place) => counts[place] !== undefined);
      await giveBack(
        taken.map(({ key }) => ({ key, by: 1 })),
        now,
      );
      const failed = added.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return undefined;
    },

    giveBack,

    clear: async (key, now) => {
      const ended = await attempts.findOneAndDelete({ _id: key });
      return ended !== null && ended.windowEndsAt > now ? ended.count : 0;
    },

    peek: async (keys, now) => {
      if (keys.length === 0) return [];
      const found = await attempts.find({ _id: { $in: keys }, windowEndsAt: { $gt: now } }).toArray();
      const counts = new Map(found.map(({ _id, count }) => [_id, count]));
      return keys.map((key) => counts.get(key) ?? 0);
    },
  };
}
