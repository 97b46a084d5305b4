/**
 * Answers a visitor who reached a rate limit: how long to wait and what works meanwhile. A mailed link always works.
 */
import type Koa from 'koa';
import { type Limit, limits, takeTry } from '../domain/rate-limits/rate-limits.ts';
import type { Web } from './web.ts';

export function createTooMany(web: Web) {
  async function show(ctx: Koa.Context, limit: Limit): Promise<void> {
    const t = web.pages.t(ctx);
    ctx.set('Retry-After', String(limits[limit].windowSeconds));
    await web.pages.render(ctx, 'activation/too-many', {}, { title: t('activation.too_many_title'), status: 429 });
  }

  /**
   * Counts a request for an email under this login, whether or not it has an account.
   * @returns false at the limit; the answer is then the page that says so
   */
  async function mayAskForEmail(ctx: Koa.Context, login: string): Promise<boolean> {
    const { group } = web.network(ctx);
    for (const [limit, key] of [
      ['mailsPerNetwork', group],
      // Per network as well: a stranger who asks again and again must not stop the owner from asking.
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
