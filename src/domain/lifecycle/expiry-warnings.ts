/**
 * The end of an account: decides who is warned and when, and carries it out once it has come (journey B.8, rule 12).
 */
import { Temporal } from 'temporal-polyfill';
import type { Account, Decision, EffectInput } from '../account/account.ts';
import { accessOf } from '../account/account-access.ts';
import { dayAt, timeZone } from '../account/affiliation.ts';
import type { EmailData } from '../account/emails.ts';
import { addressesOf, emailTo } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { AuditDetails, AuditInput } from '../audit/audit-entry.ts';
import { lastEnd, withNextEnd } from './access.ts';
import { daysLeft } from './account-expiry.ts';
import { endedLetter, whyData } from './end-letters.ts';
import { explain } from './explain.ts';
import type { Ending } from './lifecycle-records.ts';
import { withWholeSignIn } from './reopening.ts';

type Context = { organisations: Organisation[]; now: number };

/** how long a record is kept, so that an end that moves away and comes back is recognised */
const REMEMBERED_MS = 366 * 24 * 60 * 60 * 1000;

/** an end that is found later than this is no news to anybody */
const TOLD_FOR_MS = 7 * 24 * 60 * 60 * 1000;

export { daysLeft };

/** Epoch ms: an account that ends at this moment or later cannot be due for a warning at `now` (epoch ms). */
export function warnedBefore(warningDays: readonly number[], now: number): number {
  const today = Temporal.PlainDate.from(dayAt(now));
  return today.add({ days: Math.max(0, ...warningDays) + 1 }).toZonedDateTime(timeZone).epochMilliseconds + 1;
}

export type Warned = { kind: 'warned'; days: number } | { kind: 'none' } | { kind: 'no-address' };

/**
 * Rule: a person whose account ends is warned once for each of `warningDays` before the last day, at one address. If
 * warnings were missed, only the nearest one goes out. An end that moves is a new end, with its own warnings. A person
 * who was never active is not warned.
 */
export function warnOfEnd(account: Account, warningDays: readonly number[], context: Context): Decision<Warned> {
  const access = accessOf(account, context.now);
  if (account.activatedAt === undefined || access.kind !== 'open' || access.until === undefined) {
    return { outcome: { kind: 'none' } };
  }
  const endsAt = access.until;
  const left = daysLeft(endsAt, context.now);
  const days = [...warningDays].sort((a, b) => a - b).find((each) => each >= left);
  const ending = endingOf(account, endsAt);
  const warned = ending?.warnedDays ?? Number.POSITIVE_INFINITY;
  if (days === undefined || days >= warned) return { outcome: { kind: 'none' } };
  const to = addressesOf(account)[0]; // the personal address first, because it does not end with the account
  if (to === undefined) return { outcome: { kind: 'no-address' } };
  return {
    outcome: { kind: 'warned', days },
    account: withEnding(account, { ...ending, endsAt, warnedDays: days }, context.now),
    effects: [
      // useless after the end; it names the day and not a number of days, so that it is true whenever it arrives
      {
        kind: 'letter',
        letter: { ...emailTo(account, to, 'account-ends', emailData(account, context), context), expiresAt: endsAt },
      },
      audit(account, 'account.end-announced', { lastDay: dayAt(endsAt - 1), days: String(days) }, context),
    ],
  };
}

/**
 * Rule: the end has come, so sessions end and applications are told; the account opens nothing since that second
 * anyway. The epoch rises for two reasons: nothing from before may work when a later enrolment reopens the account, and
 * an end that is carried out late must leave alone the sessions begun since. Where another window follows, `endsAt`
 * moves on to its end.
 * @param context `wasOpen`: the change that is being made closes an account that was open until now
 */
export function carryOutEnd(
  account: Account,
  context: Context & { wasOpen?: boolean },
): Decision<{ kind: 'carried-out' } | { kind: 'none' }> {
  const { now, wasOpen = false } = context;
  const next = withNextEnd(account, now);
  const moved = next.endsAt === account.endsAt ? {} : { account: next };
  // one that a change closed before any of its windows has ended, ends now
  const endsAt = lastEnd(account, now) ?? (wasOpen ? now : undefined);
  if (account.activatedAt === undefined || endsAt === undefined) return { outcome: { kind: 'none' }, ...moved };
  const ending = endingOf(account, endsAt);
  const open = accessOf(account, now).kind === 'open';
  if (open || (ending?.carriedOutAt !== undefined && !wasOpen)) return { outcome: { kind: 'none' }, ...moved };
  const epoch = account.credentialsEpoch + 1;
  return {
    outcome: { kind: 'carried-out' },
    account: {
      ...withEnding(withWholeSignIn(next, next, now), { ...ending, endsAt, carriedOutAt: now }, now),
      credentialsEpoch: epoch,
    },
    effects: [
      { kind: 'end-sessions', reason: 'account ended', olderThanEpoch: epoch },
      audit(account, 'account.ended', { lastDay: dayAt(endsAt - 1) }, context),
      ...(wasOpen || now - endsAt < TOLD_FOR_MS ? endedLetter(next, context) : []),
    ],
  };
}

function endingOf({ endings = [] }: Account, endsAt: number): Ending | undefined {
  return endings.find((each) => each.endsAt === endsAt);
}

function withEnding(account: Account, ending: Ending, now: number): Account {
  const others = (account.endings ?? []).filter(({ endsAt }) => {
    return endsAt !== ending.endsAt && endsAt > now - REMEMBERED_MS;
  });
  return { ...account, endings: [...others, ending] };
}

function emailData(account: Account, { organisations, now }: Context): EmailData['account-ends'] {
  const explanation = explain(account, organisations, now);
  if (explanation.kind !== 'ends') throw new TypeError('an account without an end has none to tell of');
  return { lastDay: explanation.lastDay, ...whyData(explanation.because) };
}

/**
 * The account as it is after a letter told of the end that comes next: warnings of as many days or more are not sent as
 * well.
 */
export function toldOfEnd(account: Account, now: number): Account {
  const access = accessOf(account, now);
  if (access.kind !== 'open' || access.until === undefined) return account;
  const { until: endsAt } = access;
  return withEnding(account, { ...endingOf(account, endsAt), endsAt, warnedDays: daysLeft(endsAt, now) }, now);
}

function audit<Action extends 'account.end-announced' | 'account.ended'>(
  account: Account,
  action: Action,
  details: AuditDetails[Action],
  { now }: Context,
): EffectInput {
  const entry = { at: now, action, actor: { kind: 'system' }, subject: account.id, details };
  return { kind: 'audit', entry: entry as AuditInput };
}
