/** Builds a provider of the library with our configuration, keys and seams, and replaces it when the keys change. */
import type Koa from 'koa';
import Provider, { type AdapterFactory, type KoaContextWithOIDC } from 'oidc-provider';
import type { Organisation } from '../domain/account/organisation.ts';
import { nameOfKey, useOfKey } from '../domain/clients/keys/client-keys.ts';
import type { OwnPageNames } from '../domain/clients/own-client.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import type { CookieNames } from '../http/cookies.ts';
import type { ClientRecords } from './clients/clients.ts';
import { createConfiguration } from './configuration.ts';
import { createRotation, createTtls, type Lifetimes } from './lifetimes.ts';
import type { createOutgoingFetch } from './outgoing/outgoing.ts';
import type { Log, PageSources } from './page-sources.ts';
import { applySeams, keyThatSigned, type Seams } from './seams.ts';
import { createFindAccount } from './sign-in/account.ts';
import { createCookieSigner } from './sign-in/cookies.ts';
import { createPolicy } from './sign-in/policy.ts';
import type { FindAllowance } from './tokens/allowance.ts';
import { createGrantLoader } from './tokens/grants.ts';
import { promptKey } from './tokens/prompt-key.ts';
import type { Releasing } from './tokens/releasing.ts';
import { subjectInTokens } from './tokens/resource-tokens.ts';
import type { Resources } from './tokens/resources.ts';
import type { KeyRing } from './tokens/signing-keys.ts';
import { createFindSubject } from './tokens/subject-token.ts';
import { registerExchange } from './tokens/token-exchange.ts';

export type ProviderParts = {
  issuer: string;
  storage: Pick<Storage, 'accounts' | 'protocolRecords'>;
  sealer: Sealer;
  organisations: Organisation[];
  trustedBrowserDays?: number | undefined;
  lifetimes: Lifetimes;
  now: () => number;
  log: Pick<Log, 'info'>;
  names: CookieNames;
  releasing: Releasing;
  adapter: AdapterFactory;
  clients: ClientRecords;
  ownPageNames: OwnPageNames;
  findAllowance: FindAllowance;
  /** Called with the id of the secret with which a client proved who it is, or with what its key is kept under. */
  noteUse: (clientId: string, secretId: string) => void;
  resources: Resources;
  fetch: ReturnType<typeof createOutgoingFetch>;
  sources: PageSources;
  /** Where applications register themselves; undefined: they do not. */
  registrationEndpoint: string | undefined;
  /** Where the request of a device came from, as it is stored. */
  deviceInfo: (ctx: KoaContextWithOIDC) => Record<string, unknown>;
  /** Counts what is stored of a proof of possession that anybody can make, in bytes. @throws Problem `too_many` */
  takeForProof: (bytes: number) => void;
  enqueueLogout: (clientId: string, accountId: string, sid: string) => Promise<void>;
  /** Whether the current request is a trial of this client (trial.ts). */
  isTrial: (ctx: KoaContextWithOIDC, client: string) => Promise<boolean>;
};

/** What one row that remembers a proof takes, with its indexes. */
const PROOF_BYTES = 300;

export type BuiltProvider = { provider: Provider; seams: Seams; handle: Koa.Middleware };

/**
 * `jwks`: private keys. The library signs with the first one that fits.
 * @throws TypeError if the library's middleware has changed
 */
export function buildProvider(parts: ProviderParts, jwks: ReturnType<KeyRing['jwks']>): BuiltProvider {
  const { storage, organisations, lifetimes, now, sources } = parts;
  const { accounts, protocolRecords: records } = storage;
  const configuration = createConfiguration({
    adapter: parts.adapter,
    jwks: { keys: jwks.map(promptKey) } as never,
    names: parts.names,
    resources: parts.resources,
    formats: {
      customizers: {
        jwt: subjectInTokens({
          byIdentifier: parts.resources.byIdentifier,
          accounts,
          releasing: parts.releasing,
          sealer: parts.sealer,
        }),
      },
    },
    registrationEndpoint: parts.registrationEndpoint,
    now,
    onAssertion(client, header) {
      const key = keyThatSigned(client, header);
      if (key !== undefined) parts.noteUse(client.clientId, useOfKey(nameOfKey(key)));
    },
    policy: createPolicy({
      organisations,
      releasing: parts.releasing,
      trustedBrowserDays: parts.trustedBrowserDays,
      now,
    }),
    findAccount: createFindAccount({ accounts, releasing: parts.releasing, now }),
    ttl: createTtls(lifetimes, now),
    rotateRefreshToken: createRotation(lifetimes, now) as never,
    loadExistingGrant: createGrantLoader({
      findAllowance: parts.findAllowance,
      clients: parts.clients,
      lifetimes,
      now,
    }) as never,
    pairwiseIdentifier: (_ctx, accountId, client) => parts.releasing.subject(client, accountId),
    fetch: parts.fetch as never,
    renderError: sources.renderError,
    deviceFlow: {
      deviceInfo: parts.deviceInfo,
      successSource: sources.deviceDone,
      userCodeInputSource: sources.deviceRefused,
    },
    logoutSource: sources.logoutSource,
    postLogoutSuccessSource: sources.postLogoutSuccessSource,
  });
  const provider = new Provider(parts.issuer, configuration);
  provider.keys = createCookieSigner(parts.sealer.keys('cookies')) as never;
  const seams = applySeams(provider, {
    clients: parts.clients,
    ownPageNames: parts.ownPageNames,
    now,
    enqueueLogout: parts.enqueueLogout,
    isTrial: parts.isTrial,
    noteUse: parts.noteUse,
    isFirstUse: async (iss, jti, expiresAt) => {
      // proofs of possession by applications without credentials: anybody makes them
      if (Provider.ctx?.oidc?.client?.clientAuthMethod === 'none') parts.takeForProof(PROOF_BYTES);
      return records.insert('ReplayDetection', recordKeyOf(`${iss} ${jti}`), {}, Math.ceil(expiresAt * 1000), now());
    },
  });
  const { resources, sealer } = parts;
  const findSubject = createFindSubject({ provider, jwks, resources, sealer, now });
  registerExchange(provider, { findSubject, clients: parts.clients, resources, now, log: parts.log });
  const [handle] = provider.middleware;
  if (handle === undefined) throw new TypeError('the library no longer mounts a middleware');
  return { provider, seams, handle: handle as unknown as Koa.Middleware };
}

export type CurrentProvider = {
  /** The provider that was built last. */
  get(): BuiltProvider;
  /** The provider for the current keys and time, if it is known without reading or building anything. */
  fresh(): BuiltProvider | undefined;
  /** The provider for the current keys and time. Requests in flight finish on the provider that they started with. */
  freshen(): Promise<BuiltProvider>;
};

/** Builds a provider now, and another when the keys have changed. The key ring must have been read. */
export function keepCurrent(
  keyRing: Pick<KeyRing, 'isFresh' | 'freshen' | 'version' | 'jwks'>,
  build: (jwks: ReturnType<KeyRing['jwks']>) => BuiltProvider,
): CurrentProvider {
  const buildNow = () => ({ version: keyRing.version(), built: build(keyRing.jwks()) });
  let current = buildNow();
  return {
    get: () => current.built,
    fresh: () => (keyRing.isFresh() && current.version === keyRing.version() ? current.built : undefined),
    async freshen() {
      await keyRing.freshen();
      if (current.version !== keyRing.version()) current = buildNow();
      return current.built;
    },
  };
}
