/** Every change of a registration with old and new values, and the way back to an earlier one. */
import type Koa from 'koa';
import { z } from 'zod';
import type { ClientRecord, MemberChange } from '../../domain/ports/clients.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { historyOfClient, restoreClient } from '../../use-cases/clients/client-revisions.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Connect } from './connect.ts';
import { type EditForm, faultsAt } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { peopleNames, whoInWords } from './people-names.ts';

/** `lines`: of a value that is long, each on its own, with what became of it. */
type Line = { text: string; tone: 'del' | 'ins' | 'same' };

const form = z.object({
  revision: z.coerce.number().int().min(1).max(1e9),
  to: z.coerce.number().int().min(1).max(1e9),
  action: trimmed(40),
});

export function createHistory(
  web: Web,
  frame: ConsoleFrame,
  application: ApplicationFrame,
  editing: EditForm,
  connect: Connect,
) {
  const { pages, ports } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    { error, others = [], status }: { error?: string; others?: string[]; status?: 409 } = {},
  ): Promise<void> {
    const found = await historyOfClient(administrator.actor, record.id, ports);
    if (found.kind !== 'history') throw new HttpError(404, 'missing');
    const names = await peopleNames(
      web,
      found.revisions.flatMap(({ entry }) => entry?.actor ?? []),
    );
    const t = pages.t(ctx);
    const mayWrite = !editing.lockedFor(administrator, record).includes('*');
    await pages.render(
      ctx,
      'console/history',
      {
        path: applicationPath(record.id, 'history'),
        revision: found.client.revision,
        revisions: found.revisions.map(({ revision, at, entry, changes, withoutValues, restorable }) => ({
          revision,
          at,
          act: entry?.action,
          who: entry && whoInWords(t, entry.actor, names),
          changes: changes.map((change) => ({
            member: change.member,
            lines: linesOf(change, { yes: t('settings.yes'), no: t('settings.no') }),
          })),
          withoutValues: withoutValues === true,
          restorable: restorable && mayWrite,
        })),
        done: frame.done(ctx, { restored: 'settings.restored', unchanged: 'settings.unchanged' }),
        others,
        error,
      },
      { ...application.page(ctx, administrator, found.client, 'history'), ...(status === undefined ? {} : { status }) },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  const restore: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, t('settings.act_restore')))) return;
    const { revision, to } = await readForm(ctx, form);
    const restorePorts = { ...editing.editPorts, clients: ports.clients };
    const outcome = await restoreClient(administrator.actor, { id: record.id, revision, to }, restorePorts);
    if (outcome.kind === 'not-found') throw new HttpError(404, 'missing');
    if (outcome.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (outcome.kind === 'unknown-revision') {
      return render(ctx, administrator, record, { error: t('settings.restore_unknown', { revision: to }) });
    }
    if (outcome.kind === 'stale') {
      return render(ctx, administrator, outcome.current, { error: t('settings.restore_stale'), status: 409 });
    }
    if (outcome.kind === 'refused') {
      const { others } = faultsAt(outcome.faults, new Set(), languageOf(ctx));
      return render(ctx, administrator, record, { error: t('settings.restore_refused', { revision: to }), others });
    }
    if (outcome.kind === 'edited' && outcome.secret !== undefined)
      return connect.render(ctx, administrator, outcome.record, { kind: 'made', secret: outcome.secret });
    goTo(ctx, `${applicationPath(record.id, 'history')}?done=${outcome.kind === 'edited' ? 'restored' : 'unchanged'}`);
  };

  return { show, restore };
}

/**
 * Old and new under each other; of lists only what went and came. Nothing: its values are kept nowhere. `words`: what a
 * switch says.
 */
export function linesOf({ before, after }: MemberChange, words: { yes: string; no: string }): Line[] {
  const text = (value: unknown) =>
    typeof value === 'string'
      ? value
      : typeof value === 'boolean'
        ? words[value ? 'yes' : 'no']
        : JSON.stringify(value);
  const parts = (value: unknown) => (value === undefined ? [] : Array.isArray(value) ? value.map(text) : [text(value)]);
  const [was, is] = [parts(before), parts(after)];
  const lines = (gone: string[], came: string[]): Line[] => [
    ...gone.map((each) => ({ text: each, tone: 'del' as const })),
    ...came.map((each) => ({ text: each, tone: 'ins' as const })),
  ];
  const changed = lines(
    was.filter((each) => !is.includes(each)),
    is.filter((each) => !was.includes(each)),
  );
  // otherwise the same in another order, or an empty list
  const whole = (value: unknown) => (value === undefined ? [] : [JSON.stringify(value)]);
  return changed.length > 0 || (before === undefined && after === undefined)
    ? changed
    : lines(whole(before), whole(after));
}
