/** Changes the password: checks the current one, judges the new one and ends all other sessions. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { secondFactorRequired } from '../../domain/account/organisation.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { changePassword } from '../../domain/passwords/change-password.ts';
import { durationIn } from '../../http/duration.ts';
import { readForm, text } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt } from '../../http/page.ts';
import { createNewPassword, type Judged, minimumFor, newPasswordFields, type PasswordOwner } from '../new-password.ts';
import { guessPassword } from '../password-guess.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';

const formShape = z.object({
  action: text(40),
  current_password: text(4096),
  ...newPasswordFields,
});

/** Handlers of `/account/password` and `/account/password/check`. */
export function createAccountPassword(web: Web, frame: AccountFrame) {
  const { accounts, hashing, sessions, knownBrowsers, organisations, now } = web;
  const newPassword = createNewPassword(web);

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor !== undefined) await render(ctx, visitor, {});
  }

  async function render(ctx: Koa.Context, visitor: Visitor, judged: Partial<Judged>, status?: number) {
    const t = web.pages.t(ctx);
    await web.pages.render(
      ctx,
      'account/password',
      {
        advice: [],
        ...judged,
        username: visitor.account.userNumbers[0] ?? visitor.account.emails[0],
        setAt: visitor.account.password?.setAt,
        minimum: minimumFor(ownerOf(visitor.account)),
      },
      {
        ...frame.page(ctx, visitor, 'password', t('account.password_title')),
        ...(status === undefined ? {} : { status }),
      },
    );
  }

  async function change(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const fields = await readForm(ctx, formShape);
    const t = web.pages.t(ctx);
    const { status, ...judged } = await judge(ctx, visitor, fields);
    if (judged.error !== undefined) return render(ctx, visitor, judged, status);

    const { account, session } = visitor;
    const guess = {
      login: account.id,
      account: account.id,
      network: web.network(ctx),
      browser: session.uid,
      // A signed-in browser counts as known, so that strangers' attempts do not block its owner.
      knownBrowser: knownBrowsers.knownTo(ctx, account) ?? `session ${session.uid}`,
    };
    const verifiedHash = account.password?.hash;
    const traced = { ...guess, place: 'account', client: ownClientId, wrong: 'wrong' } as const;
    const guessed = await guessPassword(web, ctx, traced, verifiedHash, fields.current_password);
    if (guessed.kind === 'too-many') {
      const time = durationIn(languageOf(ctx), guessed.retryAfterSeconds);
      return render(ctx, visitor, { error: t('account.password_too_many', { time }) }, 429);
    }
    if (verifiedHash === undefined || guessed.kind === 'wrong') {
      const [sentence, beside] = [t('account.password_wrong'), t('account.password_wrong_field')];
      return render(ctx, visitor, faultAt('current_password', sentence, beside));
    }
    const [newHash] = await Promise.all([hashing.hash(fields.password), guessed.givenBack]);
    const { outcome, account: next } = await web.update(account.id, (read) =>
      changePassword(read, { verifiedHash, newHash }, visitor.acting),
    );
    if (outcome.kind === 'stale') {
      const [sentence, beside] = [t('account.password_stale'), t('account.password_stale_field')];
      return render(ctx, visitor, faultAt('current_password', sentence, beside));
    }
    await sessions.renew(ctx, outcome.epoch);
    knownBrowsers.remember(ctx, next);
    frame.goTo(ctx, '/account?done=password');
  }

  /** Judges the new password before the current one costs an attempt. */
  async function judge(ctx: Koa.Context, { account }: Visitor, fields: z.output<typeof formShape>): Promise<Judged> {
    const t = web.pages.t(ctx);
    if (fields.current_password === '') {
      const [sentence, beside] = [t('account.password_current_missing'), t('pages.field_empty')];
      return { ...faultAt('current_password', sentence, beside), advice: [] };
    }
    return newPassword.judge(ctx, ownerOf(account), fields);
  }

  /** POST /account/password/check. Answers only a person who is signed in. */
  const check = (ctx: Koa.Context) =>
    newPassword.answerTyping(ctx, async () => {
      const session = await sessions.current(ctx);
      const account = session && (await accounts.findById(session.accountId));
      return account && ownerOf(account);
    });

  function ownerOf(account: Account): PasswordOwner {
    return { account, secondFactorRequired: secondFactorRequired(account, organisations, dayAt(now())) };
  }

  return { show, change, check };
}
