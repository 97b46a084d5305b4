/** Applications of the person who is signed in: links to them, what each knows, and taking that back. */
import type Koa from 'koa';
import { z } from 'zod';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import { type KnownApplication, knownApplications, takeBack } from '../../use-cases/account/known-applications.ts';
import { claimsInWords } from '../sign-in/claims-in-words.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';

const LIST = '/account/applications';
const shape = z.object({ action: trimmed(40), client: trimmed(1000) });

/** Handlers of `/account/applications` and `/account/applications/withdraw`. */
export function createAccountApplications(web: Web, frame: AccountFrame) {
  const known = ({ account }: Visitor) =>
    knownApplications(account, web.ports, {
      organisations: web.organisations,
      domain: web.passkeyDomain,
      now: web.now(),
    });

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const [applications, links] = [await known(visitor), (await web.applications?.(visitor.account)) ?? []];
    const t = web.pages.t(ctx);
    await web.pages.render(
      ctx,
      'account/applications',
      {
        links: links.map((each) => ({ ...each, name: each.name[languageOf(ctx)] })),
        applications: applications.map((each) => inWords(ctx, each)),
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'applications', t('account.applications_title')),
    );
  }

  /** Says what it will mean, before it is done. */
  async function confirm(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { client } = readQuery(ctx, z.object({ client: trimmed(1000) }));
    const found = (await known(visitor)).find(({ id }) => id === client);
    if (found === undefined || !mayTakeBack(found)) return frame.goTo(ctx, LIST); // another tab did it
    const application = inWords(ctx, found);
    const title = web.pages.t(ctx)('account.take_back_title', { application: application.name });
    const page = frame.page(ctx, visitor, 'applications', title);
    await web.pages.render(ctx, 'account/take-back', { application }, page);
  }

  async function withdraw(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, client } = await readForm(ctx, shape);
    if (action !== 'withdraw') return frame.goTo(ctx, LIST);
    const { consents } = web.ports;
    const { now, randomBytes, withdraw } = web;
    const done = await takeBack(visitor.account.id, client, { consents, withdraw, now, randomBytes });
    frame.goTo(ctx, done ? `${LIST}?done=taken-back` : LIST);
  }

  function inWords(ctx: Koa.Context, { told, ...known }: KnownApplication) {
    const t = web.pages.t(ctx);
    return {
      ...known,
      name: known.name[languageOf(ctx)],
      told: [...claimsInWords(told, t), ...(known.holds ? [t('signIn.scope_offline_access')] : [])],
      mayTakeBack: mayTakeBack(known),
    };
  }

  return { show, confirm, withdraw };
}

/** From one of the association that has no token there is nothing to take back but the sign-in, and sessions are ended elsewhere. */
const mayTakeBack = ({ consentedAt, holds }: Pick<KnownApplication, 'consentedAt' | 'holds'>) =>
  consentedAt !== undefined || holds;
