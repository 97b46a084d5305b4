/** `/admin/audit`: searches what happened, a sentence for each entry, as far as somebody may read it; an auditor takes it along. */
import { Readable } from 'node:stream';
import type Koa from 'koa';
import { z } from 'zod';
import { dayAt } from '../../domain/account/affiliation.ts';
import type { Language } from '../../domain/account/languages.ts';
import { auditActions } from '../../domain/audit/audit-actions.ts';
import { endOfDay, startOfDay } from '../../domain/lifecycle/reason.ts';
import type { AuditEntry, AuditFilter } from '../../domain/ports/audit-log.ts';
import { randomId } from '../../domain/random.ts';
import { may, reachOf } from '../../domain/roles/permissions.ts';
import { periodIn } from '../../http/duration.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { auditActorOf } from '../../use-cases/actor.ts';
import { masked, seesEverybody, seesPerson } from '../../use-cases/audit/masking.ts';
import { type AuditPlace, searchAudit } from '../../use-cases/audit/search.ts';
import { actionInWords, sentenceOf } from '../audit-in-words.ts';
import type { Web } from '../web.ts';
import { everyDetail } from './audit-details.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler, ConsolePage } from './frame.ts';

const PAGE = 50;
const EXPORT_PAGE = 500;
const DAY_MS = 24 * 3600 * 1000;

const query = z.object({
  person: trimmed(100),
  actor: trimmed(100),
  client: trimmed(300),
  action: trimmed(60),
  from: trimmed(10),
  to: trimmed(10),
  before: trimmed(120),
});
type Query = z.output<typeof query>;

