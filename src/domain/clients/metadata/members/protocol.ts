/** Members that say how an application talks to Pedel: addresses, response and grant types, authentication, scopes. */
import { z } from 'zod';
import { scopes } from '../../release/scopes.ts';
import { EXCHANGE_GRANT } from '../../resources/exchanges.ts';
import { acceptedAlgorithms } from '../algorithms.ts';
import { type ClientMember, https, list, member, ofOne, text, textThat, words } from './member.ts';

/** RFC 6749, 2.3.1 and OpenID Connect Core 9, except methods that need the secret in plain text. */
export const authMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
/** RFC 8628, 7.1 */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
export const grantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
  EXCHANGE_GRANT,
  DEVICE_GRANT,
] as const;
/** OAuth 2.0 Multiple Response Type Encoding Practices. The words are in the order of the discovery document. */
export const responseTypes = [
  'code',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
  'none',
] as const;
/** The last four answer with a signed JWT (JARM). */
export const responseModes = [
  'query',
  'fragment',
  'form_post',
  'jwt',
  'query.jwt',
  'fragment.jwt',
  'form_post.jwt',
] as const;
export const subjectTypes = ['public', 'pairwise'] as const;
const scopeText = text.superRefine((scope, context) => {
  const unknown = scope.split(' ').filter((word) => !scopes.includes(word));
  if (unknown.length === 0) return;
  const message = unknown.includes('')
    ? 'put one space between two scopes, and none at the ends'
    : `remove ${unknown.map((word) => `"${word.slice(0, 40)}"`).join(', ')}: there is no such scope`;
  context.addIssue({ code: 'custom', message });
});

const inOrder = (type: string) => type.split(' ').sort().join(' ');
const knownResponseTypes: readonly string[] = responseTypes.map(inOrder);

export const protocolMembers = {
  application_type: ofOne(['web', 'native'], {
    help: 'Kind of application, which decides what redirect_uris may be: https, or for native a scheme of its own.',
    example: 'native',
    default: 'web',
  }),
  redirect_uris: member(list(text), 'a list of addresses, each in full', {
    help: 'Addresses to which people return after signing in; a request must name one of them exactly.',
    example: ['https://library.example.edu/callback'],
    otherwise: 'required if people sign in',
  }),
  post_logout_redirect_uris: member(list(text), 'a list of addresses, each in full', {
    help: 'Addresses to which people may return after signing out.',
    example: ['https://library.example.edu/'],
    default: [],
  }),
  response_types: member(
    list(textThat((type) => knownResponseTypes.includes(inOrder(type)))),
    `a list out of ${responseTypes.map((type) => `"${type}"`).join(', ')}`,
    {
      help: 'Response types that the application may request; an empty list if it has no sign-in.',
      example: ['code'],
      default: ['code'],
    },
  ),
  response_modes: member(list(z.enum(responseModes)).min(1), `${words.listOf(responseModes)}, at least one`, {
    help: 'Response modes that the application may request.',
    example: ['query'],
    otherwise: 'all of them',
  }),
  grant_types: member(list(z.enum(grantTypes)), words.listOf(grantTypes), {
    help:
      'Grant types that the application may use; refresh_token belongs to the scope offline_access, client_credentials to ' +
      `pedel_service_resources, token-exchange to pedel_exchanges; ${DEVICE_GRANT} is for devices without a browser or ` +
      'keyboard (RFC 8628).',
    example: ['authorization_code', 'refresh_token'],
    default: ['authorization_code'],
  }),
  token_endpoint_auth_method: ofOne(authMethods, {
    help: 'How the application authenticates; none is for applications that cannot keep a secret, and requires PKCE.',
    example: 'client_secret_post',
    default: 'client_secret_basic',
  }),
  token_endpoint_auth_signing_alg: ofOne(acceptedAlgorithms, {
    help: 'The one algorithm of its private_key_jwt assertions.',
    example: 'ES256',
    otherwise: 'any of them',
  }),
  scope: member(scopeText, `words out of ${scopes.join(' ')}, with one space between them`, {
    help: 'Scopes that the application may ask for.',
    example: 'openid profile email',
    otherwise:
      'those of pedel_bundle (without one: pseudonymous), with offline_access if refresh_token is granted; openid if ' +
      'nobody signs in. A registration of a version before bundles keeps what it had',
  }),
  subject_type: ofOne(subjectTypes, {
    help: 'Whether sub is the same at every application (public) or differs per sector (pairwise).',
    example: 'pairwise',
    otherwise: 'pairwise with pedel_bundle, else public; it stays as it was at the first registration',
  }),
  sector_identifier_uri: member(https, words.https, {
    help: 'Document that lists the redirect_uris of applications that share a pairwise sub.',
    example: 'https://example.edu/sector.json',
    otherwise: 'none: see pedel_sector',
  }),
} satisfies Record<string, ClientMember>;
