/** The placeholders of presets: `{name}` in small letters, replaced once and without any logic. */

/** What an operator is asked, each with what may be typed: nothing that means something in a snippet or an address. */
export const asks = {
  /** where the application is; written without a slash at its end */
  address: (value: string) => isAddress(value) && !/[?#]/.test(value) && !value.endsWith('/'),
  /** a whole redirect URI, for what has no fixed one; a native application has a scheme of its own */
  callback: (value: string) => isAddress(value) || /^[a-z][a-z0-9+.-]*:\/[\w/.~-]*$/.test(value),
  /** by which name the other side knows Pedel */
  alias: (value: string) => /^[A-Za-z][\w-]{0,62}$/.test(value),
  /** below the address, without slashes around it */
  path: (value: string) => /^[\w-]+(?:\/[\w-]+){0,9}$/.test(value) && value.length <= 200,
  realm: (value: string) => /^[A-Za-z0-9][\w.-]{0,62}$/.test(value),
  /** a label of a host name */
  team: (value: string) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value),
  /** the client_id of the webmail whose tokens a mail server checks */
  webmail: (value: string) => isPlainId(value),
  /** a scope of that API */
  permission: (value: string) => /^[a-z][\w:.-]{0,62}$/.test(value),
  /** the identifier of an API (RFC 8707) */
  api: (value: string) => isAddress(value) && !/[?#]/.test(value),
} satisfies Record<string, (value: string) => boolean>;
export type Ask = keyof typeof asks;
export const askNames = Object.keys(asks) as Ask[];

/** What each ask takes, after "give". */
export const askWords: Record<Ask, string> = {
  address: 'an https address (http only for localhost), such as https://wiki.example.edu, without query and quotes',
  callback: 'a whole address, such as https://wiki.example.edu/callback',
  alias: 'a letter and then letters, digits, - and _, such as pedel',
  path: 'words of letters, digits, - and _, with / between them, such as secure',
  realm: 'letters, digits, dots, - and _, such as master',
  team: 'small letters, digits and -, such as example',
  webmail: 'a client_id of letters, digits, - and _, such as roundcube',
  permission: 'a scope of the API, such as loans:read',
  api: 'the identifier of an API, such as https://api.library.example.edu',
};

/** Ids that every product sends back as they are: many forget the encoding of RFC 6749, 2.3.1. */
export const isPlainId = (value: string) => /^[\w-]{1,200}$/.test(value);

/** Of plain characters only: none of them needs quoting anywhere but &. */
function isAddress(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || value.length > 500 || !/^https?:\/\/[\w:/.~?=&%[\]-]+$/.test(value)) return false;
  return url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

/** What a preset knows without asking. */
export const given = [
  'name',
  'client_id',
  'client_secret',
  'provider',
  'issuer',
  'issuer_scheme',
  'issuer_host',
  'discovery',
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'jwks_uri',
  'introspection_endpoint',
  'introspection_path',
  'end_session_endpoint',
] as const;
export type Given = (typeof given)[number];
export type Values = Record<Given, string> & Partial<Record<Ask, string>>;

/** The paths of oidc-provider, which Pedel leaves as they are (a test compares them with the discovery document). */
const paths = {
  authorization_endpoint: '/auth',
  token_endpoint: '/token',
  userinfo_endpoint: '/me',
  jwks_uri: '/jwks',
  introspection_endpoint: '/token/introspection',
  end_session_endpoint: '/session/end',
  discovery: '/.well-known/openid-configuration',
} as const;

/** The addresses of Pedel. `issuer`: scheme, host and port. */
export function addressesOf(issuer: string) {
  const of = (path: string) => `${issuer}${path}`;
  return {
    issuer,
    issuer_scheme: new URL(issuer).protocol.slice(0, -1),
    issuer_host: new URL(issuer).host,
    introspection_path: paths.introspection_endpoint,
    discovery: of(paths.discovery),
    authorization_endpoint: of(paths.authorization_endpoint),
    token_endpoint: of(paths.token_endpoint),
    userinfo_endpoint: of(paths.userinfo_endpoint),
    jwks_uri: of(paths.jwks_uri),
    introspection_endpoint: of(paths.introspection_endpoint),
    end_session_endpoint: of(paths.end_session_endpoint),
  };
}

const placeholder = /\{([a-z][a-z_]*)\}/g;

/** Each with its name and where it stands: the line within the text (from 0) and what is before it in that line. */
export function placeholdersIn(text: string): { name: string; line: number; before: string }[] {
  return text.split('\n').flatMap((content, line) =>
    [...content.matchAll(placeholder)].map((match) => ({
      name: match[1] ?? '',
      line,
      before: content.slice(0, match.index),
    })),
  );
}

/** Puts each value in, once: what a value holds is not read again. Names without a value stay. */
export function filled(text: string, valueFor: (name: string) => string | undefined): string {
  return text.replace(placeholder, (whole, name: string) => valueFor(name) ?? whole);
}
