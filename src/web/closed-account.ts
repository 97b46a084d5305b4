/** Tells a person who holds a valid link that the account is not open: it has ended, or opens on a later day. */
import type Koa from 'koa';
import type { Account } from '../domain/account/account.ts';
import { opensAt } from '../domain/lifecycle/access.ts';
import { brandingOf } from './ticket-holder.ts';
import type { Web } from './web.ts';

export async function showClosed(web: Web, ctx: Koa.Context, account: Account): Promise<void> {
  const { organisation } = brandingOf(web, ctx, account);
  const from = opensAt(account, web.now());
  const title = web.pages.t(ctx)(from === undefined ? 'activation.ended_title' : 'activation.not_yet_title');
  await web.pages.render(ctx, 'activation/ended', { from }, { title, organisation });
}
