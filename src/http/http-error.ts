/** Errors for which the visitor sees a page of their own. */
import type { PageReason } from '../domain/incidents/incident.ts';

/** Thrown by routes of ours. Each reason has sentences (`pages.error_<reason>_…`), shown by views/errors/page.ejs. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly reason: PageReason;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: PageReason, retryAfterSeconds?: number) {
    super(reason);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
