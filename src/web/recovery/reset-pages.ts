/** The pages of a password reset except the second step: the mailed link, the new password, and the ends. */
import type Koa from 'koa';
import { type Account, hasSecondFactor } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { secondFactorRequired } from '../../domain/account/organisation.ts';
import { showClosed } from '../closed-account.ts';
import { type Judged, minimumFor } from '../new-password.ts';
import { brandingOf, type Holder } from '../ticket-holder.ts';
import type { Web } from '../web.ts';

export const PATH = '/reset';

export function createResetPages(web: Web) {
  const { pages, sessions } = web;

  async function showLink(ctx: Koa.Context, token: string, holder: Holder): Promise<void> {
    const { number, organisation } = brandingOf(web, ctx, holder.account);
    const { givenName, familyName } = holder.account;
    const data = {
      token,
      number,
      givenName,
      fullName: `${givenName} ${familyName}`,
      factor: hasSecondFactor(holder.account),
    };
    await pages.render(ctx, 'recovery/link', data, { title: pages.t(ctx)('activation.reset_title'), organisation });
  }

  async function showPassword(ctx: Koa.Context, account: Account, judged: Partial<Judged> = {}): Promise<void> {
    const { status, ...shown } = judged;
    const { number, organisation } = brandingOf(web, ctx, account);
    const t = pages.t(ctx);
    const data = {
      path: PATH,
      number,
      minimum: minimumFor(ownerOf(account)),
      buttonLabel: t('activation.password_button'),
      waiting: false,
      elsewhere: false,
      advice: [],
      ...shown,
    };
    await pages.render(ctx, 'activation/password', data, {
      title: t('activation.reset_title'),
      organisation,
      ...(status === undefined ? {} : { status }),
      postMayLeave: true, // an application's request may be waiting for it
    });
  }

  async function showDone(ctx: Koa.Context, account: Account): Promise<void> {
    const { organisation } = brandingOf(web, ctx, account);
    const applications = (await web.applications?.(account)) ?? [];
    const title = pages.t(ctx)('activation.reset_done_title');
    await pages.render(ctx, 'recovery/done', { applications }, { title, organisation });
  }

  async function showDead(ctx: Koa.Context, waited = false): Promise<void> {
    const data = { waited, signIn: sessions.signInUrl('/account'), lifeSeconds: web.lifetimes.resetSeconds };
    const title = pages.follow(ctx)('activation.reset_dead_title');
    await pages.render(ctx, 'recovery/dead', data, { title, journey: 'goes-on', status: 410 });
  }

  const showEnded = (ctx: Koa.Context, account: Account) => showClosed(web, ctx, account);

  /** The account whose password is chosen, and whether it also requires a second factor. */
  function ownerOf(account: Account) {
    return { account, secondFactorRequired: secondFactorRequired(account, web.organisations, dayAt(web.now())) };
  }

  return { showLink, showPassword, showDone, showDead, showEnded, ownerOf };
}
