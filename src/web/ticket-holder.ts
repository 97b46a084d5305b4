/**
 * Finds the account that holds a ticket. Opening a link changes nothing, because mail scanners open links (rule 11).
 */
import type Koa from 'koa';
import type { Account } from '../domain/account/account.ts';
import { dayAt } from '../domain/account/affiliation.ts';
import { homeOrganisation, type Organisation } from '../domain/account/organisation.ts';
import { liveTicket, ticketId } from '../domain/tickets/ticket.ts';
import type { TicketPurpose } from '../domain/tickets/ticket-record.ts';
import { preferLanguage } from '../http/language.ts';
import type { Web } from './web.ts';

export type Holder = { account: Account; ticketId: string };

/**
 * Finds the account by the token of a mailed link. `holder` only if the ticket is still valid; `account` also if it is
 * expired or used but still stored.
 */
export async function holderOf(
  web: Web,
  token: string,
  purpose: TicketPurpose,
): Promise<{ holder?: Holder; account?: Account }> {
  const id = ticketId(token);
  const account = await web.accounts.findByTicket(id);
  if (account === undefined) return {};
  const ticket = liveTicket(account, id, [purpose], web.now());
  return ticket === undefined ? { account } : { holder: { account, ticketId: id }, account };
}

/**
 * What a page about this account shows: its number and the branding of its organisation. Sets the account's own
 * language, unless the visitor chose another.
 */
export function brandingOf(
  web: Web,
  ctx: Koa.Context,
  account: Account,
): { number: string; organisation: Organisation } {
  preferLanguage(ctx, account.language);
  return {
    number: account.userNumbers[0] ?? account.emails[0] ?? '',
    organisation: homeOrganisation(account, web.organisations, dayAt(web.now())),
  };
}
