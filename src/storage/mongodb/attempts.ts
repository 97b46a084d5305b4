/** Counters in time windows; those that one try adds to are counted side by side, and given back where one is full. */
import type { Attempts, Counted } from '../../domain/ports/attempts.ts';
import { Problem } from '../../domain/problem.ts';
import { unlessTaken } from './database.ts';
import { type Collections, dateOf } from './schema.ts';

const ATTEMPTS = 20; // one fails only if a window ends or is swept in between

export function createAttempts({ attempts }: Collections): Attempts {
  /** Undefined: it holds `most` already. */
  async function add({ key, windowEndsAt, most = Number.MAX_SAFE_INTEGER }: Counted, now: number) {
    const window = { windowEndsAt, clearAt: dateOf(windowEndsAt) };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const counted = await attempts.findOneAndUpdate(
        { _id: key, windowEndsAt: { $gt: now }, count: { $lt: most } },
        { $inc: { count: 1 } },
        { returnDocument: 'after' },
      );
      if (counted !== null) return counted.count;
      if (most < 1) return undefined;
      // no window, or one that has ended: the first caller starts the next, and the others count in it
      if ((await unlessTaken(attempts.insertOne({ _id: key, ...window, count: 1 }))) !== undefined) return 1;
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

  async function giveBack(key: string, by: number, now: number): Promise<void> {
    const living = { _id: key, windowEndsAt: { $gt: now } };
    const whole = await attempts.updateOne({ ...living, count: { $gte: by } }, { $inc: { count: -by } });
    if (whole.matchedCount === 1 || by === 1) return;
    await attempts.updateOne({ ...living, count: { $lt: by } }, { $set: { count: 0 } });
  }

  return {
    take: async (key, windowEndsAt, now) => (await add({ key, windowEndsAt }, now)) as number,

    takeAll: async (counters, now) => {
      const added = await Promise.allSettled(counters.map((counter) => add(counter, now)));
      const counts = added.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
      if (!counts.includes(undefined)) return counts as number[];
      const taken = counters.filter((_, place) => counts[place] !== undefined);
      await Promise.all(taken.map(({ key }) => giveBack(key, 1, now)));
      const failed = added.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return undefined;
    },

    giveBack: async (counters, now) => {
      await Promise.all(counters.map(({ key, by }) => giveBack(key, by, now)));
    },

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
