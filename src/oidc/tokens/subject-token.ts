/**
 * Finds what a service brings to a token exchange: an access token of ours that is still good, and that it may have seen,
 * because it is made out to one of its APIs or it may introspect it.
 */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import type { AccessToken, Client, Grant, Provider } from 'oidc-provider';
import { issuedAlgorithms } from '../../domain/clients/metadata/algorithms.ts';
import { type Actor, EXCHANGE_GRANT } from '../../domain/clients/resources/exchanges.ts';
import { audienceOf, resourceServersOf } from '../../domain/clients/resources/resource-servers.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { mayIntrospect } from './introspection.ts';
import type { Resources } from './resources.ts';

export type Subject = {
  accountId: string;
  /** to whom it was issued */
  clientId: string;
  grant: Grant & { epoch?: number };
  scopes: string[];
  /** the identifier of the API to which it is made out */
  via?: string;
  /** uid of the session with which it ends */
  session?: string;
  /** epoch seconds */
  exp: number;
  /** of the key that it is bound to */
  jkt?: string;
  /** who acts already, and how the person signed in */
  told: { act?: Actor } & Record<string, unknown>;
};

const REFERENCE = 'jwt-access-token';
/** In a JWT for an API that may exchange it: its grant, sealed, which tells the API nothing. */
const REFERENCE_CLAIM = 'pedel_ref';
type Reference = { grant: string; session?: string };

/** What a JWT for such an API carries besides (resource-tokens.ts). */
export function referenceIn(sealer: Sealer, token: AccessToken, jti: string): Record<string, string> {
  const { grantId: grant, sessionUid, expiresWithSession, gty } = token as AccessToken & { sessionUid?: string };
  const bound = expiresWithSession === true || gty === 'implicit';
  const reference = { grant, ...(bound ? { session: sessionUid } : {}) };
  return { [REFERENCE_CLAIM]: sealer.seal(JSON.stringify(reference), jti, REFERENCE) };
}

export type FindSubject = ReturnType<typeof createFindSubject>;

/** @returns undefined: it is none that this client may exchange now */
export function createFindSubject(options: {
  provider: Provider;
  /** All that are published; the private parts are not used. */
  jwks: object[];
  resources: Pick<Resources, 'byAudience' | 'stillAllows'>;
  sealer: Sealer;
  now: () => number;
}) {
  const { provider, resources, sealer, now } = options;
  const keys = createLocalJWKSet({ keys: (options.jwks as JWK[]).map(publicPart) });

  async function opaque(client: Client, value: string): Promise<Subject | undefined> {
    const token = await provider.AccessToken.find(value);
    if (token?.isValid !== true || !mayIntrospect(client, token) || !(await resources.stillAllows(token)))
      return undefined;
    const {
      extra,
      jkt,
      exp = 0,
      clientId = '',
      expiresWithSession,
      sessionUid,
      scope,
    } = token as typeof token & {
      sessionUid?: string;
    };
    const session = expiresWithSession === true ? sessionUid : undefined;
    const found = { clientId, exp, audience: token.aud as string | undefined, scope };
    return subjectOf(token.grantId, { ...found, ...present({ session, jkt }), told: extra ?? {} });
  }

  async function jwt(client: Client, value: string): Promise<Subject | undefined> {
    const audience = resourceServersOf({ metadata: client as never }).map(audienceOf);
    if (audience.length === 0) return undefined;
    const verified = await jwtVerify(value, keys, {
      issuer: provider.issuer,
      audience,
      typ: 'at+jwt',
      algorithms: [...issuedAlgorithms],
      requiredClaims: ['exp', 'jti', 'client_id', REFERENCE_CLAIM],
      currentDate: new Date(now()),
    }).catch(() => undefined);
    if (verified === undefined) return undefined;
    const { aud, exp = 0, jti = '', client_id: clientId, scope, cnf, acr, amr, auth_time, act } = verified.payload;
    const reference = openReference(String(verified.payload[REFERENCE_CLAIM]), jti);
    const found = { clientId: String(clientId), exp, audience: [aud].flat()[0], scope: String(scope ?? '') };
    const gty = act === undefined ? undefined : EXCHANGE_GRANT;
    const allows = resources.stillAllows({ kind: 'AccessToken', aud: found.audience, clientId: found.clientId, gty });
    if (reference === undefined || !(await allows)) return undefined;
    const { jkt } = (cnf ?? {}) as { jkt?: string };
    const told = present({ acr, amr, auth_time, act: act as Actor | undefined });
    return subjectOf(reference.grant, { ...found, ...present({ session: reference.session, jkt }), told });
  }

  function openReference(sealed: string, jti: string): Reference | undefined {
    try {
      return JSON.parse(sealer.open(sealed, jti, REFERENCE)) as Reference;
    } catch {
      return undefined; // sealed under a secret that is no longer known
    }
  }

  /** Held to its grant as it is now. */
  async function subjectOf(
    grantId: string | undefined,
    found: Omit<Subject, 'grant' | 'accountId' | 'scopes' | 'via'> & {
      audience?: string | undefined;
      scope?: string | undefined;
    },
  ): Promise<Subject | undefined> {
    const { audience, scope = '', ...rest } = found;
    const grant = grantId === undefined ? undefined : await provider.Grant.find(grantId);
    if (grant?.accountId === undefined || grant.clientId !== found.clientId) return undefined;
    const via = audience === undefined ? undefined : (await resources.byAudience(audience))?.server.identifier;
    if (audience !== undefined && via === undefined) return undefined;
    const granted = (via === undefined ? grant.getOIDCScope() : grant.getResourceScope(via)).split(' ');
    const scopes = scope.split(' ').filter((word) => word !== '' && granted.includes(word));
    return { ...rest, accountId: grant.accountId, grant, scopes, ...present({ via }) };
  }

  return (client: Client, value: string): Promise<Subject | undefined> =>
    value.split('.').length === 3 ? jwt(client, value) : opaque(client, value);
}

function publicPart({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  return present({ kty, crv, x, y, n, e, kid, alg, use }) as JWK;
}

function present<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
