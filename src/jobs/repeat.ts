/** Does something again and again, never twice at once, and stops between two times. */
import { failuresTold, type JobLog } from './log.ts';

/** First after `everyMs`, then as long after each end. A failure is logged and the next time comes all the same. */
export function repeat(
  name: string,
  everyMs: number,
  job: () => Promise<unknown>,
  log: JobLog,
): { stop(): Promise<void> } {
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout;
  const told = failuresTold(log, { job: name });
  const schedule = () => {
    timer = setTimeout(() => {
      running = job().then(told.worked, (error: unknown) => told.failed(error, 'a job failed'));
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
