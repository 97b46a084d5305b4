/**
 * Answers a visitor who reached a rate limit: how long to wait and what works meanwhile. A mailed link always works.
 */
import type Koa from 'koa';
import { type Limit, limits } from '../domain/rate-limits/limits.ts';
import { counterOf, countersOf, takeAll } from '../domain/rate-limits/rate-limits.ts';
import type { Web } from './web.ts';

export function createTooMany(web: Web) {
  async function show(ctx: Koa.Context, limit: Limit): Promise<void> {
    const t = web.pages.t(ctx);
    ctx.set('Retry-After', String(limits[limit].windowSeconds));
    await web.pages.render(ctx, 'activation/too-many', {}, { title: t('activation.too_many_title'), status: 429 });
  }

  /**
   * Counts a request for an email under this login, whether or not it has an account.
   * @returns undefined at the limit; the answer is then the page that says so
   */
  async function takeEmail(ctx: Koa.Context, login: string): Promise<{ giveBack(): Promise<void> } | undefined> {
    const network = web.network(ctx);
    const counters = [
      ...countersOf('mailsPerNetwork', network),
      // Per network as well: a stranger who asks again and again must not stop the owner from asking.
      counterOf('mailsPerAccount', `${login} ${network.groups[0]}`),
    ];
    const taken = await takeAll(web, counters, network, web.now());
    if (taken.allowed) return taken;
    await show(ctx, 'mailsPerNetwork'); // the window of both
    return undefined;
  }

  return { show, takeEmail };
}
