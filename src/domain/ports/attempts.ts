/** The port for the counters of rate limits: a try is counted before it is checked. */

/** Counters in windows of time; times in epoch ms. */
export type Attempts = {
  /**
   * Adds one and returns the new count. If the window of the key has ended at `now`, a new one starts at 1 and ends at
   * `windowEndsAt`.
   */
  take(key: string, windowEndsAt: number, now: number): Promise<number>;
  /** Subtracts `by` (1 if absent), after a guess that was right or not judged; never below 0. */
  giveBack(key: string, now: number, by?: number): Promise<void>;
  /** Ends the window. Returns its count; of several callers one gets it, and the others get 0. */
  clear(key: string, now: number): Promise<number>;
  /** the counts, in the order of the keys, without adding; 0 where there is none */
  peek(keys: string[], now: number): Promise<number[]>;
};
