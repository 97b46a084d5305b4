/**
 * Replaces the personal address of an active account, and undoes it: both addresses hear, no reset goes to the new one
 * for seven days, and as long the reader of the earlier one can take it back (rule 26).
 */
import { secretEmail } from '../activation/activation.ts';
import type { AuditDetails } from '../audit/audit-entry.ts';
import { sealValues } from '../audit/sealed-audit-values.ts';
import type { ActingPerson } from '../factors/factor.ts';
import type { RandomBytes } from '../random.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import { liveTicket } from '../tickets/ticket.ts';
import type { Ticket } from '../tickets/ticket-record.ts';
import type { Account, Decision, EffectInput } from './account.ts';
import type { EmailTemplate } from './emails.ts';
import { HELD_MS, withHeldAddresses } from './held-addresses.ts';
import { addressesOf, emailTo } from './notifications.ts';
import { withProvenAddress } from './proven-addresses.ts';

/** Who acts, and by what old and new values are sealed for the audit log (rule 28). */
export type AddressContext = ActingPerson & { sealer: Pick<Sealer, 'lastingKeys'>; randomBytes: RandomBytes };

export const UNDO_SECONDS = HELD_MS / 1000;

/** The changes of the last seven days that can still be undone, oldest first. `now`: epoch ms. */
export function undoTickets({ tickets }: Account, now: number): Ticket[] {
  return tickets.filter(({ purpose, expiresAt }) => purpose === 'email-undo' && expiresAt > now);
}

/**
 * The account with this personal address, or without one where `address` is undefined. What was mailed to the one before and could open the account is void, and a
 * change that waited for its confirmation too. The letter to the one before, or where there was none to the
 * institution's, has the link that undoes it.
 * @param undo a ticket of purpose `email-undo`
 */
export function replacePersonalAddress(
  account: Account,
  address: string | undefined,
  undo: PreparedTicket,
  context: AddressContext,
): { account: Account; effects: EffectInput[] } {
  const { now } = context;
  const { proposedAddress, personalEmail: before, ...rest } = account;
  const claims = { ...account.claims, updated_at: Math.floor(now / 1000) };
  const [fresh, held] = address === undefined ? [{}, []] : [{ personalEmail: address }, [address]];
  const next = withHeldAddresses({ ...rest, ...fresh, claims }, held, now);
  const heldUntil = account.heldAddresses?.find((held) => held.address === before && held.until > now)?.until;
  const [told] = addressesOf(account);
  const undoes = {
    to: address ?? '',
    ...(before === undefined ? {} : { from: before }),
    ...(heldUntil === undefined ? {} : { heldUntil }),
  };
  const tickets = next.tickets.filter(({ purpose, sentTo, expiresAt }) => {
    if (purpose === 'email-undo') return expiresAt > now;
    return purpose !== 'email-change' && (sentTo === undefined || sentTo !== before);
  });
  const data = { oldAddress: before ?? '', newAddress: address ?? '' };
  return {
    account: {
      ...next,
      ...(proposedAddress === undefined || proposedAddress.address === address ? {} : { proposedAddress }),
      tickets: told === undefined ? tickets : [...tickets, { ...undo.ticket, sentTo: told, undoes }],
    },
    effects: lettersTo([...addressesOf(account), ...addressesOf(next)], account, 'address-changed', data, context).map(
      (effect) => (effect.letter.to === told ? secretEmail(effect.letter, undo) : effect),
    ),
  };
}

export type Undone = { kind: 'undone'; address: string | undefined } | { kind: 'dead' };

/**
 * Rule: the reader of the earlier address takes the change back, with every later one. Whoever made it is signed out
 * everywhere (the epoch rises), and everything that was mailed to the address that goes is void. An address that was
 * held when it was replaced stays held. `dead`: undone before, or older than seven days.
 */
export function undoAddress(account: Account, ticketId: string, context: AddressContext): Decision<Undone> {
  const { now } = context;
  const ticket = liveTicket(account, ticketId, ['email-undo'], now);
  if (ticket?.undoes === undefined) return { outcome: { kind: 'dead' } };
  const { from, heldUntil } = ticket.undoes;
  const { personalEmail: removed, heldAddresses: _, ...rest } = account;
  const at = account.tickets.indexOf(ticket);
  const heldAddresses = [
    ...(account.heldAddresses ?? []).filter(({ address }) => address !== from && account.emails.includes(address)),
    ...(from === undefined || heldUntil === undefined || heldUntil <= now ? [] : [{ address: from, until: heldUntil }]),
  ];
  const restored: Account = {
    ...rest,
    ...(from === undefined ? {} : { personalEmail: from }),
    ...(heldAddresses.length === 0 ? {} : { heldAddresses }),
    claims: { ...account.claims, updated_at: Math.floor(now / 1000) },
  };
  const epoch = account.credentialsEpoch + 1;
  const data = { gone: removed ?? '', back: from ?? '' };
  const values = { oldAddress: data.gone, newAddress: data.back };
  return {
    outcome: { kind: 'undone', address: from },
    account: {
      ...withProvenAddress(restored, ticketId),
      credentialsEpoch: epoch,
      tickets: account.tickets.filter(({ purpose, sentTo }, index) => {
        if (purpose === 'email-undo') return index < at;
        return purpose !== 'email-change' && (sentTo === undefined || sentTo !== removed);
      }),
    },
    effects: [
      { kind: 'end-sessions', reason: 'a change of the personal address was undone', olderThanEpoch: epoch },
      ...lettersTo([...addressesOf(account), ...addressesOf(restored)], account, 'address-undone', data, context),
      // whoever reads the mailbox, and has proven nothing else
      addressAudit(account, 'address.change-undone', {}, values, { kind: 'anonymous' }, context),
    ],
  };
}

type AddressAction = 'address.changed' | 'address.change-undone' | 'address.confirmed';

/** The audit entry of a change, with the old and the new address sealed for this person (rule 28). */
export function addressAudit<Action extends AddressAction>(
  account: Account,
  action: Action,
  details: AuditDetails[Action],
  { oldAddress, newAddress }: { oldAddress: string; newAddress: string },
  actor: { kind: 'person' | 'anonymous'; id?: string },
  { now, network, sealer, randomBytes }: AddressContext,
): EffectInput {
  const values = { old: { personalEmail: oldAddress }, new: { personalEmail: newAddress } };
  const entry = {
    at: now,
    action,
    actor,
    subject: account.id,
    ...(network === undefined ? {} : { network }),
    details,
    sealedValues: sealValues(sealer, account, values, randomBytes),
  };
  return { kind: 'audit', entry } as EffectInput;
}

/** One letter to each of these addresses. */
function lettersTo<Template extends EmailTemplate>(
  addresses: string[],
  account: Account,
  template: Template,
  data: Parameters<typeof emailTo<Template>>[3],
  context: ActingPerson,
) {
  return [...new Set(addresses)].map((to) => ({
    kind: 'letter' as const,
    letter: emailTo(account, to, template, data, context),
  }));
}
