/** Composes the identity provider: the library with our ports, policy and pages. */
import type Koa from 'koa';
import Provider, { type Client, type KoaContextWithOIDC } from 'oidc-provider';
import { isOpen } from '../domain/account/account.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { whyUnusable } from '../domain/clients/client-validity.ts';
import type { OwnPageNames } from '../domain/clients/own-client.ts';
import { contained } from '../domain/contained.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import type { SessionRecord } from '../domain/ports/protocol-records.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { Watches } from '../domain/ports/watches.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { acrOf } from '../domain/sign-in/acr.ts';
import { ensureSigningKeys } from '../domain/signing-keys/signing-key.ts';
import { cookieNames } from '../http/cookies.ts';
import { createProtocolAudit } from './audit.ts';
import { buildProvider, keepCurrent } from './build-provider.ts';
import { type ClientFailuresOptions, createClientFailures } from './clients/client-failures.ts';
import { createClientUseNotes } from './clients/client-uses.ts';
import { createClientRecords } from './clients/clients.ts';
import { pairwiseSalt, pairwiseSubject } from './clients/pairwise.ts';
import { createDeviceCodeIndex } from './devices/device-codes.ts';
import { createDeviceGuard } from './devices/device-guard.ts';
import { createDeviceAnswers } from './devices/device-polling.ts';
import { createDevices, type Devices, originOfDevice } from './devices/device-requests.ts';
import { createDocuments, type Documents } from './documents.ts';
import { createLogout, deliverLogout } from './ends/logout.ts';
import { createSignOut } from './ends/sign-out.ts';
import { createWithdrawal, type Withdrawal } from './ends/withdrawal.ts';
import { listenTo } from './events.ts';
import type { Lifetimes } from './lifetimes.ts';
import { createProtocolMiddleware } from './middleware.ts';
import { createOutgoingFetch } from './outgoing/outgoing.ts';
import { createSharedFetch } from './outgoing/shared-fetch.ts';
import { createPageSources, type Log, type ProtocolPages } from './page-sources.ts';
import { createAdapterFactory } from './records/adapter.ts';
import { createStrangersStore, type MayStore } from './records/stored-for-strangers.ts';
import { createRefusalNotes, type RefusalNotesOptions } from './refusals/refusals.ts';
import { createRegistration, type DynamicRegistration, registrationPath } from './registration/registration.ts';
import { createRegistrationJudge } from './registration/registration-check.ts';
import { memoryOfRequest } from './request.ts';
import { type Browsers, browserOfRequest, createBrowsers, createCookies } from './sign-in/browser.ts';
import { createDropTeller } from './sign-in/dropped-scopes.ts';
import { createInteractions, type Interactions } from './sign-in/interaction.ts';
import { createOpenSessions, type OpenSessions, placeOf } from './sign-in/open-sessions.ts';
import { type BoundRecord, whyLapsed } from './sign-in/policy.ts';
import { createSessionOfBrowser, createSessions, type Sessions } from './sign-in/session.ts';
import { createAllowances } from './tokens/allowance.ts';
import { createReleasing } from './tokens/releasing.ts';
import { createResources } from './tokens/resources.ts';
import { findServiceToken, type ServiceToken } from './tokens/service-tokens.ts';
import { createKeyRing } from './tokens/signing-keys.ts';
import { createTrialDesk, type TrialDesk } from './trials/trial.ts';
import { createTrials } from './trials/trials.ts';
import { createWatchedSteps } from './trials/watched-steps.ts';
import { createWatches } from './trials/watches.ts';

