/** Why a person has the account, in the words of the account page. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { lastDayOf } from '../../domain/account/affiliation.ts';
import { tagOf } from '../../domain/account/languages.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';

/** Each with the names of organisation and role, and its days (`YYYY-MM-DD`). */
export function affiliationsInWords(account: Account, web: Web, ctx: Koa.Context) {
  const language = languageOf(ctx);
  const t = web.pages.t(ctx);
  return account.affiliations.map((affiliation) => {
    const { organisation, role, from } = affiliation;
    return {
      organisation: web.organisations.find(({ id }) => id === organisation)?.name[language] ?? organisation,
      role: affiliationRoles.includes(role) ? t(`account.role_${role as 'student'}`) : role,
      from,
      until: lastDayOf(affiliation),
    };
  });
}

/** A calendar day (`YYYY-MM-DD`), as an element. */
export function dayElement(date: string, ctx: Koa.Context): string {
  return `<time datetime="${date}" title="${dayIn(date, 'full', ctx)}">${dayIn(date, 'long', ctx)}</time>`;
}

function dayIn(date: string, dateStyle: 'long' | 'full', ctx: Koa.Context): string {
  const format = new Intl.DateTimeFormat(tagOf(languageOf(ctx)), { dateStyle, timeZone: 'UTC' });
  return format.format(new Date(`${date}T12:00:00Z`));
}
