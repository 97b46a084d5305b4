/** Whether the one server that all go to is down, and when the next one tries it. */

/** While it is down one is tried at a time: after 1 s, 2 s, 4 s … and at least twice a minute. */
const PROBE_MS = { first: 1000, longest: 30_000 };

/** `elapsed`: milliseconds on a clock that nobody sets. */
export function createReceiver(elapsed: () => number) {
  let failuresInARow = 0;
  let resumeAt = Number.NEGATIVE_INFINITY;
  const mayBeTried = () => elapsed() >= resumeAt;
  return {
    isDown: () => failuresInARow > 0,
    mayBeTried,
    /** what came of one try */
    note(wasDown: boolean): void {
      if (!wasDown) {
        failuresInARow = 0;
        resumeAt = Number.NEGATIVE_INFINITY;
      } else if (mayBeTried()) {
        // those that were under way together count as one failure
        resumeAt = elapsed() + Math.min(PROBE_MS.first * 2 ** failuresInARow, PROBE_MS.longest);
        failuresInARow += 1;
      }
    },
  };
}
