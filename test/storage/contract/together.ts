/** Runs simultaneous callers, round after round, on one clock. */
import { test } from '@jest/globals';

/** epoch ms */
export const NOW = Date.UTC(2026, 8, 21, 9);

/** How many call at once: a busy moment, and a very busy one. */
export const crowds = [20, 100];

/** Lets the event loop take `turns` turns. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Where so many callers wait for the last of them: what comes after it happens in each once all have come. */
export function meeting(callers: number): () => Promise<void> {
  let missing = callers;
  const { promise, resolve } = Promise.withResolvers<void>();
  return () => {
    missing -= 1;
    if (missing === 0) resolve();
    return promise;
  };
}

/**
 * How often each race is run: PEDEL_TEST_ROUNDS, else what this part of the tests says (`jest.config.js`), else `usual`.
 * What goes wrong once in a hundred times is as wrong as what goes wrong always.
 */
export function roundsOr(usual: number): number {
  const given = Number(process.env.PEDEL_TEST_ROUNDS);
  return Number.isSafeInteger(given) && given > 0 ? given : (globalThis.pedelTests?.rounds ?? usual);
}

const ROUND_MS = 15_000; // a hundred callers on a test server written in Python, beside another test

/** A test for each crowd of so many rounds (0: none); every round must use keys of its own, made of its number. */
export function race(
  title: string,
  sizes: readonly number[],
  rounds: number,
  run: (callers: number, round: number) => Promise<void>,
): void {
  if (rounds === 0) return;
  test.each([...sizes])(
    title,
    async (callers) => {
      for (let round = 1; round <= rounds; round += 1)
        try {
          await run(callers, round);
        } catch (cause) {
          throw new Error(`in round ${round} of ${rounds}: ${(cause as Error).message}`, { cause });
        }
    },
    30_000 + rounds * ROUND_MS,
  );
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
