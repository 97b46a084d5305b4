/** Composes the identity provider: the library with our ports, policy and pages. */
import type Koa from 'koa';
import type { Client, KoaContextWithOIDC } from 'oidc-provider';
import { isOpen } from '../domain/account/account-access.ts';
import { whyUnusable } from '../domain/clients/client-validity.ts';
import type { SessionRecord } from '../domain/ports/protocol-records.ts';
import { acrOf } from '../domain/sign-in/acr.ts';
import { ensureSigningKeys } from '../domain/signing-keys/signing-key.ts';
import { cookieNames } from '../http/cookies.ts';
import { createActivity } from './activity.ts';
import { createProtocolAudit } from './audit.ts';
import { buildProvider, keepCurrent } from './build-provider.ts';
import { createClientFailures } from './clients/client-failures.ts';
import { createClientRecords } from './clients/clients.ts';
import { pairwiseSalt, pairwiseSubject } from './clients/pairwise.ts';
import { createDeviceCodeIndex } from './devices/device-codes.ts';
import { createDeviceGuard } from './devices/device-guard.ts';
import { createDeviceAnswers } from './devices/device-polling.ts';
import { createDevices, originOfDevice } from './devices/device-requests.ts';
import { createDocuments } from './documents.ts';
import { createLogout, deliverLogout } from './ends/logout.ts';
import { createSignOut } from './ends/sign-out.ts';
import { createWithdrawal } from './ends/withdrawal.ts';
import { listenTo } from './events.ts';
import { createProtocolMiddleware } from './middleware.ts';
import type { Oidc, OidcOptions } from './oidc.ts';
import { createOutgoingFetch } from './outgoing/outgoing.ts';
import { createSharedFetch } from './outgoing/shared-fetch.ts';
import { createPageSources } from './page-sources.ts';
import { createAdapterFactory } from './records/adapter.ts';
import { createStrangersStore } from './records/stored-for-strangers.ts';
import { createTaking } from './records/taken-by-request.ts';
import { createRegistration, registrationPath } from './registration/registration.ts';
import { createRegistrationJudge } from './registration/registration-check.ts';
import { browserOfRequest, createBrowsers, createCookies } from './sign-in/browser.ts';
import { createDropTeller } from './sign-in/dropped-scopes.ts';
import { createInteractions } from './sign-in/interaction.ts';
import { createOpenSessions, placeOf } from './sign-in/open-sessions.ts';
import { type BoundRecord, whyLapsed } from './sign-in/policy.ts';
import { createSessionOfBrowser, createSessions } from './sign-in/session.ts';
import { createAllowances } from './tokens/allowance.ts';
import { createReleasing } from './tokens/releasing.ts';
import { createResources } from './tokens/resources.ts';
import { findServiceToken } from './tokens/service-tokens.ts';
import { createKeyRing } from './tokens/signing-keys.ts';
import { createTrialDesk } from './trials/trial.ts';
import { createTrials } from './trials/trials.ts';

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
  const takeForStranger = createTaking(strangers, network, options.knownBrowser);
  const { onRefusal, onSignIn } = options;
  const activity = createActivity({ storage, network, now, log, onRefusal, onSignIn });
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
    noteUse: activity.noteUse,
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
        activity.noteRefusal(ctx, error);
      },
      placeOf: place,
      onSignedIn: activity.noteSignIn,
      onReached: activity.noteUse,
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
    noteHints: activity.noteHints,
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
    watches: activity.watches,
    writeRefusals: activity.writeRefusals,
    writeUses: activity.writeUses,
    findServiceToken: async (value, audience) => findServiceToken((await current.freshen()).provider, value, audience),
    fetch,
    clientsChanged: clients.clear,
  };
}
