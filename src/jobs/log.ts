/** What the jobs write their log with: pino's shape, and no more of it than they use. */
import { Problem } from '../domain/problem.ts';

type Write = (fields: Record<string, unknown>, message: string) => void;
export type JobLog = { info: Write; warn: Write; error: Write };

/** Tells of the failures of something that is tried again and again: that the storage is away only the first time in a row. */
export function failuresTold(log: JobLog, fields: Record<string, unknown>) {
  let away = false;
  return {
    worked(): void {
      away = false;
    },
    failed(error: unknown, message: string): void {
      const isAway = error instanceof Problem && error.code === 'storage_unavailable';
      if (!isAway) log.error({ ...fields, err: error }, message);
      else if (!away) log.warn({ ...fields, reason: error.message }, `${message}: the storage does not answer`);
      away = isAway;
    },
  };
}
