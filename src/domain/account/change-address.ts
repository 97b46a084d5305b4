/** A person changes the personal address: asks for it, and confirms it by a link that is mailed to the new one. */
import { mayMail, secretEmail, withMail } from '../activation/activation.ts';
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import { ownerOfDomain } from '../feed/feed-row.ts';
import { limits } from '../rate-limits/limits.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { liveTicket, withTicket } from '../tickets/ticket.ts';
import type { Ticket } from '../tickets/ticket-record.ts';
import type { Account, Decision } from './account.ts';
import { isEmailAddress, withAsciiDomain } from './email-address.ts';
import { isHeld } from './held-addresses.ts';
import { emailTo } from './notifications.ts';
import type { Organisation } from './organisation.ts';
import { type AddressContext, addressAudit, replacePersonalAddress, undoTickets } from './personal-address.ts';
import { withProvenAddress } from './proven-addresses.ts';

export const CONFIRM_SECONDS = 24 * 60 * 60;
/** Changes in seven days: each adds a link to the account that undoes it, and none may push out an earlier one. */
const MAX_CHANGES = 3;

/** Why an address cannot become the personal one. `institution`: it opens only with this very account. */
export type AddressFault = 'missing' | 'malformed' | 'institution' | 'same';

/**
 * An address as somebody typed it, as it is stored: the domain in lower case and ASCII; the part before @ stays, because
 * it may matter to its server.
 */
export function readAddress(
  account: Account,
  typed: string,
  organisations: Organisation[],
): { kind: 'address'; address: string } | { kind: 'fault'; fault: AddressFault } {
  const text = typed.normalize('NFC').trim();
  if (text === '') return { kind: 'fault', fault: 'missing' };
  const ascii = withAsciiDomain(text);
  const at = ascii.lastIndexOf('@');
  const address = ascii.slice(0, at) + ascii.slice(at).toLowerCase();
  if (!isEmailAddress(address)) return { kind: 'fault', fault: 'malformed' };
  if (account.emails.includes(address.toLowerCase()) || ownerOfDomain(address, organisations) !== undefined) {
    return { kind: 'fault', fault: 'institution' };
  }
  return address === account.personalEmail ? { kind: 'fault', fault: 'same' } : { kind: 'address', address };
}

/** The change that waits for its confirmation; one that an earlier epoch asked for waits no more. `now`: epoch ms. */
export function addressUnderWay(account: Account, now: number): Ticket | undefined {
  return account.tickets.find(
    ({ purpose, epoch, expiresAt }) =>
      purpose === 'email-change' && epoch === account.credentialsEpoch && expiresAt > now,
  );
}

export type AskedForAddress = { kind: 'mailed' } | { kind: 'too-many-mails' } | { kind: 'too-many-changes' };

/**
 * Rule: the owner, who has just proven to be it, asks for another address. A link goes there, and nothing changes before
 * it is used. It ends the one before, and ends with the epoch: a thief who is signed out leaves none behind.
 * @param address as `readAddress` returns it; `prepared`: a ticket of purpose `email-change`
 */
export function askForAddress(
  account: Account,
  { address, prepared }: { address: string; prepared: PreparedTicket },
  context: ActingPerson,
): Decision<AskedForAddress> {
  const { now } = context;
  if (undoTickets(account, now).length >= MAX_CHANGES) return { outcome: { kind: 'too-many-changes' } };
  if (!mayMail(account, now, limits.mailsPerAccount.tries)) return { outcome: { kind: 'too-many-mails' } };
  const ticket = { ...prepared.ticket, sentTo: address, epoch: account.credentialsEpoch };
  return {
    outcome: { kind: 'mailed' },
    account: withTicket(withMail(account, now), ticket, now),
    effects: [
      secretEmail(emailTo(account, address, 'address-confirm', {}, context), prepared),
      personAudit(account, 'address.change-asked', {}, context),
    ],
  };
}

/** Rule: the owner wants the change no more that waits for its confirmation. */
export function cancelAddress(account: Account, context: ActingPerson): Decision<{ kind: 'cancelled' | 'gone' }> {
  if (addressUnderWay(account, context.now) === undefined) return { outcome: { kind: 'gone' } };
  const tickets = account.tickets.filter(({ purpose }) => purpose !== 'email-change');
  return {
    outcome: { kind: 'cancelled' },
    account: { ...account, tickets },
    effects: [personAudit(account, 'address.change-cancelled', {}, context)],
  };
}

/** The addresses of the institution to which links go where there is no personal one. `now`: epoch ms. */
export function addressesWithout(account: Account, now: number): string[] {
  return account.emails.filter((address) => !isHeld(account, address, now));
}

export type RemovedAddress = { kind: 'removed' | 'gone' | 'last' | 'too-many-changes' };

/**
 * Rule: the owner, who has just proven to be it, wants no personal address here. Both addresses are told, and for seven days
 * the reader of the one that goes takes it back, with every later change. `last`: nothing could be mailed any more.
 * @param undo a ticket of purpose `email-undo`
 */
export function removeAddress(
  account: Account,
  undo: PreparedTicket,
  context: AddressContext,
): Decision<RemovedAddress> {
  const { now } = context;
  if (account.personalEmail === undefined) return { outcome: { kind: 'gone' } };
  if (addressesWithout(account, now).length === 0) return { outcome: { kind: 'last' } };
  if (undoTickets(account, now).length >= MAX_CHANGES) return { outcome: { kind: 'too-many-changes' } };
  const { account: next, effects } = replacePersonalAddress(account, undefined, undo, context);
  const values = { oldAddress: account.personalEmail, newAddress: '' };
  const actor = { kind: 'person', id: account.id } as const;
  return {
    outcome: { kind: 'removed' },
    account: next,
    effects: [...effects, addressAudit(account, 'address.changed', {}, values, actor, context)],
  };
}

/** Whether this ticket of a mailed link still confirms something. `now`: epoch ms. */
export function confirmationOf(account: Account, ticketId: string, now: number): Ticket | undefined {
  const ticket = liveTicket(account, ticketId, ['email-change'], now);
  return ticket?.epoch === account.credentialsEpoch ? ticket : undefined;
}

/**
 * Rule: the link came back in a session of the owner, so the address is read by the same person: it becomes the personal
 * one. Of parallel uses one wins. `dead`: it was used, replaced, cancelled, or is too old.
 * @param undo a ticket of purpose `email-undo`
 */
export function confirmAddress(
  account: Account,
  ticketId: string,
  undo: PreparedTicket,
  context: AddressContext,
): Decision<{ kind: 'changed' | 'dead' }> {
  const address = confirmationOf(account, ticketId, context.now)?.sentTo;
  if (address === undefined) return { outcome: { kind: 'dead' } };
  const { account: next, effects } = replacePersonalAddress(account, address, undo, context);
  const proven = withProvenAddress({ ...next, tickets: account.tickets }, ticketId);
  const values = { oldAddress: account.personalEmail ?? '', newAddress: address };
  return {
    outcome: { kind: 'changed' },
    account: { ...proven, tickets: next.tickets },
    effects: [
      ...effects,
      addressAudit(account, 'address.changed', {}, values, { kind: 'person', id: account.id }, context),
    ],
  };
}
