/**
 * The composition root: builds every part of Pedel from the configuration and an open storage. No other module
 * constructs these parts; `app/` puts pages and APIs on them.
 */
import { randomBytes as cryptoRandomBytes } from 'node:crypto';
import type { RequestListener, Server } from 'node:http';
import Koa from 'koa';
import { createTranslations, loadLanguages } from '../locales/index.ts';
import { createApis } from './app/apis.ts';
import type { Foundation } from './app/foundation.ts';
import { createImportPorts, suspendedRemovals } from './app/imports.ts';
import { webDeps } from './app/pages.ts';
import { createPasswordProcesses } from './app/passwords.ts';
import { createPresets } from './app/presets.ts';
import type { Config } from './config/load.ts';
import { inEveryLanguage } from './domain/account/languages.ts';
import { unknownNames } from './domain/clients/metadata/known-names.ts';
import { passkeyDomainOf, settlePasskeyDomain } from './domain/factors/passkey-domain.ts';
import type { Judging } from './domain/passwords/password.ts';
import type { Hashing } from './domain/passwords/stored-hash.ts';
import type { OutboxKind } from './domain/ports/outbox.ts';
import type { Storage } from './domain/ports/storage.ts';
import type { RandomBytes } from './domain/random.ts';
import { openSealer } from './domain/sealing/lasting-key.ts';
import { keySchedule } from './domain/signing-keys/signing-key-schedule.ts';
import { createAddressWarning } from './http/address-warning.ts';
import { createAssets } from './http/assets.ts';
import { type BodyLimits, createBodyTimes } from './http/body-time.ts';
import { createNetworks } from './http/client-address.ts';
import { createPages } from './http/page.ts';
import { readableAddress } from './http/readable-address.ts';
import { type Jobs, startJobs } from './jobs/start.ts';
import { createEmailDelivery } from './mail/delivery.ts';
import { createEmailRenderer } from './mail/render-email.ts';
import { createMailer } from './mail/smtp.ts';
import { pairwiseSalt, pairwiseSubject } from './oidc/clients/pairwise.ts';
import { createOutgoingFetch } from './oidc/outgoing/outgoing.ts';
import { createOidc } from './oidc/provider.ts';
import type { Log } from './operation/log.ts';
import { createMetrics, createMetricsServer } from './operation/metrics.ts';
import { createQuietMemory } from './operation/quiet-memory.ts';
import type { Importing } from './use-cases/import/importing.ts';
import { createIncidentNotes } from './use-cases/incidents/note-incidents.ts';
import { createWeb } from './web/create-web.ts';
import { createKnownBrowsers } from './web/sign-in/known-browser.ts';
import { createProtocolPages } from './web/sign-in/protocol-pages.ts';

export type App = {
  /** For `http.createServer`, without a `requestTimeout`. Answers every request, and cuts off those that do not arrive. */
  listener: RequestListener;
  /** Answers /metrics. The caller listens on the configured address, or not at all. */
  metricsServer: Server;
  /**
   * Loads what the first visitors need, which would wait for it otherwise, and gives back the memory that only the start
   * needed. Call it once the node listens.
   */
  warmUp(): Promise<void>;
  /** The background jobs. They run from their `start` on. */
  jobs: Jobs;
  /** Makes /readyz answer 503, so that a balancer sends visitors to other nodes. Every other URL still answers. */
  announceEnd(): void;
  /** Refuses files that are still being sent, with what to do: none of them arrives before the node ends. */
  endFiles(): void;
  /**
   * Call it when nobody caught an exception, and `stop` after it: counts the exception, and what was under way in the
   * outbox as suspected of having thrown it.
   */
  noteUncaught(): void;
  /** Stops the jobs and the hashing processes; `hurry` stops them at once. The caller closes the storage. */
  stop(hurry?: AbortSignal): Promise<void>;
};

/**
 * Builds Pedel on an open storage. Makes the first signing keys if there are none. `now` returns epoch milliseconds.
 * `hashing`, `judging` and `importing` replace the processes in tests.
 * @throws what the storage throws, and Error if an asset cannot be read
 */
