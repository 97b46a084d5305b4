/** Tells a person who holds a valid link that the account is not open: it has ended, opens on a later day, or is suspended. */
import type Koa from 'koa';
import type { Account } from '../domain/account/account.ts';
import { opensAt } from '../domain/lifecycle/access.ts';
import { suspensionOf } from '../domain/lifecycle/suspension.ts';
import { brandingOf } from './ticket-holder.ts';
import type { Web } from './web.ts';

export async function showClosed(web: Web, ctx: Koa.Context, account: Account): Promise<void> {
  const { organisation } = brandingOf(web, ctx, account);
  const t = web.pages.t(ctx);
  const suspension = suspensionOf(account, web.now());
  const from = suspension === undefined ? opensAt(account, web.now()) : suspension.until;
  const closed = from === undefined ? t('activation.ended_title') : t('activation.not_yet_title');
  const title = suspension === undefined ? closed : t('signIn.suspended_title');
  const data = { from, suspended: suspension !== undefined };
  await web.pages.render(ctx, 'activation/ended', data, { title, organisation });
}
