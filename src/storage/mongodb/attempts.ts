/** Counters in time windows: one command counts an attempt and returns the count. */
import type { Attempts } from '../../domain/ports/attempts.ts';
import { Problem } from '../../domain/problem.ts';
import { unlessTaken } from './database.ts';
import { type Collections, dateOf } from './schema.ts';

const ATTEMPTS = 20; // one fails only if a window ends or is swept in between

export function createAttempts({ attempts }: Collections): Attempts {
  return {
    take: async (key, windowEndsAt, now) => {
      const window = { windowEndsAt, clearAt: dateOf(windowEndsAt) };
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const counted = await attempts.findOneAndUpdate(
          { _id: key, windowEndsAt: { $gt: now } },
          { $inc: { count: 1 } },
          { returnDocument: 'after' },
        );
        if (counted !== null) return counted.count;
        // no window, or one that has ended: the first caller starts the next, and the others count in it
        if ((await unlessTaken(attempts.insertOne({ _id: key, ...window, count: 1 }))) !== undefined) return 1;
        const started = await attempts.updateOne(
          { _id: key, windowEndsAt: { $lte: now } },
          { $set: { ...window, count: 1 } },
        );
        if (started.matchedCount === 1) return 1;
      }
      throw new Problem('lost_race', 'too many requests change this counter at once', { retryAfterSeconds: 2 });
    },

    giveBack: async (key, now, by = 1) => {
      const living = { _id: key, windowEndsAt: { $gt: now } };
      const whole = await attempts.updateOne({ ...living, count: { $gte: by } }, { $inc: { count: -by } });
      if (whole.matchedCount === 1 || by === 1) return;
      await attempts.updateOne({ ...living, count: { $lt: by } }, { $set: { count: 0 } });
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
