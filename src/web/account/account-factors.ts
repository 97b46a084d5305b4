/** Shows, renames and removes the second factors of the person who is signed in. */
import type Koa from 'koa';
import { z } from 'zod';
import { dayAt } from '../../domain/account/affiliation.ts';
import { secondFactorRequired } from '../../domain/account/organisation.ts';
import { factorsOf, MAX_FACTORS, MAX_NAME_LENGTH, renameFactor } from '../../domain/factors/factor.ts';
import { removeFactor } from '../../domain/factors/remove-factor.ts';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';
import { factorInWords } from './factor-in-words.ts';

const LIST = '/account/factors';
const factorShape = z.object({ action: trimmed(40), factor: trimmed(100), name: trimmed(500) });

/** Handlers of `/account/factors` and `/account/factors/remove`. */
export function createAccountFactors(web: Web, frame: AccountFrame) {
  const { sessions, knownBrowsers, organisations } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor !== undefined) await render(ctx, visitor);
  }

  async function render(ctx: Koa.Context, visitor: Visitor, error?: string): Promise<void> {
    const { account } = visitor;
    const factors = factorsOf(account);
    await web.pages.render(
      ctx,
      'account/factors',
      {
        error,
        factors: await Promise.all(
          factors.map(async (each) => ({ ...each, words: await factorInWords(each, web.pages.t(ctx)) })),
        ),
        mayAdd: factors.length < MAX_FACTORS,
        maxName: MAX_NAME_LENGTH,
        required: isRequired(visitor),
        codesLeft: account.recoveryCodes?.macs.length ?? 0,
        codesAt: account.recoveryCodes?.createdAt,
        done: error === undefined ? frame.done(ctx) : undefined,
      },
      frame.page(ctx, visitor, 'factors', web.pages.t(ctx)('account.factors_title')),
    );
  }

  async function rename(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, factor, name } = await readForm(ctx, factorShape);
    if (action !== 'rename') return frame.goTo(ctx, LIST);
    const { outcome } = await web.update(visitor.account.id, (read) =>
      renameFactor(read, factor, name, visitor.acting),
    );
    if (outcome.kind === 'unnamed') return render(ctx, visitor, web.pages.t(ctx)('account.factor_unnamed'));
    frame.goTo(ctx, outcome.kind === 'renamed' ? `${LIST}?done=renamed` : LIST);
  }

  /** Says what the removal will mean, before it is done. */
  async function confirmRemoval(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { factor } = readQuery(ctx, z.object({ factor: trimmed(100) }));
    if (!frame.mayChangeFactors(ctx, visitor)) return;
    await renderRemoval(ctx, visitor, factor);
  }

  async function renderRemoval(ctx: Koa.Context, visitor: Visitor, id: string, refused = false): Promise<void> {
    const factors = factorsOf(visitor.account);
    const factor = factors.find((each) => each.id === id);
    if (factor === undefined) return frame.goTo(ctx, LIST); // another tab removed it
    const t = web.pages.t(ctx);
    const last = factors.length === 1;
    await web.pages.render(
      ctx,
      'account/remove-factor',
      {
        factor: { ...factor, words: await factorInWords(factor, t) },
        last,
        locked: last && isRequired(visitor),
        error: refused ? t('account.remove_required') : undefined,
      },
      frame.page(ctx, visitor, 'factors', t('account.remove_title', { name: factor.name })),
    );
  }

  async function remove(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, factor } = await readForm(ctx, factorShape);
    if (action !== 'remove') return frame.goTo(ctx, LIST);
    if (!frame.mayChangeFactors(ctx, visitor, `${LIST}/remove?factor=${encodeURIComponent(factor)}`)) return;
    const { outcome, account } = await web.update(visitor.account.id, (read) =>
      removeFactor(read, factor, visitor.acting),
    );
    if (outcome.kind === 'required') return renderRemoval(ctx, { ...visitor, account }, factor, true);
    if (outcome.kind === 'gone') return frame.goTo(ctx, LIST);
    await sessions.renew(ctx, outcome.epoch);
    knownBrowsers.remember(ctx, account);
    frame.goTo(ctx, `${LIST}?done=removed`);
  }

  function isRequired({ account, acting }: Visitor): boolean {
    return secondFactorRequired(account, organisations, dayAt(acting.now));
  }

  return { show, rename, confirmRemoval, remove };
}
