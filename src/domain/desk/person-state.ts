/** Where a person stands with the account, for those who look after people. */
import type { Account } from '../account/account.ts';
import { accessOf } from '../account/account-access.ts';

/**
 * `not-invited`: nothing was mailed yet. `invited`: never active; `last`: epoch ms of the last letter in the last 48 hours,
 * absent where it is longer ago. `active`: usable; `until`: epoch ms. `not-yet`: activated or not, it opens at `from`.
 */
export type PersonState =
  | { kind: 'not-invited' }
  | { kind: 'invited'; last?: number }
  | { kind: 'active'; until?: number }
  | { kind: 'not-yet'; from: number }
  | { kind: 'suspended'; until?: number }
  | { kind: 'ended'; at: number };

/** @param now epoch ms */
export function stateOf(account: Account, now: number): PersonState {
  const access = accessOf(account, now);
  if (access.kind === 'ended' || access.kind === 'suspended') return access;
  if (access.kind === 'later') return { kind: 'not-yet', from: access.from };
  if (account.activatedAt !== undefined)
    return { kind: 'active', ...(access.until === undefined ? {} : { until: access.until }) };
  const last = account.mailedAt.at(-1);
  if (last === undefined && account.tickets.length === 0) return { kind: 'not-invited' };
  return { kind: 'invited', ...(last === undefined ? {} : { last }) };
}
