/**
 * Turns a typed password away where it would wait too long to be judged: nothing is read, counted or stored for it, and
 * the page goes back to the sign-in by itself. The person need not begin again; only the password is typed once more.
 */
import type Koa from 'koa';
import { z } from 'zod';
import type { Lane } from '../../domain/passwords/stored-hash.ts';
import { Problem } from '../../domain/problem.ts';
import { cookieNames } from '../../http/cookies.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import type { Web } from '../web.ts';

/** Long enough to read the page. */
const SHORTEST_SECONDS = 5;
/** The log hears of it no more often; `pedel_sign_ins_turned_away_total` counts each. */
const TOLD_EACH_MS = 60_000;
/**
 * The parameter by which somebody with a passkey begins at once. The library ignores it, so an application may send one of its
 * own: ours comes after that.
 */
const WAY = 'way';

export type Door = ReturnType<typeof createDoor>;

export function createDoor(web: Web) {
  const sessionCookie = cookieNames(web.issuer).session;
  /** What was typed as login, until it can be judged. */
  const typed = createSealedCookie(web, 'typed', z.object({ uid: z.string(), login: z.string() }));
  let toldAt: number | undefined;
  const uidOf = (ctx: Koa.Context): string => ctx.path.split('/')[2] ?? '';

  /** `login`: as typed; undefined: nothing was typed yet. */
  async function turnAway(ctx: Koa.Context, login: string | undefined, retryAfterSeconds: number): Promise<void> {
    const seconds = Math.max(SHORTEST_SECONDS, retryAfterSeconds);
    if (toldAt === undefined || web.now() - toldAt >= TOLD_EACH_MS) {
      toldAt = web.now();
      web.log.warn({ seconds }, 'too many passwords wait to be judged: sign-ins are asked to come back');
    }
    if (login !== undefined) typed.write(ctx, { uid: uidOf(ctx), login });
    const path = login === undefined ? `${ctx.path}${ctx.search}` : ctx.path;
    ctx.set('Retry-After', String(seconds));
    ctx.set('Refresh', login === undefined ? String(seconds) : `${seconds}; url=${path}`); // by itself: the same address
    const title = web.pages.t(ctx)('pages.error_busy_title');
    const passkeyPath = login === undefined ? `${path}${ctx.search === '' ? '?' : '&'}${WAY}=passkey` : undefined;
    await web.pages.render(ctx, 'sign-in/busy', { path, seconds, passkeyPath }, { title, status: 503 });
  }

  /** Browsers that signed in before have room of their own. */
  const laneOf = (ctx: Koa.Context): Lane => (web.knownBrowsers.someone(ctx) === undefined ? 'others' : 'known');

  /**
   * Whether this request begins a sign-in that may ask for a password. Silent requests want no page, and one that was pushed
   * is gone within a minute.
   */
  function begins(ctx: Koa.Context): boolean {
    if (ctx.method !== 'GET' || ctx.path !== '/auth' || ctx.query.request_uri !== undefined) return false;
    if ([ctx.query[WAY]].flat().includes('passkey')) return false; // a passkey is never blocked (rule 2)
    return !String(ctx.query.prompt ?? '').includes('none') && !ctx.get('Cookie').includes(`${sessionCookie}=`);
  }

  return {
    /** Before the protocol: better that they wait before they type a password than after it. */
    async begin(ctx: Koa.Context, next: () => Promise<unknown>): Promise<void> {
      const full = begins(ctx) ? web.hashing.fullToBegin(laneOf(ctx)) : undefined;
      if (full === undefined) await next();
      else await turnAway(ctx, undefined, full.retryAfterSeconds);
    },

    /** What was typed in this sign-in when it was turned away. */
    login(ctx: Koa.Context): string | undefined {
      const before = typed.read(ctx);
      return before?.uid === uidOf(ctx) ? before.login : undefined;
    },

    /** Lets `judge` have the password, unless it would wait too long. */
    async enter(ctx: Koa.Context, login: string, judge: () => Promise<void>): Promise<void> {
      const full = web.hashing.fullFor(laneOf(ctx));
      if (full !== undefined) return turnAway(ctx, login, full.retryAfterSeconds);
      try {
        await judge();
      } catch (error) {
        // the queue filled up since; the try was given back
        if (!(error instanceof Problem) || error.code !== 'busy') throw error;
        await turnAway(ctx, login, error.retryAfterSeconds ?? SHORTEST_SECONDS);
      }
    },
  };
}
