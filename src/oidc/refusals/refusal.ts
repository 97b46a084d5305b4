/**
 * What the log tells of a refused request: what came, and what is registered where the two differ, under the incident
 * number that the page shows (rule 24).
 */
import { randomBytes } from 'node:crypto';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { beside } from '../../domain/beside.ts';
import { asWord } from '../../domain/clients/refusals/refusal.ts';
import type { RefusalReason } from '../../domain/sign-in/reason.ts';
import { memoryOfRequest } from '../request.ts';

/** A text that came from outside, in the log. */
const LONGEST = 300;
/** Registered addresses of one client, in one line of the log. */
const MOST_REGISTERED = 20;

type Told = { incident: string; errors: Set<unknown> };
const requests = beside<Told>('what was told');

/** The incident number of a request: one, however many errors it has. Ten hex digits: short enough to read out. */
export function incidentOf(ctx: object): string {
  return toldOf(ctx).incident;
}

/** True at the first call for an error of a request. The library reports most errors twice: as an event and as a page. */
export function isUntold(ctx: object, error: unknown): boolean {
  const { errors } = toldOf(ctx);
  if (errors.has(error)) return false;
  errors.add(error);
  return true;
}

function toldOf(ctx: object): Told {
  let told = requests.get(ctx);
  if (told === undefined) {
    told = { incident: randomBytes(5).toString('hex'), errors: new Set() };
    requests.set(ctx, told);
  }
  return told;
}

/** Why it is refused, where that was decided here: now, or when the person was sent back (interaction.ts). */
export function reasonOf(ctx: KoaContextWithOIDC): RefusalReason | undefined {
  const declined = ctx.oidc?.entities?.Interaction?.result?.because as RefusalReason | undefined;
  return memoryOfRequest(ctx)?.refused ?? declined;
}

export type Comparison = {
  /** As the request names it, whether or not it is registered. */
  client?: string;
  asked: Record<string, string>;
  /** Only members that the request does not agree with. */
  registered?: Record<string, unknown>;
};

/** Compares a request with the registration of its client. No value in it opens anything. */
export function comparisonOf({ oidc, query, headers }: KoaContextWithOIDC): Comparison {
  const sent = { ...query, ...(oidc?.body as object | undefined), ...definedIn(oidc?.params) } as Record<
    string,
    unknown
  >;
  const named = (name: string) => (typeof sent[name] === 'string' && sent[name] !== '' ? sent[name] : undefined);
  const client = oidc?.client;
  const asked: Record<string, string> = {};
  const registered: Record<string, unknown> = {};
  for (const [name, show, member, fits] of compared) {
    const value = named(name);
    if (value === undefined) continue;
    asked[name] = show(value).slice(0, LONGEST);
    if (client !== undefined && !fits(client, value)) registered[member] = registeredOf(client, member);
  }
  const id = client?.clientId ?? named('client_id') ?? userOf(headers.authorization);
  return {
    ...(id === undefined ? {} : { client: id.slice(0, LONGEST) }),
    asked,
    ...(Object.keys(registered).length === 0 ? {} : { registered }),
  };
}

type Compared = [
  name: string,
  show: (value: string) => string,
  member: string,
  fits: (client: Client, value: string) => boolean,
];

const asSent = (value: string) => value;
const within = (list: readonly string[] | undefined, value: string) => list === undefined || list.includes(value);
const inOrder = (words: string) => words.split(' ').sort().join(' ');

const compared: Compared[] = [
  ['redirect_uri', withoutValues, 'redirect_uris', (client, uri) => client.redirectUriAllowed(uri)],
  [
    'post_logout_redirect_uri',
    withoutValues,
    'post_logout_redirect_uris',
    (client, uri) => client.postLogoutRedirectUriAllowed(uri),
  ],
  [
    'scope',
    asSent,
    'scope',
    ({ scope = '' }, asked) => asked.split(' ').every((word) => scope.split(' ').includes(word)),
  ],
  [
    'response_type',
    asSent,
    'response_types',
    ({ responseTypes = [] }, type) => responseTypes.map(inOrder).includes(inOrder(type)),
  ],
  ['response_mode', asSent, 'response_modes', (client, mode) => within(client.responseModes as string[], mode)],
  ['grant_type', asSent, 'grant_types', ({ grantTypes }, type) => within(grantTypes, type)],
];

function registeredOf(client: Client, member: string): unknown {
  const value = client.metadata()[member];
  return Array.isArray(value) ? value.slice(0, MOST_REGISTERED) : value;
}

/**
 * An address without what it may carry for somebody: user and password, the values of its query, the fragment. What stands
 * before the last `@` of one that cannot be read is left out whole.
 */
export function withoutValues(uri: string): string {
  const url = URL.parse(uri);
  const plain = uri.replace(/[?#].*$/s, '');
  if (url === null) return plain.replace(/^(?:([a-z][a-z\d+.-]*:)\/*)?.*@/is, '$1//');
  const names = [...url.searchParams.keys()].map((name) => `${asWord(name)}=…`);
  // browsers take the last @ before the path, and slashes and backslashes as the same
  const base = url.username + url.password === '' ? plain : plain.replace(/^([^:]*:)[/\\]*[^/\\]*@/, '$1//');
  return names.length === 0 ? base : `${base}?${names.join('&')}`;
}

/** The client id of a Basic header, without its secret. */
function userOf(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const [id, ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
  return rest.length === 0 ? undefined : id;
}

function definedIn(params: object | undefined): object {
  return Object.fromEntries(Object.entries(params ?? {}).filter(([, value]) => value !== undefined));
}
