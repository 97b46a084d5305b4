/** What happened to the account, in sentences: 90 days of it, failures too. */
import type Koa from 'koa';
import { z } from 'zod';
import { dayAt } from '../../domain/account/affiliation.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';
import { readQuery, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import { ACTIVITY_DAYS, ownActivity } from '../../use-cases/account/own-activity.ts';
import type { Web } from '../web.ts';
import type { AccountFrame } from './account-frame.ts';
import { activityInWords } from './activity-in-words.ts';
import { applicationNames } from './application-names.ts';
import { dayInWords, timeOfDay } from './moment-in-words.ts';

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
        days: await byDay(ctx, entries),
        first: before === '' ? undefined : LIST,
        next: next === undefined ? undefined : `${LIST}?${new URLSearchParams({ before: next })}`,
        length: ACTIVITY_DAYS,
        done: frame.done(ctx),
      },
      frame.page(ctx, visitor, 'activity', web.pages.t(ctx)('activity.title')),
    );
  }

  /** In the order of the entries, which are the newest first. */
  async function byDay(ctx: Koa.Context, entries: AuditEntry[]) {
    const language = languageOf(ctx);
    const ids = new Set(entries.flatMap(({ client }) => client ?? []));
    const context = {
      t: web.pages.t(ctx),
      language,
      names: await applicationNames(ports.clients, ids, language),
      placeNamed: web.placeNamed,
    };
    const days: { day: string; rows: (ReturnType<typeof activityInWords> & { at: number; time: string })[] }[] = [];
    let last: string | undefined;
    for (const entry of entries) {
      const date = dayAt(entry.at);
      if (date !== last) days.push({ day: dayInWords(language, entry.at, now()), rows: [] });
      last = date;
      const row = { ...activityInWords(entry, context), at: entry.at, time: timeOfDay(language, entry.at) };
      days.at(-1)?.rows.push(row);
    }
    return days;
  }

  return { show };
}
