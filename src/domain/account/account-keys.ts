/** The keys by which an account is found; every backend stores the same ones. */
import { isDeepStrictEqual } from 'node:util';
import { scimKeysOf, scimTermsOf } from '../feed/scim-entry.ts';
import type { Account } from './account.ts';

export type AccountKeys = {
  /** user numbers, former ones too, institution addresses, and keys of reserved names: one name space, unique in the association */
  logins: string[];
  tickets: string[];
  /** credential ids */
  passkeys: string[];
  /** see `feedKey`, and for those of SCIM ../feed/scim-entry.ts */
  feedKeys: string[];
  /**
   * folded; a search finds the accounts that have a term which starts with `searchStart`: by numbers, institution addresses and
   * names, each once more for every organisation of an affiliation. Those of SCIM and of recoveries begin with a capital, so
   * that no search reaches them
   */
  searchTerms: string[];
};

/** All that keys are made of. */
// biome-ignore format: a list of words
const members = [
  'id', 'userNumbers', 'formerNumbers', 'emails', 'reserved', 'tickets', 'passkeys', 'feeds', 'givenName', 'familyName',
  'affiliations', 'desk', 'invitationWaits', 'windows', 'merged', 'slowRecovery', 'halfway',
] as const satisfies (keyof Account)[];
type Keyed = Pick<Account, (typeof members)[number]>;

/** Whether two states of an account have the same keys for sure; most writes change none, and to make them takes longer. */
export function sameKeys(one: Keyed, other: Keyed): boolean {
  return members.every((each) => isDeepStrictEqual(one[each], other[each]));
}

/** One string for the pair of source and key by which a feed knows a person. */
export function feedKey(source: string, key: string): string {
  return JSON.stringify([source, key]);
}

/** How the feed keys of all people of a source begin. */
export function feedKeysOf(source: string): string {
  return `[${JSON.stringify(source)},"`;
}

/** The first of the account's feed keys of a source, in the order of their bytes; those of SCIM are not among them. */
export function firstFeedKeyOf({ feeds }: Account, source: string): string | undefined {
  const keys = feeds.filter((feed) => feed.source === source).map(({ key }) => feedKey(source, key));
  return keys.sort(byBytes)[0];
}

/**
 * Text as a search compares it: lower case, no accents, single spaces. Terms are stored folded, so a change here needs
 * an upgrade in every backend that computes them again.
 */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s+/g, ' ').trim();
}

/** Stands in no folded query. Sorts before each sign of a term, so that places sort as terms do. */
const UNIT_SEPARATOR = '\u001f';

/**
 * With what the terms begin that a query finds, in an organisation or wherever. Within an organisation an empty query is itself
 * a term, which each of its people has.
 */
export function searchStart(query: string, organisation?: string): string {
  const start = fold(query.replaceAll(UNIT_SEPARATOR, ' '));
  return organisation === undefined ? start : `${UNIT_SEPARATOR}${organisation}${UNIT_SEPARATOR}${start}`;
}

/** What an empty query is within an organisation, for the people of none as well; no organisation has an empty id. */
export const EVERYBODY = searchStart('', '');

/** The term of accounts for which an act of the service desk waits, in an organisation or wherever; no query finds it. */
export function deskTerm(organisation?: string): string {
  return `${searchStart('', organisation)}${UNIT_SEPARATOR}desk`;
}

/**
 * The term by which a job finds an account whose invitation waits until it opens: `from` is when the first of its windows
 * begins (epoch ms). It begins with a capital, as those of SCIM.
 */
export const invitationTerm = (from: number, id = ''): string =>
  `Invitation ${String(Math.max(0, from)).padStart(15, '0')} ${id}`;
/** The term by which accounts are found whose merge can be undone until then (epoch ms); no query finds it. */
export const undoTerm = (until: number, id = ''): string => `U ${String(until).padStart(15, '0')} ${id}`;
/** The term of accounts with a slow recovery, by when something is to be told next (epoch ms); no query finds it. */
export const recoveryTerm = (tellAt: number): string => `R ${String(tellAt).padStart(15, '0')}`;
/** The term of accounts with a sign-in that waits for its second step, by when the first of them began (epoch ms). */
export const halfwayTerm = (at: number): string => `Halfway ${String(Math.max(0, at)).padStart(15, '0')}`;

