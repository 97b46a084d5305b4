/** The log that jobs write to: the part of pino's interface that they use. */
import { Problem } from '../domain/problem.ts';

type Write = (fields: Record<string, unknown>, message: string) => void;
export type JobLog = { info: Write; warn: Write; error: Write };

/** Logs failures of a repeated job. While the storage is away, it logs only the first in a row. */
export function createFailureLog(log: JobLog, fields: Record<string, unknown>) {
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
