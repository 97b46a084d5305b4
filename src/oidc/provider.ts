/** The identity provider: the library with our ports, policy and pages around it, rebuilt when its keys change. */
import { randomUUID } from 'node:crypto';
import type Koa from 'koa';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import type { Organisation } from '../domain/account/organisation.ts';
import type { AuditAction, AuditInput } from '../domain/audit/audit-entry.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import type { Storage } from '../domain/ports/storage.ts';
import type { RandomBytes } from '../domain/random.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { acrOf } from '../domain/sign-in/acr.ts';
import { ensureSigningKeys } from '../domain/signing-keys/signing-key.ts';
import { cookieNames } from '../http/cookies.ts';
import { createFindAccount } from './account.ts';
import { createAdapterFactory } from './adapter.ts';
import { createCookies } from './browser.ts';
import { createClientRecords } from './clients.ts';
import { createConfiguration } from './configuration.ts';
import { createCookieSigner, settleSessionCookie } from './cookies.ts';
import { createGrantLoader } from './grants.ts';
import { createInteractions, type Interactions } from './interaction.ts';
import { addUsername } from './introspection.ts';
import { createRotation, createTtls, type Lifetimes } from './lifetimes.ts';
import { createLogout, deliverLogout } from './logout.ts';
import { createOutgoingFetch } from './outgoing.ts';
import { createPageSources, type Log, type ProtocolPages } from './page-sources.ts';
import { pairwiseSalt, pairwiseSubject } from './pairwise.ts';
import { type BoundRecord, createPolicy, stillHolds } from './policy.ts';
import { postToGet } from './post-to-get.ts';
import { applySeams } from './seams.ts';
import { createSessions, type Sessions } from './session.ts';
import { createKeyRing } from './signing-keys.ts';

export type OidcOptions = {
  /** URL without a path */
  issuer: string;
  storage: Pick<
    Storage,
    'accounts' | 'clients' | 'consents' | 'protocolRecords' | 'signingKeys' | 'values' | 'outbox' | 'auditLog'
  >;
  sealer: Sealer;
  organisations: Organisation[];
  lifetimes: Lifetimes;
  /** CIDRs that outgoing calls may reach though they are not public */
  allowNetworks: string[];
  now: () => number;
  randomBytes: RandomBytes;
  log: Log;
  pages: ProtocolPages;
  /** how long applications may go by a copy of the published keys */
  jwksCacheSeconds: number;
  /** told after something was put into the outbox, so that it is delivered at once */
  wakeOutbox?: () => void;
};

export type Oidc = {
  /** the protocol's endpoints; mounted last */
  middleware: Koa.Middleware;
  interactions: Interactions;
  sessions: Sessions;
  /** one attempt; @throws Error with a short reason, `permanent: true` where another is of no use */
  deliverBackchannelLogout(entry: OutboxEntry): Promise<void>;
  /** takes up changed signing keys and clients now; by itself it does within `REREAD_MS`, and within a second */
  reload(): Promise<void>;
};

/** Events of the library with which an application was told no. */
const refusals = [
  'authorization.error',
  'pushed_authorization_request.error',
  'grant.error',
  'userinfo.error',
  'introspection.error',
  'revocation.error',
];
const everydayErrors = new Set(['login_required', 'interaction_required', 'consent_required', 'access_denied']);

