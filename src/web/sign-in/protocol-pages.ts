/** The pages of the protocol's own endpoints: a request that fails, confirming sign-out, and signed out. */
import type Koa from 'koa';
import type { Localized } from '../../domain/account/languages.ts';
import { languageOf } from '../../http/language.ts';
import type { Pages } from '../../http/page.ts';

export type ProtocolPages = {
  error(
    ctx: Koa.Context,
    fault: { error: string; errorDescription?: string; incident?: string; status: number },
  ): Promise<void>;
  /** `form`: complete except for its button; its id is `op.logoutForm`. */
  logout(ctx: Koa.Context, shown: { form: string; clientName?: Localized }): Promise<void>;
  loggedOut(ctx: Koa.Context, shown: { clientName?: Localized; clientUri?: string }): Promise<void>;
};

/** Pass it to `createOidc({ pages })`. */
export function createProtocolPages(pages: Pages): ProtocolPages {
  const named = (ctx: Koa.Context, name: Localized | undefined) => name?.[languageOf(ctx)];
  return {
    async error(ctx, { error, errorDescription, incident, status }) {
      const t = pages.t(ctx);
      if (status >= 500) return pages.error(ctx, { status, reason: 'bug', incident });
      const title = t('pages.error_protocol_title');
      await pages.render(
        ctx,
        'errors/protocol',
        { fault: error, description: errorDescription, incident },
        { title, status },
      );
    },
    async logout(ctx, { form, clientName }) {
      const t = pages.t(ctx);
      const data = { form, application: named(ctx, clientName) };
      await pages.render(ctx, 'logout/confirm', data, { title: t('pages.logout_title'), postMayLeave: true });
    },
    async loggedOut(ctx, { clientName, clientUri }) {
      const t = pages.t(ctx);
      const data = { application: named(ctx, clientName), clientUri };
      await pages.render(ctx, 'logout/done', data, { title: t('pages.logged_out_title') });
    },
  };
}
