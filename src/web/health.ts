/** Answers a balancer's checks: whether this process lives (`/healthz`) and whether it can serve (`/readyz`). */
import type Koa from 'koa';
import type { Web } from './web.ts';

/** Handlers of `/healthz` and `/readyz`. Both answer without a page. */
export function createHealth(web: Pick<Web, 'ready' | 'notices' | 'log'>) {
  const { log } = web;
  let serving = true;
  let asked: { at: number; answer: Promise<string[]> } | undefined;
  /** Asks the storage at most once a second (monotonic clock): a check costs a durable write, and anybody may ask. */
  function ready(): Promise<string[]> {
    if (asked === undefined || performance.now() - asked.at >= 1000) asked = { at: performance.now(), answer: ask() };
    return asked.answer;
  }
  async function ask(): Promise<string[]> {
    await web.ready().then(...told);
    return (await web.notices?.().catch(() => undefined)) ?? [];
  }
  /** Logs only when the state changes. */
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
    /** The process answers. */
    alive(ctx: Koa.Context) {
      ctx.set('Cache-Control', 'no-store');
      ctx.body = 'alive\n';
    },
    /** The storage reads and writes durably. Notices follow the first line; they make no node unready. */
    async ready(ctx: Koa.Context) {
      ctx.set('Cache-Control', 'no-store');
      try {
        ctx.body = ['ready', ...(await ready()), ''].join('\n');
      } catch {
        ctx.status = 503;
        ctx.set('Retry-After', '5');
        ctx.body = 'storage does not answer\n';
      }
    },
  };
}
