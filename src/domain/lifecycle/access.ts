/** Makes the times at which an account opens of its affiliations and of the rules of its organisations. */
import type { Account } from '../account/account.ts';
import { accessByAffiliations } from '../account/account-access.ts';
import type { Organisation } from '../account/organisation.ts';
import type { Affiliation } from '../feed/fed-records.ts';
import { closesAt, opensFrom, rulesOf, rulesVersionOf } from './access-rules.ts';
import type { AccessWindow } from './lifecycle-records.ts';

/**
 * The windows of these affiliations, joined where they meet, in order. An affiliation grants access from its
 * organisation's `opens` before its first day until it closes (access-rules.ts). Undefined: there is no affiliation, so
 * nothing says when access begins or ends.
 */
export function windowsOf(affiliations: Affiliation[], organisations: Organisation[]): AccessWindow[] | undefined {
  if (affiliations.length === 0) return undefined;
  const intervals = affiliations
    .map((affiliation) => intervalOf(affiliation, organisations))
    .sort((a, b) => (a.from ?? 0) - (b.from ?? 0));
  const windows: AccessWindow[] = [];
  for (const interval of intervals) {
    const last = windows.at(-1);
    if (last === undefined || (last.until !== undefined && last.until < (interval.from ?? 0))) windows.push(interval);
    else if (last.until !== undefined && (interval.until === undefined || interval.until > last.until)) {
      const { from } = last;
      const { until, because } = interval;
      windows[windows.length - 1] = {
        ...(from === undefined ? {} : { from }),
        ...(until === undefined ? {} : { until }),
        ...(because === undefined ? {} : { because }),
      };
    }
  }
  return windows;
}

/** An affiliation that ended before it would have opened makes an empty window, so that its end is known. */
function intervalOf({ source: _, ...affiliation }: Affiliation, organisations: Organisation[]): AccessWindow {
  const rules = rulesOf(affiliation, organisations);
  const until = closesAt(affiliation, rules);
  const from = opensFrom(affiliation, rules);
  return {
    ...(from === undefined ? {} : { from: Math.min(from, until ?? from) }),
    ...(until === undefined ? {} : { until, because: affiliation }),
  };
}

/** The account with the windows of its affiliations, and the end that comes next. `now`: epoch ms. */
export function withWindows(account: Account, organisations: Organisation[], now: number): Account {
  const { windows: _, endsAt: __, rulesVersion: ___, ...rest } = account;
  const windows = windowsOf(account.affiliations, organisations);
  if (windows === undefined) return rest;
  return withNextEnd({ ...rest, windows, rulesVersion: rulesVersionOf(account.affiliations, organisations) }, now);
}

/** The account with `endsAt` moved on to the end that comes next; where all have come, to the last. `now`: epoch ms. */
export function withNextEnd(account: Account, now: number): Account {
  const { windows } = account;
  if (windows === undefined) return account;
  const window = windows.find(({ until }) => until === undefined || now < until) ?? windows.at(-1);
  const { endsAt: _, ...rest } = account;
  return window?.until === undefined ? rest : { ...rest, endsAt: window.until };
}

/** The latest end that has come at `now` (epoch ms). Undefined: none has. */
export function lastEnd({ windows, endsAt }: Account, now: number): number | undefined {
  const ends = windows?.map(({ until }) => until) ?? [endsAt];
  return ends.filter((end) => end !== undefined && end <= now).at(-1);
}

/**
 * Epoch ms at which the account opens for the first time or again, as far as its affiliations know. Undefined: it is open,
 * or has ended for good.
 */
export function opensAt(account: Account, now: number): number | undefined {
  const access = accessByAffiliations(account, now);
  return access.kind === 'later' ? access.from : undefined;
}
