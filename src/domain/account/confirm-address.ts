/** The owner's answer to an address that a feed gave to an active account (rule 26). */
import { personAudit } from '../factors/factor.ts';
import type { PreparedTicket } from '../tickets/prepared-ticket.ts';
import type { Account, Decision } from './account.ts';
import { type AddressContext, addressAudit, replacePersonalAddress } from './personal-address.ts';

export type Answered = { kind: 'confirmed' | 'declined' | 'gone' };

/** Institution addresses to which no link or code goes yet, unless the owner says that they are his or hers. `now`: epoch ms. */
export function heldForAnswer({ heldAddresses = [], personalEmail }: Account, now: number) {
  return heldAddresses.filter(({ address, until }) => until > now && address !== personalEmail);
}

/** Whether the owner is asked about an address that a feed gave. `now`: epoch ms. */
export function asksAboutAddress(account: Account, now: number): boolean {
  return account.proposedAddress !== undefined || heldForAnswer(account, now).length > 0;
}

/**
 * Rule: the owner, who has just proven to be it, answers. A confirmed personal address replaces the one before; both
 * are told, the one before can undo it, and for seven days no reset goes to the new one. A confirmed institution address
 * is held no longer. `gone`: nothing asks for an answer about this address any more.
 */
export function answerAddress(
  account: Account,
  answer: { address: string; confirmed: boolean; undo: PreparedTicket },
  context: AddressContext,
): Decision<Answered> {
  const { address, confirmed } = answer;
  const { proposedAddress, ...rest } = account;
  if (proposedAddress?.address === address) {
    if (!confirmed) {
      return {
        outcome: { kind: 'declined' },
        account: rest,
        effects: [personAudit(account, 'address.declined', {}, context)],
      };
    }
    const values = { oldAddress: account.personalEmail ?? '', newAddress: address };
    const { account: next, effects } = replacePersonalAddress(account, address, answer.undo, context);
    const actor = { kind: 'person', id: account.id } as const;
    return {
      outcome: { kind: 'confirmed' },
      account: next,
      effects: [...effects, addressAudit(account, 'address.confirmed', { kind: 'personal' }, values, actor, context)],
    };
  }
  const held = heldForAnswer(account, context.now).find((each) => each.address === address);
  if (held === undefined || !confirmed) return { outcome: { kind: 'gone' } };
  const heldAddresses = account.heldAddresses?.filter((each) => each !== held) ?? [];
  const { heldAddresses: _, ...free } = account;
  return {
    outcome: { kind: 'confirmed' },
    account: heldAddresses.length === 0 ? free : { ...free, heldAddresses },
    effects: [personAudit(account, 'address.confirmed', { kind: 'institution' }, context)],
  };
}
