/** `/admin/imports`: the sources of people with their imports, and the form that uploads a file. */
import type Koa from 'koa';
import type { Source } from '../../domain/feed/source.ts';
import { asFile, CutOff } from '../../http/body-time.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt } from '../../http/page.ts';
import { beginPlan, listImports, mayWithSource } from '../../use-cases/import/administer-imports.ts';
import { bounded, TooManyBytes } from '../../use-cases/import/bounded.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { IMPORTS, type ImportWords, importPath, uploadPath } from './import-words.ts';

const PAGE = 50;

export function createImportList(web: Web, frame: ConsoleFrame, words: ImportWords) {
  const { pages, importing, importMegabytes, log } = web;
  const mayUpload = ({ actor }: Administrator, { id }: Source) =>
    mayWithSource(actor, 'imports:write', id, importing.sources) === 'yes';

  const show: ConsoleHandler = async (ctx, administrator) => {
    frame.requireAnywhere(administrator, 'imports:read');
    const t = pages.t(ctx);
    const listed = await listImports(administrator.actor, { limit: PAGE }, importing);
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const seen = importing.sources.filter(
      ({ id }) => mayWithSource(administrator.actor, 'imports:read', id, importing.sources) === 'yes',
    );
    await pages.render(
      ctx,
      'console/imports',
      {
        sources: seen.map((source) => ({
          id: source.id,
          organisations: words.of(ctx, source),
          full: source.full === true,
          upload: mayUpload(administrator, source) ? uploadPath(source.id) : undefined,
        })),
        rows: await Promise.all(
          listed.imports.map(async (each) => ({
            href: importPath(each.id),
            source: each.source,
            at: each.at,
            by: await words.by(each),
            comesTo: each.record === undefined ? undefined : words.comesTo(t, each.record.counts),
            state: words.stateOf(ctx, each.state),
          })),
        ),
      },
      frame.page(ctx, administrator, {
        room: 'imports',
        title: t('consoleImports.title'),
        lead: t('consoleImports.lead'),
      }),
    );
  };

  function sourceFor(ctx: Koa.Context, { actor }: Administrator): Source {
    const source = importing.sources.find(({ id }) => id === ctx.params.source);
    const allowed = mayWithSource(actor, 'imports:write', String(ctx.params.source), importing.sources);
    if (allowed === 'refused') throw new HttpError(403, 'not-allowed');
    if (source === undefined || allowed === 'hidden') throw new HttpError(404, 'missing');
    return source;
  }

  async function renderForm(
    ctx: Koa.Context,
    administrator: Administrator,
    source: Source,
    fault?: { error: string; errors?: Record<string, string>; reason?: string },
    status?: 409 | 413 | 503,
  ): Promise<void> {
    const t = pages.t(ctx);
    const { reason, ...told } = fault ?? {};
    await pages.render(
      ctx,
      'console/import-new',
      {
        path: uploadPath(source.id),
        organisations: words.of(ctx, source),
        full: source.full === true,
        credentials: source.credentials,
        most: importMegabytes,
        reason: reason === undefined ? undefined : words.saidAlone(ctx, reason),
        ...told,
      },
      frame.page(ctx, administrator, {
        room: 'imports',
        title: t('consoleImports.new_title', { source: source.id }),
        crumbs: [{ href: IMPORTS, label: t('consoleImports.title') }],
        ...(status === undefined ? {} : { status }),
      }),
    );
  }

  const showNew: ConsoleHandler = async (ctx, administrator) =>
    renderForm(ctx, administrator, sourceFor(ctx, administrator));

  /** Plans, which changes nothing; answers once the whole file was read. */
  const upload: ConsoleHandler = async (ctx, administrator) => {
    const source = sourceFor(ctx, administrator);
    const t = pages.t(ctx);
    // what is left of a file that is not read is not waited for
    const refuse = (fault: Parameters<typeof renderForm>[3], status?: 409 | 413 | 503) => {
      if (!ctx.req.complete) ctx.set('Connection', 'close');
      return renderForm(ctx, administrator, source, fault, status);
    };
    if (ctx.is('multipart/form-data') !== 'multipart/form-data' || ctx.get('Content-Encoding') !== '')
      return refuse(faultAt('file', t('consoleImports.file'), t('pages.field_empty')));
    const most = importMegabytes * 1_048_576;
    const tooLarge = { error: t('consoleImports.too_large', { most: importMegabytes }) };
    if (Number(ctx.get('Content-Length')) > most) return refuse(tooLarge, 413);
    const input = bounded(ctx.req, most, asFile(ctx.req)); // whoever sends it has proved who it is
    const asked = { source: source.id, partial: false, withCredentials: false, multipart: ctx.get('Content-Type') };
    const begun = await beginPlan(administrator.actor, asked, input, importing);
    if (input.errored instanceof TooManyBytes) return refuse(tooLarge, 413);
    if (input.errored instanceof CutOff) {
      const { why, reason: kind, message } = input.errored;
      const incident = web.incident(ctx, { kind });
      log.info({ incident, route: ctx._matchedRoute }, `a file was refused: ${message}`);
      const error = t(`consoleImports.cut_off_${why.replace('-', '_') as 'stalled' | 'too_long' | 'node_ends'}`, {
        incident,
      });
      // never 408: Chromium would send all of it again by itself, and nobody would see why
      return refuse({ error }, why === 'node-ends' ? 503 : undefined);
    }
    switch (begun.kind) {
      case 'begun':
        return goTo(ctx, importPath(begun.id));
      case 'unreadable':
        return refuse({ error: t('consoleImports.unreadable'), reason: begun.reason });
      case 'failed':
        return refuse({ error: t('consoleImports.failed', { reason: words.said(ctx, begun.reason).text }) }, 503);
      case 'busy':
        return refuse({ error: t('consoleImports.busy', { source: source.id }) }, 409);
      case 'full':
        return refuse({ error: t('consoleImports.full') }, 503);
      default:
        throw new HttpError(begun.kind === 'refused' ? 403 : 404, begun.kind === 'refused' ? 'not-allowed' : 'missing');
    }
  };

  return { show, showNew, upload };
}
