/** Decides how long to wait before the next attempt: short at first, at most an hour, with jitter. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEPS_MS = [5 * SECOND, 15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE];
const JITTER = 0.2;

/** Milliseconds to wait after attempt `attempts` (from 1) failed, within a fifth of its step. `random` is in [0, 1). */
export function retryDelayMs(attempts: number, random: () => number): number {
  const step = STEPS_MS[Math.min(Math.max(attempts, 1), STEPS_MS.length) - 1] as number;
  return Math.round(step * (1 - JITTER + 2 * JITTER * random()));
}
