/** Explains to a person when the account ends and which affiliation decides it. */
import { Temporal } from 'temporal-polyfill';
import type { Account } from '../account/account.ts';
import { accessOf } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import type { Organisation } from '../account/organisation.ts';
import { closesAt, rulesOf } from './access-rules.ts';
import type { AccessWindow } from './lifecycle-records.ts';

const WARNED_MS = 30 * 24 * 60 * 60 * 1000;

export type AccountEnd = {
  /** epoch ms of the last moment at which the account works */
  lastAt: number;
  /** calendar days from today to the last one; 0: today */
  daysLeft: number;
  /** the affiliation that lasts longest; absent: none set the end */
  because?: NonNullable<AccessWindow['because']>;
  /** within 30 days: the page says so at the top */
  soon: boolean;
};

/** The end of an account that is open. Undefined: none is known. `now`: epoch ms. */
export function endOf(account: Account, organisations: Organisation[], now: number): AccountEnd | undefined {
  const access = accessOf(account, now);
  if (access.kind !== 'open' || access.until === undefined) return undefined;
  const { until } = access;
  const because =
    access.because ?? (account.windows === undefined ? lastingLongest(account, organisations) : undefined);
  return {
    lastAt: until - 1,
    daysLeft: daysLeft(until, now),
    soon: until - now < WARNED_MS,
    ...(because === undefined ? {} : { because }),
  };
}

/**
 * Whole calendar days in Brussels from today to the last day of an account that ends at `endsAt`; 0: today. Both in
 * epoch ms.
 */
export function daysLeft(endsAt: number, now: number): number {
  const [today, last] = [dayAt(now), dayAt(endsAt - 1)].map((day) => Temporal.PlainDate.from(day));
  if (today === undefined || last === undefined) throw new TypeError('there is always a day');
  return today.until(last).days;
}

/** For an account whose windows are not written yet. Its end stands, though the rules may have changed since. */
function lastingLongest({ affiliations }: Account, organisations: Organisation[]): AccountEnd['because'] {
  const ends = affiliations.map((affiliation) => ({
    affiliation,
    at: closesAt(affiliation, rulesOf(affiliation, organisations)) ?? 0,
  }));
  return ends.sort((a, b) => b.at - a.at)[0]?.affiliation;
}
