/**
 * Applies a statement field by field: changes what its source gave before, and remembers what it says now (rule 26).
 */
import type { Account } from '../account/account.ts';
import { languageNamed } from '../account/languages.ts';
import type { Organisation } from '../account/organisation.ts';
import type { JsonValue } from '../json-value.ts';
import { withWindows } from '../lifecycle/access.ts';
import { differingEnds } from './differing-ends.ts';
import type { Affiliation, FeedMemory } from './fed-records.ts';
import { claimColumns } from './feed-columns.ts';
import { isSameEntry, listSaid, namesOf, siblingsOf, withWithdrawal } from './feed-entries.ts';
import type { StatedAffiliation } from './feed-row.ts';
import { canonical, type Statement } from './feed-statement.ts';
import type { Source } from './source.ts';

/** What a source has said so far, by column. The functions below change it and `next` in place. */
type Said = Record<string, string>;

/**
 * Names, addresses, language and claims; of sources that contradict each other both keys are noted. A source that joins an account fills only empty fields, because none of its
 * own values has changed; an address to which an invitation would go it does not even fill. `beyond`: sources whose
 * word it does not change (`sourcesBeyond`).
 */
export function stateValues(
  next: Account,
  said: Said,
  statement: Statement,
  memory: FeedMemory | undefined,
  { source, beyond, now, notes }: { source: Source; beyond: string[]; now: number; notes: string[] },
) {
  for (const [column, value] of Object.entries(statement.values)) {
    if ((said[column] ?? '') === value) continue;
    remember(said, column, value);
    const present = fieldOf(next, column);
    if (column === 'personal_email' && next.proposedAddress?.source === source.id) delete next.proposedAddress;
    if (present === value) continue;
    const others = next.feeds.filter(
      (feed) =>
        !isSameEntry(feed, { source: source.id, key: statement.key }) && (feed.fields[column] ?? value) !== value,
    );
    if (memory === undefined && present !== '') {
      if (others.length > 0) notes.push(`${column} is not changed: source ${namesOf(others)} says otherwise`);
      continue;
    }
    const theirs = next.feeds.filter((feed) => beyond.includes(feed.source));
    if (beyond.length > 0 && !mayChange(next, column, memory?.fields[column], beyond)) {
      notes.push(`${column} is not changed: source ${namesOf(theirs)} places the person at another organisation`);
      continue;
    }
    if (column === 'personal_email' && next.activatedAt !== undefined) {
      if (value === '') notes.push('the personal e-mail address of an active account stays: only its owner removes it');
      else {
        next.proposedAddress = { address: value, source: source.id, at: now };
        notes.push(
          'the account is active: the new personal e-mail address is to be confirmed by its owner, who is told',
        );
      }
      continue;
    }
    setValue(next, column, value);
    if (others.length > 0) notes.push(`${column} is changed, though source ${namesOf(others)} says otherwise`);
  }
}

/**
 * Whether a source may change a field of a person whom sources `beyond` place at organisations that are not its own:
 * one that it gave itself (`before`: what it said last) and that none of them says too. It may fill an empty one, but
 * not the address to which an invitation would go.
 */
function mayChange(account: Account, column: string, before: string | undefined, beyond: string[]): boolean {
  const present = fieldOf(account, column);
  if (present === '') return column !== 'personal_email';
  const theirs = account.feeds.some(({ source, fields }) => beyond.includes(source) && fields[column] === present);
  return before === present && !theirs;
}

function fieldOf(account: Account, column: string): string {
  if (column === 'given_name') return account.givenName;
  if (column === 'family_name') return account.familyName;
  if (column === 'personal_email') return account.personalEmail ?? '';
  if (column === 'phone') return account.phone ?? '';
  if (column === 'orcid') return account.orcid ?? '';
  if (column === 'language')
    return account.feeds.some(({ fields }) => fields.language !== undefined) ? account.language : '';
  const [name = '', member] = column.split('.');
  const claim = account.claims[name];
  const value = member === undefined ? claim : (claim as Record<string, JsonValue> | undefined)?.[member];
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : '';
}

function setValue(account: Account, column: string, value: string) {
  if (column === 'given_name') account.givenName = value;
  else if (column === 'family_name') account.familyName = value;
  else if (column === 'language') account.language = languageNamed(value) ?? account.language;
  else if (column === 'personal_email' || column === 'phone' || column === 'orcid') {
    const member = column === 'personal_email' ? 'personalEmail' : column;
    delete account[member];
    if (value !== '') account[member] = value;
    if (member === 'phone') delete account.claims.phone_number_verified; // that was said of another number
  } else if (column === 'phone_number_verified') {
    delete account.claims[column];
    if (value !== '') account.claims[column] = value === 'true';
  } else if (claimColumns.includes(column)) {
    const [name = '', member] = column.split('.');
    const group = (member === undefined ? account.claims : (account.claims[name] ?? {})) as Record<string, JsonValue>;
    delete group[member ?? name];
    if (value !== '') group[member ?? name] = value;
    if (member !== undefined) {
      delete account.claims[name];
      if (Object.keys(group).length > 0) account.claims[name] = group;
    }
  }
}

