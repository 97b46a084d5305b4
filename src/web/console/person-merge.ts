/** `/admin/people/:id/merge`: makes another account part of this one, after showing what comes of it; and undoes that (`…/unmerge/:gone`). */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { normalizeLogin } from '../../domain/account/login.ts';
import { nameOf } from '../../domain/lifecycle/merge.ts';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { Views } from '../../http/views.ts';
import { type MergePlan, mergePeople, planMerge, planUndo, undoMerge } from '../../use-cases/people/merge.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { PEOPLE, type PeopleWords, personPath } from './people-words.ts';

const query = z.object({ other: trimmed(320) });
const mergeForm = z.object({ other: trimmed(320), reason: trimmed(600) });
const undoForm = z.object({ reason: trimmed(600) });

const refusals = {
  same: 'consolePeople.merge_same',
  gone: 'consolePeople.merge_gone',
  role: 'consolePeople.merge_role',
  suspended: 'consolePeople.merge_suspended',
  held: 'consolePeople.merge_held',
  'keep-not-active': 'consolePeople.merge_other_way',
} as const;

export function createPersonMerge(web: Web, frame: ConsoleFrame, words: PeopleWords) {
  const { ports, pages, now, randomBytes, sealer, organisations } = web;
  const deps = { ...ports, sealer, organisations, now, randomBytes };

  /** The account of the address, for whoever may change it at all. @throws HttpError 404, 403 */
  async function load(ctx: Koa.Context, { actor }: Administrator): Promise<Account> {
    const id = String(ctx.params.id).slice(0, 200);
    const planned = await planMerge(actor, id, id, deps); // of the refusals, only `same` says that he may
    if (planned.kind === 'not-found') throw new HttpError(404, 'missing');
    if (planned.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    const account = await ports.accounts.findById(id);
    if (account === undefined || account.merged !== undefined) throw new HttpError(404, 'missing');
    return account;
  }

  async function planWith(
    ctx: Koa.Context,
    { actor }: Administrator,
    keep: Account,
    other: string,
  ): Promise<{ plan?: MergePlan; fault?: PageFault }> {
    const t = pages.t(ctx);
    const fault = (sentence: string) => ({ fault: faultAt('other', sentence, t('console.not_possible')) });
    // what was split off may have neither number nor address
    const gone = (await ports.accounts.findByLogin(normalizeLogin(other))) ?? (await ports.accounts.findById(other));
    const planned = gone === undefined ? undefined : await planMerge(actor, keep.id, gone.id, deps);
    if (planned === undefined || planned.kind === 'not-found') return fault(t('consolePeople.merge_nobody'));
    if (planned.kind === 'refused') return fault(t(refusals[planned.because]));
    if (planned.kind === 'not-allowed')
      return fault(t(planned.because === 'himself' ? 'consolePeople.merge_himself' : 'consolePeople.merge_no_right'));
    return { plan: planned.plan };
  }

  const side = (ctx: Koa.Context, account: Account): NonNullable<Views['console/person-merge']['plan']>['keep'] => ({
    name: `${account.givenName} ${account.familyName}`.trim() || account.id,
    numbers: account.userNumbers,
    emails: account.emails,
    affiliations: [...new Set(account.affiliations.map((each) => words.affiliation(ctx, each)))],
    entries: account.feeds.map(({ source, key }) => `${source}:${key}`),
    steps: account.totps.length + account.passkeys.length,
    active: account.activatedAt !== undefined,
  });

  const crumbsOf = (ctx: Koa.Context, account: Account) => [
    { href: PEOPLE, label: pages.t(ctx)('consolePeople.title') },
    { href: personPath(account.id), label: `${account.givenName} ${account.familyName}`.trim() || nameOf(account) },
  ];

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    keep: Account,
    { other = '', reason = '', plan, fault }: { other?: string; reason?: string; plan?: MergePlan; fault?: PageFault },
  ): Promise<void> {
    await pages.render(
      ctx,
      'console/person-merge',
      {
        path: `${personPath(keep.id)}/merge`,
        back: personPath(keep.id),
        keep: nameOf(keep),
        typed: { other, reason },
        plan: plan && { keep: side(ctx, plan.keep), gone: side(ctx, plan.gone), until: plan.accessEnds },
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'people',
        title: pages.t(ctx)('consolePeople.merge_title'),
        crumbs: crumbsOf(ctx, keep),
      }),
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const keep = await load(ctx, administrator);
    const { other } = readQuery(ctx, query);
    const found = other === '' ? {} : await planWith(ctx, administrator, keep, other);
    await render(ctx, administrator, keep, { other, ...found });
  };

  /** ⚑ */
  const merge: ConsoleHandler = async (ctx, administrator) => {
    const keep = await load(ctx, administrator);
    const t = pages.t(ctx);
    const typed = await readForm(ctx, mergeForm);
    if (!(await frame.recent(ctx, administrator, { dangerous: t('consolePeople.merge') }, typed))) return;
    const found = await planWith(ctx, administrator, keep, typed.other);
    if (found.plan === undefined) return render(ctx, administrator, keep, { ...typed, ...found });
    const goneId = found.plan.gone.id;
    const done = await mergePeople(administrator.actor, { keepId: keep.id, goneId, reason: typed.reason }, deps);
    if (done.kind === 'refused') {
      const fault =
        done.because === 'no-reason'
          ? faultAt('reason', t('consolePeople.reason_missing'), t('pages.field_empty'))
          : faultAt('other', t(refusals[done.because]), t('console.not_possible'));
      return render(ctx, administrator, keep, { ...typed, plan: found.plan, fault });
    }
    if (done.kind !== 'merged') throw new HttpError(404, 'missing');
    for (const each of [done.gone, done.keep]) web.dispatchEffects(each);
    goTo(ctx, `${personPath(keep.id)}?done=merged`);
  };

  async function planned(ctx: Koa.Context, { actor }: Administrator) {
    const found = await planUndo(actor, String(ctx.params.gone).slice(0, 200), deps);
    if (found.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (found.kind !== 'planned' || found.keep.id !== ctx.params.id) throw new HttpError(404, 'missing');
    return found;
  }

  async function renderUndo(ctx: Koa.Context, administrator: Administrator, fault?: PageFault): Promise<void> {
    const { keep, gone, before, undoUntil } = await planned(ctx, administrator);
    await pages.render(
      ctx,
      'console/person-unmerge',
      {
        path: `${personPath(keep.id)}/unmerge/${encodeURIComponent(gone.id)}`,
        back: personPath(keep.id),
        keep: nameOf(keep),
        gone: nameOf(before),
        until: undoUntil,
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'people',
        title: pages.t(ctx)('consolePeople.unmerge_title'),
        crumbs: crumbsOf(ctx, keep),
      }),
    );
  }
  const showUndo: ConsoleHandler = (ctx, administrator) => renderUndo(ctx, administrator);

  /** ⚑ */
  const undo: ConsoleHandler = async (ctx, administrator) => {
    const { keep, gone } = await planned(ctx, administrator);
    const t = pages.t(ctx);
    const { reason } = await readForm(ctx, undoForm);
    if (!(await frame.recent(ctx, administrator, { dangerous: t('consolePeople.unmerge') }, { reason }))) return;
    const done = await undoMerge(administrator.actor, { goneId: gone.id, reason }, deps);
    if (done.kind === 'refused' && done.because === 'no-reason')
      return renderUndo(
        ctx,
        administrator,
        faultAt('reason', t('consolePeople.reason_missing'), t('pages.field_empty')),
      );
    if (done.kind !== 'undone') throw new HttpError(404, 'missing');
    for (const each of [done.keep, done.back]) web.dispatchEffects(each);
    goTo(ctx, `${personPath(keep.id)}?done=unmerged`);
  };

  return { show, merge, showUndo, undo, crumbsOf, load };
}

export type PersonMerge = ReturnType<typeof createPersonMerge>;
