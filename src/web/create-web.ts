/**
 * Everything that answers a browser, in order: the protocol, then files, then Pedel's own pages. Those are loaded once a node
 * answers already, because applications need no page to know it.
 */
import type Koa from 'koa';
import compose from 'koa-compose';
import { createAttemptsInMemory } from '../domain/rate-limits/attempts-in-memory.ts';
import { namelessAttempts } from '../domain/rate-limits/nameless-attempts.ts';
import { createUnderWay } from '../domain/rate-limits/under-way.ts';
import { inTime } from '../http/body-time.ts';
import { createPlaces } from '../http/client-address.ts';
import { createClientLogos } from '../http/client-logos.ts';
import { catchAll } from '../http/errors.ts';
import { settleLanguage } from '../http/language.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { noteVisitor } from '../http/visitor.ts';
import { loadedOnce } from '../http/when-asked.ts';
import { createIncidents } from './incidents.ts';
import { createDoor } from './sign-in/door.ts';
import { createKnownBrowsers } from './sign-in/known-browser.ts';
import { createTrustedBrowsers } from './sign-in/trusted-browsers.ts';
import { createTrace } from './trace.ts';
import { createUpdate, type Web, type WebDeps } from './web.ts';

/**
 * `middleware`: a request that neither the protocol nor a page answers goes to `next`; if that does not answer either, the
 * visitor sees a 404 page. `load` loads the pages, for which the first request would wait otherwise.
 */
export function createWeb(
  protocol: Koa.Middleware,
  deps: WebDeps,
): { middleware: Koa.Middleware; load(): Promise<unknown> } {
  const { issuer, network } = deps;
  const { audit, dispatchEffects, onProof, ...shared } = deps;
  const attempts = namelessAttempts(deps.attempts, deps.sealer);
  const web: Web = {
    ...shared,
    attempts,
    counting: { memory: createAttemptsInMemory(), underWay: createUnderWay() },
    sessions: {
      ...deps.sessions,
      current: async (ctx) => {
        const session = await deps.sessions.current(ctx);
        if (session !== undefined) noteVisitor(ctx, session.accountId);
        return session;
      },
    },
    incident: createIncidents(deps),
    placeNamed: createPlaces(deps.networks),
    trace: createTrace({ ...deps, attempts }, network),
    acting: (ctx, sessionUid) => {
      const browser = deps.browsers.known(ctx);
      return {
        organisations: deps.organisations,
        now: deps.now(),
        network: network(ctx).address,
        ...(browser === undefined ? {} : { browser }),
        ...(sessionUid === undefined ? {} : { sessionUid }),
      };
    },
    knownBrowsers: createKnownBrowsers(deps),
    dispatchEffects,
    trustedBrowsers: createTrustedBrowsers(deps),
    update: createUpdate(deps),
  };
  const door = createDoor(web);
  const pages = loadedOnce(async () => (await import('./routes.ts')).createRoutes(web, door));
  const middleware = compose<Koa.Context>([
    securityHeaders(issuer),
    settleLanguage(deps),
    catchAll({ pages: deps.pages, log: deps.log, newIncident: (ctx, reason) => web.incident(ctx, { kind: reason }) }),
    door.begin,
    inTimeForPeople(protocol),
    deps.assets.middleware,
    createClientLogos(deps),
    async (ctx, next) => (await pages())(ctx, next),
  ]);
  return { middleware: middleware as Koa.Middleware, load: pages };
}

/** The library reads forms itself: a person whose form comes late gets the page of all others, and a program its JSON. */
const inTimeForPeople =
  (protocol: Koa.Middleware): Koa.Middleware =>
  (ctx, next) =>
    ctx.method === 'POST' && ctx.accepts('json', 'html') === 'html'
      ? inTime(ctx.req, protocol(ctx, next) as Promise<unknown>)
      : protocol(ctx, next);