/**
 * User numbers. One is removed when its source no longer names it and no other source does; a new main number is shown
 * first, unless a source `beyond` gave the one that is shown.
 */
export function stateNumbers(
  next: Account,
  said: Said,
  statement: Statement,
  memory: FeedMemory | undefined,
  { source, beyond }: { source: string; beyond: string[] },
) {
  const before = memory === undefined ? [] : numbersSaid(memory);
  const stated = statement.complete ? statement.numbers : unique([...statement.numbers, ...before]);
  const elsewhere = next.feeds
    .filter((feed) => !isSameEntry(feed, { source, key: statement.key }))
    .flatMap(numbersSaid);
  const gone = before.filter((number) => !stated.includes(number) && !elsewhere.includes(number));
  const kept = next.userNumbers.filter((number) => !gone.includes(number));
  const added = stated.filter((number) => !before.includes(number) && !kept.includes(number));
  const [shown = ''] = next.userNumbers;
  const spokenFor = next.feeds.some((feed) => beyond.includes(feed.source) && numbersSaid(feed).includes(shown));
  const moved = memory !== undefined && statement.mainNumber !== '' && said.number !== statement.mainNumber;
  const first = moved && !spokenFor ? [statement.mainNumber] : [];
  next.userNumbers = unique([...first, ...kept, ...added]);
  remember(said, 'number', statement.mainNumber);
  remember(said, 'numbers', [...stated].sort().join(' '));
}

/** Institution addresses, by the same rule as numbers. Nothing changes where the file has no such column. */
export function stateEmails(
  next: Account,
  said: Said,
  statement: Statement,
  memory: FeedMemory | undefined,
  source: string,
) {
  if (statement.emails === undefined) return;
  const before = words(memory?.fields.email);
  const stated = statement.complete ? statement.emails : unique([...statement.emails, ...before]);
  const elsewhere = next.feeds
    .filter((feed) => !isSameEntry(feed, { source, key: statement.key }))
    .flatMap(({ fields }) => words(fields.email));
  const gone = before.filter((email) => !stated.includes(email) && !elsewhere.includes(email));
  const kept = next.emails.filter((email) => !gone.includes(email));
  const added = stated.filter((email) => !before.includes(email) && !kept.includes(email));
  // the address that replaces the one that was shown is shown now
  const replaced = gone.includes(next.emails[0] ?? '') ? added : [];
  next.emails = unique([...replaced, ...kept, ...added]);
  remember(said, 'email', [...stated].sort().join(' '));
}

/**
 * Affiliations. What an entry of a source says of an organisation replaces what it said of it before; other organisations
 * and other entries stay; where one of them gives a role another end, both keys are noted. Sets `windows` and `endsAt`.
 */
export function stateAffiliations(
  next: Account,
  said: Said,
  statement: Statement,
  {
    source,
    organisations,
    now,
    notes,
  }: { source: string; organisations: Organisation[]; now: number; notes: string[] },
) {
  let changed = false;
  const named = statement.affiliations.map((each) => each.organisation);
  for (const organisation of unique([...named, ...(statement.organisations ?? [])])) {
    const column = `affiliations.${organisation}`;
    const stated = statement.affiliations.filter((each) => each.organisation === organisation);
    const before = JSON.parse(said[column] ?? '[]') as StatedAffiliation[];
    const kept = statement.complete ? [] : before.filter(({ role }) => !stated.some((each) => each.role === role));
    const saidNow = canonical([...stated, ...kept]);
    if (JSON.stringify(saidNow) === (said[column] ?? '[]')) continue;
    changed = true;
    remember(said, column, saidNow.length === 0 ? '' : JSON.stringify(saidNow));
    const theirs = siblingsOf(next, source, statement.key).flatMap((each) => listSaid<StatedAffiliation>(each, column));
    const isOwn = (each: Affiliation) => each.organisation === organisation && each.source === source;
    const last = next.affiliations;
    next.affiliations = [
      ...last.filter((each) => !isOwn(each)),
      ...canonical([...saidNow, ...theirs]).map((each): Affiliation => {
        const known = withWithdrawal({ ...each, source }, last);
        return known.end === 'withdrawn' ? { withdrawnAt: now, ...known } : known;
      }),
    ];
    const as = (stated: StatedAffiliation[], given: Affiliation[]) =>
      stated.map((each) => withWithdrawal({ ...each, source }, given));
    const told = { before: as(before, last), now: as(saidNow, next.affiliations) };
    notes.push(...differingEnds({ source, key: statement.key }, told, next, { organisations, now }));
  }
  if (!changed) return;
  delete next.windows;
  delete next.endsAt;
  Object.assign(next, withWindows(next, organisations, now));
}

function remember(said: Said, column: string, value: string) {
  delete said[column];
  if (value !== '') said[column] = value;
}

const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];
const words = (text: string | undefined): string[] => (text ?? '').split(' ').filter((word) => word !== '');
/** Every number this source said last. */
export const numbersSaid = (memory: FeedMemory): string[] => words(memory.fields.numbers);
