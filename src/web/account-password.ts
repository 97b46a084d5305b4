/** Changing the password: the old one is asked, the new one judged, and whoever else is signed in is signed out. */
import type Koa from 'koa';
import { z } from 'zod';
import { updateAccount } from '../domain/account.ts';
import { dayAt } from '../domain/affiliation.ts';
import { changePassword, ownWords } from '../domain/change-password.ts';
import { takePasswordGuess } from '../domain/guessing.ts';
import { secondFactorRequired } from '../domain/organisation.ts';
import { judgePassword, minimumLength } from '../domain/password.ts';
import type { AccountPages, Visitor } from './account.ts';
import { readForm, text } from './form.ts';
import type { Web } from './web.ts';

const formShape = z.object({
  action: text(40),
  current_password: text(4096),
  password: text(4096),
  password_again: text(4096),
});

export function createAccountPassword(web: Web, frame: AccountPages) {
  const { accounts, attempts, hashing, sessions, devices, organisations, now } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor !== undefined) await render(ctx, visitor, {});
  }

  async function render(ctx: Koa.Context, visitor: Visitor, errors: Record<string, string>, status?: number) {
    const t = web.pages.t(ctx);
    await web.pages.render(
      ctx,
      'account/password',
      {
        errors,
        username: visitor.account.userNumbers[0] ?? visitor.account.emails[0],
        setAt: visitor.account.password?.setAt,
        minimum: minimumLength(isFactorRequired(visitor)),
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
    const unfit = judged(ctx, visitor, fields);
    if (unfit !== undefined) return render(ctx, visitor, unfit);

    const { account, session } = visitor;
    const guess = {
      account: account.id,
      network: web.network(ctx).group,
      // who is signed in here is known here, whatever strangers do meanwhile
      knownBrowser: devices.knownTo(ctx, account) ?? `session ${session.uid}`,
    };
    const taken = await takePasswordGuess(attempts, guess, now());
    if (!taken.allowed) return render(ctx, visitor, { current_password: t('account.password_too_many') }, 429);
    const verifiedHash = account.password?.hash;
    const newHash = await weighed(verifiedHash, fields, taken.giveBack);
    if (verifiedHash === undefined || newHash === undefined) {
      return render(ctx, visitor, { current_password: t('account.password_wrong') });
    }
    const { outcome, account: next } = await updateAccount(accounts, account.id, (read) =>
      changePassword(read, { verifiedHash, newHash }, visitor.acting),
    );
    if (outcome.kind === 'stale') return render(ctx, visitor, { current_password: t('account.password_stale') });
    web.handOn(next);
    await sessions.renew(ctx, outcome.epoch);
    devices.remember(ctx, next);
    frame.goTo(ctx, '/account?done=password');
  }

  /** What is wrong with the new password, by field, before the old one costs a guess. */
  function judged(ctx: Koa.Context, visitor: Visitor, fields: z.output<typeof formShape>) {
    const t = web.pages.t(ctx);
    const { current_password, password, password_again } = fields;
    if (current_password === '') return { current_password: t('account.password_current_missing') };
    const verdict = judgePassword(password, {
      secondFactorRequired: isFactorRequired(visitor),
      words: ownWords(visitor.account),
    });
    if (!verdict.ok) return { password: t(`account.password_${verdict.reason}`, { minimum: verdict.minimum }) };
    if (password === current_password) return { password: t('account.password_same') };
    if (password !== password_again) return { password_again: t('account.password_differs') };
    return undefined;
  }

  /** The new hash where the old password is right; the try is given back then, and where we were too busy to look. */
  async function weighed(
    stored: string | undefined,
    fields: z.output<typeof formShape>,
    giveBack: () => Promise<void>,
  ) {
    try {
      const { matches } = await hashing.verify(stored, fields.current_password);
      if (!matches) return undefined;
      const hash = await hashing.hash(fields.password);
      await giveBack();
      return hash;
    } catch (error) {
      await giveBack();
      throw error;
    }
  }

  function isFactorRequired({ account }: Visitor): boolean {
    return secondFactorRequired(account, organisations, dayAt(now()));
  }

  return { show, change };
}
