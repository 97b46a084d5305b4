/**
 * The composition root: builds every part of Pedel from the configuration and an open storage. No other module
 * constructs these parts.
 */
import { randomBytes as cryptoRandomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener, Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import Koa from 'koa';
import { createTranslations } from '../locales/index.ts';
import { readCatalogue } from './config/catalogue.ts';
import type { Config } from './config/load.ts';
import type { Account } from './domain/account/account.ts';
import { inEveryLanguage, type Language } from './domain/account/languages.ts';
import { applicationLinks } from './domain/clients/client-links.ts';
import { unknownNames } from './domain/clients/metadata/known-names.ts';
import { refusalInWords } from './domain/clients/refusals/refusal-words.ts';
import { SCIM_PATH } from './domain/clients/resources/scim-api.ts';
import { preparePasskeys } from './domain/factors/passkey.ts';
import { passkeyDomainOf, settlePasskeyDomain } from './domain/factors/passkey-domain.ts';
import { associationWords } from './domain/passwords/association-words.ts';
import { foreignWorks } from './domain/passwords/foreign-hash.ts';
import type { Judging } from './domain/passwords/password.ts';
import type { Hashing } from './domain/passwords/stored-hash.ts';
import type { OutboxKind } from './domain/ports/outbox.ts';
import type { Storage } from './domain/ports/storage.ts';
import { openSealer } from './domain/sealing/lasting-key.ts';
import { keySchedule } from './domain/signing-keys/signing-key-schedule.ts';
import { createJudging } from './hashing/judging.ts';
import { createHashingPool } from './hashing/pool.ts';
import { createAssets } from './http/assets.ts';
import { createNetworks } from './http/client-address.ts';
import { createPages } from './http/page.ts';
import { readableAddress } from './http/readable-address.ts';
import { securityHeaders } from './http/security-headers.ts';
import { loadedOnce, whenAsked } from './http/when-asked.ts';
import { createImporting } from './importing/importing.ts';
import { type Jobs, startJobs } from './jobs/start.ts';
import { createEmailDelivery } from './mail/delivery.ts';
import { createEmailRenderer } from './mail/render-email.ts';
import { createMailer } from './mail/smtp.ts';
import { pairwiseSalt, pairwiseSubject } from './oidc/clients/pairwise.ts';
import { createOutgoingFetch } from './oidc/outgoing/outgoing.ts';
import { createOidc } from './oidc/provider.ts';
import type { Log } from './operation/log.ts';
import { createMetrics, createMetricsServer } from './operation/metrics.ts';
import { fetchLogo } from './use-cases/clients/fetch-logo.ts';
import type { Importing } from './use-cases/import/importing.ts';
import { createImports } from './use-cases/import/imports.ts';
import { createIncidentNotes } from './use-cases/incidents/note-incidents.ts';
import { createWeb } from './web/routes.ts';
import { createKnownBrowsers } from './web/sign-in/known-browser.ts';
import { createProtocolPages } from './web/sign-in/protocol-pages.ts';
import type { WebDeps } from './web/web.ts';

export type App = {
  /** For `http.createServer`. Answers every request. */
  listener: RequestListener;
  /** Answers /metrics. The caller listens on the configured address, or not at all. */
  metricsServer: Server;
  /** The background jobs. They run from their `start` on. */
  jobs: Jobs;
  /** Makes /readyz answer 503, so that a balancer sends visitors to other nodes. Every other URL still answers. */
  announceEnd(): void;
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
  randomBytes?: (size: number) => Uint8Array;
  hashing?: Hashing;
  judging?: Judging;
  importing?: Importing;
  /** of one service on the API; absent: as it says (api/management/limits.ts) */
  apiRequestsPerMinute?: number;
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
  const pool = createHashingPool({
    ...config.hashing,
    foreignWorks: readNowAndThen(now, async () => (await foreignWorks(storage.values)).works),
  });
  // the first person waits for a hashing process to start; this process loads meanwhile what is soon needed
  const hashing = parts.hashing ?? beforeFirstVerify(pool, preparePasskeys);
  const judge = createJudging({
    words: associationWords({ name: config.installation.name, organisations, more: config.passwords.words }),
  });
  const judging = parts.judging ?? judge;
  let jobs: Jobs | undefined;
  const metrics = createMetrics(
    storage.outbox,
    now,
    pool,
    judge,
    () => jobs?.clock.aheadMs(),
    () => jobs?.runs() ?? [],
    async () => {
      const latest = await Promise.all(config.sources.map(({ id }) => imports.latest(id)));
      return Object.fromEntries(config.sources.map(({ id }, index) => [id, latest[index]?.suspended ?? 0]));
    },
  );

  const outgoing = createOutgoingFetch(allowNetworks);
  const callWebhook = createOutgoingFetch(allowNetworks, undefined, WEBHOOK_MS);
  const assets = createAssets(config);
  const pages = createPages({ issuer, installation: config.installation, organisations, assets, randomBytes });
  const translations = createTranslations();
  const onUnreadableAddress = createAddressWarning(log, metrics.countUnreadableAddress);
  const network = createNetworks(trustedProxies, onUnreadableAddress, networks); // of the protocol; the pages have their own
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

  const importProcesses =
    parts.importing ??
    createImporting({
      storage: config.storage,
      secret: config.secret,
      ...(config.previousSecret === undefined ? {} : { previousSecret: config.previousSecret }),
      ...(config.nextSecret === undefined ? {} : { nextSecret: config.nextSecret }),
      organisations,
      defaultLanguage: config.defaultLanguage,
      invitationSeconds: lifetimes.invitationSeconds,
    });
  const imports = createImports(storage.protocolRecords, storage.values, sealer, now);
  const importing = {
    sources: config.sources,
    imports,
    importing: importProcesses,
    leases: storage.leases,
    now,
    randomBytes,
    failed: (err: unknown) => log.error({ err }, 'an import ended with an error'),
  };

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
    hooks: {
      onDelivered: (kind) => metrics.count(eventOf(kind), 'delivered'),
      onRetry: (kind) => metrics.count(eventOf(kind), 'retried'),
      onFailed: (kind) => metrics.count(eventOf(kind), 'failed'),
      onSetAside: (kind) => metrics.count(eventOf(kind), 'set-aside'),
    },
  });
  const salt = await pairwiseSalt(storage.values, sealer, randomBytes);
  const previewing = {
    domain: passkeyDomainOf(config),
    pairwise: (sector: string, accountId: string) => pairwiseSubject(salt, sector, accountId),
  };
  const provider = (language: Language) => ({ issuer, provider: config.installation.name[language] });
  const dispatchEffects = (account: Account) => jobs.dispatchEffects(account);

  const app = new Koa({ proxy: false });
  app.silent = true; // http/errors.ts logs every error
  app.use(readableAddress);
  app.use(metrics.middleware);
  let ending = false;
  app.use((ctx, next) => {
    if (!ending || ctx.path !== '/readyz') return next();
    ctx.status = 503;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = 'ending\n';
  });
  let read: ReturnType<typeof readPresets> | undefined;
  const presets = () => (read ??= readPresets(config, log));
  const apiHeaders = securityHeaders(issuer);
  const api = whenAsked(async () => {
    const { createManagementApi } = await import('./api/management/api.ts');
    return createManagementApi({
      issuer,
      name: config.installation.name.en,
      version,
      storage,
      sealer,
      organisations,
      now,
      randomBytes,
      log,
      network,
      findToken: oidc.findServiceToken,
      grantsOf: async () => (await storage.roleGrants.read()).grants,
      presets,
      refusalInWords: (refusal) => refusalInWords(refusal, translations('en')),
      fetch: oidc.fetch,
      callWebhook,
      previewing,
      provider: () => provider('en'),
      keySchedule: schedule,
      importing,
      openSessions: oidc.openSessions,
      judge: async (record) =>
        unknownNames(record.metadata, { organisations: organisations.map(({ id }) => id), sources: config.sources }) ??
        oidc.judgeRegistration(record),
      onClientChanged: oidc.clientsChanged,
      ...(parts.apiRequestsPerMinute === undefined ? {} : { requestsPerMinute: parts.apiRequestsPerMinute }),
    });
  });
  app.use((ctx, next) => (ctx.path.startsWith('/api/') ? apiHeaders(ctx, () => api(ctx, next)) : next()));
  const scim = whenAsked(async () => {
    const { createScim } = await import('./api/scim/scim.ts');
    return createScim({
      issuer,
      storage,
      sources: config.sources,
      organisations,
      defaultLanguage: config.defaultLanguage,
      invitationSeconds: lifetimes.invitationSeconds,
      sealer,
      now,
      randomBytes,
      log,
      network,
      findToken: oidc.findServiceToken,
      onWritten: dispatchEffects,
      onHeld: () => metrics.countLimitHit('scim-safeguard'),
      ...(parts.apiRequestsPerMinute === undefined ? {} : { requestsPerMinute: parts.apiRequestsPerMinute }),
    });
  });
  app.use((ctx, next) =>
    ctx.path === SCIM_PATH || ctx.path.startsWith(`${SCIM_PATH}/`) ? apiHeaders(ctx, () => scim(ctx, next)) : next(),
  );
  app.use(
    createWeb(oidc.middleware, {
      issuer,
      passkeyDomain: passkeyDomainOf(config),
      relatedOrigins: config.relatedOrigins,
      organisations,
      sources: config.sources,
      defaultLanguage: config.defaultLanguage,
      trustedProxies,
      networks,
      hideUnknownNumbers: config.hideUnknownNumbers,
      trustedBrowserDays: config.trustedBrowserDays,
      oldActivationPaths: config.oldActivationPaths,
      securityContact: config.securityContact,
      ...(config.securityPolicy === undefined ? {} : { securityPolicy: config.securityPolicy }),
      lifetimes,
      accounts: storage.accounts,
      attempts: storage.attempts,
      ports: storage,
      catalogue: presets,
      registering: {
        judge: (record) =>
          unknownNames(record.metadata, {
            organisations: organisations.map(({ id }) => id),
            sources: config.sources,
          }) ?? oidc.judgeRegistration(record),
        knowsPerson: async (each) =>
          ((await storage.accounts.findHolder(each.toLowerCase())) ?? (await storage.accounts.findById(each))) !==
          undefined,
        fetchLogo: (uri) => fetchLogo(uri, outgoing),
      },
      previewing,
      provider,
      operation: {
        startedAt: now(),
        versions: { pedel: packageVersion(), node: process.versions.node, storage: kindOfStorage(config.storage) },
        keySchedule: schedule,
        auditRetain: config.audit.retain,
        jobs: () => jobs?.runs() ?? [],
        clockAheadMs: () => jobs?.clock.aheadMs(),
      },
      importing,
      ready: storage.ready,
      notices: async () => {
        const [setAside] = await storage.outbox.list({ state: 'set-aside' }, undefined, 1);
        const { clock, clientExpiry, secretWarnings, pendingClients, accessRules } = jobs;
        const told = [clock, clientExpiry, secretWarnings, pendingClients, accessRules].map((each) => each.notice());
        return [
          ...(setAside === undefined ? [] : ['emails or logouts are set aside: see pedel outbox list']),
          ...told.filter((notice) => notice !== undefined),
        ];
      },
      sealer,
      hashing,
      judging,
      interactions: oidc.interactions,
      devices: oidc.devices,
      sessions: oidc.sessions,
      browsers: oidc.browsers,
      trials: oidc.trials,
      watches: oidc.watches,
      writeSteps: oidc.writeRefusals,
      incidentNotes,
      registrationIsOpen: config.dynamicRegistration.enabled,
      outgoing,
      callWebhook,
      pages,
      assets,
      apiReference: loadedOnce(async () => {
        const { apiReference } = await import('./api/management/reference.ts');
        const { operations } = await import('./api/management/operations.ts');
        return apiReference(operations, issuer);
      }),
      picture: storage.clients.picture,
      openSessions: oidc.openSessions,
      withdraw: oidc.withdraw,
      applications: (account) => applicationLinks(storage.clients, account, now()),
      dispatchEffects,
      onLimitHit(hit) {
        metrics.countLimitHit(hit.limit, hit.network);
        log.warn(hit, 'a rate limit was reached for the first time in its window');
      },
      onProof: metrics.countProof,
      audit(entry) {
        storage.auditLog
          .append(entry)
          .catch((error: unknown) => log.error({ err: error, entry }, 'an audit entry could not be written'));
      },
      onUnreadableAddress,
      now,
      randomBytes,
      log,
    }),
  );
  const listener = app.callback();

  return {
    listener(request, response) {
      const started = performance.now();
      if (oidc.answerDocument(request, response)) metrics.countRequest(request.url ?? '', 200, started);
      else listener(request, response);
    },
    metricsServer: createMetricsServer(metrics.registry),
    jobs,
    announceEnd() {
      ending = true;
    },
    noteUncaught() {
      metrics.countUncaught();
      jobs.suspect();
    },
    async stop(hurry) {
      const imports = importProcesses.close();
      await jobs.stop(undefined, hurry);
      await imports;
      mailer.close();
      await hashing.close();
      if (parts.hashing !== undefined) await pool.close();
      await judging.close();
      if (judging !== judge) await judge.close();
    },
  };
}

