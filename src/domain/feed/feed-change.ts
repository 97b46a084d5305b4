/** Says in a report what a statement does to an account: the outcome, each field from and to, the day access ends. */
import type { Account } from '../account/account.ts';
import { accessByAffiliations, isOpen } from '../account/account-access.ts';
import { dayAt } from '../account/affiliation.ts';
import type { FeedMemory } from './fed-records.ts';
import { entryOf } from './feed-entries.ts';
import type { StatedAffiliation } from './feed-row.ts';

/** What the source said of a field before, and what it says now; '': nothing. */
export type FieldChange = { field: string; from: string; to: string };
/** `ends`: access stops now, soon or much earlier than before. `reopens`: an account that had ended opens again. */
export type ReportOutcome = 'new' | 'changed' | 'ends' | 'reopens' | 'unchanged';

/**
 * An end that comes earlier is told as an end, and of an open account as a loss, where it lies within so many days or comes
 * by more days earlier: what is less, and far away, is a correction.
 */
const LOSS_MS = 30 * 86_400_000;

/** `kind`: of the rule. `before` is absent of a new person. `now`: epoch ms. */
export function reportOutcome(
  kind: 'new' | 'changed' | 'ended' | 'unchanged',
  before: Account | undefined,
  after: Account,
  now: number,
): ReportOutcome {
  if (kind === 'new' || kind === 'unchanged') return kind;
  if (kind === 'ended' || (before !== undefined && endsSooner(before, after, now))) return 'ends';
  const hadEnded = before !== undefined && accessByAffiliations(before, now).kind === 'ended';
  return hadEnded && accessByAffiliations(after, now).kind !== 'ended' ? 'reopens' : 'changed';
}

/** The fields that a statement changed, as its source said them before and says them now. A hash is never told. */
export function fieldChanges(
  fields: string[],
  { source, key }: { source: string; key: string },
  before: Account | undefined,
  after: Account,
): FieldChange[] {
  if (before === undefined) return [];
  const [was, is] = [before, after].map((account) => entryOf(account, source, key)?.fields ?? {});
  return fields
    .filter((field) => field !== 'password_hash' && field !== 'identity')
    .map((field) => ({ field, from: saidValue(was ?? {}, field), to: saidValue(is ?? {}, field) }));
}

function saidValue(fields: FeedMemory['fields'], field: string): string {
  if (field === 'other_numbers') return fields.numbers ?? '';
  const value = fields[field] ?? '';
  if (field.startsWith('affiliations.'))
    return (JSON.parse(value || '[]') as StatedAffiliation[]).map(inWords).join('; ');
  if (/^(?:groups|entitlements)\./.test(field))
    return (JSON.parse(value || '[]') as { value: string }[]).map((each) => each.value).join('; ');
  return value;
}

/** `student 2026-09-21 to 2027-10-31, ended on 2026-11-25, discontinued` */
function inWords({ role, from, until, endedOn, end }: StatedAffiliation): string {
  const span = [from ?? '', until === undefined ? '' : `to ${until}`].filter((part) => part !== '').join(' ');
  return [
    [role, span].filter((part) => part !== '').join(' '),
    ...(endedOn === undefined ? [] : [`ended on ${endedOn}`]),
    ...(end === undefined ? [] : [end]),
  ].join(', ');
}

/** The last day (`YYYY-MM-DD`) on which the account opens. Undefined: no end is known. */
export function lastDayOfAccess(account: Account, now: number): string | undefined {
  const access = accessByAffiliations(account, now);
  if (access.kind === 'ended') return dayAt(access.at - 1);
  return access.kind === 'open' && access.until !== undefined ? dayAt(access.until - 1) : undefined;
}

/**
 * Whether an open account loses access by this change (`now`: epoch ms): now, within a month and earlier than before, or
 * however far away and more than a month earlier. A slip of whoever made the file shows in this number before anybody stands
 * outside; once a far end has moved, no later file moves it again, so it is counted now or never.
 */
export function losesAccess(before: Account, after: Account, now: number): boolean {
  return isOpen(before, now) && endsSooner(before, after, now);
}

function endsSooner(before: Account, after: Account, now: number): boolean {
  const [was, is] = [before, after].map((account) => accessByAffiliations(account, now));
  if (was?.kind !== 'open') return false;
  const [until, end] = [was.until ?? NEVER, is?.kind === 'open' ? (is.until ?? NEVER) : now];
  if (end < until && end < now + LOSS_MS) return true;
  // a window that goes, or is cut, behind the one that is open now
  return end < until - LOSS_MS || lastEndOf(after) < lastEndOf(before) - LOSS_MS;
}

const NEVER = Number.POSITIVE_INFINITY;
const lastEndOf = ({ windows, endsAt }: Account): number =>
  (windows === undefined ? endsAt : windows.at(-1)?.until) ?? NEVER;
