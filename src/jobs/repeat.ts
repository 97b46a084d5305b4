/** Repeats a job, never twice at once, until it is stopped. */
import { contained } from '../domain/contained.ts';
import { createFailureLog, type JobLog } from './log.ts';

/** Runs the job after `everyMs`, and again that long after each end. A failure is logged; the job runs again. */
export function repeat(
  name: string,
  everyMs: number,
  job: () => Promise<unknown>,
  log: JobLog,
): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const failureLog = createFailureLog(log, { job: name });
  const tell = contained(
    (error: unknown) => failureLog.failed(error, 'a job failed'),
    () => undefined,
  );
  /** Never rejects. */
  const run = async () => {
    try {
      await job();
      failureLog.worked();
    } catch (error) {
      tell(error);
    }
    if (!stopped) schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => {
      running = run();
    }, everyMs);
    timer.unref();
  };
  schedule();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}
