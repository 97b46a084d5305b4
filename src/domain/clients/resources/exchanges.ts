/**
 * Token exchange (RFC 8693): which service may act for a signed-in person, with whose tokens and where. It gets no scope that
 * the token it came with does not have.
 */
import type { ClientRecord } from '../../ports/clients.ts';
import { type ResourceServer, scopesOf } from './resource-servers.ts';

export const EXCHANGE_GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

/** How many services may act one through the other. A longer chain is a mistake, and every token tells all of it. */
export const MOST_ACTORS = 4;

/** A pair in the registration of the service that acts: with tokens of the client `from` it may ask the API `resource`. */
export type Exchange = { from: string; resource: string; scopes: string[] };

/** `act` of a token (RFC 8693, 4.1): who acts now, and through whom before. */
export type Actor = { sub: string; act?: Actor };

type Registered = Pick<ClientRecord, 'metadata'>;

/** The pairs of a client, as stored. */
export function exchangesOf({ metadata }: Registered): Exchange[] {
  const { pedel_exchanges: exchanges } = metadata;
  return Array.isArray(exchanges) ? (exchanges as unknown as Exchange[]) : [];
}

/**
 * The scopes that a service may have at an API by a token of `from` that has `held`: what the pair, the API and the token
 * name. Undefined: there is no such pair.
 */
export function exchangedScopes(
  acting: Registered,
  from: string,
  server: ResourceServer,
  held: readonly string[],
): string[] | undefined {
  const pairs = exchangesOf(acting).filter((each) => each.from === from && each.resource === server.identifier);
  if (pairs.length === 0) return undefined;
  return scopesOf(server).filter((name) => held.includes(name) && pairs.some(({ scopes }) => scopes.includes(name)));
}

/** How many services a token has come through. */
export function actorsIn(act: Actor | undefined): number {
  return act === undefined ? 0 : 1 + actorsIn(act.act);
}