export function createAudit(web: Web, frame: ConsoleFrame) {
  const { ports, pages, now, randomBytes } = web;

  /** An account by its number or address, or else by its id. */
  async function idOf(typed: string): Promise<string> {
    return (await ports.accounts.findByLogin(typed.toLowerCase()))?.id ?? typed;
  }

  async function filterOf(asked: Query): Promise<AuditFilter> {
    const from = edgeOf(asked.from, startOfDay);
    const to = edgeOf(asked.to, endOfDay);
    return {
      ...(asked.person === '' ? {} : { subject: await idOf(asked.person) }),
      ...(asked.actor === '' ? {} : { actor: await idOf(asked.actor) }),
      ...(asked.client === '' ? {} : { client: asked.client }),
      ...(asked.action === '' ? {} : { action: asked.action }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
  }

  /** Names for the ids of a page, as far as this person may see them: an auditor sees the first letters. */
  function namesFor({ actor }: Administrator) {
    const open = seesEverybody(actor);
    const known = new Map<string, Promise<string>>();
    const read = async (id: string) => {
      const account = await ports.accounts.findById(id);
      if (account === undefined) return masked(id);
      const { givenName, familyName, userNumbers } = account;
      if (seesPerson(actor, account))
        return [`${givenName} ${familyName}`.trim(), userNumbers[0]].filter(Boolean).join(' · ');
      return masked(`${givenName.slice(0, 1)}. ${familyName.slice(0, 1)}.`, userNumbers[0]);
    };
    return {
      open,
      of: (id: string) => {
        const asked = known.get(id) ?? read(id);
        known.set(id, asked);
        return asked;
      },
    };
  }

  async function rowOf(ctx: Koa.Context, entry: AuditEntry, names: ReturnType<typeof namesFor>) {
    const t = pages.t(ctx);
    const who = await whoOf(t, entry, names);
    const { subject, client, network } = entry;
    return {
      at: entry.at,
      who,
      what: actionInWords(entry.action, { t, language: languageOf(ctx) }),
      about: [...(subject === undefined ? [] : [await names.of(subject)]), ...(client === undefined ? [] : [client])],
      refused: entry.action === 'authority.refused',
      details: everyDetail(entry, network === undefined || names.open ? network : masked(network), {
        t,
        language: languageOf(ctx),
      }),
    };
  }

  async function whoOf(t: ReturnType<typeof pages.t>, { actor }: AuditEntry, names: ReturnType<typeof namesFor>) {
    if (actor.kind === 'person' && actor.id !== undefined) return names.of(actor.id);
    if (actor.kind === 'client') return actor.id ?? '';
    if (actor.kind === 'command') return t('operation.who_command', { name: actor.id ?? '' });
    return t(actor.kind === 'system' ? 'operation.who_system' : 'operation.who_anonymous');
  }

  /** By their sentences, as the page tells them; one that was asked for by an address and is unknown stays as it is. */
  function actionsInWords(ctx: Koa.Context, asked: string): { action: string; sentence: string }[] {
    const t = pages.t(ctx);
    const words = auditActions.map((action) => ({ action: action as string, sentence: t(sentenceOf(action)) }));
    if (asked !== '' && !words.some(({ action }) => action === asked)) words.push({ action: asked, sentence: asked });
    return words.sort((one, other) => one.sentence.localeCompare(other.sentence, languageOf(ctx)));
  }

  function heading(ctx: Koa.Context): ConsolePage {
    const t = pages.t(ctx);
    return { room: 'audit', title: t('operation.audit_title'), lead: t('operation.audit_lead') };
  }

  /** The usual spans of time, each with the rest of the search as it is. */
  function spansOf(ctx: Koa.Context, search: URLSearchParams, { from, to }: Pick<Query, 'from' | 'to'>) {
    const t = pages.t(ctx);
    const spans = [
      ['operation.audit_any_time', ''],
      ['operation.audit_today', dayAt(now())],
      ['operation.audit_week', dayAt(now() - 6 * DAY_MS)],
      ['operation.audit_month', dayAt(now() - 29 * DAY_MS)],
    ] as const;
    return spans.map(([label, since]) => {
      const other = new URLSearchParams(search);
      other.delete('to');
      if (since === '') other.delete('from');
      else other.set('from', since);
      const href = `/admin/audit?${other}`.replace(/\?$/, '');
      return { href, label: t(label), current: from === since && to === '' };
    });
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const asked = readQuery(ctx, query);
    const before = placeOf(asked.before);
    const found = await searchAudit(administrator.actor, { filter: await filterOf(asked), before, limit: PAGE }, ports);
    const names = namesFor(administrator);
    const rows = [];
    for (const entry of found.entries) rows.push(await rowOf(ctx, entry, names));
    const { before: _, ...typed } = asked;
    const search = new URLSearchParams(Object.entries(typed).filter(([, value]) => value !== ''));
    const place = found.next === undefined ? undefined : `${found.next.at}.${found.next.id}`;
    const mayExport = may(administrator.actor, 'audit:export', undefined) === 'yes';
    await pages.render(
      ctx,
      'console/audit',
      {
        rows,
        oldest: await ports.auditLog.oldest(),
        kept: keptIn(languageOf(ctx), web.operation.auditRetain),
        typed,
        spans: spansOf(ctx, search, typed),
        actions: actionsInWords(ctx, typed.action),
        searched: search.size > 0,
        further: before !== undefined,
        first: `/admin/audit?${search}`,
        next: place === undefined ? undefined : `/admin/audit?${new URLSearchParams([...search, ['before', place]])}`,
        incidents: reachOf(administrator.actor, 'audit:read').length > 0,
        exported: mayExport ? `/admin/audit/export?${search}` : undefined,
      },
      frame.page(ctx, administrator, heading(ctx)),
    );
  };

  /** One JSON object a line, newest first, masked as the page is. It leaves an entry of its own. */
  const exported: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'audit:export', undefined);
    const asked = readQuery(ctx, query);
    const filter = await filterOf(asked);
    const names = namesFor(administrator);
    await ports.auditLog.append({
      id: randomId(randomBytes),
      at: now(),
      action: 'audit.exported',
      actor: auditActorOf(administrator.actor),
      details: { search: ctx.querystring.slice(0, 500) },
    });
    async function* lines() {
      for (let before: AuditPlace | undefined; ; ) {
        const { entries, next } = await searchAudit(administrator.actor, { filter, before, limit: EXPORT_PAGE }, ports);
        for (const { network, at, ...entry } of entries) {
          const seen = network === undefined ? {} : { network: names.open ? network : masked(network) };
          yield `${JSON.stringify({ at: new Date(at).toISOString(), ...entry, ...seen })}\n`;
        }
        if (next === undefined) return;
        before = next;
      }
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.attachment('audit.jsonl');
    ctx.type = 'application/jsonl';
    ctx.body = Readable.from(lines());
  };

  return { show, exported };
}

/** For how long the log is kept, in words; undefined: for ever. */
export const keptIn = (language: Language, retain: string | undefined) =>
  retain === undefined ? undefined : periodIn(language, retain);

/** The edge of the day `YYYY-MM-DD`, in epoch ms; undefined: nothing was typed. @throws HttpError 400 */
function edgeOf(text: string, edge: (day: string) => number | undefined): number | undefined {
  if (text === '') return undefined;
  const at = edge(text);
  if (at === undefined) throw new HttpError(400, 'malformed');
  return at;
}

function placeOf(text: string): AuditPlace | undefined {
  const [, at, id = ''] = /^(\d{1,15})\.(.+)$/.exec(text) ?? [];
  return at === undefined ? undefined : { at: Number(at), id };
}