export async function createOidc(options: OidcOptions): Promise<Oidc> {
  const { issuer, storage, sealer, organisations, lifetimes, now, log } = options;
  if (new URL(issuer).origin !== issuer)
    throw new TypeError('the issuer must be an origin: no path, no slash at the end');
  const secure = issuer.startsWith('https:');
  const names = cookieNames(issuer);
  const { renderError, onServerError, putOff, logoutSource, postLogoutSuccessSource, refuse } =
    createPageSources(options);
  const salt = await pairwiseSalt(storage.values, sealer, options.randomBytes);
  await ensureSigningKeys(storage.signingKeys, sealer, now());
  const keyRing = createKeyRing({ signingKeys: storage.signingKeys, sealer, now, log });
  const clients = createClientRecords({ clients: storage.clients });
  const outgoingFetch = createOutgoingFetch(options.allowNetworks);

  /** The same `id` twice is one entry. */
  function audit<Action extends AuditAction>(
    entry: Omit<AuditInput<Action>, 'at' | 'actor'>,
    id: string = randomUUID(),
  ): void {
    const written = { ...entry, id, at: now(), actor: { kind: 'system' } } as AuditInput & { id: string };
    storage.auditLog.append(written).catch((err: unknown) => log.error({ err }, 'an audit entry was not written'));
  }

  /** However many came at the same moment, one token set was ended. */
  function auditReplay(grantId: string, client: string, subject: string | undefined): void {
    const entry = { action: 'token.replayed' as const, client, ...(subject === undefined ? {} : { subject }) };
    audit(entry, `token.replayed:${recordKeyOf(grantId)}`);
  }

  const { enqueue, notify, endSession, endRest } = createLogout({
    outbox: storage.outbox,
    records: storage.protocolRecords,
    clients,
    now,
    wakeOutbox: options.wakeOutbox ?? (() => {}),
  });
  const { accounts, protocolRecords: records } = storage;
  const adapter = createAdapterFactory({
    accounts,
    records,
    sessionMaxSeconds: lifetimes.sessionMaxSeconds,
    now,
    browser: () => {
      const ctx = Provider.ctx as Koa.Context | undefined;
      const identifier = ctx && cookies.get(ctx, 'browser');
      return identifier === undefined ? undefined : recordKeyOf(identifier);
    },
    beforeSessionEnds: notify,
    onSessionEnded: endRest,
    onReplay: ({ grantId, accountId, clientId }) => auditReplay(String(grantId), String(clientId), accountId),
  });

  function build() {
    const version = keyRing.version();
    const provider = new Provider(
      issuer,
      createConfiguration({
        adapter,
        jwks: { keys: keyRing.jwks() } as never,
        names,
        policy: createPolicy({ organisations, now }),
        findAccount: createFindAccount({ accounts, organisations, now }),
        ttl: createTtls(lifetimes, now),
        rotateRefreshToken: createRotation(lifetimes, now) as never,
        loadExistingGrant: createGrantLoader({ consents: storage.consents, lifetimes, now }) as never,
        pairwiseIdentifier: (_ctx, accountId, client) =>
          pairwiseSubject(salt, (client as unknown as { sectorIdentifier: string }).sectorIdentifier, accountId),
        fetch: outgoingFetch as never,
        renderError,
        logoutSource,
        postLogoutSuccessSource,
      }),
    );
    provider.keys = createCookieSigner(sealer.keys('cookies')) as never;
    const seams = applySeams(provider, {
      clients,
      now,
      enqueueLogout: enqueue,
      isFirstUse: (iss, jti, expiresAt) =>
        records.insert('ReplayDetection', recordKeyOf(`${iss} ${jti}`), {}, expiresAt * 1000, now()),
    });
    provider.on('interaction.ended', (ctx) => {
      // the epoch of this sign-in, before anything is decided about it
      const { result, session } = ctx.oidc;
      if (result?.login !== undefined && session !== undefined) Object.assign(session, { epoch: result.login.epoch });
    });
    provider.on('interaction.started', (ctx, prompt) => {
      if (prompt.name !== 'login') return;
      const expires = new Date(now() + lifetimes.interactionSeconds * 1000);
      cookies.set(ctx as Koa.Context, 'waiting', ctx.oidc.entities.Interaction?.uid, expires);
    });
    provider.on('grant.revoked', ({ oidc }, grantId) => {
      // at this endpoint only a second use revokes
      const { route, client, account } = oidc;
      if (route === 'token' && client !== undefined) auditReplay(grantId, client.clientId, account?.accountId);
    });
    provider.on('end_session.success', (ctx) => {
      const { accountId } = ctx.oidc.session ?? {};
      if (accountId !== undefined)
        audit({ action: 'session.ended', subject: accountId, details: { reason: 'sign-out' } });
    });
    provider.on('backchannel.error', (_ctx, err, client) =>
      log.warn({ client: client.clientId, err }, 'a logout notice was not stored at the first try'),
    );
    for (const event of refusals) {
      provider.on(event as 'grant.error', (ctx, err) => {
        // what a silent sign-on is told a thousand times a day is no news
        const level = everydayErrors.has(err.error) ? 'debug' : 'info';
        const { error, error_detail: details } = err;
        log[level]({ event, client: ctx.oidc.client?.clientId, error, details }, 'a protocol request was refused');
      });
    }
    provider.on('server_error', onServerError);
    const [handle] = provider.middleware;
    if (handle === undefined) throw new TypeError('the library mounts nothing any more');
    return { provider, seams, handle, version };
  }

  let current: ReturnType<typeof build>;

  /** With the keys as they are known and as the clock has it; requests in flight end on the provider that they began with. */
  async function currentProvider(): Promise<typeof current> {
    await keyRing.freshen();
    if (current.version !== keyRing.version()) current = build();
    return current;
  }

  const cookies = createCookies(names, secure, () => current.provider);

  const interactions = createInteractions({
    provider: () => current.provider,
    records,
    consents: storage.consents,
    cookies,
    now,
    endSession,
    onConsent: (subject, client) => audit({ action: 'consent.given', subject, client }),
  });

  const sessions = createSessions({
    issuer,
    records,
    cookies,
    lifetimes,
    now,
    acrOf,
    endSession,
    holds: async (record) =>
      stillHolds(
        record as BoundRecord,
        await accounts.findById(String(record.accountId)),
        now(),
        lifetimes.sessionMaxSeconds,
      ),
    resumeWaiting: async (ctx, login) => {
      // kept until it expires: whoever adds a factor right after starting starts once more, with both
      const uid = cookies.get(ctx, 'waiting');
      return uid === undefined ? undefined : interactions.finishWaiting(ctx, uid, login);
    },
    onEnded: (subject, reason, count) =>
      audit({ action: 'session.ended', subject, details: { reason, count: String(count) } }),
  });

  /** URLs and cookies follow the configured issuer, whatever a Host header says (rule 23). */
  function pin(ctx: Koa.Context): void {
    const { protocol, host } = new URL(issuer);
    Object.defineProperties(ctx.request, {
      protocol: { configurable: true, value: protocol.slice(0, -1) },
      host: { configurable: true, value: host },
      href: { configurable: true, value: issuer + ctx.url.replace(/^[a-z]+:\/\/[^/]*/i, '') },
    });
    ctx.cookies = current.provider.createContext(ctx.req, ctx.res).cookies;
    ctx.cookies.secure = secure;
  }

  const middleware: Koa.Middleware = async (ctx, next) => {
    if (await postToGet(ctx, (...why) => refuse(ctx, ...why))) return;
    const { handle } = await currentProvider();
    pin(ctx);
    await handle(ctx as never, next);
    const protocol = ctx as unknown as KoaContextWithOIDC;
    if (protocol.oidc === undefined) return;
    allowCopies(ctx, protocol.oidc.route);
    await addUsername(protocol, accounts).catch((error: unknown) => putOff(protocol, error));
    const { session } = protocol.oidc;
    settleSessionCookie(ctx.res, {
      name: names.session,
      sent: cookies.get(ctx, 'session'),
      stored: session?.accountId !== undefined || session?.state !== undefined,
      expires: new Date(((session?.loginTs ?? Math.floor(now() / 1000)) + lifetimes.sessionMaxSeconds) * 1000),
    });
  };

  /** What all may keep, and how long (RFC 9111, 5.2.2.1): nobody knows of a new key sooner, so none signs sooner. */
  function allowCopies(ctx: Koa.Context, route: string): void {
    if (ctx.status !== 200 || !['jwks', 'discovery'].includes(route)) return;
    ctx.set('Cache-Control', keyRing.isOutdated() ? 'no-cache' : `public, max-age=${options.jwksCacheSeconds}`);
  }

  await keyRing.read();
  current = build();
  return {
    middleware,
    interactions,
    sessions,
    async deliverBackchannelLogout(entry) {
      const { provider, seams } = await currentProvider();
      await deliverLogout(entry, (id) => provider.Client.find(id), seams.logOutAtClient);
    },
    async reload() {
      clients.clear();
      await keyRing.read();
      await currentProvider();
    },
  };
}
