/**
 * Resource servers (RFC 8707): APIs that take our access tokens, as the registrations of their clients describe them, and
 * what another client may ask of one.
 */
import { inEveryLanguage, type Language, type Localized } from '../../account/languages.ts';
import type { JsonValue } from '../../json-value.ts';
import type { ClientRecord } from '../../ports/clients.ts';
import { scopes } from '../release/scopes.ts';

/** A JWT cannot be recalled, so it lives five minutes at most (rule 12). */
export const LONGEST_JWT_SECONDS = 300;
/** An opaque token is looked up at every use; this is the longest for a resource server and for a service. */
export const LONGEST_OPAQUE_SECONDS = 600;

/** A scope of an API with its sentence for the consent page, which continues "it asks to". */
export type ResourceScope = { name: string } & { [Name in `description#${Language}`]?: string };

/** One API of a client, as registered in `pedel_resource_servers`. */
export type ResourceServer = {
  /** the resource indicator: an absolute URI without a fragment, compared character by character */
  identifier: string;
  scopes: ResourceScope[];
  /** `aud` of its tokens; absent: the identifier */
  audience?: string;
  token_format: 'opaque' | 'jwt';
  token_seconds?: number;
  token_signing_alg?: string;
  /** of a JWT that only the API is to read, for the first fitting key of its client's `jwks` */
  token_encryption?: { alg: (typeof encryptionAlgs)[number]; enc: (typeof encryptionEncs)[number] };
};

/** RFC 7518, 4.1 and 5.1: those that need no secret in common, and authenticate what they encrypt. */
export const encryptionAlgs = ['RSA-OAEP-256', 'ECDH-ES', 'ECDH-ES+A256KW'] as const;
export const encryptionEncs = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'] as const;

/** The public key to which tokens for an API are encrypted. Undefined: its client has none that fits. */
export function encryptionKeyOf(
  { metadata }: Pick<ClientRecord, 'metadata'>,
  alg: (typeof encryptionAlgs)[number],
): Record<string, string> | undefined {
  const { keys = [] } = (metadata.jwks ?? {}) as { keys?: Record<string, string>[] };
  const curves = ['P-256', 'P-384', 'P-521', 'X25519'];
  return keys.find(
    (key) =>
      (key.use ?? 'enc') === 'enc' &&
      (key.alg ?? alg) === alg &&
      (alg === 'RSA-OAEP-256' ? key.kty === 'RSA' : key.kty !== 'RSA' && curves.includes(String(key.crv))),
  );
}

/** Resource indicators, each with the scopes that a client may ask there. */
export type AllowedResources = Record<string, string[]>;

type Registered = Pick<ClientRecord, 'metadata'>;

/** The APIs of a client, as stored. */
export function resourceServersOf({ metadata }: Registered): ResourceServer[] {
  const { pedel_resource_servers: servers } = metadata;
  return Array.isArray(servers) ? (servers as unknown as ResourceServer[]) : [];
}

/**
 * Every name by which tokens are made out to a client: identifiers and audiences of its APIs. No two clients have one in
 * common (ports/clients.ts), so that no API takes a token that was made out to another.
 */
export function resourceKeysOf(client: Registered): string[] {
  const keys = resourceServersOf(client).flatMap(({ identifier, audience }) => [identifier, audience ?? identifier]);
  return [...new Set(keys)];
}

/** `aud` of the tokens for an API. */
export function audienceOf({ identifier, audience }: ResourceServer): string {
  return audience ?? identifier;
}

/** The scopes of an API. Those of people's sign-ins are none, even where a later version added one of that name. */
export function scopesOf(server: ResourceServer): string[] {
  return server.scopes.map(({ name }) => name).filter((name) => !scopes.includes(name));
}

/** For whom a token is asked: a person who signed in, or the client itself (client_credentials). */
export type OnBehalf = 'person' | 'itself';

/** What a client may ask of which API, for a person or for itself: two lists, so that neither gives the other's rights. */
export function allowedResources({ metadata }: Registered, onBehalf: OnBehalf): AllowedResources {
  const allowed: JsonValue | undefined =
    onBehalf === 'person' ? metadata.pedel_resources : metadata.pedel_service_resources;
  return typeof allowed === 'object' && allowed !== null && !Array.isArray(allowed)
    ? (allowed as AllowedResources)
    : {};
}

/** The scopes that both sides name; undefined: the client may not ask this API at all. */
export function allowedScopes(client: Registered, server: ResourceServer, onBehalf: OnBehalf): string[] | undefined {
  const allowed = allowedResources(client, onBehalf);
  if (!Object.hasOwn(allowed, server.identifier)) return undefined;
  return scopesOf(server).filter((name) => allowed[server.identifier]?.includes(name));
}

/** How long, in seconds, a token for an API lives at most. */
export function longestSeconds({ token_format: format, token_seconds: seconds }: ResourceServer): number {
  const most = format === 'jwt' ? LONGEST_JWT_SECONDS : LONGEST_OPAQUE_SECONDS;
  return Math.min(seconds ?? most, most);
}

/** A scope of an API as the consent page tells it; `resource`: the name of the API's client. */
export type ResourceAsked = { resource: Localized; what: Localized };

/** What a scope lets an application do, for the consent page; its name in a language that has no sentence. */
export function describedScope(server: ResourceServer, name: string): Localized {
  const scope = server.scopes.find((each) => each.name === name);
  return inEveryLanguage((language) => scope?.[`description#${language}`] ?? name);
}
