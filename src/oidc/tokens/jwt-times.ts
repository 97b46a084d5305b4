/** Bounds the times in JWTs that applications sign: what is stored until then must end, and be a time (rule 30). */
import { errors } from 'oidc-provider';

/** The end of the year 9999, in epoch seconds: every date format and database can express it. */
const LAST_SECOND = 253_402_300_799;
/** How far ahead an assertion may expire, in seconds: its `jti` is remembered until then. */
const ASSERTION_SECONDS = 24 * 3600;

type Claims = Record<string, unknown>;

/** Why `exp`, `iat` or `nbf` is no time (RFC 7519, 2: NumericDate, fractions included); undefined: all are. */
function timeFault(claims: Claims): string | undefined {
  const wrong = ['exp', 'iat', 'nbf'].find((name) => {
    const value = claims[name];
    return value !== undefined && !(typeof value === 'number' && value >= 0 && value <= LAST_SECOND);
  });
  return wrong === undefined ? undefined : `invalid ${wrong} value`;
}

/** A client assertion: it expires within a day (RFC 7523, 3). `now`: epoch ms. @throws the library's InvalidClientAuth */
export function checkAssertionTimes(claims: Claims, now: number): void {
  const fault = timeFault(claims);
  if (fault !== undefined) throw new errors.InvalidClientAuth(fault);
  if (Number(claims.exp) > now / 1000 + ASSERTION_SECONDS)
    throw new errors.InvalidClientAuth('exp of the client assertion must be at most a day ahead');
}

/** A request object. @throws the library's InvalidRequestObject */
export function checkRequestObjectTimes(claims: Claims): void {
  const fault = timeFault(claims);
  if (fault !== undefined) throw new errors.InvalidRequestObject(fault);
}
