/**
 * The registry of client metadata: the schema, help, default and permitted author of each member. The check, `pedel
 * clients apply --help`, docs/client-metadata.md and the library's configuration are made from it.
 */
import { z } from 'zod';
import type { JsonValue } from '../account/account.ts';
import { isEmailAddress } from '../account/email-address.ts';
import { type Language, languageIds } from '../account/languages.ts';
import { acrValues } from '../sign-in/acr.ts';
import { acceptedAlgorithms, issuedAlgorithms } from './algorithms.ts';
import { CLIENT_SECRET_MIN_LENGTH } from './client-secret.ts';
import { readValidUntil } from './client-validity.ts';
import { scopes } from './scopes.ts';

export type ClientMember<Schema extends z.ZodType = z.ZodType> = {
  /** An issue of code `custom` has its own remedy. The remedy of all others is to give what is `expected`. */
  schema: Schema;
  /** One sentence: what the member does. */
  help: string;
  /** What is accepted; it continues the word "give". */
  expected: string;
  example: JsonValue;
  /** The value if a registration does not name the member. */
  default?: JsonValue;
  /** The default in words, if it is not one value. With neither, there is no default. */
  otherwise?: string;
  /** `operator`: only `pedel clients apply` may set it, never a registration by the client itself (rule 15). */
  setBy: 'anyone' | 'operator';
  /** It contains, or may contain by mistake, a value that screens and logs must not repeat. */
  secret?: true;
};

/** RFC 6749, 2.3.1 and OpenID Connect Core 9, except methods that need the secret in plain text. */
export const authMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
export const grantTypes = ['authorization_code', 'implicit', 'refresh_token'] as const;
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
/** What a resource server may be told as `username` (RFC 7662, 2.2). */
const introspectionUsernames = ['user_number', 'preferred_username', 'email', 'none'] as const;
export type IntrospectionUsername = (typeof introspectionUsernames)[number];

export const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** The client id of Pedel's own pages. Reserved, and never in storage. */
export const ownClientId = 'pedel';

const TEXT_LENGTH = 2000;
const LIST_LENGTH = 100;
const DAY = 86_400;
/** The upper bound of an age: a longer one would be no limit. */
const LONGEST_SECONDS = 400 * DAY;
/** How long an application may refresh before the person must sign in to it again; no refresh token lives longer. */
export const LONGEST_REFRESHING_SECONDS = 366 * DAY;

const text = z.string().min(1).max(TEXT_LENGTH);
const yesOrNo = z.boolean();
const list = <Item extends z.ZodType>(item: Item) => z.array(item).max(LIST_LENGTH);
const textThat = (accepts: (value: string) => boolean) => text.refine(accepts, { error: '' });
const https = textThat((value) => URL.parse(value)?.protocol === 'https:');
const webAddress = textThat((value) => {
  const url = URL.parse(value);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && loopbackHosts.has(url.hostname));
});

const words = {
  text: `a text of at most ${TEXT_LENGTH} characters`,
  webAddress: 'an https address (http only for localhost)',
  https: 'an https address',
  yesOrNo: 'true or false',
  oneOf: (values: readonly string[]) => (values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`),
  listOf: (values: readonly string[]) => `a list out of ${values.join(', ')}`,
  seconds: (least: number, most: number) => `a whole number of seconds, ${least} to ${most}`,
};

/** A member that a client may also set itself. */
function member<Schema extends z.ZodType>(
  schema: Schema,
  expected: string,
  rest: Omit<ClientMember, 'schema' | 'expected' | 'setBy'>,
): ClientMember<Schema> {
  return { schema, expected, setBy: 'anyone', ...rest };
}

function operatorMember<Schema extends z.ZodType>(...given: Parameters<typeof member<Schema>>): ClientMember<Schema> {
  return { ...member(...given), setBy: 'operator' };
}

type Rest = Parameters<typeof member>[2];
const ofText = (rest: Rest) => member(text, words.text, rest);
const ofWebAddress = (rest: Rest) => member(webAddress, words.webAddress, rest);
const ofYesOrNo = (rest: Omit<Rest, 'example'>) =>
  member(yesOrNo, words.yesOrNo, { example: true, default: false, ...rest });
const ofOne = <const Values extends readonly [string, ...string[]]>(values: Values, rest: Rest) =>
  member(z.enum(values), words.oneOf(values), rest);

/** `client_name#nl` (OpenID Connect Registration 2.1), one per known language. */
const englishName = new Intl.DisplayNames('en', { type: 'language' });
const namesByLanguage = Object.fromEntries(
  languageIds.map((id) => [
    `client_name#${id}`,
    ofText({
      help: `Name that people who use ${englishName.of(id)} see.`,
      example: 'Library',
      otherwise: 'client_name',
    }),
  ]),
) as Record<`client_name#${Language}`, ClientMember<typeof text>>;

const scopeText = text.superRefine((scope, context) => {
  const unknown = scope.split(' ').filter((word) => !scopes.includes(word));
  if (unknown.length === 0) return;
  const message = unknown.includes('')
    ? 'put one space between two scopes, and none at the ends'
    : `remove ${unknown.map((word) => `"${word.slice(0, 40)}"`).join(', ')}: there is no such scope`;
  context.addIssue({ code: 'custom', message });
});

/** What a public key of each type must have (RFC 7518, 6; RFC 8037, 2). */
const partsOfKey: Record<string, readonly string[]> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] };

