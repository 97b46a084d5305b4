/** What SCIM answers where it does not do what is asked (RFC 7644, 3.12): a status, a keyword where there is one, a sentence. */

/** RFC 7644, table 9, and of cursors RFC 9865, 2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'invalidCursor'
  | 'invalidCount';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Thrown within SCIM, and answered by its router. */
export class ScimError extends Error {
  override name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, more: { scimType?: ScimType; headers?: Record<string, string> } = {}) {
    super(detail);
    this.status = status;
    this.scimType = more.scimType;
    this.headers = more.headers ?? {};
  }
}

export const invalid = (scimType: ScimType, detail: string): ScimError => new ScimError(400, detail, { scimType });

export function errorBody({ status, scimType, message }: ScimError): object {
  return {
    schemas: [ERROR],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: message,
  };
}
