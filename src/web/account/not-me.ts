/**
 * `/not-me`: the link in the emails that ask "was this you?", and where "this was not me" ends. Opening the link changes
 * nothing, because mail scanners open links (rule 11).
 */
import type Koa from 'koa';
import { z } from 'zod';
import type { SeenBrowser } from '../../domain/account/browser-records.ts';
import { disown } from '../../domain/account/disown.ts';
import { readForm, readQuery, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { brandingOf, type Holder, holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { sentenceTold } from './activity-in-words.ts';
import { namesInWords } from './browser-in-words.ts';

export const DONE = '/not-me?done=1';
const HALFWAY = 'sign-in.stopped-halfway';

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
    const { at, action, seen } = toldBy(holder);
    const t = pages.t(ctx);
    const browser = seen === undefined ? undefined : namesInWords(seen, t);
    const what = action === HALFWAY ? t('activity.not_me_halfway') : t(sentenceTold(action));
    const data = { token, at, what, browser, network: seen?.network };
    await pages.render(ctx, 'not-me/link', data, { title: t('activity.not_me_title'), organisation });
  }

  /** POST `not-me`. Of parallel uses one wins, and all lead to the same page. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const { action, ticket } = await readForm(ctx, z.object({ action: text(40), ticket: text(200) }));
    const { holder } = await holderOf(web, ticket, 'not-me');
    if (holder === undefined) return showDead(ctx);
    if (action !== 'not-me') return goTo(ctx, `/not-me?${new URLSearchParams({ ticket })}`);
    const told = toldBy(holder);
    const what = { at: told.at, action: told.action, ...(told.browser === undefined ? {} : { browser: told.browser }) };
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

/** An act, and when it was (epoch ms). Of a sign-in `seen` names the browser; `browser`: its id, if it is still kept. */
type Told = { at: number; action: string; browser?: string; seen?: Pick<SeenBrowser, 'name' | 'system' | 'network'> };

/** What the email told. A sign-in that stopped halfway is in its ticket. */
function toldBy({ account, ticketId }: Holder): Told {
  const ticket = account.tickets.find(({ id }) => id === ticketId);
  if (ticket?.tells !== undefined) return ticket.tells;
  if (ticket?.halfway !== undefined) {
    const { at, browser } = ticket.halfway;
    return { at, action: HALFWAY, browser, seen: ticket.halfway };
  }
  const seen = account.browsers?.find(({ id }) => id === ticket?.browser);
  const browser = seen === undefined ? {} : { browser: seen.id };
  return { at: ticket?.createdAt ?? 0, action: 'sign-in', ...browser, seen: seen ?? {} };
}
