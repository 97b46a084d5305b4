/** What happened to the account, in sentences: 90 days of it, failures too. */
import type Koa from 'koa';
import { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { disown, isDisownable } from '../../domain/account/disown.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';
import { readForm, readQuery, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import { ACTIVITY_DAYS, entryName, ownActivity, ownEntry } from '../../use-cases/account/own-activity.ts';
import type { EntryContext } from '../audit-in-words.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';
import { activityInWords } from './activity-in-words.ts';
import { applicationNames } from './application-names.ts';
import { dayInWords, timeOfDay } from './moment-in-words.ts';
import { DONE } from './not-me.ts';

const LIST = '/account/activity';

/** Handlers of `/account/activity`. */
export function createAccountActivity(web: Web, frame: AccountFrame) {
  const { ports, now } = web;

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { before } = readQuery(ctx, z.object({ before: trimmed(250) }));
    const { entries, next } = await ownActivity(visitor.account.id, { before, now: now() }, ports);
    await web.pages.render(
      ctx,
      'account/activity',
      {
        days: await byDay(ctx, visitor.account, entries),
        first: before === '' ? undefined : LIST,
        next: next === undefined ? undefined : `${LIST}?${new URLSearchParams({ before: next })}`,
        length: ACTIVITY_DAYS,
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'activity', web.pages.t(ctx)('activity.title')),
    );
  }

  /** In the order of the entries, which are the newest first. */
  async function byDay(ctx: Koa.Context, account: Account, entries: AuditEntry[]) {
    const language = languageOf(ctx);
    const context = await contextOf(ctx, entries);
    const days: { day: string; rows: ReturnType<typeof rowOf>[] }[] = [];
    let last: string | undefined;
    const { id } = account;
    for (const entry of entries) {
      const date = dayAt(entry.at);
      if (date !== last) days.push({ day: dayInWords(language, entry.at, now()), rows: [] });
      last = date;
      days.at(-1)?.rows.push(rowOf(entry, id, context));
    }
    return days;
  }

  async function contextOf(ctx: Koa.Context, entries: AuditEntry[]): Promise<EntryContext> {
    const language = languageOf(ctx);
    const ids = new Set(entries.flatMap(({ client }) => client ?? []));
    const names = await applicationNames(ports.clients, ids, language);
    return { t: web.pages.t(ctx), language, names, placeNamed: web.placeNamed };
  }

  function rowOf(entry: AuditEntry, accountId: string, context: EntryContext) {
    const name = entryName(entry);
    return {
      ...activityInWords(entry, context),
      name,
      at: entry.at,
      time: timeOfDay(context.language, entry.at),
      notMe: isDisownable(entry, accountId, now())
        ? `${LIST}/not-me?${new URLSearchParams({ entry: name })}`
        : undefined,
    };
  }

  /** The entry, if it is one of this person that can be disowned. */
  async function disownableEntry({ account }: Visitor, name: string): Promise<AuditEntry | undefined> {
    const entry = await ownEntry(account.id, { name, now: now() }, ports);
    return entry !== undefined && isDisownable(entry, account.id, now()) ? entry : undefined;
  }

  /** Says what it will mean, before it is done. */
  async function confirm(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const entry = await disownableEntry(visitor, readQuery(ctx, z.object({ entry: trimmed(250) })).entry);
    if (entry === undefined) return frame.goTo(ctx, LIST);
    const row = rowOf(entry, visitor.account.id, await contextOf(ctx, [entry]));
    const page = frame.page(ctx, visitor, 'activity', web.pages.t(ctx)('activity.not_me_title'));
    await web.pages.render(ctx, 'account/not-me', { row }, page);
  }

  /** POST. No step-up: who holds a session only ends it, and every other one, by this. */
  async function act(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const fields = await readForm(ctx, z.object({ action: trimmed(40), entry: trimmed(250) }));
    const entry = fields.action === 'not-me' ? await disownableEntry(visitor, fields.entry) : undefined;
    if (entry === undefined) return frame.goTo(ctx, LIST);
    const { at, action, details = {} } = entry;
    const what = { at, action, ...(action === 'sign-in' && details.browser ? { browser: details.browser } : {}) };
    const by = { sessionEpoch: visitor.session.epoch };
    await web.update(visitor.account.id, (read) => disown(read, what, by, visitor.acting));
    frame.goTo(ctx, DONE);
  }

  return { show, confirm, act };
}
