/** The page of who asked too often: how long, and what works meanwhile; a link that was mailed always does. */
import type Koa from 'koa';
import { type Limit, limits } from '../domain/guessing.ts';
import type { Web } from './web.ts';

export function tooManyFrom(web: Web) {
  return {
    async show(ctx: Koa.Context, limit: Limit): Promise<void> {
      const t = web.pages.t(ctx);
      ctx.set('Retry-After', String(limits[limit].windowSeconds));
      await web.pages.render(ctx, 'activate/too-many', {}, { title: t('activation.too_many_title'), status: 429 });
    },
  };
}
