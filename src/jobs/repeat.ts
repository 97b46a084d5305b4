/** Repeats a job, never twice at once, until it is stopped. */
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
  const schedule = () => {
    timer = setTimeout(() => {
      running = job().then(failureLog.worked, (error: unknown) => failureLog.failed(error, 'a job failed'));
      void running.then(() => {
        if (!stopped) schedule();
      });
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