/** The first of the account's terms that begin so, in the order of their bytes. */
export function firstTermOf(account: Account, start: string): string | undefined {
  const found = searchTermsOf(account).filter((term) => term.startsWith(start));
  return found.sort(byBytes)[0];
}

/** Where an account stands among those that a query finds; a search goes on after it. */
export function searchPlace(account: Account, query: string): string {
  const start = searchStart(query);
  return start === '' ? account.id : `${firstTermOf(account, start) ?? ''}${UNIT_SEPARATOR}${account.id}`;
}

/** The term (as it is outside of organisations) and the id of a place; without a place: before all that begin so. */
export function placeOf(place: string | undefined, start: string): { term: string; id: string } {
  const end = place?.lastIndexOf(UNIT_SEPARATOR) ?? -1;
  if (place === undefined || end < 0) return { term: start, id: place ?? '' };
  return {
    term: start.slice(0, start.lastIndexOf(UNIT_SEPARATOR) + 1) + place.slice(0, end),
    id: place.slice(end + 1),
  };
}

/** Whether the query is a whole number, address, or name from some word to its end; an empty one is all of them. */
export function isWholeTermOf(account: Account, query: string): boolean {
  const whole = searchStart(query);
  return whole === '' || searchTermsOf(account).includes(whole);
}

/** Whether this login signs in to the account. Of its `logins` the former numbers do not: they are only taken. */
export function isLoginOf(account: Account, login: string): boolean {
  return account.userNumbers.includes(login) || account.emails.includes(login);
}

/** Every key of an account, each once. */
export function keysOf(account: Keyed): AccountKeys {
  return {
    logins: unique([
      ...account.userNumbers,
      ...account.emails,
      ...(account.formerNumbers ?? []),
      ...(account.reserved ?? []),
    ]),
    tickets: unique(account.tickets.map(({ id }) => id)),
    passkeys: unique(account.passkeys.map(({ credentialId }) => credentialId)),
    feedKeys: unique(account.feeds.flatMap((feed) => [feedKey(feed.source, feed.key), ...scimKeysOf(feed)])),
    searchTerms: unique([
      ...searchTermsOf(account),
      ...account.feeds.flatMap(scimTermsOf),
      ...(account.invitationWaits === true ? [invitationTerm(account.windows?.[0]?.from ?? 0, account.id)] : []),
      ...(account.merged?.before === undefined ? [] : [undoTerm(account.merged.undoUntil, account.id)]),
      ...(account.slowRecovery === undefined ? [] : [recoveryTerm(account.slowRecovery.tellAt)]),
      ...(account.halfway?.[0] === undefined ? [] : [halfwayTerm(account.halfway[0].at)]),
    ]),
  };
}

/** The terms by which people are searched for: numbers, addresses and names, wherever and in each organisation. */
export function wordTermsOf(account: Keyed): string[] {
  const name = fold(`${account.givenName} ${account.familyName}`);
  const words = name.split(' ');
  // not the personal address: those who see it masked could learn it letter by letter
  const terms = unique([
    ...[...account.userNumbers, ...account.emails].map(fold),
    // "jan van den broeck", "van den broeck", "den broeck", "broeck", then as lists have it: "van den broeck jan"
    ...words.map((_, index) => words.slice(index).join(' ')),
    fold(`${account.familyName} ${account.givenName}`),
  ]).filter((term) => term !== '');
  return [...terms, ...organisationsOf(account).flatMap((each) => terms.map((term) => searchStart(term, each)))];
}

/** The terms of the lists that a person stands in: that of everybody, and that of each organisation. */
export function listTermsOf(account: Keyed): string[] {
  return [EVERYBODY, ...organisationsOf(account).map((each) => searchStart('', each))];
}

function searchTermsOf(account: Keyed): string[] {
  const organisations = organisationsOf(account);
  const waits = account.desk !== undefined && account.desk.requests.length > 0;
  const waiting = waits ? [undefined, ...organisations].map(deskTerm) : [];
  return [...wordTermsOf(account), ...waiting, ...organisations.map((each) => searchStart('', each))];
}

const organisationsOf = ({ affiliations }: Keyed) => unique(affiliations.map(({ organisation }) => organisation));

const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

function unique(values: string[]): string[] {
  return [...new Set(values)];
}
