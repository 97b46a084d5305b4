/** `/forgotten`: asks for a number or address and answers everyone alike, with constant work (journey B.6, rule 1). */
import type Koa from 'koa';
import { z } from 'zod';
import { normalizeLogin } from '../../domain/account/login.ts';
import { askForReset } from '../../domain/passwords/reset.ts';
import { givenBackUnlessJudged } from '../../domain/rate-limits/rate-limits.ts';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { faultAt } from '../../http/page.ts';
import { updateOrPretend } from '../constant-work.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import { createTooMany } from '../too-many.ts';
import type { Web } from '../web.ts';

/** Handlers of `/forgotten`. */
export function createForgotten(web: Web) {
  const { pages, accounts } = web;
  const tooMany = createTooMany(web);

  async function show(ctx: Koa.Context): Promise<void> {
    const { sent, login } = readQuery(ctx, z.object({ sent: text(10), login: trimmed(320) }));
    const t = pages.t(ctx);
    const lifeSeconds = web.lifetimes.resetSeconds;
    if (sent !== '') return pages.render(ctx, 'recovery/sent', { lifeSeconds }, { title: t('activation.sent_title') });
    await showForm(ctx, login);
  }

  async function showForm(ctx: Koa.Context, login: string, missing = false): Promise<void> {
    const t = pages.t(ctx);
    const fault = missing ? faultAt('login', t('activation.forgotten_missing'), t('pages.field_empty')) : {};
    const data = { login, ...fault, signIn: web.sessions.signInUrl('/account') };
    await pages.render(ctx, 'recovery/ask', data, { title: t('activation.forgotten_title') });
  }

  /** POST `send-link`. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const form = await readForm(ctx, z.object({ action: text(40), login: trimmed(320) }));
    const login = normalizeLogin(form.login);
    if (login === '') return showForm(ctx, '', true);
    const taken = await tooMany.takeEmail(ctx, login);
    if (taken === undefined) return;
    const account = await accounts.findByLogin(login);
    const accountId = account?.id ?? 'nobody';
    const asked = {
      reset: prepareTicket(web, accountId, 'reset'),
      activation: prepareTicket(web, accountId, 'activation'),
      ...(account?.userNumbers.includes(login) === true ? { number: login } : {}),
    };
    await givenBackUnlessJudged(taken, () =>
      updateOrPretend(web, account, (read) => askForReset(read, asked, web.acting(ctx))),
    );
    goTo(ctx, '/forgotten?sent=1');
  }

  return { show, submit };
}