/** Every preset that can be used. A fault in a file of the operator's own folder must not keep people from signing in. */
function readPresets({ catalogue }: Pick<Config, 'catalogue'>, log: Log) {
  const { presets, faults } = readCatalogue(fileURLToPath(new URL('../catalogue', import.meta.url)), catalogue);
  for (const fault of faults) log.warn(fault, 'a preset of the catalogue cannot be used; see pedel presets list');
  return presets;
}

/** What `read` gave in the last seconds, or gives now. */
function readNowAndThen<Value>(now: () => number, read: () => Promise<Value>): () => Promise<Value> {
  let last: { at: number; value: Promise<Value> } | undefined;
  return () => {
    if (last === undefined || Math.abs(now() - last.at) > FOREIGN_WORKS_MS) {
      const reading = { at: now(), value: read() };
      reading.value.catch(() => {
        if (last === reading) last = undefined; // the next one asks again
      });
      last = reading;
    }
    return last.value;
  };
}

function beforeFirstVerify(hashing: Hashing, prepare: () => Promise<void>): Hashing {
  let prepared: Promise<void> | undefined;
  return {
    ...hashing,
    verify(...password) {
      const verified = hashing.verify(...password);
      prepared ??= prepare().catch(() => {}); // whoever needs it tries again, and is told
      return verified;
    },
    async close() {
      await prepared;
      await hashing.close();
    },
  };
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** How soon nodes hear that a feed brought hashes that take other work. */
const FOREIGN_WORKS_MS = 2000;

/** As package.json says it. */
function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}

/** The kind alone: the address may hold a password. */
const kindOfStorage = (uri: string) => (uri.startsWith('sqlite:') ? 'SQLite' : 'MongoDB');

/** How long a webhook may take to answer. */
const WEBHOOK_MS = 10_000;

const eventOf = (kind: OutboxKind) => (kind === 'backchannel-logout' ? 'backchannel_logout' : kind);

/** Counts every unreadable address and logs only the first: a misconfigured proxy sends one with every request. */
function createAddressWarning(log: Log, count: () => void): WebDeps['onUnreadableAddress'] {
  let logged = false;
  return (found) => {
    count();
    if (logged) return;
    logged = true;
    log.warn(
      found,
      'a trusted proxy sends an X-Forwarded-For entry that is not an address; all its visitors share one rate limit until its configuration is corrected (logged once; pedel_unreadable_addresses_total counts every request)',
    );
  };
}
