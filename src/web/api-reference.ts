/** `/api/v1`: what services may do over the API, for people; and a page for each of its problems. In English, as the API is. */
import type Koa from 'koa';
import { HttpError } from '../http/http-error.ts';
import type { ApiReference } from '../http/views.ts';
import type { Web } from './web.ts';

/** What technicians read. */
const LIBRARY_LANGUAGE = 'en';

export function createApiReference({ pages }: Pick<Web, 'pages'>, read: () => Promise<ApiReference>) {
  return {
    async show(ctx: Koa.Context) {
      const reference = await read();
      const navigation = reference.groups.map(({ tag }) => ({
        href: `#${anchorOf(tag)}`,
        label: tag,
        icon: 'chevron' as const,
        current: false,
      }));
      const title = pages.t(ctx)('pages.api_title');
      const data = { ...reference, lang: LIBRARY_LANGUAGE };
      await pages.render(ctx, 'api/reference', data, { title, layout: 'wide', navigation });
    },
    async problem(ctx: Koa.Context) {
      const { problems } = await read();
      const found = problems.find(({ code }) => code === ctx.params.code);
      if (found === undefined) throw new HttpError(404, 'missing');
      await pages.render(ctx, 'api/problem', { ...found, lang: LIBRARY_LANGUAGE }, { title: found.title });
    },
  };
}

const anchorOf = (tag: string) => tag.toLowerCase().replaceAll(' ', '-');
