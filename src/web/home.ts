/** The home page `/`: who runs this, and links to the account page, to activation and to help. */
import type Koa from 'koa';
import type { Web } from './web.ts';

export function createHome({ pages, organisations }: Pick<Web, 'pages' | 'organisations'>) {
  return {
    async page(ctx: Koa.Context) {
      const title = pages.t(ctx)('pages.front_title');
      await pages.render(ctx, 'home/page', { organisations }, { title, openContacts: true });
    },
  };
}
