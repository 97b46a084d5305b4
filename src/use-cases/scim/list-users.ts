/** Finds what one source said over SCIM: by its names, by an address, or all in the order of their last change. */
import { foldScim, scimEmailTerm, scimOrderTerm } from '../../domain/feed/scim-entry.ts';
import { allStoredIn, findByUserName, findUser, type ScimPorts, type Stored, storedByKey } from './users.ts';

/** All that is named holds. `from` (inclusive), `before` (exclusive): of the last change, epoch ms. `none`: nothing can fit. */
export type UserQuery = {
  id?: string;
  userName?: string;
  externalId?: string;
  email?: string;
  from?: number;
  before?: number;
  none?: boolean;
};

/** `after`: `next` of the page before; `skip`: how many to leave out. `limit`: at least 1. */
export type UserPage = { limit: number; after?: string | undefined; skip?: number };

/** `total`: absent where it was not asked. `next`: of a list that goes on. */
export type FoundUsers = { users: Stored[]; total?: number; next?: string };

/** Later than any moment that is stored. */
const LAST = 10 ** 15 - 1;
/** People of one source with one address. */
const MOST_OF_ADDRESS = 200;

export async function listUsers(
  ports: Pick<ScimPorts, 'accounts'>,
  source: string,
  query: UserQuery,
  { limit, after, skip }: UserPage,
): Promise<FoundUsers> {
  const few = await byName(ports, source, query);
  if (few !== undefined) {
    const users = few.filter((each) => fits(each, query));
    return { users: users.slice(skip ?? 0, (skip ?? 0) + limit), total: users.length };
  }
  const { accounts } = ports;
  const start = scimOrderTerm(source, query.from ?? 0);
  const to = scimOrderTerm(source, query.before ?? LAST);
  const from = after !== undefined && after > start ? after : start;
  const found = await accounts.byTerm(from, to, limit + 1, skip);
  const total =
    skip === undefined ? undefined : await totalOf(found.length, skip, limit, () => accounts.countTerms(start, to));
  const users = found.flatMap(({ term, account }) =>
    allStoredIn(account, source).filter(({ entry }) => scimOrderTerm(source, entry.modifiedAt, entry.id) === term),
  );
  const last = users[limit - 1]?.entry;
  return {
    users: users.slice(0, limit),
    ...(total === undefined ? {} : { total }),
    ...(users.length > limit && last !== undefined
      ? { next: `${scimOrderTerm(source, last.modifiedAt, last.id)} ` }
      : {}),
  };
}

/**
 * How many there are in all, where `found` (of `limit` and one more) come after `skip`. A list that ends here is not counted,
 * and a count that is a minute old never says that it ends before it does.
 */
async function totalOf(found: number, skip: number, limit: number, count: () => Promise<number>): Promise<number> {
  if (found <= limit && (found > 0 || skip === 0)) return skip + found;
  return Math.max(await count(), found === 0 ? 0 : skip + found);
}

/** Undefined: no name is asked for. */
async function byName(
  { accounts }: Pick<ScimPorts, 'accounts'>,
  source: string,
  { id, userName, externalId, email, none }: UserQuery,
): Promise<Stored[] | undefined> {
  if (none) return [];
  const one = (stored: Stored | undefined) => (stored === undefined ? [] : [stored]);
  if (id !== undefined) return one(await findUser({ accounts }, source, id));
  if (userName !== undefined) return one(await findByUserName({ accounts }, source, userName));
  if (externalId !== undefined)
    return one(storedByKey(await accounts.findByFeedKey(source, externalId), source, externalId));
  if (email === undefined) return undefined;
  const term = scimEmailTerm(source, email);
  const found = await accounts.byTerm(term, `${term}!`, MOST_OF_ADDRESS);
  return found.flatMap(({ account }) => allStoredIn(account, source)); // `fits` leaves those that have the address
}

function fits({ entry }: Stored, { id, userName, externalId, email, from, before }: UserQuery): boolean {
  const { user, modifiedAt } = entry;
  return (
    (id === undefined || entry.id === id) &&
    (userName === undefined || foldScim(user.userName ?? '') === foldScim(userName)) &&
    (externalId === undefined || user.externalId === externalId) &&
    (email === undefined || (user.emails ?? []).some(({ value = '' }) => foldScim(value) === foldScim(email))) &&
    (from === undefined || modifiedAt >= from) &&
    (before === undefined || modifiedAt < before)
  );
}
