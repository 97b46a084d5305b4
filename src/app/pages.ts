/** People's pages on the foundation. */
import { applicationLinks } from '../domain/clients/client-links.ts';
import { passkeyDomainOf } from '../domain/factors/passkey-domain.ts';
import { loadedOnce } from '../http/when-asked.ts';
import type { Jobs } from '../jobs/start.ts';
import type { createOutgoingFetch } from '../oidc/outgoing/outgoing.ts';
import { packageVersion } from '../operation/package-version.ts';
import { fetchLogo } from '../use-cases/clients/fetch-logo.ts';
import type { WebDeps } from '../web/web.ts';
import type { Foundation } from './foundation.ts';
import { readyNotices } from './notices.ts';

/** What only pages need, as `WebDeps` has it. */
export type PageParts = Pick<WebDeps, 'hashing' | 'judging' | 'incidentNotes' | 'pages' | 'assets'> & {
  jobs: Jobs;
  outgoing: ReturnType<typeof createOutgoingFetch>;
};

export function webDeps(foundation: Foundation, { jobs, outgoing, ...parts }: PageParts): WebDeps {
  const { config, storage, sealer, log, now, randomBytes, metrics, oidc } = foundation;
  const { keySchedule, importing, presets, provider, previewing, callWebhook, dispatchEffects } = foundation;
  const { issuer } = config;
  return {
    ...parts,
    issuer,
    passkeyDomain: passkeyDomainOf(config),
    relatedOrigins: config.relatedOrigins,
    organisations: config.organisations,
    sources: config.sources,
    defaultLanguage: config.defaultLanguage,
    network: foundation.network,
    networks: config.networks,
    hideUnknownNumbers: config.hideUnknownNumbers,
    trustedBrowserDays: config.trustedBrowserDays,
    importMegabytes: config.importMegabytes,
    oldActivationPaths: config.oldActivationPaths,
    securityContact: config.securityContact,
    ...(config.securityPolicy === undefined ? {} : { securityPolicy: config.securityPolicy }),
    lifetimes: config.lifetimes,
    accounts: storage.accounts,
    attempts: storage.attempts,
    ports: storage,
    catalogue: presets,
    registering: {
      judge: foundation.judgeRegistration,
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
      keySchedule,
      auditRetain: config.audit.retain,
      jobs: jobs.runs,
      clockAheadMs: jobs.clock.aheadMs,
    },
    importing,
    ready: storage.ready,
    notices: () => readyNotices(storage.outbox, jobs),
    sealer,
    interactions: oidc.interactions,
    devices: oidc.devices,
    sessions: oidc.sessions,
    browsers: oidc.browsers,
    trials: oidc.trials,
    watches: oidc.watches,
    writeSteps: oidc.writeRefusals,
    registrationIsOpen: config.dynamicRegistration.enabled,
    outgoing,
    callWebhook,
    apiReference: loadedOnce(async () => {
      const { apiReference } = await import('../api/management/reference.ts');
      const { operations } = await import('../api/management/operations.ts');
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
    now,
    randomBytes,
    log,
  };
}

/** The kind alone: the address may hold a password. */
const kindOfStorage = (uri: string) => (uri.startsWith('sqlite:') ? 'SQLite' : 'MongoDB');
