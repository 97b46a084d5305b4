/** The few things that the library's documented API cannot do; each has a test that fails when the library stops calling it. */
import Provider, { type Client, type ClientMetadata } from 'oidc-provider';
import { ownClientId } from '../domain/clients/client-members.ts';
import { clientSecretMatches } from '../domain/clients/client-secret.ts';
import { acrOf } from '../domain/sign-in/acr.ts';
import { metadataOf, ownClientMetadata } from './client-metadata.ts';
import { type ClientRecords, createClientCache } from './clients.ts';
import { requestedAcrs } from './policy.ts';

/** The release whose insides these seams were read from; a test compares it with the one installed. */
export const seamsWrittenFor = '9.13';

export type Seams = {
  /** the library's own back-channel logout: one attempt with a fresh token */
  logOutAtClient(client: Client, accountId: string, sid: string): Promise<unknown>;
};

/** Puts every seam into this provider; before its first request. */
export function applySeams(
  provider: Provider,
  options: {
    clients: ClientRecords;
    now: () => number;
    isFirstUse: (issuer: string, jti: string, expiresAtSeconds: number) => Promise<boolean>;
    enqueueLogout: (clientId: string, accountId: string, sid: string) => Promise<void>;
  },
): Seams {
  keepOwnMembers(provider);
  const { find, secretsOf } = findClientsInStorage(provider, options.clients);
  provider.Client.find = find;

  const prototype = provider.Client.prototype as unknown as {
    compareClientSecret(actual: string): boolean;
    backchannelLogout(accountId: string, sid: string): Promise<unknown>;
  };
  // hashed, several at a time
  prototype.compareClientSecret = function compareClientSecret(this: Client, actual) {
    return clientSecretMatches(actual, secretsOf(this), options.now());
  };
  const logOut = prototype.backchannelLogout;
  prototype.backchannelLogout = function backchannelLogout(this: Client, accountId, sid) {
    return options.enqueueLogout(this.clientId, accountId, sid);
  };
  // the library looks, then writes; ours is one insert
  provider.ReplayDetection.unique = options.isFirstUse;
  // decided from the factors when asked, not remembered from the sign-in
  Object.defineProperty(provider.OIDCContext.prototype, 'acr', {
    configurable: true,
    get(this: Provider['OIDCContext']['prototype'] & { ctx: Parameters<typeof requestedAcrs>[0] }) {
      return acrOf(this.session?.amr ?? [], requestedAcrs(this.ctx));
    },
  });
  renewForSignInsOnly(provider);
  return { logOutAtClient: (client, accountId, sid) => logOut.call(client, accountId, sid) };
}

/** Members of ours in the library's records: it stores only those that its models name. */
function keepOwnMembers(provider: Provider): void {
  for (const [model, member] of [
    [provider.Session, 'epoch'],
    [provider.Session, 'activatedAt'],
    [provider.Grant, 'epoch'],
    [provider.Interaction, 'pending'],
    [provider.Interaction, 'browser'],
  ] as const) {
    const names = model.IN_PAYLOAD;
    Object.defineProperty(model, 'IN_PAYLOAD', { configurable: true, get: () => [...names, member] });
  }
}

/**
 * The library gives a session another identifier with whatever answers a page. That is needed against fixation, where
 * somebody signs in; after a question of consent it would only sign out who has the answer cut off, or another tab open.
 */
function renewForSignInsOnly({ Session }: Provider): void {
  const prototype = Session.prototype as unknown as { resetIdentifier(): void };
  const renew = prototype.resetIdentifier;
  prototype.resetIdentifier = function resetIdentifier() {
    if (Provider.ctx?.oidc?.entities.Interaction?.prompt.name !== 'consent') renew.call(this);
  };
}

/** `Client.find` over storage and a cache of our own: the library's holds a hundred. */
function findClientsInStorage(provider: Provider, records: ClientRecords) {
  type Constructor = new (metadata: ClientMetadata) => Client;
  const construct = (metadata: ClientMetadata) => new (provider.Client as unknown as Constructor)(metadata);

  const own = construct(ownClientMetadata(provider.issuer));
  // it comes back to any page of ours
  Object.defineProperty(own, 'redirectUriAllowed', {
    value: (uri: string) => URL.parse(uri)?.origin === new URL(provider.issuer).origin,
  });

  const cache = createClientCache<Client>({
    records,
    build: (record) => construct(metadataOf(record)),
    // fetches sector_identifier_uri and compares it with the redirect URIs (Registration 5)
    compare: (record) => provider.Client.validate(metadataOf(record)),
  });
  return {
    ...cache,
    async find(id: unknown): Promise<Client | undefined> {
      if (typeof id !== 'string' || id === '') return undefined;
      if (id === ownClientId) return own;
      if (!Provider.ctx?.oidc?.route?.startsWith('end_session')) return cache.find(id);
      // an application whose registration does not hold any more, or cannot be compared now, keeps nobody signed in
      return cache.find(id, { compared: false }).catch((error: { error?: string }) => {
        if (error.error === 'invalid_client_metadata') return undefined;
        throw error;
      });
    },
  };
}
