/** Who asks too often is told how long, and what works meanwhile; a link that was mailed always does. */
import type Koa from 'koa';
import { type Limit, limits, takeTry } from '../domain/rate-limits/rate-limits.ts';
import type { Web } from './web.ts';

export function tooManyFrom(web: Web) {
  async function show(ctx: Koa.Context, limit: Limit): Promise<void> {
    const t = web.pages.t(ctx);
    ctx.set('Retry-After', String(limits[limit].windowSeconds));
    await web.pages.render(ctx, 'activate/too-many', {}, { title: t('activation.too_many_title'), status: 429 });
  }

  /** Counts a letter that is asked for under this login, whosever it is; false: too many, and the page says so. */
  async function mayAskForEmail(ctx: Koa.Context, login: string): Promise<boolean> {
    const { group } = web.network(ctx);
    for (const [limit, key] of [
      ['mailsPerNetwork', group],
      // per network too: a stranger who asks and asks must not keep the owner from asking
      ['mailsPerAccount', `${login} ${group}`],
    ] as const) {
      if ((await takeTry(web.attempts, limit, key, web.now())).allowed) continue;
      await show(ctx, limit);
      return false;
    }
    return true;
  }

  return { show, mayAskForEmail };
}
