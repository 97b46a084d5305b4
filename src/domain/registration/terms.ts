/** What a token lets its holder register, and what the client is held to later: where its addresses lead, what it is. */

/** What an application is, as far as a registration tells it (`kindOf`). */
export const clientKinds = ['web', 'spa', 'native', 'service'] as const;
export type ClientKind = (typeof clientKinds)[number];

/** What a token lets its holder register. The client keeps it: later changes are held to the same. */
export type RegistrationTerms = {
  /** id of the organisation for which it was made */
  organisation: string;
  /** where its addresses may lead: host names, or `*.` and a domain for every host below it */
  hosts: string[];
  kinds: ClientKind[];
  /** `none`: it works at once, where the configuration allows that */
  approval: 'required' | 'none';
  /** `optional`: an application that authenticates may go without (RFC 7636) */
  pkce: 'required' | 'optional';
};

/** What is read of a registration, whose members need not be valid. */
export type Described = Readonly<Record<string, unknown>>;

export function kindOf({ application_type, response_types, token_endpoint_auth_method }: Described): ClientKind {
  if (application_type === 'native') return 'native';
  if (Array.isArray(response_types) && response_types.length === 0) return 'service';
  return token_endpoint_auth_method === 'none' ? 'spa' : 'web';
}

/**
 * The members whose addresses are held to the hosts: where people are sent, and what Pedel calls without being asked. Not
 * `logo_uri`, which is fetched when an operator approves (and where nobody does, only from these hosts), and not the
 * statements that are only linked.
 */
export const heldAddresses = [
  'redirect_uris',
  'post_logout_redirect_uris',
  'client_uri',
  'initiate_login_uri',
  'backchannel_logout_uri',
  'jwks_uri',
  'sector_identifier_uri',
] as const;

export function addressesOf(client: Described, member: (typeof heldAddresses)[number]): string[] {
  return [client[member] ?? []].flat().filter((uri): uri is string => typeof uri === 'string');
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The host to which an address leads; undefined: to no host. A scheme of an application's own is a host's in reverse
 * order (RFC 8252, 7.1): `edu.example.app:/callback` is of app.example.edu.
 */
function hostOf(uri: string): string | undefined {
  const url = URL.parse(uri);
  if (url === null) return undefined;
  if (url.protocol === 'https:' || url.protocol === 'http:') return url.hostname;
  return url.protocol.slice(0, -1).split('.').reverse().join('.');
}

/** Whether an address is on one of the hosts. This machine (RFC 8252, 7.3) is open to every native application. */
export function isOnHosts(uri: string, { hosts }: Pick<RegistrationTerms, 'hosts'>, kind: ClientKind): boolean {
  const host = hostOf(uri);
  if (host === undefined) return false;
  if (kind === 'native' && loopback.has(host) && URL.parse(uri)?.protocol === 'http:') return true;
  return hosts.some((each) =>
    each.startsWith('*.') ? host.endsWith(each.slice(1)) && host !== each.slice(2) : host === each,
  );
}

/** The terms of a client that works: only what it was approved with, so that a later change widens nothing. */
export function narrowedTo(client: Described, terms: RegistrationTerms): RegistrationTerms {
  const hosts = heldAddresses.flatMap((member) => addressesOf(client, member)).map(hostOf);
  const named = hosts.filter((host): host is string => host !== undefined && !loopback.has(host));
  const here = terms.hosts.filter((host) => loopback.has(host));
  return { ...terms, hosts: [...new Set([...named, ...here])], kinds: [kindOf(client)] };
}
