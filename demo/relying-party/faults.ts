/** The errors that a visitor can meet, each with a sentence and a way on. */
import {
  AuthorizationResponseError,
  type ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';

export type FaultKind =
  | 'unavailable'
  | 'not-begun-here'
  | 'declined'
  | 'sign-in-again'
  | 'second-factor'
  | 'signed-out-meanwhile'
  | 'sign-in-failed'
  | 'not-for-you'
  | 'not-found'
  | 'refused'
  | 'broken';
export type Fault = Error & { fault: FaultKind; status: number };

const status: Record<FaultKind, number> = {
  unavailable: 503,
  'not-begun-here': 400,
  declined: 403,
  'sign-in-again': 401,
  'second-factor': 403,
  'signed-out-meanwhile': 401,
  'sign-in-failed': 502,
  'not-for-you': 403,
  'not-found': 404,
  refused: 403,
  broken: 500,
};

export function fault(kind: FaultKind, cause?: unknown): Fault {
  return Object.assign(new Error(kind, { cause }), { fault: kind, status: status[kind], name: 'Fault' });
}

export function isFault(error: unknown): error is Fault {
  return error instanceof Error && 'fault' in error;
}

/** What an error of the sign-in protocol means to the visitor (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). */
export function faultOf(error: unknown): Fault {
  if (isFault(error)) return error;
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    switch (error.error) {
      case 'access_denied':
      case 'consent_required':
        return fault('declined', error);
      case 'login_required':
      case 'interaction_required':
      case 'account_selection_required':
        return fault('sign-in-again', error);
      case 'unmet_authentication_requirements':
        return fault('second-factor', error);
      case 'server_error':
      case 'temporarily_unavailable':
        return fault('unavailable', error);
      default:
        return fault('sign-in-failed', error);
    }
  }
  if (error instanceof WWWAuthenticateChallengeError) return fault('sign-in-again', error);
  return fault(isOutOfReach(error) ? 'unavailable' : 'sign-in-failed', error);
}

/** No answer, or an answer of a server that is starting or overloaded. */
export function isOutOfReach(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof TypeError && cause.message === 'fetch failed') return true;
    if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return true;
    if ((cause as ClientError).code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') {
      return ((cause.cause as Response | undefined)?.status ?? 0) >= 500;
    }
  }
  return error instanceof ResponseBodyError && error.status >= 500;
}
