/** Misuse and impossibilities, each under a stable code; expected outcomes are returned as unions, never thrown. */

export type ProblemCode =
  | 'account_missing' // an id that must exist names no account
  | 'login_taken' // a user number, address, passkey or feed key belongs to another account
  | 'lost_race' // an account changed under us more often than we were willing to try
  | 'sealed_unreadable' // no secret that is known (current, previous, next) opens a sealed value
  | 'busy' // a bounded queue is full; try again after `retryAfterSeconds`
  | 'storage_unavailable' // the database does not answer
  | 'storage_incomplete' // the database holds half of a copy
  | 'storage_damaged' // a record cannot be read
  | 'storage_unsuitable' // a storage that cannot be copied from or into as it stands
  | 'storage_unknown' // PEDEL_STORAGE names no backend we have
  | 'client_metadata' // registration metadata that cannot be accepted
  | 'malformed'; // input that no form or command of ours sends

/** Nobody's fault, and gone in a moment. */
export function isPassing(error: unknown): error is Problem {
  return error instanceof Problem && ['storage_unavailable', 'busy', 'lost_race'].includes(error.code);
}

export class Problem extends Error {
  override name = 'Problem';
  readonly code: ProblemCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, message: string, options: { cause?: unknown; retryAfterSeconds?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
