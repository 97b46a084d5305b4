/**
 * Tells the library which API (resource server, RFC 8707) a request may have a token for, and how that token is made: by
 * what both registrations say now, and never more than was asked.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Client, type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { whyUnusable } from '../../domain/clients/client-validity.ts';
import { EXCHANGE_GRANT } from '../../domain/clients/resources/exchanges.ts';
import { managementApi, ownOwner } from '../../domain/clients/resources/management-api.ts';
import {
  type AllowedResources,
  allowedResources,
  allowedScopes,
  audienceOf,
  describedScope,
  encryptionKeyOf,
  longestSeconds,
  type OnBehalf,
  type ResourceAsked,
  type ResourceServer,
  resourceServersOf,
  scopesOf,
} from '../../domain/clients/resources/resource-servers.ts';
import { scimApi } from '../../domain/clients/resources/scim-api.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { inProtocol, type RefusalReason } from '../../domain/sign-in/reason.ts';
import { clientNameOf } from '../clients/client-metadata.ts';
import type { ClientRecords } from '../clients/clients.ts';
import { noteRefusal } from '../request.ts';

type Indicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>;
type Info = NonNullable<Indicators['getResourceServerInfo']>;
type ResourceServerInfo = Awaited<ReturnType<Info>>;
type DefaultResource = NonNullable<Indicators['defaultResource']>;

/** An API and the client that has it. */
export type Registered = { owner: ClientRecord; server: ResourceServer };

/** A token as the library has it; `gty`: the grant type, of a person's. */
type Issued = { kind: string; aud?: unknown; clientId?: string | undefined; gty?: string | undefined };

export type Resources = ReturnType<typeof createResources>;

/** What is returned throws what the storage throws, and the library's `InvalidTarget` and `InvalidScope`. */
export function createResources(options: {
  clients: Pick<ClientRecords, 'find' | 'findByResource'>;
  /** Our own address: what is under it is no API of a client. */
  issuer: string;
  now: () => number;
}) {
  const { clients, now } = options;
  const own = [managementApi(options.issuer), scimApi(options.issuer)].map((server) => ({ owner: ownOwner(), server }));
  const ownApi = (identifier: string): Registered | undefined =>
    own.find(({ server }) => server.identifier === identifier);

  async function registered(key: string, nameOf: (server: ResourceServer) => string): Promise<Registered | undefined> {
    const owner = await clients.findByResource(key);
    const server = owner && resourceServersOf(owner).find((each) => nameOf(each) === key);
    return owner === undefined || server === undefined || whyUnusable(owner, now()) ? undefined : { owner, server };
  }

  /**
   * The API with this resource indicator. What is under our own address is never a client's: there are our own APIs only, for
   * `itself` (rule 15).
   */
  async function byIdentifier(identifier: string, onBehalf: OnBehalf = 'person'): Promise<Registered | undefined> {
    const found = onBehalf === 'itself' ? ownApi(identifier) : undefined;
    if (found !== undefined) return found;
    if (URL.parse(identifier)?.origin === options.issuer) return undefined;
    return registered(identifier, (server) => server.identifier);
  }

  const getResourceServerInfo: Info = async (ctx, identifier, client) => {
    const record = await clients.find(client.clientId);
    const onBehalf = behalfOf(ctx);
    const found = await byIdentifier(identifier, onBehalf);
    if (record === undefined || found === undefined) throw refused('resource-unknown');
    const allowed = allowedScopes(record, found.server, onBehalf);
    if (allowed === undefined) throw refused('resource-not-allowed');
    refuseMore(ctx, found.server, allowed, allowedResources(record, onBehalf));
    return tokenFor(found, record, allowed);
  };

  /** How a token of `client` for this API is made: not beyond the end of either registration. */
  function tokenFor({ owner, server }: Registered, client: ClientRecord, scopes: string[]): ResourceServerInfo {
    const ends = [owner, client].flatMap(({ validUntil }) => validUntil ?? []);
    const left = Math.floor((Math.min(...ends) - now()) / 1000);
    const accessTokenTTL = Math.max(1, Math.min(longestSeconds(server), left));
    const named = { scope: scopes.join(' '), audience: audienceOf(server), accessTokenTTL };
    if (server.token_format === 'opaque') return { ...named, accessTokenFormat: 'opaque' };
    const alg = (server.token_signing_alg ?? 'RS256') as 'RS256';
    const encrypt = encryptionFor(owner, server);
    return {
      ...named,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg }, ...(encrypt === undefined ? {} : { encrypt }) },
    };
  }

  /** A service that may ask one API only need not name it: most libraries for client_credentials cannot. */
  const defaultResource: DefaultResource = async (ctx, client, oneOf) => {
    if (oneOf !== undefined) return oneOf;
    if (behalfOf(ctx) === 'person') return undefined as never;
    const [first, ...others] = Object.keys(allowedResources({ metadata: membersOf(client) }, 'itself'));
    if (first === undefined || others.length > 0) throw refused('resource-missing');
    return first;
  };

  /** The API whose tokens have this `aud`. */
  async function byAudience(audience: string, onBehalf: OnBehalf = 'person'): Promise<Registered | undefined> {
    return (onBehalf === 'itself' ? ownApi(audience) : undefined) ?? registered(audience, audienceOf);
  }

  async function mayAsk(clientId: string, found: Registered | undefined): Promise<boolean> {
    const client = await clients.find(clientId);
    return client !== undefined && found !== undefined && allowedScopes(client, found.server, 'person') !== undefined;
  }

  return {
    getResourceServerInfo,
    defaultResource,
    byIdentifier,
    byAudience,
    tokenFor,

    /**
     * Whether the API of a token still is one, and the token's client still registered for it; true of a token for none, and
     * of an exchanged one, whose grant is held to the pair that allows it (exchange-grants.ts).
     */
    async stillAllows(token: Issued): Promise<boolean> {
      const { kind, aud, clientId = '', gty } = token;
      if (kind !== 'AccessToken' || typeof aud !== 'string' || gty === EXCHANGE_GRANT) return true;
      return mayAsk(clientId, await byAudience(aud));
    },

    /** Whether a client is registered to ask an API for people; with which scopes, its grants say. */
    mayAsk,

    /** Scopes of APIs in words, for the consent page. */
    async inWords(scopes: AllowedResources): Promise<ResourceAsked[]> {
      const told = await Promise.all(
        Object.entries(scopes).map(async ([identifier, words]) => {
          const found = await byIdentifier(identifier);
          if (found === undefined) return [];
          const resource = clientNameOf({ ...found.owner.metadata, ...namesOf(found.owner) });
          return words.map((word) => ({ resource, what: describedScope(found.server, word) }));
        }),
      );
      return told.flat();
    },

    /** What a client may have people allow it now, at every API that it is registered for. */
    async allowedTo(client: ClientRecord): Promise<AllowedResources> {
      const identifiers = Object.keys(allowedResources(client, 'person'));
      if (identifiers.length === 0) return {};
      const found = await Promise.all(identifiers.map((each) => byIdentifier(each)));
      return Object.fromEntries(
        found.flatMap((each) => {
          const scopes = each && allowedScopes(client, each.server, 'person');
          return scopes === undefined ? [] : [[each?.server.identifier, scopes]];
        }),
      );
    },
  };
}

