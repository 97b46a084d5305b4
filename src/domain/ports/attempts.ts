/** The port for counters of rate limits. */

/** Counters in windows. `take` counts before the guess is checked. */
export type Attempts = {
  /** Adds one and returns the new count. A key whose window has ended (by `now`) starts again at 1 with `windowEndsAt`. */
  take(key: string, windowEndsAt: number, now: number): Promise<number>;
  /** Takes one back after a guess that turned out right; never below 0. */
  giveBack(key: string, now: number): Promise<void>;
  /** counts without taking, in the order of the keys; 0 where there is none */
  peek(keys: string[], now: number): Promise<number[]>;
};