export type OidcOptions = {
  /** A URL without a path. */
  issuer: string;
  /** Of identifiers for life (`passkeyDomain` of the configuration); absent: the host of `issuer`. */
  domain?: string;
  storage: Pick<
    Storage,
    | 'accounts'
    | 'clients'
    | 'clientUses'
    | 'consents'
    | 'initialAccessTokens'
    | 'protocolRecords'
    | 'signingKeys'
    | 'values'
    | 'outbox'
    | 'refusals'
  >;
  sealer: Sealer;
  organisations: Organisation[];
  /** for how long a browser is trusted (rule 10); 0 or absent: none is */
  trustedBrowserDays?: number;
  lifetimes: Lifetimes;
  /** CIDRs that outgoing calls may reach although they are private. */
  allowNetworks: string[];
  now: () => number;
  randomBytes: RandomBytes;
  log: Log;
  pages: ProtocolPages;
  ownPageNames: OwnPageNames;
  /** How long applications may cache the published keys, in seconds. */
  jwksCacheSeconds: number;
  /** Where a request comes from, as limits count it. Absent: the address of its socket. */
  network?: ClientFailuresOptions['network'];
  /** Called with each application that could not prove who it is; undefined: it is not registered. */
  onClientFailed?: ClientFailuresOptions['onClientFailed'];
  /** Called with what each application was refused. */
  onRefusal?: RefusalNotesOptions['onRefusal'];
  /** Called when somebody is signed in to an application; a trial is none. */
  onSignIn?: (client: string, amr: readonly string[]) => void;
  /** The id of a browser that signed in before; undefined: it did not, or has lost its cookie. */
  knownBrowser?: (ctx: Koa.Context) => string | undefined;
  /** Only tests replace it (stored-for-strangers.ts). */
  strangersMayStore?: MayStore;
  /** Absent: applications do not register themselves. */
  dynamicRegistration?: DynamicRegistration | undefined;
  /** Called after an entry was put into the outbox, so that it is delivered at once. */
  wakeOutbox?: () => void;
};

export type Oidc = {
  /** The protocol's endpoints. Other requests go to `next`. */
  middleware: Koa.Middleware;
  /** Why requests that use a registration would be refused, in one sentence; undefined: they would not. */
  judgeRegistration(record: ClientRecord): Promise<string | undefined>;
  /** Answers most requests for discovery and the published keys, ahead of the middleware. @returns whether it did */
  answerDocument: Documents['answer'];
  interactions: Interactions;
  sessions: Sessions;
  /** Where a person is signed in. */
  openSessions: OpenSessions;
  /** Takes back what a person granted to an application, and tells it. */
  withdraw: Withdrawal['withdraw'];
  browsers: Browsers;
  devices: Devices;
  /** Sign-ins of administrators to applications that they try. */
  trials: Omit<TrialDesk, 'admits'>;
  /** One attempt. @throws Error with a short reason; `permanent: true` if another attempt is of no use */
  deliverBackchannelLogout(entry: OutboxEntry): Promise<void>;
  /**
   * Reads changed signing keys and clients now. Otherwise keys are read within `REREAD_MS` and clients within a
   * second.
   */
  reload(): Promise<void>;
  /** Applications whose sign-ins somebody watches. */
  watches: Watches;
  /** A token of a service that is made out to exactly this API (service-tokens.ts). @throws what the storage throws */
  findServiceToken(value: string, audience: string): Promise<ServiceToken | undefined>;
  /** Calls another host within the bounds of all outgoing calls (outgoing.ts). */
  fetch: ReturnType<typeof createOutgoingFetch>;
  /** Call it after a registration was changed here, so that this node knows it at once. */
  clientsChanged(): void;
  /** Stores what applications were refused since the last call, and what is watched. @throws what the storage throws */
  writeRefusals(): Promise<void>;
  /** Stores when they were used, as `writeRefusals`. */
  writeUses(): Promise<void>;
};

/**
 * Reads the signing keys and makes the first ones if there are none.
 * @throws TypeError if the issuer is not an origin; Problem if the storage is away or a key cannot be opened
 */
