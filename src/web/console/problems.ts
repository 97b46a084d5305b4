/** What an application was refused, and the one mend that is safe here: an address on a host that it has already. */
import type Koa from 'koa';
import { z } from 'zod';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { addRedirectUri } from '../../use-cases/clients/add-redirect-uri.ts';
import { listRefusals } from '../../use-cases/clients/list-refusals.ts';
import type { Web } from '../web.ts';
import { type ApplicationFrame, applicationPath } from './application.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { problemShown } from './problem-words.ts';

const PAGE = 20;

const place = z.object({ before: trimmed(40), id: trimmed(100) });
const addition = z.object({ uri: text(2000), revision: z.string().regex(/^\d{1,9}$/) });

export function createProblems(web: Web, frame: ConsoleFrame, application: ApplicationFrame) {
  const { ports, pages, now, randomBytes } = web;
  const done = { added: 'consoleProblems.added' } as const;

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    of: { client: string } | 'unknown',
    error?: string,
  ): Promise<void> {
    const t = pages.t(ctx);
    const { before, id } = readQuery(ctx, place);
    const input = { of, limit: PAGE, before: placeOf(before, id) };
    const listed = await listRefusals(administrator.actor, input, ports);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const { client, next } = listed;
    const mayAdd = client !== undefined && application.may(administrator, client, 'clients:write');
    const data = {
      problems: listed.problems.map((problem) => problemShown(problem, t)),
      unknown: of === 'unknown',
      mayAdd,
      revision: client?.revision ?? 0,
      done: frame.done(ctx, done),
      further: before !== '',
      here: ctx.path,
      next: next === undefined ? undefined : `?before=${next.lastAt}&id=${encodeURIComponent(next.id)}`,
      ways:
        client === undefined
          ? undefined
          : { watch: applicationPath(client.id, 'watch'), try: applicationPath(client.id, 'try') },
      ...(error === undefined ? {} : { error }),
    };
    const action = { href: data.ways?.watch ?? '', label: t('consoleProblems.watch_start'), icon: 'watch' } as const;
    const page =
      client === undefined
        ? frame.page(ctx, administrator, {
            room: 'unknown-applications',
            title: t('consoleProblems.unknown_title'),
            lead: t('consoleProblems.unknown_lead'),
          })
        : application.page(ctx, administrator, client, 'problems', mayAdd ? { action } : {});
    await pages.render(ctx, 'console/problems', data, page);
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const { id } = await application.load(ctx, administrator);
    await render(ctx, administrator, { client: id });
  };

  const showUnknown: ConsoleHandler = (ctx, administrator) => render(ctx, administrator, 'unknown');

  const add: ConsoleHandler = async (ctx, administrator) => {
    const { id } = await application.load(ctx, administrator, 'clients:write');
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, t('consoleProblems.add')))) return;
    const { uri, revision } = await readForm(ctx, addition);
    const input = { client: id, uri, revision: Number(revision) };
    const grants = async () => (await ports.roleGrants.read()).grants;
    const added = await addRedirectUri(administrator.actor, input, {
      clients: ports.clients,
      grants,
      now,
      randomBytes,
    });
    if (added.kind === 'not-found') throw new HttpError(404, 'missing');
    if (added.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    // sent twice, it is there
    if (added.kind === 'added' || (added.kind === 'refused' && added.because === 'registered-already'))
      return goTo(ctx, `${applicationPath(id, 'problems')}?done=added`);
    const fault = added.kind === 'stale' ? 'consoleProblems.stale' : 'consoleProblems.refused_unknown';
    return render(ctx, administrator, { client: id }, t(fault));
  };

  return { show, showUnknown, add };
}

/** Undefined: the first page; also where the address was changed by hand. */
function placeOf(before: string, id: string): { lastAt: number; id: string } | undefined {
  const lastAt = Number(before);
  return before === '' || !Number.isSafeInteger(lastAt) ? undefined : { lastAt, id };
}
