/** Finds people by number, name or institution address, among those whom somebody may look at. */
import type { Account } from '../../domain/account/account.ts';
import { isWholeTermOf, searchPlace } from '../../domain/account/account-keys.ts';
import { type PersonState, stateOf } from '../../domain/desk/person-state.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { covers } from '../../domain/roles/role.ts';
import { type Actor, reachOf } from '../actor.ts';
import { masked, seesPerson } from '../audit/masking.ts';

/**
 * `query`: the start of a number, an institution address, or a name (given or family name first); letter case and accents
 * aside; empty: everybody. `after`: `next` of the page before.
 */
export type PeopleQuery = { query: string; after?: string | undefined; limit: number };
/** Of one organisation, or in one state, alone. */
export type PeopleChoice = { organisation?: string | undefined; state?: PersonState['kind'] | undefined };

/** `masked`: name, number and address are cut to their first signs, because an auditor looks. */
export type FoundPerson = {
  id: string;
  name: string;
  number?: string;
  email?: string;
  /** each role at an organisation once, past and coming ones too */
  affiliations: { organisation: string; role: string }[];
  state: PersonState;
  masked: boolean;
};
export type FoundPeople = { kind: 'found'; people: FoundPerson[]; next?: string };
export type PeoplePorts = { accounts: Pick<Accounts, 'search' | 'findHolder'>; now: () => number };

/** Longer ones find nothing. */
const LONGEST_QUERY = 200;
/** Accounts that one request looks at where most are not wanted; then it says that there may be more. */
const MOST_LOOKED_AT = 2000;

/**
 * Ordered by what was found, an empty query by id. Those whom the actor sees masked are found by a whole number, address or name only: by its start a name would
 * be told letter by letter.
 * @returns `not-found`: somebody who may look at nobody
 */
export async function searchPeople(
  actor: Actor,
  { organisation, state, ...input }: PeopleQuery & PeopleChoice,
  { accounts, now }: PeoplePorts,
): Promise<FoundPeople | { kind: 'not-found' }> {
  const reach = reachOf(actor, 'people:read-masked');
  if (reach.length === 0) return { kind: 'not-found' };
  const isSeen = (account: Account) =>
    account.merged === undefined &&
    (state === undefined || stateOf(account, now()).kind === state) &&
    (seesPerson(actor, account) || isWholeTermOf(account, input.query));
  const { found, next } = await findAccounts(narrowed(reach, organisation), input, accounts, isSeen);
  return {
    kind: 'found',
    people: found.map((account) => shown(account, !seesPerson(actor, account), now())),
    ...(next === undefined ? {} : { next }),
  };
}

/** A choice never widens what somebody may look at. */
function narrowed(reach: 'association' | string[], organisation: string | undefined): 'association' | string[] {
  if (organisation === undefined) return reach;
  return covers({ organisations: reach }, organisation) ? [organisation] : [];
}

/** A page of accounts that the query finds within `reach`, of those that are `wanted`. `next`: there may be more. */
export async function findAccounts(
  reach: 'association' | string[],
  { query, after, limit }: PeopleQuery,
  accounts: PeoplePorts['accounts'],
  wanted: (account: Account) => boolean,
): Promise<{ found: Account[]; next?: string }> {
  if (query.length > LONGEST_QUERY) return { found: [] };
  const found: Account[] = [];
  let looked = 0;
  for (let last = after; ; ) {
    const page = await pageWithin(reach, query, last, limit + 1, accounts);
    for (const account of page) {
      if (!wanted(account)) continue;
      const before = found.at(-1);
      // one more than fits says that a page follows
      if (found.length === limit && before !== undefined) return { found, next: searchPlace(before, query) };
      found.push(account);
    }
    looked += page.length;
    const end = page.at(-1);
    last = end && searchPlace(end, query);
    if (page.length <= limit) break;
    if (looked >= MOST_LOOKED_AT && last !== undefined) return { found, next: last };
  }
  if (found.length > 0 || after !== undefined) return { found };
  // a number of before, which is still the person's own
  const holder = await accounts.findHolder(query.trim().toLowerCase());
  const organisations = holder?.affiliations.map(({ organisation }) => organisation) ?? [];
  const reached = reach === 'association' || organisations.some((each) => covers({ organisations: reach }, each));
  return { found: holder !== undefined && reached && wanted(holder) ? [holder] : [] };
}

async function pageWithin(
  reach: 'association' | string[],
  query: string,
  after: string | undefined,
  limit: number,
  accounts: PeoplePorts['accounts'],
): Promise<Account[]> {
  if (reach === 'association') return accounts.search(query, after, limit);
  const pages = await Promise.all(reach.map((each) => accounts.search(query, after, limit, each)));
  const places = new Map(pages.flat().map((account) => [searchPlace(account, query), account]));
  const ordered = [...places].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  return ordered.slice(0, limit).map(([, account]) => account);
}

/** @param now epoch ms */
export function shown(account: Account, isMasked: boolean, now: number): FoundPerson {
  const cut = (text: string) => (isMasked ? masked(text) : text);
  const [number, email] = [account.userNumbers[0], account.emails[0]];
  const affiliations = account.affiliations.map(({ organisation, role }) => ({ organisation, role }));
  const name = `${account.givenName} ${account.familyName}`.trim();
  return {
    id: account.id,
    name: isMasked ? `${account.givenName.slice(0, 1)}. ${account.familyName.slice(0, 1)}.` : name,
    ...(number === undefined ? {} : { number: cut(number) }),
    ...(email === undefined ? {} : { email: cut(email) }),
    affiliations: affiliations.filter(
      ({ organisation, role }, index) =>
        affiliations.findIndex((each) => each.organisation === organisation && each.role === role) === index,
    ),
    state: stateOf(account, now),
    masked: isMasked,
  };
}
