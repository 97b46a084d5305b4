/**
 * Accounts, one document each that includes its keys and terms, so that a write changes all of them or nothing. People are
 * searched for by documents beside it (search-terms.ts), which are written after it.
 */
import type { Filter } from 'mongodb';
import type { Account } from '../../domain/account/account.ts';
import {
  type AccountKeys,
  deskTerm,
  EVERYBODY,
  feedKey,
  feedKeysOf,
  firstTermOf,
  isLoginOf,
  keysOf,
  placeOf,
  searchStart,
} from '../../domain/account/account-keys.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { isPassing, Problem } from '../../domain/problem.ts';
import type { AccountDocument, Collections } from './collections.ts';
import { asProblem, firstOf, unlessTaken } from './database.ts';
import { createSearchTerms, termsHash, UNIT_SEPARATOR, unwritten } from './search-terms.ts';

const LAST_CHARACTER = '\u{10ffff}'; // sorts after every other continuation of a term

/** The kinds of unique keys, and how an error names a key that is taken. */
const key = {
  login: (value: string) => `login ${value}`,
  ticket: (value: string) => `ticket ${value}`,
  passkey: (value: string) => `passkey ${value}`,
  feed: (value: string) => `feed key ${value}`,
};

export function createAccounts({ accounts, searchTerms }: Pick<Collections, 'accounts' | 'searchTerms'>): Accounts {
  const terms = createSearchTerms({ accounts, searchTerms });
  const projection = { account: 1 } as const;
  const one = async (filter: Filter<AccountDocument>): Promise<Account | undefined> => {
    const found = await accounts.findOne(filter, { projection });
    return found === null ? undefined : JSON.parse(found.account);
  };
  const several = async (filter: Filter<AccountDocument>, sort: { [field: string]: 1 }, limit: number) => {
    const found = await firstOf(accounts.find(filter, { projection }).sort(sort), limit);
    return found.map(({ account }): Account => JSON.parse(account));
  };

  /** Describes the conflict for the error message only. It reads after the refusal, so a key may be free again by then. */
  async function taken(account: Account, byId: boolean): Promise<Problem> {
    const wanted = uniqueKeys(keysOf(account));
    const others = await accounts
      .find({ keys: { $in: wanted }, _id: { $ne: account.id } }, { projection: { keys: 1 } })
      .toArray();
    const what = wanted.filter((value) => others.some(({ keys }) => keys?.includes(value)));
    if (byId && (await accounts.countDocuments({ _id: account.id })) > 0) what.unshift(`id ${account.id}`);
    return new Problem('login_taken', `taken by another account: ${what.join(', ') || 'one that has just changed'}`);
  }

  /** The account is stored, and its writer is told so also where the database is lost just now: the sweep does the rest. */
  async function writeTerms(account: Account, isNew: boolean): Promise<void> {
    try {
      await terms.write([account], isNew);
    } catch (error) {
      if (!isPassing(asProblem(error))) throw error;
    }
  }

  /** The accounts at the places that begin so, after `last`, of which the filter or `isRight` says that they have the term. */
  async function within(
    start: string,
    last: { term: string; id: string },
    limit: number,
    { filter = {}, isRight = () => true }: Having,
  ): Promise<Account[]> {
    const found: Account[] = [];
    for (let from = last; ; ) {
      const page = await terms.page(start, from, limit);
      const ids = [...new Set(page.map(({ id }) => id))];
      const read = await several({ ...filter, _id: { $in: ids } }, { _id: 1 }, limit);
      const people = new Map(read.map((account) => [account.id, account]));
      for (const { term, id } of page) {
        const account = people.get(id);
        if (account === undefined || !isRight(account, term)) continue;
        if (found.push(account) === limit) return found;
      }
      const end = page.at(-1);
      if (end === undefined || page.length < limit) return found;
      from = end;
    }
  }

  /**
   * All, by id. Jobs go by this list, so it has those as well whose terms are still to be written. They are asked for first:
   * whoever's are written in between has them then.
   */
  async function everybody(after = '', limit: number): Promise<Account[]> {
    const found = [
      ...(await several(unwritten(after), { _id: 1 }, limit)),
      ...(await within(`${EVERYBODY}${UNIT_SEPARATOR}`, { term: EVERYBODY, id: after }, limit, {})),
    ];
    const byId = new Map(found.map((account) => [account.id, account]));
    return [...byId.values()].sort((one, other) => byBytes(one.id, other.id)).slice(0, limit);
  }

  return {
    findById: (id) => one({ _id: id }),
    findByLogin: async (login) => {
      const account = await one({ keys: key.login(login) });
      return account !== undefined && isLoginOf(account, login) ? account : undefined;
    },
    findHolder: (login) => one({ keys: key.login(login) }),
    findByTicket: (ticketId) => one({ keys: key.ticket(ticketId) }),
    findByPasskey: (credentialId) => one({ keys: key.passkey(credentialId) }),
    findByFeedKey: (source, name) => one({ keys: key.feed(feedKey(source, name)) }),
    findByScimKey: (name) => one({ keys: key.feed(name) }),

    fedBy: async (source, after = '', limit) => {
      const start = key.feed(feedKeysOf(source));
      const fed = { $elemMatch: { $gt: start, $lt: start + LAST_CHARACTER } };
      const found = await several({ _id: { $gt: after }, keys: fed }, { _id: 1 }, limit);
      const last = found.at(-1);
      return { accounts: found, ...(last === undefined || found.length < limit ? {} : { next: last.id }) };
    },

    anyPasskey: async () => {
      const found = { keys: { $elemMatch: { $gte: key.passkey(''), $lt: key.passkey(LAST_CHARACTER) } } };
      return (await accounts.findOne(found, { projection: { _id: 1 } })) !== null;
    },

    insert: async (account) => {
      if (account.revision !== 1) throw new TypeError('a new account has revision 1');
      if ((await unlessTaken(accounts.insertOne(documentOf(account)))) === undefined) throw await taken(account, true);
      await writeTerms(account, true);
    },

    replace: async (account, expectedRevision) => {
      if (account.revision !== expectedRevision + 1) throw new TypeError('a write raises the revision by one');
      const document = documentOf(account);
      const stored = { _id: account.id, revision: expectedRevision };
      const put = async (filter: Filter<AccountDocument>, next: AccountDocument) => {
        const written = await unlessTaken(accounts.replaceOne(filter, next));
        if (written === undefined) throw await taken(account, false);
        return written.matchedCount === 1;
      };
      // most writes change no term: they find that in the same command
      const written = { termsWritten: termsHash(account) };
      if (await put({ ...stored, ...written }, { ...document, ...written })) return true;
      if (!(await put(stored, document))) return false;
      await writeTerms(account, false);
      return true;
    },

    withEffects: (limit) => several({ hasEffects: true }, { hasEffects: 1, _id: 1 }, limit),

    endingBetween: (from, to, after, limit) => {
      const range = { endsAt: { $gte: from, $lt: to } };
      const sort = { endsAt: 1, _id: 1 } as const;
      if (after === undefined) return several(range, sort, limit);
      const [endsAt, id] = cursorOf(after);
      const later = [{ endsAt: { $gt: endsAt } }, { endsAt, _id: { $gt: id } }];
      return several({ endsAt: { $gte: Math.max(from, endsAt), $lt: to }, $or: later }, sort, limit);
    },

    withDeskRequests: (organisation, limit) => several({ terms: deskTerm(organisation) }, { _id: 1 }, limit),

    search: async (query, after, limit, organisation) => {
      const start = searchStart(query, organisation);
      if (start === '') return everybody(after, limit);
      const last = placeOf(after, start);
      // within an organisation an empty query is one term, and not the start of others
      if (start === searchStart('', organisation))
        return within(`${start}${UNIT_SEPARATOR}`, last, limit, { filter: { terms: start } });
      // an account comes once for each of its terms, and is taken with the first of those that it has
      return within(start, last, limit, { isRight: (account, term) => firstTermOf(account, start) === term });
    },

    byTerm: async (from, to, limit, skip = 0) => {
      if (limit < 1) return [];
      const steps = [
        ...termsWithin(from, await upTo(from, to, skip + limit)),
        { $unwind: '$term' },
        { $sort: { term: 1, _id: 1 } },
        ...(skip === 0 ? [] : [{ $skip: skip }]),
        { $limit: limit },
        ...documents,
      ];
      const found = await accounts.aggregate<{ term: string; account: string }>(steps).toArray();
      return found.map(({ term, account }) => ({ term, account: JSON.parse(account) }));
    },

    countTerms: async (from, to) => {
      const steps = [...termsWithin(from, to), { $group: { _id: null, n: { $sum: { $size: '$term' } } } }];
      const [counted] = await accounts.aggregate<{ n: number }>(steps, { hint: 'search' }).toArray();
      return counted?.n ?? 0;
    },
  };

  /**
   * A bound below `to` under which `wanted` terms lie for sure, so that a page sorts little more than itself. Any accounts
   * would give a true bound; a low one comes of the index, whose order no server promises.
   */
  async function upTo(from: string, to: string, wanted: number): Promise<string> {
    const steps = [...termsWithin(from, to, wanted), { $unwind: '$term' }, { $project: { _id: 0, term: 1 } }];
    const probed = await accounts.aggregate<{ term: string }>(steps, { hint: 'search' }).toArray();
    const last = probed.map(({ term }) => term).sort(byBytes)[wanted - 1];
    return last === undefined ? to : `${last}\u0000`;
  }
}

