/**
 * Turns a typed password away where it would wait too long to be judged: nothing is read, counted or stored for it, and
 * the page goes back to the sign-in by itself. The person need not begin again; only the password is typed once more.
 */
import type Koa from 'koa';
import { z } from 'zod';
import type { Lane } from '../../domain/passwords/stored-hash.ts';
import { Problem } from '../../domain/problem.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import type { Web } from '../web.ts';

/** Long enough to read the page. */
const SHORTEST_SECONDS = 5;
/** The log hears of it no more often; `pedel_sign_ins_turned_away_total` counts each. */
const TOLD_EACH_MS = 60_000;

export function createDoor(web: Web) {
  /** What was typed as login, until it can be judged. */
  const typed = createSealedCookie(web, 'typed', z.object({ uid: z.string(), login: z.string() }));
  let toldAt: number | undefined;
  const uidOf = (ctx: Koa.Context): string => ctx.path.split('/')[2] ?? '';

  async function turnAway(ctx: Koa.Context, login: string, retryAfterSeconds: number): Promise<void> {
    const seconds = Math.max(SHORTEST_SECONDS, retryAfterSeconds);
    if (toldAt === undefined || web.now() - toldAt >= TOLD_EACH_MS) {
      toldAt = web.now();
      web.log.warn({ seconds }, 'too many passwords wait to be judged: sign-ins are asked to come back');
    }
    typed.write(ctx, { uid: uidOf(ctx), login });
    ctx.set('Retry-After', String(seconds));
    ctx.set('Refresh', `${seconds}; url=${ctx.path}`);
    const title = web.pages.t(ctx)('pages.error_busy_title');
    await web.pages.render(ctx, 'sign-in/busy', { path: ctx.path, seconds }, { title, status: 503 });
  }

  return {
    /** What was typed in this sign-in when it was turned away. */
    login(ctx: Koa.Context): string | undefined {
      const before = typed.read(ctx);
      return before?.uid === uidOf(ctx) ? before.login : undefined;
    },

    /** Lets `judge` have the password, unless it would wait too long. Browsers that signed in before have room of their own. */
    async enter(ctx: Koa.Context, login: string, judge: () => Promise<void>): Promise<void> {
      const lane: Lane = web.knownBrowsers.someone(ctx) === undefined ? 'others' : 'known';
      const full = web.hashing.fullFor(lane);
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
