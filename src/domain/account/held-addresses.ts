/** Addresses that a feed gave to a person lately: for seven days no link or code goes to them (rule 26). */
import type { Account } from './account.ts';

export const HELD_MS = 7 * 24 * 60 * 60 * 1000;

/** Whether no link or code goes to this address yet, because its owner has not confirmed it. `now`: epoch ms. */
export function isHeld({ heldAddresses = [] }: Account, address: string, now: number): boolean {
  return heldAddresses.some((held) => held.address === address && held.until > now);
}

/**
 * The address to which a link or code goes that opens the account: the personal one first, because it can be read
 * without signing in. Undefined: there is none that is not held. `now`: epoch ms.
 */
export function recoveryAddressOf(account: Account, now: number): string | undefined {
  return [account.personalEmail, ...account.emails].find(
    (address) => address !== undefined && !isHeld(account, address, now),
  );
}

/** The account with these addresses held from `now` (epoch ms) on. What has passed, or is not on file, is forgotten. */
export function withHeldAddresses(account: Account, addresses: string[], now: number): Account {
  const { heldAddresses = [], ...rest } = account;
  const onFile = [account.personalEmail, ...account.emails];
  const held = [
    ...heldAddresses.filter(({ address, until }) => until > now && !addresses.includes(address)),
    ...addresses.map((address) => ({ address, until: now + HELD_MS })),
  ].filter(({ address }) => onFile.includes(address));
  return held.length === 0 ? rest : { ...rest, heldAddresses: held };
}
