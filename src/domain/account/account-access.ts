/** Whether an account may be used at a moment, and until when: what its windows and a suspension say. */
import type { AccessWindow } from '../lifecycle/lifecycle-records.ts';
import type { Account } from './account.ts';

/**
 * Whether the account may be activated and used at `now` (epoch ms). `suspended`: whatever affiliations say, until
 * `until`, where that is known. By the affiliations: `open`, until `until`, where an end is known; `later`: no longer or
 * not yet, but from `from` on; `ended`: since `at`.
 */
export type Access = { kind: 'suspended'; until?: number } | AccessByAffiliations;
export type AccessByAffiliations =
  | { kind: 'open'; until?: number; because?: AccessWindow['because'] }
  | { kind: 'later'; from: number }
  | { kind: 'ended'; at: number };

export function accessOf(account: Pick<Account, 'windows' | 'endsAt' | 'suspension'>, now: number): Access {
  const { suspension } = account;
  if (suspension === undefined || now >= (suspension.until ?? Number.POSITIVE_INFINITY)) {
    return accessByAffiliations(account, now);
  }
  return { kind: 'suspended', ...(suspension.until === undefined ? {} : { until: suspension.until }) };
}

/** `accessOf` as if the account were not suspended. */
export function accessByAffiliations(
  { windows, endsAt }: Pick<Account, 'windows' | 'endsAt'>,
  now: number,
): AccessByAffiliations {
  let last = 0;
  for (const { from, until, because } of windows ?? [endsAt === undefined ? {} : { until: endsAt }]) {
    if (from !== undefined && now < from) return { kind: 'later', from };
    if (until === undefined || now < until)
      return { kind: 'open', ...(until === undefined ? {} : { until }), ...(because === undefined ? {} : { because }) };
    last = until;
  }
  return { kind: 'ended', at: last };
}

/** Whether the account can be used at `now` (epoch ms): it was activated, an affiliation grants access, nothing suspends it. */
export function isOpen(account: Account, now: number): boolean {
  return account.activatedAt !== undefined && !isClosed(account, now);
}

/** Whether the account grants no access at `now` (epoch ms): it has ended, has not begun, or is suspended. */
export function isClosed(account: Account, now: number): boolean {
  return accessOf(account, now).kind !== 'open';
}
