/**
 * `/recovery/stop`: the link in the emails about a slow recovery of the second step. Opening it changes nothing, because mail
 * scanners open links (rule 11); no sign-in is asked, because who lost the second step cannot.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { stopRecovery } from '../../domain/factors/slow-recovery.ts';
import { liveTicket } from '../../domain/tickets/ticket.ts';
import { readForm, readQuery, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { brandingOf, type Holder, holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';

const PATH = '/recovery/stop';
const shape = z.object({ action: text(40), ticket: text(200), done: text(10) });

/** Handlers of `/recovery/stop`. */
export function createStopRecovery(web: Web) {
  const { pages } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const { ticket, done } = readQuery(ctx, shape);
    if (done !== '') {
      const title = pages.follow(ctx)('signIn.stop_done_title');
      return pages.render(ctx, 'recovery/stopped', {}, { title, journey: 'goes-on' });
    }
    const { holder } = await holderOf(web, ticket, 'recovery-stop');
    return holder === undefined ? showDead(ctx) : showLink(ctx, ticket, holder);
  }

  async function showLink(ctx: Koa.Context, token: string, { account }: Holder): Promise<void> {
    const { number, organisation } = brandingOf(web, ctx, account);
    const { since = 0, until = 0 } = account.slowRecovery ?? {};
    const title = pages.t(ctx)('signIn.stop_title');
    await pages.render(ctx, 'recovery/stop', { token, number, since, until }, { title, organisation });
  }

  /** POST `stop`. Of parallel uses one stops it; the others find nothing left to stop, and lead to the same page. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const { action, ticket } = await readForm(ctx, shape);
    const { holder } = await holderOf(web, ticket, 'recovery-stop');
    if (holder === undefined) return showDead(ctx);
    if (action !== 'stop') return goTo(ctx, `${PATH}?${new URLSearchParams({ ticket })}`);
    brandingOf(web, ctx, holder.account);
    await web.update(holder.account.id, (read) =>
      liveTicket(read, holder.ticketId, ['recovery-stop'], web.now()) === undefined
        ? { outcome: { kind: 'none' as const } }
        : // who reads the mailbox, and has proven nothing else
          stopRecovery(read, 'email', web.acting(ctx), { kind: 'anonymous' }),
    );
    goTo(ctx, `${PATH}?done=1`);
  }

  async function showDead(ctx: Koa.Context): Promise<void> {
    const title = pages.follow(ctx)('signIn.stop_dead_title');
    await pages.render(ctx, 'recovery/stop-dead', {}, { title, journey: 'goes-on', status: 410 });
  }

  return { show, submit };
}
