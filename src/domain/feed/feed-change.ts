/** Says in a report what a statement does to an account: the outcome, each field from and to, the day access ends. */
import { type Account, accessOf, type FeedMemory, isOpen } from '../account/account.ts';
import { dayAt } from '../account/affiliation.ts';
import type { StatedAffiliation } from './feed-row.ts';

/** What the source said of a field before, and what it says now; '': nothing. */
export type FieldChange = { field: string; from: string; to: string };
/** `ends`: access stops, now or soon. `reopens`: an account that had ended opens again. */
export type ReportOutcome = 'new' | 'changed' | 'ends' | 'reopens' | 'unchanged';

/** An open account that would close within so many days, or at once, is counted as a loss. */
const LOSS_WITHIN_MS = 30 * 86_400_000;

/** `kind`: of the rule. `before` is absent of a new person. `now`: epoch ms. */
export function reportOutcome(
  kind: 'new' | 'changed' | 'ended' | 'unchanged',
  before: Account | undefined,
  after: Account,
  now: number,
): ReportOutcome {
  if (kind === 'new' || kind === 'unchanged') return kind;
  if (kind === 'ended') return 'ends';
  const hadEnded = before !== undefined && accessOf(before, now).kind === 'ended';
  return hadEnded && accessOf(after, now).kind !== 'ended' ? 'reopens' : 'changed';
}

/** The fields that a statement changed, as its source said them before and says them now. A hash is never told. */
export function fieldChanges(
  fields: string[],
  source: string,
  before: Account | undefined,
  after: Account,
): FieldChange[] {
  if (before === undefined) return [];
  const [was, is] = [before, after].map(({ feeds }) => feeds.find((feed) => feed.source === source)?.fields ?? {});
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

/** `student 2026-09-21 to 2027-10-31, ended on 2026-11-25` */
function inWords({ role, from, until, endedOn }: StatedAffiliation): string {
  const span = [from ?? '', until === undefined ? '' : `to ${until}`].filter((part) => part !== '').join(' ');
  return [
    [role, span].filter((part) => part !== '').join(' '),
    ...(endedOn === undefined ? [] : [`ended on ${endedOn}`]),
  ].join(', ');
}

/** The last day (`YYYY-MM-DD`) on which the account opens. Undefined: no end is known. */
export function lastDayOfAccess(account: Account, now: number): string | undefined {
  const access = accessOf(account, now);
  if (access.kind === 'ended') return dayAt(access.at - 1);
  return access.kind === 'open' && access.until !== undefined ? dayAt(access.until - 1) : undefined;
}

/**
 * Whether the person loses access by this change: the account is open, and closes now or within a month, earlier than it
 * would have (`now`: epoch ms). A slip of whoever made the file shows in this number before anybody stands outside.
 */
export function losesAccess(before: Account, after: Account, now: number): boolean {
  if (!isOpen(before, now)) return false;
  const [was, is] = [before, after].map((account) => endOf(account, now));
  return is !== undefined && is < now + LOSS_WITHIN_MS && (was === undefined || is < was);
}

/** Epoch ms; of a closed account `now`. */
function endOf(account: Account, now: number): number | undefined {
  const access = accessOf(account, now);
  return access.kind === 'open' ? access.until : now;
}