type Having = { filter?: Filter<AccountDocument>; isRight?: (account: Account, term: string) => boolean };

/** Whoever has a term in [from, to), with all of those; `limit` accounts at most. */
function termsWithin(from: string, to: string, limit?: number): object[] {
  const inRange = { $and: [{ $gte: ['$$each', { $literal: from }] }, { $lt: ['$$each', { $literal: to }] }] };
  return [
    { $match: { terms: { $elemMatch: { $gte: from, $lt: to } } } },
    ...(limit === undefined ? [] : [{ $limit: limit }]),
    { $project: { term: { $filter: { input: '$terms', as: 'each', cond: inRange } } } },
  ];
}

const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Reads the accounts themselves, which is for a page alone. */
const documents = [
  { $lookup: { from: 'accounts', localField: '_id', foreignField: '_id', as: 'stored' } },
  { $unwind: '$stored' },
  { $project: { _id: 0, term: 1, account: '$stored.account' } },
];

function uniqueKeys({ logins, tickets, passkeys, feedKeys }: AccountKeys): string[] {
  return [
    ...logins.map(key.login),
    ...tickets.map(key.ticket),
    ...passkeys.map(key.passkey),
    ...feedKeys.map(key.feed),
  ];
}

/** Omits empty arrays: a unique index takes an empty array as a key, and would refuse a second account without keys. */
export function documentOf(account: Account): AccountDocument {
  const all = keysOf(account);
  const [keys, terms] = [uniqueKeys(all), all.searchTerms];
  return {
    _id: account.id,
    revision: account.revision,
    ...(keys.length === 0 ? {} : { keys }),
    ...(terms.length === 0 ? {} : { terms }),
    ...(account.endsAt === undefined ? {} : { endsAt: account.endsAt }),
    ...(account.effects.length === 0 ? {} : { hasEffects: true }),
    account: JSON.stringify(account),
  };
}

function cursorOf(after: string): [number, string] {
  const colon = after.indexOf(':');
  return [Number(after.slice(0, colon)), after.slice(colon + 1)];
}
