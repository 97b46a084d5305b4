/** What the jobs write their log with: pino's shape, and no more of it than they use. */
type Write = (fields: Record<string, unknown>, message: string) => void;
export type JobLog = { info: Write; warn: Write; error: Write };
