/** The members that a registration may have, one by one: what each accepts, and the remedy where it does not. */
import { acrValues } from '../sign-in/acr.ts';
import { CLIENT_SECRET_MIN_LENGTH } from './client-secret.ts';

export type Member = { accepts(value: unknown): boolean; remedy: string };

export const SCOPES = ['openid', 'profile', 'email', 'phone', 'address', 'eduperson', 'offline_access'];
export const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** With which algorithms we sign, and whose signatures we accept; none with a shared secret, which we keep only as a hash. */
const SIGNING = ['RS256', 'PS256', 'ES256'];
const ACCEPTED_SIGNING = [...SIGNING, 'EdDSA', 'Ed25519'];
const GRANT_TYPES = ['authorization_code', 'implicit', 'refresh_token'];
const RESPONSE_MODES = ['query', 'fragment', 'form_post'];
// biome-ignore format: a list of words
const RESPONSE_TYPES = [
  'code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none',
];
/** Pedel's own pages. */
const RESERVED_ID = 'pedel';
const LONGEST = 2000;
const MOST = 100;

type Judge = (value: unknown) => boolean;
const textThat =
  (accepts: (text: string) => boolean): Judge =>
  (value) =>
    typeof value === 'string' && value !== '' && value.length <= LONGEST && accepts(value);
const isText = textThat(() => true);
const among = (values: readonly string[]) => textThat((text) => values.includes(text));
const isListOf =
  (accepts: Judge): Judge =>
  (value) =>
    Array.isArray(value) && value.length <= MOST && Array.from(value).every(accepts);
const isWholeNumber =
  (least: number): Judge =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least;
const isHttps = textThat((text) => URL.parse(text)?.protocol === 'https:');
const isWebAddress = textThat((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.has(url.hostname));
});
const isResponseType = textThat((text) => RESPONSE_TYPES.map(sortedWords).includes(sortedWords(text)));
const isJwks: Judge = (value) => {
  const { keys } = (value ?? {}) as { keys?: unknown };
  return Array.isArray(keys) && keys.length > 0 && keys.every((key) => isText((key as { kty?: unknown } | null)?.kty));
};

const text: Member = { accepts: isText, remedy: 'give a text' };
const webAddress: Member = { accepts: isWebAddress, remedy: 'give an https address (http only for localhost)' };
const https: Member = { accepts: isHttps, remedy: 'give an https address' };
const seconds = (least: number): Member => ({
  accepts: isWholeNumber(least),
  remedy: 'give a whole number of seconds',
});
const yesOrNo: Member = { accepts: (value) => typeof value === 'boolean', remedy: 'give true or false' };
const oneOf = (values: readonly string[]): Member => ({
  accepts: among(values),
  remedy: `give one of ${values.join(', ')}`,
});
const listOf = (values: readonly string[]): Member => ({
  accepts: isListOf(among(values)),
  remedy: `give a list out of ${values.join(', ')}`,
});
const texts = (what: string): Member => ({ accepts: isListOf(isText), remedy: `give a list of ${what}` });

export const MEMBERS: Record<string, Member> = {
  client_id: {
    accepts: textThat((id) => /^[\x21-\x7e]{1,200}$/.test(id) && id !== RESERVED_ID),
    remedy: `give 1 to 200 letters, digits and signs without spaces, other than "${RESERVED_ID}"; or leave it out`,
  },
  client_secret: {
    accepts: textThat((secret) => /^[\x20-\x7e]*$/.test(secret) && secret.length >= CLIENT_SECRET_MIN_LENGTH),
    remedy: `give at least ${CLIENT_SECRET_MIN_LENGTH} random ASCII characters, or leave it out and one is made`,
  },
  client_name: text,
  'client_name#nl': text,
  'client_name#en': text,
  client_uri: webAddress,
  logo_uri: webAddress,
  policy_uri: webAddress,
  tos_uri: webAddress,
  contacts: {
    accepts: isListOf(textThat((address) => /^[^\s@]+@[^\s@]+$/.test(address))),
    remedy: 'give a list of e-mail addresses',
  },
  application_type: oneOf(['web', 'native']),
  redirect_uris: texts('addresses'),
  post_logout_redirect_uris: texts('addresses'),
  response_types: {
    accepts: isListOf(isResponseType),
    remedy: `give a list out of ${RESPONSE_TYPES.map((type) => `"${type}"`).join(', ')}`,
  },
  response_modes: listOf(RESPONSE_MODES),
  grant_types: listOf(GRANT_TYPES),
  token_endpoint_auth_method: oneOf(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none']),
  token_endpoint_auth_signing_alg: oneOf(ACCEPTED_SIGNING),
  scope: {
    accepts: textThat((scope) => scope.split(' ').every((word) => SCOPES.includes(word))),
    remedy: `give words out of ${SCOPES.join(' ')}, with one space between them`,
  },
  subject_type: oneOf(['public', 'pairwise']),
  sector_identifier_uri: https,
  jwks: { accepts: isJwks, remedy: 'give { "keys": [ … ] } with public keys' },
  jwks_uri: webAddress,
  id_token_signed_response_alg: oneOf(SIGNING),
  userinfo_signed_response_alg: oneOf(SIGNING),
  request_object_signing_alg: oneOf(ACCEPTED_SIGNING),
  require_signed_request_object: yesOrNo,
  require_pushed_authorization_requests: yesOrNo,
  require_auth_time: yesOrNo,
  dpop_bound_access_tokens: yesOrNo,
  default_max_age: seconds(0),
  default_acr_values: listOf(acrValues),
  initiate_login_uri: https,
  backchannel_logout_uri: webAddress,
  backchannel_logout_session_required: yesOrNo,
  software_id: text,
  software_version: text,
  pedel_first_party: yesOrNo,
  pedel_acr: oneOf(acrValues),
  pedel_introspects: texts('client_ids'),
  pedel_require_pkce: yesOrNo,
  pedel_profile: oneOf(['fapi2']),
  pedel_cors_origins: {
    accepts: isListOf(textThat((origin) => URL.parse(origin)?.origin === origin)),
    remedy: 'give a list of origins such as https://app.example.edu, without a path',
  },
  pedel_access_token_seconds: seconds(1),
  pedel_refresh_token_idle_seconds: seconds(1),
  pedel_affiliations: {
    accepts: isListOf(textThat((text) => /^[a-z]+(@[a-z0-9-]+)?$/.test(text))),
    remedy: 'give a list of roles, or roles at an organisation, such as "alumnus" and "student@vives"',
  },
};

/** What people write that is known, but not done here. */
export const NOT_HERE: Record<string, string> = {
  client_id_issued_at: 'leave it out: it is part of an answer',
  client_secret_expires_at: 'leave it out: it is part of an answer',
  registration_access_token: 'leave it out: it is part of an answer',
  registration_client_uri: 'leave it out: it is part of an answer',
  software_statement: 'leave it out: software statements are not accepted',
  frontchannel_logout_uri: 'use backchannel_logout_uri: browsers no longer let the other one work',
  request_uris: 'leave it out: pushed authorization requests take their place',
};

function sortedWords(words: string): string {
  return words.split(' ').sort().join(' ');
}
