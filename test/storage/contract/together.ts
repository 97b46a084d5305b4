/** Simultaneous callers, and the clock they share. */

/** epoch ms */
export const NOW = Date.UTC(2026, 8, 21, 9);

/** How many call at once: a busy moment, and a very busy one. */
export const crowds = [20, 100];

/** Lets the event loop take `turns` turns. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Calls `call` so many times, in three waves that overlap, and answers with all results in order. */
export function together<T>(callers: number, call: (caller: number) => Promise<T>): Promise<T[]> {
  return Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      await turns(caller % 3);
      return call(caller);
    }),
  );
}

/** How many of the results are `value`. */
export function count<T>(results: T[], value: T): number {
  return results.filter((result) => result === value).length;
}