function requireWholeKey(key: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (key.kty === 'oct') refuse('remove the symmetric key (oct): only public keys belong here');
  const missing = (partsOfKey[String(key.kty)] ?? []).filter(
    (part) => typeof key[part] !== 'string' || key[part] === '',
  );
  if (missing.length > 0) refuse(`give whole public keys: one of type ${key.kty} lacks ${missing.join(' and ')}`);
}

const inOrder = (type: string) => type.split(' ').sort().join(' ');
const knownResponseTypes: readonly string[] = responseTypes.map(inOrder);

/** In the order of the help and the documentation. */
export const clientMembers = {
  client_id: operatorMember(
    text.superRefine((id, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      if (id === ownClientId) refuse(`choose another: "${ownClientId}" stands for Pedel's own pages`);
      else if (!/^[\x21-\x7e]{1,200}$/.test(id))
        refuse('use 1 to 200 ASCII letters, digits and signs without spaces; or leave it out');
    }),
    `1 to 200 ASCII letters, digits and signs without spaces, other than "${ownClientId}"`,
    {
      help: 'Identifies the application in every request; it never changes.',
      example: 'library',
      otherwise: 'made from client_name',
    },
  ),
  client_secret: operatorMember(
    textThat((secret) => /^[\x20-\x7e]*$/.test(secret) && secret.length >= CLIENT_SECRET_MIN_LENGTH),
    `at least ${CLIENT_SECRET_MIN_LENGTH} random ASCII characters, or leave it out and one is made`,
    {
      help: 'Secret with which the application authenticates; only a hash of it is kept.',
      example: 'at-least-32-random-ASCII-characters',
      otherwise: 'the one it has; without one, a new one is made and shown once',
      secret: true,
    },
  ),
  client_name: ofText({
    help: 'Name that people see when they sign in, consent and look at their account.',
    example: 'Library',
    otherwise: 'client_id',
  }),
  ...namesByLanguage,
  client_uri: ofWebAddress({
    help: "Home page. Pedel's pages link to it if the application is first-party.",
    example: 'https://library.example.edu/',
  }),
  logo_uri: ofWebAddress({
    help: 'Logo beside its name: an SVG, or a PNG at least 80 pixels high. `clients apply` fetches it once; Pedel serves it.',
    example: 'https://library.example.edu/logo.svg',
  }),
  policy_uri: ofWebAddress({
    help: 'Privacy statement, linked from the consent page.',
    example: 'https://library.example.edu/privacy',
  }),
  tos_uri: ofWebAddress({
    help: 'Terms of use, linked from the consent page.',
    example: 'https://library.example.edu/terms',
  }),
  contacts: member(list(textThat(isEmailAddress)), 'a list of e-mail addresses', {
    help: 'E-mail addresses of the people who run the application; stored, not shown.',
    example: ['library@example.edu'],
  }),
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
    help: 'Grant types that the application may use; refresh_token belongs to the scope offline_access.',
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
    otherwise: 'every scope, offline_access only with refresh_token; openid if response_types is empty',
  }),
  subject_type: ofOne(subjectTypes, {
    help: 'Whether sub is the same at every application (public) or differs per sector (pairwise).',
    example: 'pairwise',
    default: 'public',
  }),
  sector_identifier_uri: member(https, words.https, {
    help: 'Document that lists the redirect_uris of applications that share a pairwise sub.',
    example: 'https://example.edu/sector.json',
    otherwise: 'the one host of redirect_uris',
  }),
  jwks: member(
    z.looseObject({
      keys: z
        .array(z.looseObject({ kty: text }).superRefine(requireWholeKey))
        .min(1)
        .max(LIST_LENGTH),
    }),
    '{ "keys": [ … ] } with public keys (RFC 7517)',
    {
      help: 'Public keys of the application, for private_key_jwt and signed requests.',
      example: { keys: [{ kty: 'EC', crv: 'P-256', x: '…', y: '…' }] },
      secret: true,
    },
  ),
  jwks_uri: ofWebAddress({
    help: 'Address of those keys, instead of jwks.',
    example: 'https://library.example.edu/jwks.json',
  }),
  id_token_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which its ID tokens and logout tokens are signed.',
    example: 'ES256',
    default: 'RS256',
  }),
  userinfo_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which userinfo responses are signed.',
    example: 'ES256',
    otherwise: 'plain JSON, not signed',
  }),
  authorization_signed_response_alg: ofOne(issuedAlgorithms, {
    help: 'Algorithm with which authorization responses in a JWT are signed (JARM: response_mode jwt and its likes).',
    example: 'ES256',
    default: 'RS256',
  }),
  request_object_signing_alg: ofOne(acceptedAlgorithms, {
    help: 'The one algorithm of its request objects (RFC 9101).',
    example: 'ES256',
    otherwise: 'any of them',
  }),
  require_signed_request_object: ofYesOrNo({
    help: 'Refuses authorization requests without a signed request object (RFC 9101).',
  }),
  require_pushed_authorization_requests: ofYesOrNo({
    help: 'Refuses authorization requests that were not pushed (RFC 9126).',
  }),
  require_auth_time: ofYesOrNo({ help: 'Puts auth_time into its ID tokens; Pedel does that anyway.' }),
  dpop_bound_access_tokens: ofYesOrNo({ help: 'Refuses token requests without a DPoP proof (RFC 9449).' }),
  default_max_age: member(z.int().min(0).max(LONGEST_SECONDS), words.seconds(0, LONGEST_SECONDS), {
    help: 'Age of a sign-in after which people must sign in again, if a request has no max_age.',
    example: 3600,
    otherwise: 'no limit but that of the session',
  }),
  default_acr_values: member(list(textThat((acr) => acrValues.includes(acr))), words.listOf(acrValues), {
    help: 'Strength of sign-in that is preferred if a request has no acr_values.',
    example: [...acrValues].slice(0, 1),
  }),
  initiate_login_uri: member(https, words.https, {
    help: 'Address at which a sign-in can be started (OpenID Connect Core 4). A sign-in page that is over leads there, else to `client_uri`.',
    example: 'https://library.example.edu/login',
  }),
  backchannel_logout_uri: ofWebAddress({
    help: 'Receives a logout token when a session has ended (OpenID Connect Back-Channel Logout).',
    example: 'https://library.example.edu/backchannel-logout',
  }),
  // Without sid, a logout notice that arrives days later would end new sessions.
  backchannel_logout_session_required: {
    ...ofYesOrNo({ help: 'Puts the session (sid) into logout tokens and ID tokens.' }),
    default: true,
    example: false,
  },
  software_id: ofText({ help: 'Identifies the software (RFC 7591); stored, not used.', example: 'koha' }),
  software_version: ofText({ help: 'Version of that software; stored, not used.', example: '24.05' }),
  pedel_first_party: {
    ...ofYesOrNo({ help: "The association's own application: people are not asked for consent." }),
    setBy: 'operator',
  },
  pedel_acr: operatorMember(
    textThat((acr) => acrValues.includes(acr)),
    words.oneOf(acrValues),
    {
      help: 'Strength that every sign-in to it must have, whatever the request and the organisation say.',
      example: acrValues[0] ?? '',
      otherwise: 'as the request and the organisation say',
    },
  ),
  pedel_introspects: operatorMember(list(text), 'a list of client_ids', {
    help: 'Applications whose access tokens it may introspect, beside its own (a mail server: those of the webmail).',
    example: ['webmail'],
    default: [],
  }),
  pedel_introspection_username: operatorMember(z.enum(introspectionUsernames), words.oneOf(introspectionUsernames), {
    help: "Name of the person (username) that it is told of other applications' tokens; email: the institution's.",
    example: 'email',
    default: 'user_number',
  }),
  pedel_require_pkce: {
    ...ofYesOrNo({ help: 'Requires PKCE even if the application authenticates.' }),
    setBy: 'operator',
  },
  pedel_profile: operatorMember(z.enum(['fapi2']), words.oneOf(['fapi2']), {
    help:
      'Holds it to the FAPI 2.0 security profile. Implies private_key_jwt, require_pushed_authorization_requests, ' +
      'dpop_bound_access_tokens, PKCE, ES256 for what Pedel signs unless PS256 is named, response type code only, ' +
      'signatures by PS256, ES256, EdDSA or Ed25519 only, and codes that live 60 seconds at most. What contradicts ' +
      'it is refused.',
    example: 'fapi2',
  }),
  pedel_cors_origins: operatorMember(
    list(textThat((origin) => URL.parse(origin)?.origin === origin)),
    'a list of origins such as https://app.example.edu, without a path',
    {
      help: 'Origins whose pages may call the token and userinfo endpoints from a browser.',
      example: ['https://app.example.edu'],
      otherwise: 'for a public client those of its redirect_uris, which are always allowed; for others none',
    },
  ),
  pedel_access_token_seconds: operatorMember(z.int().min(1).max(DAY), words.seconds(1, DAY), {
    help: 'How long its access tokens live.',
    example: 300,
    otherwise: 'lifetimes.accessTokenSeconds of the configuration',
  }),
  pedel_refresh_token_idle_seconds: operatorMember(
    z.int().min(1).max(LONGEST_REFRESHING_SECONDS),
    `${words.seconds(1, LONGEST_REFRESHING_SECONDS)} (366 days)`,
    {
      help: 'How long its unused refresh tokens live; 366 days after a sign-in to it people must sign in again anyway.',
      example: 7 * DAY,
      otherwise: 'lifetimes.refreshTokenIdleSeconds of the configuration',
    },
  ),
  pedel_affiliations: operatorMember(
    list(textThat((wanted) => /^[a-z]+(@[a-z0-9-]+)?$/.test(wanted))),
    'a list of roles, or roles at an organisation, such as "alumnus" and "student@vives"',
    {
      help: 'Shows the link to it to these people only; it does not decide who may sign in.',
      example: ['alumnus', 'student@vives'],
      otherwise: 'everybody',
    },
  ),
  pedel_valid_until: operatorMember(
    textThat((value) => readValidUntil(value) !== undefined),
    'a day (2027-06-30, which counts as a whole) or a moment with an offset (2027-06-30T12:00:00Z), of the years 2000 to 2199',
    {
      help:
        'Until when the application may be used. From then on nobody signs in to it and its tokens open nothing; ' +
        'a later date restores both.',
      example: '2027-06-30',
      otherwise: 'for ever',
    },
  ),
} satisfies Record<string, ClientMember>;

