/** Faults of a registration that concern several members: each rule looks at all of them and refuses one with a remedy. */
import { survivesBasic } from '../client-secret.ts';
import { isPrivate, PRIVATE_REMEDY, type PublicKey, sharedKid, unusableFor, weaknessOf } from '../keys/client-keys.ts';
import type { CompleteMetadata, ContradictionRule } from './contradiction.ts';
import { derived, renamed } from './derived-contradictions.ts';
import { loopbackHosts, writtenFault } from './members/member.ts';
import { DEVICE_GRANT } from './members/protocol.ts';
import { isFapi, profileAlgorithms, profileContradictions } from './profile.ts';
import { bundle, idTokenClaims, sector } from './release-contradictions.ts';
import { exchanges, ignoredResources, resourceServers, service } from './resource-contradictions.ts';
import { signsIn } from './sector.ts';

const profile: ContradictionRule = (client, _given, refuse) => {
  for (const { member, remedy } of profileContradictions(client)) refuse(member, remedy);
};

const name: ContradictionRule = (_client, given, refuse) => {
  if (given.client_id === undefined && given.client_name === undefined)
    refuse('client_name', 'give a client_name or a client_id, so that the next run recognises this application');
};

const returning: ContradictionRule = (client, given, refuse) => {
  if (client.response_types.length === 0 || client.redirect_uris.length > 0) return;
  refuse(
    'redirect_uris',
    given.redirect_uris === undefined
      ? 'give at least one (an application without sign-in: "response_types": [] and "grant_types": [])'
      : 'give at least one',
  );
};

const grants: ContradictionRule = (client, given, refuse) => {
  const responseWords = wordsOfResponses(client);
  const granted = client.grant_types;
  if (responseWords.has('code') && !granted.includes('authorization_code'))
    refuse(
      'grant_types',
      granted.includes(DEVICE_GRANT)
        ? 'add authorization_code, which the response types ask for, or give "response_types": [] for a device'
        : 'add authorization_code, which the response types ask for',
    );
  if (!responseWords.has('code') && given.grant_types !== undefined && granted.includes('authorization_code'))
    refuse('grant_types', 'remove authorization_code, or add the response type code');
  if (isImplicit(client) && given.grant_types !== undefined && !granted.includes('implicit'))
    refuse('grant_types', 'add implicit, which the response types ask for');
  if (granted.includes('refresh_token') && !granted.includes('authorization_code') && !granted.includes(DEVICE_GRANT))
    refuse('grant_types', 'refresh_token needs authorization_code, or the grant type of devices, beside it');
};

const scope: ContradictionRule = (client, _given, refuse) => {
  const asked = client.scope.split(' ');
  if (asked.includes('offline_access') && !client.grant_types.includes('refresh_token'))
    refuse('scope', 'offline_access needs "refresh_token" among the grant_types');
  if (!asked.includes('openid') && signsIn(client)) refuse('scope', 'add openid');
};

const secret: ContradictionRule = (client, given, refuse) => {
  const method = client.token_endpoint_auth_method;
  if (given.client_secret !== undefined && !method.startsWith('client_secret_'))
    refuse('client_secret', `leave it out: with token_endpoint_auth_method ${method} there is none`);
  if (method !== 'client_secret_basic') return;
  const otherwise =
    'most applications send it in a Basic header without encoding it. Or give "token_endpoint_auth_method": ' +
    '"client_secret_post", if it is encoded or sent in the body';
  if (client.client_id !== undefined && !survivesBasic.id(client.client_id))
    refuse('client_id', `choose one without +, % and colon: ${otherwise}`);
  if (client.client_secret !== undefined && !survivesBasic.secret(client.client_secret))
    refuse('client_secret', `choose one without + and %: ${otherwise}`);
};