export async function createOidc(options: OidcOptions): Promise<Oidc> {
  const { issuer, storage, sealer, lifetimes, now, randomBytes, log } = options;
  if (new URL(issuer).origin !== issuer)
    throw new TypeError('the issuer must be an origin: no path, no slash at the end');
  const { accounts, protocolRecords: records } = storage;
  const { sessionMaxSeconds } = lifetimes;
  const salt = await pairwiseSalt(storage.values, sealer, randomBytes);
  await ensureSigningKeys(storage.signingKeys, sealer, now());
  const keyRing = createKeyRing({ signingKeys: storage.signingKeys, sealer, now, log });
  await keyRing.read();

  const names = cookieNames(issuer);
  const cookies = createCookies(names, issuer.startsWith('https:'), () => current.get().provider);
  const clients = createClientRecords({ clients: storage.clients });
  const sources = createPageSources({ ...options, logoOf: clients.logoOf });
  const audit = createProtocolAudit({ now, randomBytes });
  const logout = createLogout({
    outbox: storage.outbox,
    records,
    clients,
    now,
    wakeOutbox: options.wakeOutbox ?? (() => {}),
  });
  const { enqueue, notify, endSession, endRest } = logout;
  const withdrawal = createWithdrawal({ records, clients, logout, now, withdrawn: audit.accessWithdrawn });
  const subjectOf = (client: Client, accountId: string) =>
    client.subjectType === 'pairwise' ? releasing.subject(client, accountId) : accountId;
  const logoutSource = createSignOut(
    {
      cookies,
      subjectOf,
      endSession: (session) => endSession(session, audit.sessionEnded(session.accountId, 'sign-out')),
    },
    sources.logoutSource,
  );
  const strangers = createStrangersStore({ now, log, mayStore: options.strangersMayStore });
  const { network = (ctx: Koa.Context) => ({ groups: [ctx.req.socket.remoteAddress ?? ''] }) } = options;
  const takeForStranger = (what: 'requests' | 'proofs') => (bytes: number) => {
    const ctx = Provider.ctx as (Koa.Context & typeof Provider.ctx) | undefined;
    strangers.take({
      what,
      network: ctx ? network(ctx) : { groups: [] },
      client: ctx?.oidc?.client?.clientId,
      known: ctx && options.knownBrowser?.(ctx),
      bytes,
    });
  };
  const notes = createRefusalNotes({ refusals: storage.refusals, now, network, onRefusal: options.onRefusal });
  const uses = createClientUseNotes({ clientUses: storage.clientUses, now });
  const watches = createWatches(records);
  const watched = createWatchedSteps({ watches, now });
  const resources = createResources({ clients, issuer, now });
  const allowances = createAllowances({ clients, consents: storage.consents, accounts, resources, records, now });
  const deviceCodes = createDeviceCodeIndex({ records, sealer, randomBytes, now });
  const adapter = createAdapterFactory({
    deviceCodes,
    accounts,
    records,
    sessionMaxSeconds,
    now,
    browser: () => browserOfRequest(cookies),
    beforeSessionEnds: notify,
    onSessionEnded: endRest,
    takeForStranger: takeForStranger('requests'),
    holdGrant: allowances.holdGrant,
    holdServiceToken: allowances.holdServiceToken,
    sessionEnded: audit.sessionEnded,
    replayed: audit.tokenReplayed,
  });
  const releasing = createReleasing({
    organisations: options.organisations,
    domain: options.domain ?? new URL(options.issuer).hostname,
    now,
    pairwise: (sector, accountId) => pairwiseSubject(salt, sector, accountId),
  });
  const trials = createTrialDesk({
    issuer,
    trials: createTrials(records),
    sealer,
    consents: storage.consents,
    records,
    current: () => current,
    now,
    randomBytes,
  });
  const outgoing = createOutgoingFetch(options.allowNetworks);
  const fetch = createSharedFetch(outgoing);
  const parts = {
    ...options,
    names,
    releasing,
    adapter,
    clients,
    fetch,
    sources: { ...sources, logoutSource },
    takeForProof: takeForStranger('proofs'),
    registrationEndpoint: options.dynamicRegistration && `${issuer}${registrationPath}`,
    deviceInfo: (ctx: KoaContextWithOIDC) => {
      const { address, groups } = network(ctx as Koa.Context) as ReturnType<typeof network> & { address?: string };
      return originOfDevice(ctx.get('User-Agent'), address ?? groups[0]);
    },
    enqueueLogout: enqueue,
    noteUse: uses.note,
    findAllowance: allowances.find,
    resources,
    isTrial: trials.admits,
  };
  const place = (ctx: Koa.Context) => placeOf(ctx, network(ctx));
  const current = keepCurrent(keyRing, (jwks) => {
    const built = buildProvider(parts, jwks);
    listenTo(built.provider, {
      cookies,
      lifetimes,
      now,
      log,
      onServerError: sources.onServerError,
      onRefused(event, ctx, error) {
        sources.onRefused(event, ctx, error);
        watched.noteError(ctx, error);
        // who tries an application is told himself
        if (memoryOfRequest(ctx)?.trial === undefined) notes.noteError(ctx, error);
      },
      placeOf: place,
      onSignedIn(clientId, amr) {
        if (memoryOfRequest()?.trial === undefined) {
          uses.note(clientId, 'sign-in');
          options.onSignIn?.(clientId, amr);
        }
      },
      onReached: uses.note,
    });
    return built;
  });

  const documents = createDocuments({ current, keyRing });
  const browsers = createBrowsers(cookies);
  const holds = async (record: SessionRecord) =>
    whyLapsed(record as BoundRecord, await accounts.findById(String(record.accountId)), now(), sessionMaxSeconds) ===
    undefined;
  const ofBrowser = createSessionOfBrowser({ records, cookies, now, holds });
  const interactions = createInteractions({
    issuer,
    logoOf: clients.logoOf,
    inWords: resources.inWords,
    provider: () => current.get().provider,
    session: ofBrowser,
    consents: storage.consents,
    accounts,
    releasing,
    browsers,
    cookies,
    now,
    endSession,
    consented: audit.consentGiven,
    ownPageNames: options.ownPageNames,
  });
  const sessions = createSessions({
    issuer,
    records,
    cookies,
    lifetimes,
    now,
    ofBrowser,
    acrOf,
    endSession,
    endRemaining: withdrawal.endRemaining,
    placeOf: place,
    resumeWaiting: async (ctx, login) => {
      // Kept until it expires: a person who adds a factor right after the start resumes once more, with both factors.
      const uid = cookies.get(ctx, 'waiting');
      return uid === undefined ? undefined : interactions.finishWaiting(ctx, uid, login);
    },
    ended: audit.sessionEnded,
  });

  const protocol = createProtocolMiddleware({
    ...options,
    guardDevices: createDeviceGuard(issuer),
    answerDevice: createDeviceAnswers({ issuer, now }),
    tellDropped: createDropTeller({ now, log }),
    // it only tells: what fails in it must not fail the request
    noteHints: contained(
      (ctx) => {
        notes.noteHints(ctx);
        watched.note(ctx);
      },
      (err) => log.error({ err }, 'what an application was refused could not be noted'),
    ),
    clientFailed: createClientFailures({ now, log, network, onClientFailed: options.onClientFailed }),
    current,
    keyRing,
    documents,
    accounts,
    cookies,
    names,
    sources,
    releasing,
    resources,
  });
  const { dynamicRegistration } = options;
  const judgeRegistration = createRegistrationJudge(() => current.get().provider, fetch.forgetAnswer);
  const registration =
    dynamicRegistration &&
    createRegistration({
      ...dynamicRegistration,
      issuer,
      tokens: storage.initialAccessTokens,
      clients: storage.clients,
      judge: judgeRegistration,
      fetch: outgoing,
      now,
      randomBytes,
      log,
      network,
      takeForStranger: (ctx, bytes) =>
        strangers.take({ what: 'registrations', network: network(ctx), client: undefined, bytes }),
      onChange: clients.clear,
    });

  return {
    judgeRegistration,
    middleware: registration === undefined ? protocol : (ctx, next) => registration(ctx, () => protocol(ctx, next)),
    answerDocument: documents.answer,
    interactions,
    sessions,
    openSessions: createOpenSessions({
      records,
      holds,
      endSession,
      endRemaining: withdrawal.endRemaining,
      ended: (accountId) => audit.sessionEnded(accountId, 'ended-elsewhere', true),
      lifetimes,
      now,
    }),
    withdraw: withdrawal.withdraw,
    browsers,
    trials,
    devices: createDevices({
      records,
      index: deviceCodes,
      browsers,
      findClient: async (id) => {
        const record = await clients.find(id);
        const unusable = record === undefined || whyUnusable(record, now()) !== undefined;
        return unusable ? undefined : current.get().provider.Client.find(id);
      },
      logoOf: clients.logoOf,
      now,
    }),
    async deliverBackchannelLogout(entry) {
      const { seams } = await current.freshen();
      await deliverLogout(entry, seams.findEvenExpired, seams.logOutAtClient, {
        isOpen: async (id) => {
          const account = await accounts.findById(id);
          return account !== undefined && isOpen(account, now());
        },
        now: now(),
      });
    },
    async reload() {
      clients.clear();
      await keyRing.read();
      await current.freshen();
    },
    watches,
    async writeRefusals() {
      await Promise.all([notes.write(), watched.write()]);
    },
    findServiceToken: async (value, audience) => findServiceToken((await current.freshen()).provider, value, audience),
    fetch,
    clientsChanged: clients.clear,
    writeUses: uses.write,
  };
}
