/** Switches an application off and on, and deletes it by its name, with the way back. */
import type Koa from 'koa';
import { z } from 'zod';
import { nameOfClient } from '../../domain/clients/client-owner.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { endActs, endClient } from '../../use-cases/clients/end-client.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { EditForm } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';

const form = z.object({
  revision: z.coerce.number().int().min(1).max(1e9),
  action: z.enum(endActs),
  typed: trimmed(2000),
});

export function createEnd(web: Web, frame: ConsoleFrame, application: ApplicationFrame, editing: EditForm) {
  const { pages, ports, now, randomBytes } = web;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    record: ClientRecord,
    { error, typed = '', status }: { error?: string; typed?: string; status?: 409 } = {},
  ): Promise<void> {
    const t = pages.t(ctx);
    const { disabled } = record;
    const wrong =
      error === undefined && typed !== ''
        ? { error: t('settings.delete_name_wrong'), errors: { typed: t('settings.delete_name_beside') } }
        : {};
    await pages.render(
      ctx,
      'console/end',
      {
        path: applicationPath(record.id, 'end'),
        name: nameOfClient(record, languageOf(ctx)),
        revision: record.revision,
        readOnly: editing.lockedFor(administrator, record).includes('*'),
        state: disabled === undefined ? 'on' : disabled.removeAt === undefined ? 'off' : 'deleted',
        since: disabled?.at,
        removeAt: disabled?.removeAt,
        typed,
        done: frame.done(ctx, {
          disable: 'settings.done_disable',
          enable: 'settings.done_enable',
          delete: 'settings.done_delete',
        }),
        error,
        ...wrong,
      },
      { ...application.page(ctx, administrator, record, 'end'), ...(status === undefined ? {} : { status }) },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await application.load(ctx, administrator));

  const end: ConsoleHandler = async (ctx, administrator) => {
    const record = await application.load(ctx, administrator, 'clients:write');
    const t = pages.t(ctx);
    const name = nameOfClient(record, languageOf(ctx));
    const { revision, action: act, typed } = await readForm(ctx, form);
    if (act === 'delete' && typed !== name) return render(ctx, administrator, record, { typed: typed || '?' });
    const takesBack = act === 'enable' && record.disabled?.removeAt !== undefined;
    const said = t(takesBack ? 'settings.take_back' : `settings.${act}`, { name });
    const about = act === 'delete' ? { dangerous: said } : said;
    if (!(await frame.recent(ctx, administrator, about, { revision: String(revision), action: act, typed }))) return;
    const endPorts = { clients: ports.clients, now, randomBytes, grants: editing.editPorts.grants };
    const outcome = await endClient(administrator.actor, { id: record.id, revision, act }, endPorts);
    if (outcome.kind === 'not-found' || outcome.kind === 'too-late') throw new HttpError(404, 'missing');
    if (outcome.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (outcome.kind === 'stale') {
      return render(ctx, administrator, outcome.current, { error: t('settings.end_stale'), status: 409 });
    }
    goTo(ctx, `${applicationPath(record.id, 'end')}?done=${act}`);
  };

  return { show, end };
}
