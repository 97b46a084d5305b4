/**
 * `/not-me`: the link in the email about a new browser, and where "this was not me" ends. Opening the link changes
 * nothing, because mail scanners open links (rule 11).
 */
import type Koa from 'koa';
import { z } from 'zod';
import { disown } from '../../domain/account/disown.ts';
import { readForm, readQuery, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { brandingOf, type Holder, holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { namesInWords } from './browser-in-words.ts';

export const DONE = '/not-me?done=1';

/** Handlers of `/not-me`. */
export function createNotMe(web: Web) {
  const { pages } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const { ticket, done } = readQuery(ctx, z.object({ ticket: text(200), done: text(10) }));
    if (done !== '') {
      const title = pages.follow(ctx)('activity.secured_title');
      return pages.render(ctx, 'not-me/done', {}, { title, journey: 'goes-on' });
    }
    const { holder } = await holderOf(web, ticket, 'not-me');
    return holder === undefined ? showDead(ctx) : showLink(ctx, ticket, holder);
  }

  async function showLink(ctx: Koa.Context, token: string, holder: Holder): Promise<void> {
    const { organisation } = brandingOf(web, ctx, holder.account);
    const { at, seen, halfway } = signInOf(holder);
    const t = pages.t(ctx);
    const data = { token, at, browser: namesInWords(seen ?? {}, t), network: seen?.network, halfway };
    await pages.render(ctx, 'not-me/link', data, { title: t('activity.not_me_title'), organisation });
  }

  /** POST `not-me`. Of parallel uses one wins, and all lead to the same page. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const { action, ticket } = await readForm(ctx, z.object({ action: text(40), ticket: text(200) }));
    const { holder } = await holderOf(web, ticket, 'not-me');
    if (holder === undefined) return showDead(ctx);
    if (action !== 'not-me') return goTo(ctx, `/not-me?${new URLSearchParams({ ticket })}`);
    const { at, browser, halfway } = signInOf(holder);
    const disowned = halfway ? 'sign-in.stopped-halfway' : 'sign-in';
    const what = { at, action: disowned, ...(browser === undefined ? {} : { browser }) };
    const by = { ticketId: holder.ticketId };
    await web.update(holder.account.id, (read) => disown(read, what, by, web.acting(ctx)));
    goTo(ctx, DONE);
  }

  async function showDead(ctx: Koa.Context): Promise<void> {
    const title = pages.follow(ctx)('activity.not_me_dead_title');
    await pages.render(ctx, 'not-me/dead', {}, { title, journey: 'goes-on', status: 410 });
  }

  return { show, submit };
}

/** The sign-in of which the email told: when, and in which browser, if it is still kept. One that stopped `halfway` is in its ticket. */
function signInOf({ account, ticketId }: Holder) {
  const ticket = account.tickets.find(({ id }) => id === ticketId);
  if (ticket?.halfway !== undefined) {
    const { at, browser } = ticket.halfway;
    return { at, browser, seen: ticket.halfway, halfway: true };
  }
  const seen = account.browsers?.find(({ id }) => id === ticket?.browser);
  return { at: ticket?.createdAt ?? 0, browser: seen?.id, seen, halfway: false };
}
