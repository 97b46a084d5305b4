/** Decides whether the one server that takes all entries of a kind is down, and when to probe it. */

/** While it is down, one entry at a time probes it: after 1 s, 2 s, 4 s … and at least twice a minute. */
const PROBE_MS = { first: 1000, longest: 30_000 };

/** `elapsed` returns milliseconds on a monotonic clock. */
export function createReceiver(elapsed: () => number) {
  let failuresInARow = 0;
  let resumeAt = Number.NEGATIVE_INFINITY;
  const mayBeTried = () => elapsed() >= resumeAt;
  return {
    isDown: () => failuresInARow > 0,
    mayBeTried,
    /** Records the result of one attempt. */
    note(wasDown: boolean): void {
      if (!wasDown) {
        failuresInARow = 0;
        resumeAt = Number.NEGATIVE_INFINITY;
      } else if (mayBeTried()) {
        // Failures of attempts that ran in parallel count as one.
        resumeAt = elapsed() + Math.min(PROBE_MS.first * 2 ** failuresInARow, PROBE_MS.longest);
        failuresInARow += 1;
      }
    },
  };
}
