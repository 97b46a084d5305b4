/** The pages of an activation by mailed link: what the link is for, and the pages of a link that does not work. */
import type Koa from 'koa';
import { showClosed } from '../closed-account.ts';
import { brandingOf, type Holder } from '../ticket-holder.ts';
import type { Web } from '../web.ts';

export function createLinkPages(web: Web) {
  const { pages } = web;

  /** `factor`: whether a second factor will be asked for. */
  async function showLink(ctx: Koa.Context, token: string, holder: Holder, factor: boolean): Promise<void> {
    const { number, organisation } = brandingOf(web, ctx, holder.account);
    const { givenName, familyName, tickets } = holder.account;
    const data = {
      token,
      number,
      givenName,
      fullName: `${givenName} ${familyName}`,
      until: tickets.find(({ id }) => id === holder.ticketId)?.expiresAt,
      factor,
    };
    await pages.render(ctx, 'activation/link', data, { title: pages.t(ctx)('activation.ticket_title'), organisation });
  }

  /** For a link that was used, replaced or has expired. It tells its visitor only how to get a new one. */
  async function showDead(
    ctx: Koa.Context,
    account: Holder['account'] | undefined,
    { waited = false, token }: { waited?: boolean; token?: string } = {},
  ): Promise<void> {
    const branding = account === undefined ? undefined : brandingOf(web, ctx, account);
    const data = {
      waited,
      token: account === undefined ? undefined : token,
      number: branding?.number,
      signIn: web.sessions.signInUrl('/account'),
    };
    const title = pages.follow(ctx)('activation.dead_title');
    const organisation = branding?.organisation;
    await pages.render(ctx, 'activation/dead', data, { title, organisation, journey: 'goes-on', status: 410 });
  }

  const showEnded = (ctx: Koa.Context, { account }: Holder) => showClosed(web, ctx, account);

  return { showLink, showDead, showEnded };
}
