/** One import: what it comes to, who loses access, what was refused, and the button that applies it. */
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { z } from 'zod';
import { tagOf } from '../../domain/account/languages.ts';
import type { ImportRecord, ImportRun } from '../../domain/ports/imports.ts';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import type { SaidOfFeed } from '../../http/views/console-imports.ts';
import {
  beginApply,
  mayWithSource,
  reportOf,
  type ViewedImport,
  viewImport,
} from '../../use-cases/import/administer-imports.ts';
import type { ImportEvent } from '../../use-cases/import/import-event.ts';
import { refusedText } from '../../use-cases/import/quarantine.ts';
import { reportText } from '../../use-cases/import/report.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { counted, IMPORTS, type ImportWords, importPath, uploadPath } from './import-words.ts';

/** People on a page of the report, at least, where there are as many. */
const PAGE = 50;
const kinds = [...counted, 'unchanged'] as const;
type Kind = (typeof kinds)[number];
const query = z.object({ kind: z.enum(kinds).optional(), part: z.coerce.number().int().min(0).max(1e7).default(0) });
const form = z.object({ action: z.literal('apply'), losses: trimmed(20) });

export function createImportPage(web: Web, frame: ConsoleFrame, words: ImportWords) {
  const { pages, importing } = web;

  async function load(ctx: Koa.Context, { actor }: Administrator, what: 'imports:read' | 'imports:write') {
    const found = await viewImport(actor, String(ctx.params.id).slice(0, 200), what, importing);
    if (found.kind === 'refused') throw new HttpError(403, 'not-allowed');
    if (found.kind === 'not-found') throw new HttpError(404, 'missing');
    return found.import;
  }

  /** What the page says of who they are: only to whom `imports:write` allows it. */
  async function reportFor(ctx: Koa.Context, id: string, record: ImportRecord) {
    const t = pages.t(ctx);
    const asked = ctx.method === 'POST' ? { kind: undefined, part: 0 } : readQuery(ctx, query);
    const counts = { ...record.counts, refused: record.counts.refused + (record.refusedLater ?? 0) };
    const number = numbersIn(ctx);
    const kind: Kind = asked.kind ?? kinds.find((each) => counts[each] > 0) ?? 'refused';
    const { events, next } = await reportOf(record, kind, { from: asked.part, least: PAGE }, importing.imports);
    const address = (to: Kind, part = 0) => importPath(id, `?kind=${to}${part === 0 ? '' : `&part=${part}`}#report`);
    return {
      kind,
      kinds: kinds
        .filter((each) => counts[each] > 0 || each === kind)
        .map((each) => ({
          href: address(each),
          label: `${t(`consoleImports.kind_${each}`)} (${number.format(counts[each])})`,
          current: each === kind,
        })),
      rows: events.map((event) => {
        const row = rowOf(event, kind, (sentence) => words.said(ctx, sentence));
        const changes = row.changes.map(({ field, from, to }) => ({
          ...{ field, from: words.value(ctx, field, from), to: words.value(ctx, field, to) },
        }));
        return { ...row, changes };
      }),
      next: next === undefined ? undefined : address(kind, next),
      download: importPath(id, '/report'),
      refused: counts.refused > 0 ? importPath(id, '/refused') : undefined,
    };
  }

  const numbersIn = (ctx: Koa.Context) => new Intl.NumberFormat(tagOf(languageOf(ctx)));
  const faultOf = (ctx: Koa.Context, { fault }: ImportRun) =>
    fault === undefined ? undefined : words.saidAlone(ctx, fault);

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    each: ViewedImport,
    fault?: PageFault | { error: string },
  ) {
    const t = pages.t(ctx);
    const { id, source, state, record, run } = each;
    const mayApply = mayWithSource(administrator.actor, 'imports:write', source, importing.sources) === 'yes';
    const { counts, alarms = [], appliedAt, refusedLater = 0 } = record ?? {};
    const known = importing.sources.some((one) => one.id === source);
    const number = numbersIn(ctx);
    await pages.render(
      ctx,
      'console/import',
      {
        path: importPath(id),
        state,
        badge: words.stateOf(ctx, state),
        run: run && {
          done: number.format(run.done),
          total: run.total === undefined ? undefined : number.format(run.total),
          reading: run.stage !== 'importing',
          fault: faultOf(ctx, run),
        },
        facts: { at: each.at, by: await words.by(each), appliedAt },
        counts,
        comesTo: counts && words.comesTo(t, counts),
        refusedLater,
        suspended: counts?.suspended,
        alarms: alarms.flatMap(({ organisation, losses, shrank }) => {
          const name = words.organisation(ctx, organisation);
          return [
            ...(losses
              ? [t('consoleImports.alarm_losses', { organisation: name, count: losses.lose, allowed: losses.allowed })]
              : []),
            ...(shrank ? [t('consoleImports.alarm_shrank', { organisation: name, ...shrank })] : []),
          ];
        }),
        mayApply,
        upload: mayApply && known ? uploadPath(source) : undefined,
        report: record !== undefined && mayApply ? await reportFor(ctx, id, record) : undefined,
        ...fault,
      },
      {
        ...frame.page(ctx, administrator, {
          room: 'imports',
          title: source,
          crumbs: [{ href: IMPORTS, label: t('consoleImports.title') }],
        }),
        ...(state === 'planning' || state === 'applying' ? { refreshSeconds: 10 } : {}),
      },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) =>
    render(ctx, administrator, await load(ctx, administrator, 'imports:read'));

  /** ⚑ */
  const apply: ConsoleHandler = async (ctx, administrator) => {
    const each = await load(ctx, administrator, 'imports:write');
    const t = pages.t(ctx);
    const typed = await readForm(ctx, form);
    const asked = (each.record?.alarms.length ?? 0) > 0;
    const act = t('consoleImports.apply_title');
    if (!(await frame.recent(ctx, administrator, asked ? { dangerous: act } : act, typed))) return;
    const { losses: wanted = 0 } = each.record?.counts ?? {};
    const begun = asked
      ? await beginApply(administrator.actor, each.id, { allowLosses: wholeNumber(typed.losses) ?? -1 }, importing)
      : await beginApply(administrator.actor, each.id, {}, importing);
    switch (begun.kind) {
      case 'losses': {
        const sentence = t('consoleImports.losses_wrong', { losses: wanted });
        return render(
          ctx,
          administrator,
          each,
          faultAt('losses', sentence, t('consoleImports.losses_wrong_field', { losses: wanted })),
        );
      }
      case 'busy':
        return render(ctx, administrator, each, { error: t('consoleImports.busy', { source: each.source }) });
      case 'full':
        return render(ctx, administrator, each, { error: t('consoleImports.full') });
      default:
        // what came of it says the page
        return goTo(ctx, importPath(each.id));
    }
  };

  async function send(
    ctx: Koa.Context,
    administrator: Administrator,
    name: string,
    textOf: (record: ImportRecord) => AsyncIterable<string>,
  ) {
    const { record } = await load(ctx, administrator, 'imports:write');
    if (record === undefined) throw new HttpError(404, 'missing');
    ctx.set('Cache-Control', 'no-store');
    ctx.attachment(name);
    ctx.body = Readable.from(textOf(record));
  }

  const report: ConsoleHandler = (ctx, administrator) =>
    send(ctx, administrator, 'report.csv', (record) => reportText(record, 'csv', importing.imports));

  const refused: ConsoleHandler = async (ctx, administrator) => {
    const { record } = await load(ctx, administrator, 'imports:write');
    await send(ctx, administrator, `refused.${record?.kind ?? 'csv'}`, (each) => refusedText(each, importing.imports));
  };

  return { show, apply, report, refused };
}

function rowOf(event: ImportEvent, kind: Kind, said: (sentence: string) => SaidOfFeed) {
  if (event.outcome === 'suspended') throw new TypeError('it is of no person');
  if (event.outcome === 'refused') {
    const { line, person, column, value, reason } = event;
    return {
      lines: line === 0 ? '' : String(line),
      person,
      refused: { column, value, reason: said(reason) },
      changes: [],
      notes: [],
    };
  }
  const { lines, person, account, changes, notes, accessEnds } = event;
  return {
    lines: lines.join(', '),
    person,
    account,
    changes: kind === 'new' ? [] : changes,
    notes: notes.map(said),
    accessEnds: kind === 'unchanged' || accessEnds === undefined ? undefined : Date.parse(`${accessEnds}T12:00:00Z`),
  };
}

const wholeNumber = (text: string) =>
  /^\d{1,9}$/.test(text.replaceAll(/[. ]/g, '')) ? Number(text.replaceAll(/[. ]/g, '')) : undefined;
