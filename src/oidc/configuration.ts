/** The configuration of the library: every decision about the protocol. */
import { type Client, type Configuration, errors } from 'oidc-provider';
import { languageIds } from '../domain/account/languages.ts';
import { acceptedAlgorithms, dpopAlgorithms, issuedAlgorithms } from '../domain/clients/metadata/algorithms.ts';
import { clientDefaults } from '../domain/clients/metadata/client-members.ts';
import { authMethods, responseTypes, subjectTypes } from '../domain/clients/metadata/members/protocol.ts';
import { isFapi } from '../domain/clients/metadata/profile.ts';
import { claimsOfScope, scopes } from '../domain/clients/release/scopes.ts';
import { acrValues } from '../domain/sign-in/acr.ts';
import { type CookieNames, cookieFlags } from '../http/cookies.ts';
import { checkExtraMember, extraMember, extraMembers } from './clients/client-metadata.ts';
import { checkAssertion, checkRequestObject } from './fapi.ts';
import { settleAsked } from './sign-in/asked-scopes.ts';
import { interactionPath } from './sign-in/interaction-request.ts';
import { mayIntrospect } from './tokens/introspection.ts';
import { checkAssertionTimes, checkRequestObjectTimes } from './tokens/jwt-times.ts';
import { signInOf } from './tokens/resource-tokens.ts';
import type { Resources } from './tokens/resources.ts';

type Parts = Required<
  Pick<
    Configuration,
    | 'adapter'
    | 'jwks'
    | 'findAccount'
    | 'ttl'
    | 'rotateRefreshToken'
    | 'loadExistingGrant'
    | 'pairwiseIdentifier'
    | 'renderError'
    | 'fetch'
    | 'formats'
  >
> & {
  policy: NonNullable<NonNullable<Configuration['interactions']>['policy']>;
  names: CookieNames;
  resources: Pick<Resources, 'getResourceServerInfo' | 'defaultResource' | 'stillAllows'>;
  /** epoch ms */
  now: () => number;
  /** called when an application has proved with a key who it is (private_key_jwt); `header`: of its assertion */
  onAssertion?: (client: Client, header: { kid?: unknown; alg?: unknown }) => void;
  /** where applications register themselves; undefined: they do not */
  registrationEndpoint?: string | undefined;
  deviceFlow: Pick<
    NonNullable<NonNullable<Configuration['features']>['deviceFlow']>,
    'deviceInfo' | 'successSource' | 'userCodeInputSource'
  >;
  logoutSource: NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>['logoutSource'];
  postLogoutSuccessSource: NonNullable<
    NonNullable<Configuration['features']>['rpInitiatedLogout']
  >['postLogoutSuccessSource'];
};

/** The configuration for `new Provider(issuer, …)` of oidc-provider 9. */
export function createConfiguration(parts: Parts): Configuration {
  const {
    names,
    policy,
    deviceFlow,
    logoutSource,
    postLogoutSuccessSource,
    resources,
    now,
    registrationEndpoint,
    onAssertion,
    ...given
  } = parts;
  const cookie = { ...cookieFlags, signed: true };
  return {
    ...given,
    acrValues: [...acrValues],
    allowOmittingSingleRegisteredRedirectUri: false,
    assertJwtClientAuthClaimsAndHeader: (ctx, claims, header, client) => {
      checkAssertionTimes(claims, now());
      checkAssertion(ctx, claims, header, client);
      onAssertion?.(client, header);
    },
    claims: { ...claimsOfScope, acr: null, amr: null, auth_time: null, iss: null, sid: null },
    clientAuthMethods: [...authMethods],
    clientBasedCORS: (_ctx, origin, client) => originsOf(client).has(origin),
    clientDefaults: { ...clientDefaults },
    clockTolerance: 15,
    cookies: {
      names: { session: names.session, interaction: names.interaction, resume: names.resume },
      long: cookie,
      short: cookie,
    },
    discovery: {
      claims_locales_supported: languageIds,
      ui_locales_supported: languageIds,
      display_values_supported: ['page', 'popup', 'touch'],
      ...(registrationEndpoint === undefined ? {} : { registration_endpoint: registrationEndpoint }),
    },
    enabledJWA: {
      clientAuthSigningAlgValues: [...acceptedAlgorithms],
      requestObjectSigningAlgValues: [...acceptedAlgorithms],
      authorizationSigningAlgValues: [...issuedAlgorithms],
      dPoPSigningAlgValues: [...dpopAlgorithms],
      idTokenSigningAlgValues: [...issuedAlgorithms],
      userinfoSigningAlgValues: [...issuedAlgorithms],
    },
    expiresWithSession: (_ctx, token) => !token.scopes.has('offline_access'),
    extraTokenClaims: signInOf,
    extraClientMetadata: {
      properties: [...extraMembers],
      validator: checkExtraMember,
    },
    // Called after the library's own check of the scope.
    extraParams: { scope: settleAsked },
    features: {
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      claimsParameter: { enabled: true },
      deviceFlow: { enabled: true, ...deviceFlow },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' }, // tokens/prompt-key.ts
      fapi: {
        enabled: true,
        profile: (_ctx, client) => (isFapi(client) ? '2.0' : undefined),
      },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) =>
          mayIntrospect(client, token) && (await resources.stillAllows(token)),
      },
      jwtUserinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      jwtResponseModes: { enabled: true },
      requestObjects: {
        enabled: true,
        assertJwtClaimsAndHeader: (ctx, claims, header, client) => {
          checkRequestObjectTimes(claims);
          checkRequestObject(ctx, claims, header, client);
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: resources.defaultResource,
        getResourceServerInfo: resources.getResourceServerInfo,
      },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => mayRevoke(client, token.clientId) },
      rpInitiatedLogout: { enabled: true, logoutSource, postLogoutSuccessSource },
    },
    fetchResponseBodyLimits: { jwks_uri: 512 * 1024, sector_identifier_uri: 128 * 1024 },
    interactions: { policy, url: (_ctx, { uid, params }) => interactionPath(uid, String(params.client_id)) },
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
    pkce: {
      required: (ctx, client) =>
        client.clientAuthMethod === 'none' ||
        extraMember(client, 'pedel_require_pkce') === true ||
        ctx.oidc.isFapi('2.0') !== undefined,
    },
    responseTypes: [...responseTypes],
    // The address that people type is a page of ours; its form goes here.
    routes: { code_verification: '/device/sign-in' },
    scopes,
    subjectTypes: [...subjectTypes],
  };
}

/**
 * A client may revoke its own tokens only. For another token an authenticated client gets an error; a public client,
 * whose identity is not proven, gets the same answer as for an unknown token (RFC 7009, 2.1).
 */
function mayRevoke(client: Client, ownerId: string | undefined): boolean {
  if (ownerId === client.clientId) return true;
  if (client.clientAuthMethod === 'none') return false;
  throw new errors.InvalidRequest('client is not authorized to revoke the presented token');
}

/** Origins whose pages may call (CORS): those of a public client, and those registered for it. */
function originsOf(client: Client): Set<string> {
  const named = extraMember(client, 'pedel_cors_origins') ?? [];
  const redirecting = client.clientAuthMethod === 'none' ? (client.redirectUris ?? []) : [];
  return new Set([...named, ...redirecting.map((uri) => URL.parse(uri)?.origin ?? '')].filter(isOrigin));
}

/** A private scheme has the origin `null`, and every sandboxed page has that origin too. */
function isOrigin(origin: string): boolean {
  return origin !== '' && origin !== 'null';
}
