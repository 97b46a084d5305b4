/** Errors for which the visitor sees a page of their own. */

/** Thrown by routes of ours. Each reason has sentences (`pages.error_<reason>_…`), shown by views/errors/page.ejs. */
export class HttpError extends Error {
  override name = 'HttpError';
  readonly status: number;
  readonly reason: ErrorReason;
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: ErrorReason, retryAfterSeconds?: number) {
    super(reason);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

const errorReasons = [
  'missing',
  'not-allowed',
  'method',
  'cross-site',
  'malformed',
  'too-large',
  'too-many',
  'busy',
  'away',
  'expired',
  'no-cookies',
  'bug',
] as const;
export type ErrorReason = (typeof errorReasons)[number];
