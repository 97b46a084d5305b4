/**
 * Counters in the memory of this process, of which the latest `most` are kept: what a network tries far beyond its limits
 * is counted here, because a counter in the database would be a write for each try (rule 30).
 */
import type { Attempts, Counted } from '../ports/attempts.ts';

/** About 20 MB, when they are used at all. Whoever wants one forgotten has to fail at some 15,000 others first. */
const MOST = 100_000;

export function createAttemptsInMemory(most = MOST): Attempts {
  /** in the order in which they were last counted */
  const counters = new Map<string, { count: number; windowEndsAt: number }>();

  function living(key: string, now: number) {
    const found = counters.get(key);
    return found !== undefined && found.windowEndsAt > now ? found : undefined;
  }

  function add({ key, windowEndsAt }: Counted, now: number): number {
    const next = living(key, now) ?? { count: 0, windowEndsAt };
    next.count += 1;
    counters.delete(key);
    counters.set(key, next);
    const [oldest] = counters.size > most ? counters.keys() : [];
    if (oldest !== undefined) counters.delete(oldest);
    return next.count;
  }

  return {
    take: async (key, windowEndsAt, now) => add({ key, windowEndsAt }, now),
    takeAll: async (some, now) => {
      const isFull = (each: Counted) => each.most !== undefined && (living(each.key, now)?.count ?? 0) >= each.most;
      return some.some(isFull) ? undefined : some.map((each) => add(each, now));
    },
    giveBack: async (some, now) => {
      for (const { key, by } of some) {
        const found = living(key, now);
        if (found !== undefined) found.count = Math.max(0, found.count - by);
      }
    },
    clear: async (key, now) => {
      const { count = 0 } = living(key, now) ?? {};
      counters.delete(key);
      return count;
    },
    peek: async (keys, now) => keys.map((key) => living(key, now)?.count ?? 0),
  };
}
