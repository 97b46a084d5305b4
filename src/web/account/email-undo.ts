/**
 * `/account/email/undo`: the reader of the earlier address takes a change of the personal address back. No sign-in is
 * asked, because whoever made the change may have taken the account over.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { undoAddress } from '../../domain/account/personal-address.ts';
import { liveTicket } from '../../domain/tickets/ticket.ts';
import { readForm, readQuery, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { brandingOf, holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';

const shape = z.object({ action: text(40), ticket: text(200), done: text(20) });

/** Handlers of `/account/email/undo`. A GET changes nothing, because mail scanners open links (rule 11). */
export function createEmailUndo(web: Web) {
  const { pages } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const { ticket: token, done } = readQuery(ctx, shape);
    if (done !== '') return showUndone(ctx);
    const { holder } = await holderOf(web, token, 'email-undo');
    const undoes = holder && liveTicket(holder.account, holder.ticketId, ['email-undo'], web.now())?.undoes;
    if (holder === undefined || undoes === undefined) return showDead(ctx);
    const { number, organisation } = brandingOf(web, ctx, holder.account);
    await pages.render(
      ctx,
      'account/email-undo',
      { token, number, current: holder.account.personalEmail, former: undoes.from },
      { title: pages.t(ctx)('personal.undo_title'), organisation },
    );
  }

  async function undo(ctx: Koa.Context): Promise<void> {
    const { action, ticket: token } = await readForm(ctx, shape);
    const { holder } = await holderOf(web, token, 'email-undo');
    if (holder === undefined || action !== 'undo') return showDead(ctx);
    brandingOf(web, ctx, holder.account);
    const context = { ...web.acting(ctx), sealer: web.sealer, randomBytes: (size: number) => web.randomBytes(size) };
    const { outcome } = await web.update(holder.account.id, (read) => undoAddress(read, holder.ticketId, context));
    if (outcome.kind === 'dead') return showDead(ctx);
    goTo(ctx, '/account/email/undo?done=undone');
  }

  async function showUndone(ctx: Koa.Context): Promise<void> {
    const title = pages.follow(ctx)('personal.undone_title');
    const data = { signIn: web.sessions.signInUrl('/account') };
    await pages.render(ctx, 'account/email-undone', data, { title, journey: 'goes-on' });
  }

  async function showDead(ctx: Koa.Context): Promise<void> {
    const title = pages.follow(ctx)('personal.dead_title');
    await pages.render(ctx, 'account/email-undo-dead', {}, { title, journey: 'goes-on', status: 410 });
  }

  return { show, undo };
}
