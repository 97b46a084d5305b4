/**
 * Contains the faults of callbacks that no promise carries (timers, listeners, streams, messages of a child process):
 * each is reported, and none ends the process (rule 30).
 */

/** Tells where a fault became known; it may itself fail, without consequence. */
export type Report = (error: unknown) => void;

/** The callback for a timer, listener or stream. What it throws, or rejects with, goes to `report`; it never throws. */
export function contained<Input extends unknown[]>(
  callback: (...input: Input) => unknown,
  report: Report,
): (...input: Input) => void {
  const tell = (error: unknown) => {
    try {
      report(error);
    } catch {
      // a log that cannot be written is no reason to end either
    }
  };
  return (...input) => {
    try {
      const result = callback(...input);
      if (result instanceof Promise) result.catch(tell);
    } catch (error) {
      tell(error);
    }
  };
}
