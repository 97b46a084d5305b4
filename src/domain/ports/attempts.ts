/** The port for the counters of rate limits: a try is counted before it is checked. */

/** One counter that a try adds to. `windowEndsAt`: where it starts a window; `most`: it holds no more; absent: any number. */
export type Counted = { key: string; windowEndsAt: number; most?: number };

/** Counters in windows of time; times in epoch ms. */
export type Attempts = {
  /**
   * Adds one and returns the new count. If the window of the key has ended at `now`, a new one starts at 1 and ends at
   * `windowEndsAt`.
   */
  take(key: string, windowEndsAt: number, now: number): Promise<number>;
  /**
   * Adds one to each of different counters in one write, and returns the new counts. Undefined: one of them holds `most`
   * already, and nothing is added to any. Of callers at once no more are counted than `most`; while another caller is
   * being refused, one that came at the same moment may be refused with it.
   */
  takeAll(counters: readonly Counted[], now: number): Promise<number[] | undefined>;
  /** Subtracts from each in one write, after a guess that was right or not judged; never below 0. */
  giveBack(counters: readonly { key: string; by: number }[], now: number): Promise<void>;
  /** Ends the window. Returns its count; of several callers one gets it, and the others get 0. */
  clear(key: string, now: number): Promise<number>;
  /** the counts, in the order of the keys, without adding; 0 where there is none */
  peek(keys: string[], now: number): Promise<number[]>;
};
