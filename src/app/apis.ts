/** The two APIs of programs on the foundation, each loaded at the first request for it. */
import type Koa from 'koa';
import { refusalInWords } from '../domain/clients/refusals/refusal-words.ts';
import { SCIM_PATH } from '../domain/clients/resources/scim-api.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { whenAsked } from '../http/when-asked.ts';
import { packageVersion } from '../operation/package-version.ts';
import type { Foundation } from './foundation.ts';

/**
 * Answers whatever is below `/api/` and `/scim/v2`, but for what people read there; other requests go to `next`.
 * @param requestsPerMinute of one service; absent: as each API says (its limits.ts)
 */
export function createApis(foundation: Foundation, requestsPerMinute: number | undefined): Koa.Middleware {
  const limit = requestsPerMinute === undefined ? {} : { requestsPerMinute };
  const headers = securityHeaders(foundation.config.issuer);
  const management = whenAsked(() => loadManagementApi(foundation, limit));
  const scim = whenAsked(() => loadScim(foundation, limit));
  return (ctx, next) => {
    if (ctx.path.startsWith('/api/')) return headers(ctx, () => management(ctx, next));
    if (ctx.path === SCIM_PATH || ctx.path.startsWith(`${SCIM_PATH}/`)) return headers(ctx, () => scim(ctx, next));
    return next();
  };
}

type Limit = { requestsPerMinute?: number };

async function loadManagementApi(foundation: Foundation, limit: Limit): Promise<Koa.Middleware> {
  const { createManagementApi } = await import('../api/management/api.ts');
  const { config, storage, sealer, now, randomBytes, log, oidc, network, presets, provider } = foundation;
  const { previewing, keySchedule, importing, judgeRegistration, callWebhook, dispatchEffects } = foundation;
  const inEnglish = foundation.translations('en');
  return createManagementApi({
    issuer: config.issuer,
    name: config.installation.name.en,
    version: packageVersion(),
    storage,
    sealer,
    organisations: config.organisations,
    now,
    randomBytes,
    log,
    network,
    findToken: oidc.findServiceToken,
    grantsOf: async () => (await storage.roleGrants.read()).grants,
    presets,
    refusalInWords: (refusal) => refusalInWords(refusal, inEnglish),
    fetch: oidc.fetch,
    callWebhook,
    previewing,
    provider: () => provider('en'),
    keySchedule,
    importing,
    defaultLanguage: config.defaultLanguage,
    invitationSeconds: config.lifetimes.invitationSeconds,
    dispatchEffects: (...accounts) => {
      for (const each of accounts) dispatchEffects(each);
    },
    openSessions: oidc.openSessions,
    judge: judgeRegistration,
    onClientChanged: oidc.clientsChanged,
    ...limit,
  });
}

async function loadScim(foundation: Foundation, limit: Limit): Promise<Koa.Middleware> {
  const { createScim } = await import('../api/scim/scim.ts');
  const { config, storage, sealer, now, randomBytes, log, oidc, network, metrics, dispatchEffects } = foundation;
  return createScim({
    issuer: config.issuer,
    storage,
    sources: config.sources,
    organisations: config.organisations,
    defaultLanguage: config.defaultLanguage,
    invitationSeconds: config.lifetimes.invitationSeconds,
    sealer,
    now,
    randomBytes,
    log,
    network,
    findToken: oidc.findServiceToken,
    onWritten: dispatchEffects,
    onHeld: () => metrics.countLimitHit('scim-safeguard'),
    ...limit,
  });
}