export type ClientMemberName = keyof typeof clientMembers;
/** A registration in which every member is valid by itself. */
export type ClientMetadata = { [Name in ClientMemberName]?: z.infer<(typeof clientMembers)[Name]['schema']> };

/** Whether the registry has a member of this name. */
export function isClientMember(name: string): name is ClientMemberName {
  return Object.hasOwn(clientMembers, name);
}

/** Every member with its name, in the order of the registry. */
export const clientMemberList: readonly (ClientMember & { name: ClientMemberName })[] = Object.entries(
  clientMembers,
).map(([name, each]: [string, ClientMember]) => ({ ...each, name: name as ClientMemberName }));

/**
 * Defaults of members that a registration leaves out (RFC 7591, section 2). RS256 is the standard's default (rule 17).
 */
export const clientDefaults: Readonly<Record<string, JsonValue>> = Object.fromEntries(
  clientMemberList.flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]])),
);

/** The default of a member in words, for help and documentation. */
export function defaultInWords({ default: value, otherwise }: ClientMember): string {
  if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
  return otherwise ?? 'none';
}

/** Members of the standards that Pedel does not support, and what to do instead. */
export const membersNotTaken: Readonly<Record<string, string>> = {
  client_id_issued_at: 'leave it out: it is part of an answer',
  client_secret_expires_at: 'leave it out: it is part of an answer',
  registration_access_token: 'leave it out: it is part of an answer',
  registration_client_uri: 'leave it out: it is part of an answer',
  software_statement: 'leave it out: software statements are not accepted',
  frontchannel_logout_uri: 'use backchannel_logout_uri: browsers no longer let the other one work',
  request_uris: 'leave it out: pushed authorization requests take their place',
};
