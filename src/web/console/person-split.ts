/** `/admin/people/:id/split`: makes entries of feeds that are another person's an account of their own, after showing what comes of it. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import { planSplit, type SplitPlanned, splitPerson } from '../../use-cases/people/split.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { personPath } from './people-words.ts';
import type { PersonMerge } from './person-merge.ts';

const form = z.object({ action: z.enum(['show', 'split']), entries: trimmed(10_000), reason: trimmed(600) });
type Entry = { source: string; key: string };

const refusals = {
  gone: 'consolePeople.merge_gone',
  role: 'consolePeople.merge_role',
  unknown: 'consolePeople.split_none',
  all: 'consolePeople.split_all',
  faulty: 'consolePeople.split_faulty',
} as const;

export function createPersonSplit(web: Web, frame: ConsoleFrame, { load, crumbsOf }: PersonMerge) {
  const { ports, pages, now, randomBytes, sealer, organisations, sources, defaultLanguage, lifetimes } = web;
  const { invitationSeconds } = lifetimes;
  const rest = { sealer, organisations, sources, defaultLanguage, invitationSeconds, now, randomBytes };
  const deps = { ...ports, ...rest };

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    account: Account,
    chosen: Entry[],
    { plan, reason = '', fault }: { plan?: SplitPlanned; reason?: string; fault?: PageFault } = {},
  ): Promise<void> {
    await pages.render(
      ctx,
      'console/person-split',
      {
        path: `${personPath(account.id)}/split`,
        back: personPath(account.id),
        entries: account.feeds.map((feed) => ({
          value: written(feed),
          name: [feed.fields.given_name, feed.fields.family_name].filter(Boolean).join(' '),
          numbers: feed.fields.numbers ?? '',
        })),
        plan:
          plan?.kind === 'planned'
            ? {
                entries: chosen.map(written).join('\n'),
                stays: plan.rest.userNumbers,
                goes: [...plan.fresh.userNumbers, ...plan.fresh.emails],
                kept: plan.kept,
              }
            : undefined,
        reason,
        ...fault,
      },
      frame.page(ctx, administrator, {
        room: 'people',
        title: pages.t(ctx)('consolePeople.split_title'),
        crumbs: crumbsOf(ctx, account),
      }),
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    await render(ctx, administrator, await load(ctx, administrator), []);
  };

  /** ⚑, but for showing what would come of it. */
  const act: ConsoleHandler = async (ctx, administrator) => {
    const account = await load(ctx, administrator);
    const t = pages.t(ctx);
    const { action, reason, ...typed } = await readForm(ctx, form);
    const entries = read(typed.entries);
    const asked = { accountId: account.id, entries };
    if (
      action === 'split' &&
      !(await frame.recent(ctx, administrator, { dangerous: t('consolePeople.split') }, { action, reason, ...typed }))
    )
      return;
    const plan = await planSplit(administrator.actor, asked, deps);
    if (plan.kind === 'refused')
      return render(ctx, administrator, account, entries, { fault: { error: t(refusals[plan.because]), errors: {} } });
    if (plan.kind !== 'planned') throw new HttpError(404, 'missing');
    if (action === 'show') return render(ctx, administrator, account, entries, { plan });
    const done = await splitPerson(administrator.actor, { ...asked, reason }, deps);
    if (done.kind === 'refused') {
      const fault =
        done.because === 'no-reason'
          ? faultAt('reason', t('consolePeople.reason_missing'), t('pages.field_empty'))
          : { error: t(refusals[done.because]), errors: {} };
      return render(ctx, administrator, account, entries, { plan, reason, fault });
    }
    if (done.kind !== 'split') throw new HttpError(404, 'missing');
    for (const each of [done.account, done.fresh]) web.dispatchEffects(each);
    goTo(ctx, `${personPath(done.fresh.id)}?done=split`);
  };

  return { show, act };
}

/** An entry as a value of a form: keys may hold any sign but the end of a line. */
const written = ({ source, key }: Entry) => `${source}:${key}`;
const read = (text: string): Entry[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes(':'))
    .map((line) => ({ source: line.slice(0, line.indexOf(':')), key: line.slice(line.indexOf(':') + 1) }));
