/** What a page of ours is refused with, and why. */

/** Thrown by our own routes for what has a page of its own (views/errors/page.ejs, `pages.error_<reason>_…`). */
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
