/** The owner's answer to an address that a feed gave to an active account (rule 26). */
import { type ActingPerson, personAudit } from '../factors/factor.ts';
import type { Account, Decision } from './account.ts';
import { withHeldAddresses } from './held-addresses.ts';
import { notices } from './notifications.ts';

export type Answered = { kind: 'confirmed' | 'declined' | 'gone' };

/**
 * Rule: the owner, who has just proven to be it, answers. A confirmed personal address replaces the one before; both
 * are told, and for seven days no reset goes to the new one. A confirmed institution address is held no longer.
 * `gone`: nothing asks for an answer about this address any more.
 */
export function answerAddress(
  account: Account,
  answer: { address: string; confirmed: boolean },
  context: ActingPerson,
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
    const claims = { ...account.claims, updated_at: Math.floor(context.now / 1000) };
    const next = withHeldAddresses({ ...rest, personalEmail: address, claims }, [address], context.now);
    const data = { oldAddress: account.personalEmail ?? '', newAddress: address };
    const letters = [
      ...notices(account, 'address-changed', data, context),
      ...notices(next, 'address-changed', data, context),
    ];
    const told = new Set<string>();
    return {
      outcome: { kind: 'confirmed' },
      account: {
        ...next,
        tickets: next.tickets.filter(({ sentTo }) => sentTo === undefined || sentTo !== account.personalEmail),
      },
      effects: [
        ...letters.filter((effect) => {
          const to = effect.kind === 'letter' ? effect.letter.to : '';
          return !told.has(to) && told.add(to);
        }),
        personAudit(account, 'address.confirmed', { kind: 'personal' }, context),
      ],
    };
  }
  const held = account.heldAddresses?.find((each) => each.address === address && each.until > context.now);
  if (held === undefined || !confirmed || address === account.personalEmail) return { outcome: { kind: 'gone' } };
  const heldAddresses = account.heldAddresses?.filter((each) => each !== held) ?? [];
  const { heldAddresses: _, ...free } = account;
  return {
    outcome: { kind: 'confirmed' },
    account: heldAddresses.length === 0 ? free : { ...free, heldAddresses },
    effects: [personAudit(account, 'address.confirmed', { kind: 'institution' }, context)],
  };
}
