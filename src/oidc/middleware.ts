/** The protocol's endpoints: what happens before the library answers a request, and what its answer still needs. */
import type Koa from 'koa';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { CookieNames } from '../http/cookies.ts';
import type { CurrentProvider } from './build-provider.ts';
import type { Documents } from './documents.ts';
import { letGoOnceAnswered } from './let-go.ts';
import type { PageSources } from './page-sources.ts';
import { postToGet, refuseLargePush } from './post-to-get.ts';
import { stored } from './request.ts';
import type { Cookies } from './sign-in/browser.ts';
import { settleSessionCookie } from './sign-in/cookies.ts';
import { describePerson } from './tokens/introspection.ts';
import type { Releasing } from './tokens/releasing.ts';
import type { Resources } from './tokens/resources.ts';
import type { KeyRing } from './tokens/signing-keys.ts';

export type MiddlewareOptions = {
  issuer: string;
  current: CurrentProvider;
  keyRing: Pick<KeyRing, 'isOutdated'>;
  documents: Pick<Documents, 'keep'>;
  /** How long applications may cache the published keys, in seconds. */
  jwksCacheSeconds: number;
  lifetimes: { sessionMaxSeconds: number };
  accounts: Pick<Accounts, 'findById'>;
  releasing: Pick<Releasing, 'introspection'>;
  resources: Pick<Resources, 'byAudience'>;
  cookies: Pick<Cookies, 'jar'>;
  names: CookieNames;
  /** Told of each answer (client-failures.ts). */
  clientFailed: (ctx: KoaContextWithOIDC) => Promise<void>;
  /** Lets only our own page confirm a device. @returns whether it answered; @throws HttpError 403 */
  guardDevices: (ctx: Koa.Context) => Promise<boolean>;
  /** Changes the answers to devices (device-polling.ts). */
  answerDevice: (ctx: KoaContextWithOIDC) => void;
  /** Told of each answer (dropped-scopes.ts). */
  tellDropped: (ctx: KoaContextWithOIDC) => void;
  /** The same (refusals.ts). */
  noteHints: (ctx: KoaContextWithOIDC) => void;
  sources: Pick<PageSources, 'refuse' | 'putOff' | 'sendOn'>;
  now: () => number;
};

/** The first segments of all its paths, by who comes there. Of programs nobody reads a cookie, so they need no jar. */
const ofBrowsers = new Set(['auth', 'device', 'session']);
const ofPrograms = new Set(['.well-known', 'jwks', 'me', 'request', 'token']);

/** Mount it before our own pages: a request that the library does not know goes to `next`. */
export function createProtocolMiddleware(options: MiddlewareOptions): Koa.Middleware {
  const { current, sources } = options;
  const pin = createPin(options);
  return async (ctx, next) => {
    // the library takes its paths in any case of letters
    const first = (ctx.path.split('/', 2)[1] ?? '').toLowerCase();
    const browser = ofBrowsers.has(first);
    if (!browser && !ofPrograms.has(first)) return next();
    if (await postToGet(ctx, (...why) => sources.refuse(ctx, ...why))) return;
    if (refuseLargePush(ctx)) return;
    if (await options.guardDevices(ctx)) return;
    const built = await current.freshen();
    pin(ctx);
    if (browser) ctx.cookies = options.cookies.jar(ctx);
    await built.handle(ctx as never, next);
    const protocol = ctx as unknown as KoaContextWithOIDC;
    if (protocol.oidc === undefined) return;
    await stored(protocol); // what no session waited for
    options.answerDevice(protocol);
    await options.clientFailed(protocol);
    options.tellDropped(protocol);
    options.noteHints(protocol);
    await sources.sendOn(protocol);
    allowCopies(ctx, protocol.oidc.route, options);
    await describePerson(protocol, options).catch((error: unknown) => sources.putOff(protocol, error));
    settleSession(ctx, protocol.oidc.session, options);
    options.documents.keep(ctx, built);
    letGoOnceAnswered(ctx);
  };
}

/**
 * URLs and cookies follow the configured issuer, whatever the Host header says (rule 23). The URLs of all requests of an
 * application of koa are pinned at its first one: three properties defined on each would cost every request.
 */
function createPin({ issuer }: Pick<MiddlewareOptions, 'issuer'>): (ctx: Koa.Context) => void {
  const { protocol, host } = new URL(issuer);
  const scheme = protocol.slice(0, -1);
  const pinned = new WeakSet<object>();
  return (ctx) => {
    if (!pinned.has(ctx.app)) {
      Object.defineProperties(ctx.app.request, {
        protocol: { configurable: true, value: scheme },
        host: { configurable: true, value: host },
        href: {
          configurable: true,
          get(this: Koa.Request) {
            return issuer + this.url.replace(/^[a-z]+:\/\/[^/]*/i, '');
          },
        },
      });
      pinned.add(ctx.app);
    }
  };
}

/**
 * Lets applications cache public answers (RFC 9111, 5.2.2.1). No copy is older than this, so no key signs before every
 * copy has it.
 */
function allowCopies(ctx: Koa.Context, route: string, { keyRing, jwksCacheSeconds }: MiddlewareOptions): void {
  if (ctx.status !== 200 || !['jwks', 'discovery'].includes(route)) return;
  ctx.set('Cache-Control', keyRing.isOutdated() ? 'no-cache' : `public, max-age=${jwksCacheSeconds}`);
}

function settleSession(
  ctx: Koa.Context,
  session: KoaContextWithOIDC['oidc']['session'],
  { names, lifetimes, now }: MiddlewareOptions,
): void {
  if (!ctx.res.hasHeader('set-cookie')) return;
  const signedInAt = session?.loginTs ?? Math.floor(now() / 1000);
  settleSessionCookie(ctx.res, {
    name: names.session,
    stored: session?.accountId !== undefined || session?.state !== undefined,
    expires: new Date((signedInAt + lifetimes.sessionMaxSeconds) * 1000),
  });
}
