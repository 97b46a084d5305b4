/** The front door: the Account Manager at `/`, and whether the house stands (`/healthz`, `/readyz`). */
import type Koa from 'koa';
import type { Web } from './web.ts';

export function createFront(web: Web) {
  const { pages, organisations, log } = web;
  let serving = true;
  let asked: { at: number; answer: Promise<void> } | undefined;
  /** At most once a second, by a clock that nobody sets: the answer is a durable write, and anybody may ask. */
  function ready(): Promise<void> {
    if (asked === undefined || performance.now() - asked.at >= 1000)
      asked = { at: performance.now(), answer: web.ready().then(...told) };
    return asked.answer;
  }
  /** The log has the two moments, not every question in between. */
  const told = [
    () => {
      if (!serving) log.warn({}, 'ready again: the storage answers');
      serving = true;
    },
    (error: unknown) => {
      if (serving) log.error({ err: error }, 'not ready: the storage does not answer');
      serving = false;
      throw error;
    },
  ] as const;
  return {
    async page(ctx: Koa.Context) {
      const t = pages.t(ctx);
      await pages.render(ctx, 'front/page', { organisations, openContacts: true }, { title: t('pages.front_title') });
    },
    /** alive: this process answers */
    alive(ctx: Koa.Context) {
      ctx.set('Cache-Control', 'no-store');
      ctx.body = 'alive\n';
    },
    /** ready: the storage reads and writes durably */
    async ready(ctx: Koa.Context) {
      ctx.set('Cache-Control', 'no-store');
      try {
        await ready();
        ctx.body = 'ready\n';
      } catch {
        ctx.status = 503;
        ctx.set('Retry-After', '5');
        ctx.body = 'storage does not answer\n';
      }
    },
  };
}
