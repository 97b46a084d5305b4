/** What FAPI 2.0 demands of the JWTs that a client signs, beyond what the library checks itself. */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { isFapi, profileAlgorithms } from '../domain/clients/metadata/profile.ts';

type Jwt = Record<string, unknown>;

/** The longest life of a request object, in seconds (FAPI 2.0 Message Signing, 5.3.1). */
const REQUEST_OBJECT_SECONDS = 3600;

/**
 * A client assertion: the audience is the issuer and nothing else, and the algorithm is one of the profile's (5.3.2.1).
 * @throws the library's InvalidClientAuth
 */
export function checkAssertion(ctx: KoaContextWithOIDC, claims: Jwt, header: Jwt, client: Client): void {
  if (!isFapi(client)) return;
  if (claims.aud !== ctx.oidc.issuer)
    throw new errors.InvalidClientAuth('audience (aud) must equal the issuer identifier url');
  if (!profileAlgorithms.includes(String(header.alg))) throw new errors.InvalidClientAuth('alg mismatch');
}

/**
 * A request object: it says when it begins and ends, at most an hour apart, and is signed with one of the profile's
 * algorithms. What was pushed as plain parameters is kept by the library as one without a signature.
 * @throws the library's InvalidRequestObject
 */
export function checkRequestObject(ctx: KoaContextWithOIDC, claims: Jwt, header: Jwt, client: Client): void {
  if (!isFapi(client)) return;
  for (const claim of ['exp', 'aud', 'nbf'])
    if (claims[claim] === undefined)
      throw new errors.InvalidRequestObject(`Request Object is missing the '${claim}' claim`);
  const seconds = Number(claims.exp) - Number(claims.nbf);
  if (!(seconds > 0 && seconds <= REQUEST_OBJECT_SECONDS))
    throw new errors.InvalidRequestObject("Request Object 'exp' claim too far from 'nbf' claim");
  const pushed = ctx.oidc.entities.PushedAuthorizationRequest !== undefined;
  if (!pushed && !profileAlgorithms.includes(String(header.alg)))
    throw new errors.InvalidRequestObject('unsupported signed request alg');
}
