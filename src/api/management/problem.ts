/**
 * What the API answers where it does not do what is asked (RFC 9457): each problem has a stable code, a page of ours as its
 * type, and a way on.
 */
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';

/** `advice` continues on the problem's page: what whoever wrote the program can do. */
type Known = { status: number; title: string; advice: string };

export const problems = {
  malformed: {
    status: 400,
    title: 'The request cannot be read',
    advice:
      'Look at `errors`: each names a place of the body (a JSON pointer) or a parameter of the query. A cursor is used as it came, with the filters it came with.',
  },
  'not-authenticated': {
    status: 401,
    title: 'No valid access token came with the request',
    advice:
      'Ask the token endpoint for one with grant_type=client_credentials and resource set to the address of this API, and send it as `Authorization: Bearer …`. A token lives ten minutes at most, and ends at once when it is revoked or its client is taken away.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The access token lacks the scope for this',
    advice:
      'Ask for the scope that WWW-Authenticate names. An owner adds it to pedel_service_resources of the service, which says what it may ask for.',
  },
  'not-allowed': {
    status: 403,
    title: 'The service has no role for this',
    advice:
      'A scope only narrows what roles give: an owner grants the service a role, for the association or for named organisations.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing at this address for you',
    advice: 'What belongs to an organisation for which the service has no role is answered the same way.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'This address does not take this method',
    advice: 'The header Allow lists the methods that it takes.',
  },
  'too-slow': {
    status: 408,
    title: 'The body did not arrive in time',
    advice:
      'Nothing was changed. A body must arrive within 30 seconds. A file has an hour, as long as 16 kB of it arrive every 30 seconds: send it again over a better line, or use `pedel people import` on the server.',
  },
  conflict: {
    status: 409,
    title: 'The present state does not allow this',
    advice: 'Read the object again: `detail` says what stands in the way.',
  },
  'idempotency-running': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still under way',
    advice: 'Send the same request again in a few seconds; it is answered as the first one was.',
  },
  'idempotency-unknown': {
    status: 409,
    title: 'Nobody knows how the first request with this Idempotency-Key ended',
    advice:
      'It was cut off, perhaps by a failure of the database or of a node. Read what you meant to change, then send what is still missing with another key. The act is not carried out a second time under this key.',
  },
  stale: {
    status: 412,
    title: 'It has changed since you read it',
    advice: 'Read it again, apply your change to what it is now, and send the new ETag in If-Match.',
  },
  'too-large': {
    status: 413,
    title: 'The body is too large',
    advice: 'A body has 256 KB at most, and an object or list of it is 20 levels deep at most.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body is of another kind',
    advice: 'Send application/json, of a PATCH application/merge-patch+json, in UTF-8 and uncompressed.',
  },
  invalid: {
    status: 422,
    title: 'What was sent cannot be taken as it is',
    advice:
      'Look at `errors`: all faults at once, each with its place (a JSON pointer) and a remedy. Nothing was changed.',
  },
  'idempotency-reused': {
    status: 422,
    title: 'This Idempotency-Key came before with another request',
    advice: 'Take a new key for each act. A key is remembered for 24 hours, with the address and body it came with.',
  },
  'precondition-required': {
    status: 428,
    title: 'Say which version you change',
    advice: 'Read the object and send its ETag in If-Match, so that nobody else’s change is lost.',
  },
  'too-many': {
    status: 429,
    title: 'Too many requests',
    advice: 'Wait as many seconds as Retry-After says.',
  },
  failed: {
    status: 500,
    title: 'Something went wrong here',
    advice: 'Tell whoever runs this installation the `incident`: the log has the rest.',
  },
  unavailable: {
    status: 503,
    title: 'This cannot be done at the moment',
    advice: 'Try again after the seconds that Retry-After says. An Idempotency-Key keeps an act from being done twice.',
  },
} as const satisfies Record<string, Known>;
export type ProblemCode = keyof typeof problems;

/** `pointer`: into the body (RFC 6901); `parameter`: of the query, or a header. */
export type ProblemError = { pointer?: string; parameter?: string; code: string; detail: string; remedy: string };

export type ProblemRest = {
  detail?: string | undefined;
  errors?: ProblemError[] | undefined;
  headers?: Record<string, string> | undefined;
};

/** Thrown within the API, and answered by its router. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: ProblemCode;
  readonly rest: ProblemRest;

  constructor(code: ProblemCode, rest: ProblemRest = {}) {
    super(rest.detail ?? problems[code].title);
    this.code = code;
    this.rest = rest;
  }
}

const MOST_ERRORS = 100;

/** The body of the answer. `base`: the address of the API. */
export function problemBody(
  code: ProblemCode,
  { detail, errors }: ProblemRest,
  base: string,
  incident: string,
): object {
  const { status, title } = problems[code];
  return {
    type: `${base}/problems/${code}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    code,
    incident,
    ...(errors === undefined ? {} : { errors: errors.slice(0, MOST_ERRORS) }),
  };
}

/** A JSON pointer (RFC 6901) to a place in the body. */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Faults of a registration as errors of the answer. */
export const metadataErrors = (faults: readonly MetadataFault[]): ProblemError[] =>
  faults.map(({ member, value, expected, remedy }) => ({
    pointer: member.startsWith('(') ? '' : pointerTo([member]),
    code: 'invalid-member',
    detail: value === undefined ? `expected: ${expected}` : `${value}: expected ${expected}`,
    remedy,
  }));
