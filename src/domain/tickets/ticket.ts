/** Tickets: single-use proofs kept in the account, known by a mailed link, a short code or both (rules 4, 11). */
import { createHash } from 'node:crypto';
import type { Account, Decision } from '../account/account.ts';
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { normalizeCode, randomCode } from './short-code.ts';
import type { Ticket, TicketPurpose } from './ticket-record.ts';

const CODE_LENGTH = 8; // 39 bits against ten tries
const MAX_TRIES = 10;
const TOKEN_BYTES = 24; // 192 bits: the link is never guessed, so it needs no counter

/** How long a link of "this was not me" works: long enough for a holiday, and it does no more than put people out. */
export const NOT_ME_SECONDS = 30 * 24 * 60 * 60;

export type NewTicket = {
  ticket: Ticket;
  /** for the link, base64url; only its hash is stored */
  token: string;
  /** for typing, `XXXX-XXXX`; absent: not asked for */
  code?: string;
};

/** A new ticket that is not in the account yet (see `withTicket`). `lifetimeSeconds` counts from `now` (epoch ms). */
export function newTicket(
  context: { purpose: TicketPurpose; accountId: string; lifetimeSeconds: number; withCode: boolean; sentTo?: string },
  sealer: Sealer,
  now: number,
  randomBytes: RandomBytes,
): NewTicket {
  const token = Buffer.from(randomBytes(TOKEN_BYTES)).toString('base64url');
  const ticket: Ticket = {
    id: ticketId(token),
    purpose: context.purpose,
    createdAt: now,
    expiresAt: now + context.lifetimeSeconds * 1000,
    tries: 0,
    ...(context.sentTo === undefined ? {} : { sentTo: context.sentTo }),
  };
  if (!context.withCode) return { ticket, token };
  const code = randomCode(CODE_LENGTH, randomBytes);
  ticket.codeMac = sealer.mac('ticket-code', context.accountId, context.purpose, code);
  return { ticket, token, code: `${code.slice(0, 4)}-${code.slice(4)}` };
}

/** The id under which a link's token is stored: its SHA-256 in hex. */
export function ticketId(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * The account with this ticket in place of older ones of its purpose, and without expired ones. `now`: epoch ms. A
 * pending password or enrolment moves to the new ticket only if both went to one address, because the reader of another
 * address may have chosen it (rule 6).
 */
export function withTicket(account: Account, ticket: Ticket, now: number): Account {
  const live = account.tickets.filter(({ expiresAt }) => expiresAt > now);
  const before = live.findLast(({ purpose, sentTo }) => purpose === ticket.purpose && sentTo === ticket.sentTo);
  const pending = ticket.pending ?? before?.pending;
  return {
    ...account,
    tickets: [
      ...live.filter(({ purpose }) => purpose !== ticket.purpose),
      { ...ticket, ...(pending === undefined ? {} : { pending }) },
    ],
  };
}

/** The account without the ticket of that id. */
export function withoutTicket(account: Account, id: string): Account {
  return { ...account, tickets: account.tickets.filter((ticket) => ticket.id !== id) };
}

/** The ticket of that id, if it has not expired at `now` (epoch ms) and has one of these purposes. */
export function liveTicket(
  account: Account,
  id: string,
  purposes: readonly TicketPurpose[],
  now: number,
): Ticket | undefined {
  return account.tickets.find(
    (ticket) => ticket.id === id && purposes.includes(ticket.purpose) && ticket.expiresAt > now,
  );
}

/**
 * Rule: somebody typed a code. A right one gives its ticket and spends nothing. A wrong one counts against every live
 * code of that purpose; ten end a code (`exhausted`), while the link goes on working. `none`: no code is live. `now`:
 * epoch ms.
 */
export function matchCode(
  account: Account,
  purpose: TicketPurpose,
  typed: string,
  sealer: Sealer,
  now: number,
): Decision<{ kind: 'matched'; ticket: Ticket } | { kind: 'wrong' } | { kind: 'exhausted' } | { kind: 'none' }> {
  const open = account.tickets.filter(
    (ticket) => ticket.purpose === purpose && ticket.codeMac !== undefined && ticket.expiresAt > now,
  );
  if (open.length === 0) return { outcome: { kind: 'none' } };
  const tryable = open.filter(({ tries }) => tries < MAX_TRIES);
  if (tryable.length === 0) return { outcome: { kind: 'exhausted' } };
  const code = normalizeCode(typed);
  const matched = tryable.find(({ codeMac = '' }) =>
    sealer.macMatches(codeMac, 'ticket-code', account.id, purpose, code),
  );
  if (matched !== undefined) return { outcome: { kind: 'matched', ticket: matched } };
  const tickets = account.tickets.map((ticket) =>
    tryable.includes(ticket) ? { ...ticket, tries: ticket.tries + 1 } : ticket,
  );
  return { outcome: { kind: 'wrong' }, account: { ...account, tickets } };
}