function namesOf({ id, metadata }: ClientRecord): { clientId: string; clientName?: string } {
  const { client_name: name } = metadata;
  return { clientId: id, ...(typeof name === 'string' ? { clientName: name } : {}) };
}

type Encryption = { alg: 'RSA-OAEP-256'; enc: 'A256GCM'; key: KeyObject; kid?: string };
const encryptions = new WeakMap<ResourceServer, Encryption>();

/**
 * The key for the tokens of an API, read once: a record is the same object until it changes. Undefined: they are only signed.
 * @throws TypeError if there is to be one and is none, so that nothing is told in clear
 */
function encryptionFor(owner: ClientRecord, server: ResourceServer): Encryption | undefined {
  const { token_encryption: wanted } = server;
  if (wanted === undefined) return undefined;
  const known = encryptions.get(server);
  if (known !== undefined) return known;
  const jwk = encryptionKeyOf(owner, wanted.alg);
  if (jwk === undefined) throw new TypeError(`${owner.id} has no key for ${wanted.alg}`);
  const { kid } = jwk;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const made = { ...wanted, key, ...(kid === undefined ? {} : { kid }) } as Encryption;
  encryptions.set(server, made);
  return made;
}

const membersOf = (client: Client) => client as unknown as ClientRecord['metadata'];

function behalfOf({ oidc }: KoaContextWithOIDC): OnBehalf {
  return oidc.params?.grant_type === 'client_credentials' ? 'itself' : 'person';
}

/** Where a request says for the first time what it wants. What was granted before and is taken away since is left out. */
const asking = new Set(['authorization', 'pushed_authorization_request', 'device_authorization']);

/**
 * Refuses scopes of an API that the client is not registered for, instead of leaving them out: nothing works with less than
 * it needs. A person's request may name several APIs, and scopes of the sign-in.
 */
function refuseMore(
  ctx: KoaContextWithOIDC,
  server: ResourceServer,
  allowed: string[],
  allowedAnywhere: AllowedResources,
): void {
  const { requestParamScopes: words, params, route } = ctx.oidc;
  const itself = behalfOf(ctx) === 'itself';
  if (!itself && !asking.has(route)) return;
  const named = [params?.resource].flat().map(String);
  const elsewhere = new Set(itself ? [] : named.flatMap((resource) => allowedAnywhere[resource] ?? []));
  const offered = scopesOf(server);
  const more = [...words].find(
    (word) => !allowed.includes(word) && !elsewhere.has(word) && (itself || offered.includes(word)),
  );
  if (more === undefined) return;
  noteRefusal('scope-not-allowed');
  throw new errors.InvalidScope(inProtocol('scope-not-allowed').description, more);
}

function refused(because: RefusalReason): errors.InvalidTarget {
  noteRefusal(because);
  return new errors.InvalidTarget(inProtocol(because).description);
}
