/** The port for the counters of rate limits: a try is counted before it is checked. */

/** Counters in windows of time; times in epoch ms. */
export type Attempts = {
  /**
   * Adds one and returns the new count. If the window of the key has ended at `now`, a new one starts at 1 and ends at
   * `windowEndsAt`.
   */
  take(key: string, windowEndsAt: number, now: number): Promise<number>;
  /** Subtracts one, after a guess that was right; never below 0. */
  giveBack(key: string, now: number): Promise<void>;
  /** the counts, in the order of the keys, without adding; 0 where there is none */
  peek(keys: string[], now: number): Promise<number[]>;
};