const keys: ContradictionRule = (client, given, refuse) => {
  const method = client.token_endpoint_auth_method;
  if (client.jwks !== undefined && client.jwks_uri !== undefined) refuse('jwks_uri', 'give jwks or jwks_uri, not both');
  const needsKeys =
    method === 'private_key_jwt' ||
    client.request_object_signing_alg !== undefined ||
    client.require_signed_request_object === true;
  if (needsKeys && given.jwks === undefined && given.jwks_uri === undefined)
    refuse('jwks', 'give jwks or jwks_uri: its signatures must be checked');
  if (client.token_endpoint_auth_signing_alg !== undefined && method !== 'private_key_jwt')
    refuse('token_endpoint_auth_signing_alg', 'leave it out: it goes with private_key_jwt');
  const own = (client.jwks?.keys ?? []) as PublicKey[];
  if (own.some(isPrivate)) refuse('jwks', PRIVATE_REMEDY);
  const weakness = own.map(weaknessOf).find((each) => each !== undefined);
  if (weakness !== undefined) refuse('jwks', weakness);
  const twice = sharedKid(own);
  if (twice !== undefined) refuse('jwks', `give each key a kid of its own: "${twice}" is there twice`);
  if (method !== 'private_key_jwt' || own.length === 0) return;
  const only = client.token_endpoint_auth_signing_alg;
  // one that the profile excludes is told already
  const allowed = isFapi(client) && !profileAlgorithms.includes(String(only)) ? undefined : only;
  // others may be for what it encrypts or signs beside
  const unusable = own.map((key) => unusableFor(key, allowed));
  const [first] = unusable;
  if (first !== undefined && unusable.every((each) => each !== undefined)) refuse('jwks', first);
};

const addresses: ContradictionRule = (client, _given, refuse) => {
  for (const member of ['redirect_uris', 'post_logout_redirect_uris'] as const) {
    for (const uri of client[member]) {
      const remedy = redirectFault(uri, client.application_type, isImplicit(client) && member === 'redirect_uris');
      if (remedy !== undefined) refuse(member, remedy, uri);
    }
  }
};

/** In the order in which faults are told. */
export const contradictionRules: readonly ContradictionRule[] = [
  profile,
  name,
  returning,
  grants,
  scope,
  secret,
  keys,
  bundle,
  idTokenClaims,
  sector,
  service,
  resourceServers,
  ignoredResources,
  exchanges,
  addresses,
  derived,
  renamed,
];

const wordsOfResponses = (client: CompleteMetadata) =>
  new Set(client.response_types.flatMap((type) => type.split(' ')));

function isImplicit(client: CompleteMetadata): boolean {
  const responseWords = wordsOfResponses(client);
  return responseWords.has('id_token') || responseWords.has('token');
}

/**
 * The remedy for a redirect URI that is not allowed: OpenID Connect Registration 2 (application_type), RFC 8252, and
 * RFC 9700, 4.1.3.
 */
function redirectFault(uri: string, applicationType: string, implicit: boolean): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return 'give a whole address';
  if (uri.includes('#')) return 'remove the # and what follows it';
  const written = writtenFault(uri);
  if (written !== undefined) return written;
  if (uri.includes('*')) return 'give every address in full: patterns are not possible';
  const loopback = loopbackHosts.has(url.hostname);
  if (applicationType === 'web') {
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return 'give an https address, or "application_type": "native" for a scheme of its own';
    if (url.protocol === 'http:' && !loopback) return 'give an https address (http only for localhost)';
    if (implicit && url.protocol === 'http:')
      return 'http on localhost with these response types needs "application_type": "native"';
    return implicit && url.hostname === 'localhost'
      ? 'localhost with these response types needs "application_type": "native"'
      : undefined;
  }
  if (url.protocol === 'http:')
    return loopback ? undefined : 'give localhost, 127.0.0.1 or [::1]: http is for them only';
  if (url.protocol === 'https:') return loopback ? 'give http for an address of this machine' : undefined;
  return /^(?:javascript|vbscript|data|blob|file|about):$/.test(url.protocol)
    ? "give a scheme of the application's own, such as edu.example.app:/callback"
    : undefined;
}