export async function createApp(parts: {
  config: Config;
  storage: Storage;
  log: Log;
  now?: () => number;
  randomBytes?: RandomBytes;
  hashing?: Hashing;
  judging?: Judging;
  importing?: Importing;
  /** of one service on the API; absent: as it says (api/management/limits.ts) */
  apiRequestsPerMinute?: number;
  /** absent: as http/body-time.ts says */
  bodyLimits?: Partial<BodyLimits>;
}): Promise<App> {
  const { config, storage, log, now = Date.now, randomBytes = cryptoRandomBytes } = parts;
  const { issuer, organisations, lifetimes, trustedProxies, networks, allowNetworks } = config;
  const lostDomain = await settlePasskeyDomain(config, storage.values, storage.accounts);
  if (lostDomain !== undefined)
    log.warn(
      { before: lostDomain, now: passkeyDomainOf(config) },
      'the passkeys of the domain before no longer work: passkeyDomain is another one now',
    );
  const sealer = await openSealer(config, storage.values, randomBytes);
  const importing = createImportPorts({ config, storage, sealer, log, now, randomBytes }, parts.importing);
  const passwords = createPasswordProcesses(config, storage.values, now, parts);
  const { hashing, judging, figures } = passwords;
  let jobs: Jobs | undefined;
  /** when the last request came, on the clock of `performance` */
  let askedAt = -BUSY_MS;
  const metrics = createMetrics({
    outbox: storage.outbox,
    now,
    hashing: figures.hashing,
    judging: figures.judging,
    clockAheadMs: () => jobs?.clock.aheadMs(),
    jobs: () => jobs?.runs() ?? [],
    suspendedRemovals: () => suspendedRemovals(importing),
  });

  const outgoing = createOutgoingFetch(allowNetworks);
  const callWebhook = createOutgoingFetch(allowNetworks, undefined, WEBHOOK_MS);
  const assets = createAssets(config);
  const pages = createPages({ issuer, installation: config.installation, organisations, assets, randomBytes });
  const translations = createTranslations();
  const onUnreadableAddress = createAddressWarning(log, metrics.countUnreadableAddress);
  const network = createNetworks(trustedProxies, onUnreadableAddress, networks);
  const incidentNotes = createIncidentNotes(storage);
  const oidc = await createOidc({
    issuer,
    trustedBrowserDays: config.trustedBrowserDays,
    domain: passkeyDomainOf(config),
    storage,
    sealer,
    organisations,
    lifetimes,
    allowNetworks,
    now,
    randomBytes,
    log,
    pages: createProtocolPages(pages, { accounts: storage.accounts, organisations, now, incidentNotes, network }),
    ownPageNames: {
      account: inEveryLanguage((language) => translations(language)('pages.account_page')),
      admin: inEveryLanguage((language) => translations(language)('pages.console_page')),
    },
    network,
    onClientFailed: metrics.countClientFailure,
    onRefusal: metrics.countRefusal,
    onSignIn: metrics.countSignIn,
    knownBrowser: createKnownBrowsers({ issuer, sealer, randomBytes }).someone,
    dynamicRegistration: config.dynamicRegistration.enabled ? config.dynamicRegistration : undefined,
    jwksCacheSeconds: config.signingKeys.cacheSeconds,
    wakeOutbox: () => jobs?.wake(),
  });

  const schedule = keySchedule(config.signingKeys, lifetimes.sessionMaxSeconds);
  const mailer = createMailer(config.mail);
  const renderEmail = createEmailRenderer({ sealer, issuer, organisations, translations });
  jobs = startJobs({
    storage,
    deliverEmail: createEmailDelivery(renderEmail, mailer, { accounts: storage.accounts, now }),
    deliverBackchannelLogout: oidc.deliverBackchannelLogout,
    callWebhook,
    endSessions: oidc.sessions.endAll,
    endExpired: oidc.sessions.endExpired,
    writeRefusals: oidc.writeRefusals,
    writeIncidents: incidentNotes.write,
    writeUses: oidc.writeUses,
    withdraw: oidc.withdraw,
    hashing,
    sealer,
    organisations,
    defaultLanguage: config.defaultLanguage,
    endWarningDays: config.endWarningDays,
    invitationSeconds: lifetimes.invitationSeconds,
    ...(config.erasureJournal === undefined ? {} : { erasureJournal: config.erasureJournal }),
    ...(config.audit.retain === undefined ? {} : { auditRetain: config.audit.retain }),
    keySchedule: schedule,
    holder: Buffer.from(randomBytes(12)).toString('base64url'),
    now,
    random: Math.random,
    randomBytes,
    log,
    busy: () => performance.now() - askedAt < BUSY_MS,
    hooks: {
      onDelivered: (kind) => metrics.count(eventOf(kind), 'delivered'),
      onRetry: (kind) => metrics.count(eventOf(kind), 'retried'),
      onFailed: (kind) => metrics.count(eventOf(kind), 'failed'),
      onSetAside: (kind) => metrics.count(eventOf(kind), 'set-aside'),
    },
  });
  const salt = await pairwiseSalt(storage.values, sealer, randomBytes);
  const foundation: Foundation = {
    config,
    storage,
    sealer,
    log,
    now,
    randomBytes,
    metrics,
    oidc,
    keySchedule: schedule,
    importing,
    translations,
    presets: createPresets(config, log),
    provider: (language) => ({ issuer, provider: config.installation.name[language] }),
    previewing: {
      domain: passkeyDomainOf(config),
      pairwise: (sector, accountId) => pairwiseSubject(salt, sector, accountId),
    },
    judgeRegistration: async (record) =>
      unknownNames(record.metadata, { organisations: organisations.map(({ id }) => id), sources: config.sources }) ??
      oidc.judgeRegistration(record),
    network,
    callWebhook,
    dispatchEffects: jobs.dispatchEffects,
  };

  const app = new Koa({ proxy: false });
  app.silent = true; // http/errors.ts logs every error
  app.use(readableAddress);
  app.use(metrics.middleware);
  const memory = createQuietMemory();
  app.use(memory.middleware);
  let ending = false;
  app.use((ctx, next) => {
    if (!ending || ctx.path !== '/readyz') return next();
    ctx.status = 503;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = 'ending\n';
  });
  app.use(createApis(foundation, parts.apiRequestsPerMinute));
  const pageParts = { hashing, judging, incidentNotes, pages, assets, jobs, outgoing };
  const web = createWeb(oidc.middleware, webDeps(foundation, pageParts));
  app.use(web.middleware);
  const listener = app.callback();
  const bodies = createBodyTimes(log, parts.bodyLimits);

  return {
    listener(request, response) {
      const started = performance.now();
      askedAt = started;
      bodies.watch(request, response);
      if (oidc.answerDocument(request, response)) metrics.countRequest(request.url ?? '', 200, started);
      else listener(request, response);
    },
    metricsServer: createMetricsServer(metrics.registry),
    async warmUp() {
      await web.load();
      await loadLanguages();
      pages.load();
      memory.start();
    },
    jobs,
    announceEnd() {
      ending = true;
    },
    endFiles: bodies.endFiles,
    noteUncaught() {
      metrics.countUncaught();
      jobs.suspect();
    },
    async stop(hurry) {
      memory.stop();
      const imports = importing.importing.close();
      await jobs.stop(undefined, hurry);
      await imports;
      mailer.close();
      await passwords.close();
    },
  };
}

/** While requests come closer together than that, letters to many wait (jobs/outbox.ts). */
const BUSY_MS = 10;
/** How long a webhook may take to answer. */
const WEBHOOK_MS = 10_000;

const eventOf = (kind: OutboxKind) => (kind === 'backchannel-logout' ? 'backchannel_logout' : kind);
