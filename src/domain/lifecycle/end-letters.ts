/** The letters about ends: which data they carry, who gets them, and whether they are still true when they are delivered. */
import { Temporal } from 'temporal-polyfill';
import type { Account, EffectInput } from '../account/account.ts';
import { accessByAffiliations, isOpen } from '../account/account-access.ts';
import { dayAt, isCurrent, stopDayOf } from '../account/affiliation.ts';
import type { Email, EmailData } from '../account/emails.ts';
import { addressesOf, emailTo, notices } from '../account/notifications.ts';
import type { Organisation } from '../account/organisation.ts';
import type { Affiliation } from '../feed/fed-records.ts';
import { lastEnd } from './access.ts';
import { type Because, becauseOf, type Explanation, explain, waysToEnd } from './explain.ts';
import { suspensionOf } from './suspension.ts';

type Context = { organisations: Organisation[]; now: number };
type WhyData = Pick<EmailData['account-ends'], 'organisation' | 'role' | 'how' | 'day'>;

/** An explanation as a letter carries it. */
export const whyData = (because: Because | undefined): WhyData => ({ ...because });

/** What `whyData` and earlier versions (`endedOn`, without a role) stored. Undefined: the letter gives no reason. */
export function whyOf(data: Record<string, string>): Because | undefined {
  const { organisation, role = '', how, day, endedOn } = data;
  if (organisation === undefined) return undefined;
  if (endedOn !== undefined) return { organisation, role, how: 'stopped', day: endedOn };
  if (day === undefined) return undefined;
  return { organisation, role, how: waysToEnd.find((each) => each === how) ?? 'stopped', day };
}

/** That the account has ended: to one address, because that of the institution may have ended with it. */
export function endedLetter(account: Account, context: Context): EffectInput[] {
  const [to] = addressesOf(account);
  const explanation = explain(account, context.organisations, context.now);
  if (to === undefined || explanation.kind !== 'ended') return [];
  const { lastDay, opens, because } = explanation;
  const data = { lastDay, ...(opens === undefined ? {} : { opens }), ...whyData(because) };
  return [{ kind: 'letter', letter: emailTo(account, to, 'account-ended', data, context) }];
}

/**
 * What a feed's change means to the person: the account is open again, or an affiliation stops before its time and the
 * account goes on for a while. Who was never active hears nothing, nor who keeps the role there by another source or row.
 * That it ends at once, `endedLetter` tells.
 */
export function lettersOnChange(before: Account, after: Account, context: Context): EffectInput[] {
  const { organisations, now } = context;
  if (before.activatedAt === undefined || !isOpen(after, now)) return [];
  if (!isOpen(before, now)) {
    const newPassword = after.passwordExpiredAt === undefined ? '' : 'due';
    return notices(after, 'account-open-again', { newPassword }, context);
  }
  const [to] = addressesOf(after);
  const stopped = newlyStopped(before, after, now);
  const because = becauseOf(stopped && withoutSource(stopped), now);
  if (to === undefined || because === undefined) return [];
  const end = explain(after, organisations, now);
  const lastDay = end.kind === 'ends' ? end.lastDay : '';
  const data = { lastDay, ...whyData(because) };
  return [{ kind: 'letter', letter: emailTo(after, to, 'registration-stopped', data, context) }];
}

function newlyStopped(before: Account, after: Account, now: number): Affiliation | undefined {
  return after.affiliations.find((stopped) => {
    const { endedOn, withdrawnAt } = stopped;
    // a day that was planned with its kind is no word yet of one that is official
    const saidBefore = (each: Affiliation) => {
      if (withdrawnAt !== undefined) return each.withdrawnAt;
      return endedOn === undefined ? stopDayOf(each) : each.endedOn;
    };
    const day = stoppedOn(stopped);
    const last = before.affiliations.filter((each) => isSameRole(each, stopped) && each.source === stopped.source);
    return (
      day !== undefined &&
      // of several entries of a source one may have stopped before
      !last.some((each) => stopDayOf(each) === stopDayOf(stopped) && each.withdrawnAt === withdrawnAt) &&
      last.some((each) => saidBefore(each) === undefined) &&
      !goesOnAfter(day, stopped, after, now)
    );
  });
}

type Role = Pick<Affiliation, 'organisation' | 'role'>;
const isSameRole = (one: Role, other: Role) => one.organisation === other.organisation && one.role === other.role;

const stoppedOn = (affiliation: Affiliation) =>
  affiliation.withdrawnAt === undefined ? stopDayOf(affiliation) : dayAt(affiliation.withdrawnAt);

/** Whether the person has the role all the same once `day` (`YYYY-MM-DD`) is over, because something else gives it. */
function goesOnAfter(day: string, role: Role, { affiliations }: Account, now: number): boolean {
  const following = Temporal.PlainDate.from(day).add({ days: 1 }).toString();
  const [, later = following] = [following, dayAt(now)].sort();
  return affiliations.some((each) => isSameRole(each, role) && isCurrent(each, later));
}

function withoutSource({ source: _, ...affiliation }: Affiliation) {
  return affiliation;
}

/**
 * Whether a letter still says the truth when it is about to be delivered: a feed may have moved an end since it was
 * written, and mail may have waited for days. `account` undefined: it is no more.
 */
export function isStillTrue({ template, data }: Email, account: Account | undefined, now: number): boolean {
  if (account === undefined) return false;
  const access = accessByAffiliations(account, now);
  switch (template) {
    case 'account-ends':
      return isOpen(account, now) && access.kind === 'open' && dayOf(access.until) === data.lastDay;
    case 'account-ended':
      return access.kind !== 'open' && (dayOf(lastEnd(account, now)) ?? data.lastDay) === data.lastDay;
    case 'registration-stopped':
      return account.affiliations.some((each) => {
        const day = stoppedOn(each);
        const isIt = each.organisation === data.organisation && each.role === data.role && day === data.day;
        return isIt && day !== undefined && !goesOnAfter(day, each, account, now);
      });
    case 'account-erased-soon':
      return account.erasure !== undefined && dayAt(account.erasure.at) === data.day && access.kind !== 'open';
    case 'account-open-again':
      return isOpen(account, now);
    default:
      return suspensionOf(account, now) !== undefined;
  }
}

const aboutEnds = new Set<string>([
  'account-ends',
  'account-ended',
  'account-open-again',
  'account-erased-soon',
  'account-suspended',
  'registration-stopped',
] satisfies Email['template'][]);

/** Whether a letter tells of the end, and may stop being true. */
export const isAboutEnd = ({ template }: Pick<Email, 'template'>): boolean => aboutEnds.has(template);

const dayOf = (end: number | undefined) => (end === undefined ? undefined : dayAt(end - 1));

/** What the letters say, to be made into sentences. */
export function explanationOf({ template, data }: Email): Explanation {
  const { lastDay = '', opens } = data;
  const because = whyOf(data);
  const why = because === undefined ? {} : { because };
  if (template === 'account-ended')
    return { kind: 'ended', lastDay, ...(opens === undefined ? {} : { opens }), ...why };
  return lastDay === '' ? { kind: 'no-end' } : { kind: 'ends', lastDay, ...why };
}
