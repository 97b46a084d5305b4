/**
 * The step of a sign-in in which everything is proven, but the password may be known to somebody else: a mailed link leads
 * to a new one, after which the waiting request goes on (rule 8).
 */
import type Koa from 'koa';
import { askForReset } from '../../domain/passwords/reset.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import type { Web } from '../web.ts';
import type { SignIn } from './sign-in-state.ts';

export function createNewPasswordStep(web: Web) {
  return {
    async show(ctx: Koa.Context, { interaction, organisation }: SignIn): Promise<void> {
      const t = web.pages.t(ctx);
      const { sent } = ctx.query;
      const data = {
        outcome: sent === 'yes' || sent === 'no' ? sent : undefined,
        lifeSeconds: web.lifetimes.resetSeconds,
        application: interaction.client.name[languageOf(ctx)],
        path: ctx.path,
      } as const;
      const title = t(data.outcome === 'yes' ? 'activation.sent_title' : 'signIn.new_password_title');
      await web.pages.render(ctx, 'sign-in/new-password', data, { title, organisation, postMayLeave: true });
    },

    /** POST `send-link`. Both the password and the factor are proven, so the page may say what came of it. */
    async submit(ctx: Koa.Context, { account }: SignIn): Promise<void> {
      if (account === undefined) return goTo(ctx, ctx.path);
      const asked = {
        reset: prepareTicket(web, account.id, 'reset'),
        activation: prepareTicket(web, account.id, 'activation'),
      };
      const { outcome } = await web.update(account.id, (read) => askForReset(read, asked, web.acting(ctx)));
      goTo(ctx, `${ctx.path}?sent=${outcome.kind === 'reset-mailed' ? 'yes' : 'no'}`);
    },
  };
}
