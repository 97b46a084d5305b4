/**
 * The errors that are thrown: misuse and failures, each with a stable code. Expected outcomes are returned as unions.
 */

export type ProblemCode =
  | 'account_missing' // an id that must exist names no account
  | 'login_taken' // a user number, address, passkey or feed key belongs to another account
  | 'name_reserved' // a user number or address belonged to an account that was erased (rule 27)
  | 'resource_taken' // an identifier or audience of a resource server belongs to another client
  | 'lost_race' // a record was changed by others at every attempt
  | 'sealed_unreadable' // no known secret (current, previous, next) opens a sealed value
  | 'busy' // a bounded queue is full; try again after `retryAfterSeconds`
  | 'too_many' // a bound on what strangers may have done; try again after `retryAfterSeconds`
  | 'storage_unavailable' // the database does not answer
  | 'storage_incomplete' // the database holds an unfinished copy
  | 'storage_damaged' // a record cannot be read
  | 'storage_unsuitable' // a storage cannot be copied from or into as it is
  | 'storage_unknown' // PEDEL_STORAGE names no known backend
  | 'passkeys_lost' // the configuration leaves the domain to which the stored passkeys belong
  | 'malformed'; // input that none of our forms or commands sends

/** Whether the error will probably pass: trying again in a moment makes sense. */
export function isPassing(error: unknown): error is Problem {
  return error instanceof Problem && ['storage_unavailable', 'busy', 'too_many', 'lost_race'].includes(error.code);
}

/** `retryAfterSeconds`: when to try again, where that is known. The message never holds a secret. */
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
