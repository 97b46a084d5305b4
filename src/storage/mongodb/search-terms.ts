/**
 * By what people are found: a document for each term of an account, so that a range of terms is a range of a plain index.
 * A few of them are milestones, which cut a long range short before it is read.
 * They are written after the account, which says so once they are (`termsWritten`). What a node that died left, or one of
 * a version that knows no such documents, the sweep writes. They only lead to accounts, and never say what one is.
 */
import { createHash, hash } from 'node:crypto';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { Account } from '../../domain/account/account.ts';
import { listTermsOf, wordTermsOf } from '../../domain/account/account-keys.ts';
import type { AccountDocument, Collections, SearchTermDocument } from './collections.ts';
import { firstOf, unlessTaken, upserted } from './database.ts';

const BATCH = 500;
const LAST_CHARACTER = '\u{10ffff}'; // sorts after every other continuation of a term
export const UNIT_SEPARATOR = '\u001f'; // in no id, and before each sign of a term, so that places sort as (term, id)

/** Says which terms an account has; equal ones are not written again. */
export function termsHash(account: Account): string {
  const terms = JSON.stringify(termsOf(account).sort());
  return createHash('sha256').update(terms).digest('base64url').slice(0, 16);
}

type Term = { term: string; id: string };

const placeOf = ({ term, id }: Term) => `${term}${UNIT_SEPARATOR}${id}`;

const documentOf = ({ term, id }: Term, revision: number): SearchTermDocument => {
  const place = placeOf({ term, id });
  const level = levelOf(place);
  return {
    _id: `${id}${UNIT_SEPARATOR}${term}`,
    place,
    ...(level === undefined ? {} : { milestone: `${level}${place}` }),
    revision,
  };
};

/** One place in so many is a milestone of this level, and those are spread over all ranges alike. The highest comes first. */
const levels = [
  { level: 2, every: 4096 },
  { level: 1, every: 64 },
];

function levelOf(place: string): number | undefined {
  const number = hash('sha256', place, 'buffer').readUInt32BE();
  return levels.find(({ every }) => number % every === 0)?.level;
}

/** The terms of an account, of words and of lists. */
export const termsOf = (account: Account) => [...wordTermsOf(account), ...listTermsOf(account)];

const documentsOf = (account: Account) =>
  termsOf(account).map((term) => documentOf({ term, id: account.id }, account.revision));

/** Accounts after this id whose terms are still to be written. */
export const unwritten = (after: string) =>
  ({ _id: { $gt: after }, termsWritten: null }) as unknown as Filter<AccountDocument>;

const allOf = (id: string) => ({
  _id: { $gt: `${id}${UNIT_SEPARATOR}`, $lt: `${id}${UNIT_SEPARATOR}${LAST_CHARACTER}` },
});

export function createSearchTerms({ accounts, searchTerms }: Pick<Collections, 'accounts' | 'searchTerms'>) {
  /** `fresh`: no term of theirs can be there, so nothing is looked for. */
  async function put(people: Account[], fresh: boolean): Promise<void> {
    const documents = people.flatMap(documentsOf);
    if (documents.length === 0) return;
    if (fresh && (await unlessTaken(searchTerms.insertMany(documents, { ordered: false }))) !== undefined) return;
    const upserts = documents.map(({ _id, revision, ...inserted }) => ({
      updateOne: { filter: { _id }, update: { $max: { revision }, $setOnInsert: inserted }, upsert: true },
    }));
    await upserted(() => searchTerms.bulkWrite(upserts, { ordered: false }));
  }

  /** These were written meanwhile by somebody else: of what was written for them, what they do not have any more. */
  async function takeBack(people: Account[]): Promise<void> {
    const ids = people.map(({ id }) => id);
    const stored = await accounts.find({ _id: { $in: ids } }, { projection: { account: 1 } }).toArray();
    const wanted = new Set(stored.flatMap(({ account }) => readable(account).flatMap(wordsOf)));
    const gone = people.map((account) => {
      const _id = { $in: documentsOf(account).flatMap((each) => (wanted.has(each._id) ? [] : [each._id])) };
      return { deleteMany: { filter: { _id, revision: { $lte: account.revision } } } };
    });
    await searchTerms.bulkWrite(gone, { ordered: false });
  }

  /**
   * Any number of callers may write the terms of an account at once, each as of the revision that it knows: only a caller
   * who knows a later revision deletes a term.
   */
  async function write(people: Account[], fresh: boolean): Promise<void> {
    if (people.length === 0) return;
    await put(people, fresh);
    const gone: AnyBulkWriteOperation<SearchTermDocument>[] = people.map(({ id, revision }) => ({
      deleteMany: { filter: { ...allOf(id), revision: { $lt: revision } } },
    }));
    if (!fresh) await searchTerms.bulkWrite(gone, { ordered: false });
    const written = people.map((account) => ({
      updateOne: {
        filter: { _id: account.id, revision: account.revision },
        update: { $set: { termsWritten: termsHash(account) } },
      },
    }));
    const { matchedCount } = await accounts.bulkWrite(written, { ordered: false });
    if (matchedCount < people.length) await takeBack(people);
  }

  /** Accounts whose terms are not written, ordered by id. */
  const due = (after: string) =>
    accounts
      .find(unwritten(after), { projection: { account: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();

  /**
   * A place not far beyond the next `count`, of which there may be fewer before it; none: the rest is short. A server may
   * read a whole range before it takes the first few, so each level is asked for between two milestones of the one above.
   */
  async function milestone(from: string, end: string, count: number): Promise<string | undefined> {
    let to: string | undefined;
    for (const { level, every } of levels) {
      const beyond = Math.ceil(count / every) + 1;
      const range = { milestone: { $gt: `${level}${from}`, $lt: `${level}${to ?? end}` } };
      const places = searchTerms.find(range, { projection: { _id: 0, place: 1 } }).sort({ milestone: 1 });
      to = (await firstOf(places, beyond))[beyond - 1]?.place ?? to;
    }
    return to;
  }

  return {
    write,

    /** Of accounts that are about to be stored. @returns what these then say of their terms */
    writeAhead: async (people: Account[]): Promise<{ termsWritten: string }[]> => {
      await put(people, true);
      return people.map((account) => ({ termsWritten: termsHash(account) }));
    },

    /** Writes what is not written. @param most stops after so many accounts */
    writeDue: async (most: number): Promise<void> => {
      const fresh = (await searchTerms.findOne({}, { projection: { _id: 1 } })) === null;
      for (let after = '', seen = 0; seen < most; ) {
        const found = await due(after);
        await write(
          found.flatMap(({ account }) => readable(account)),
          fresh,
        );
        const last = found.at(-1);
        if (last === undefined || found.length < BATCH) return;
        seen += found.length;
        after = last._id;
      }
    },

    /** What is at the places that begin so, in their order, after that of `last`. */
    page: async (start: string, last: Term, limit: number): Promise<Term[]> => {
      const found: Term[] = [];
      const end = `${start}${LAST_CHARACTER}`;
      for (let from = placeOf(last); found.length < limit; ) {
        const missing = limit - found.length;
        const to = await milestone(from, end, missing);
        const place = to === undefined ? { $gt: from, $lt: end } : { $gt: from, $lte: to };
        const places = searchTerms.find({ place }, { projection: { _id: 0, place: 1 } }).sort({ place: 1 });
        found.push(...(await firstOf(places, missing)).map(({ place }) => termAt(place)));
        if (to === undefined) break;
        from = to;
      }
      return found;
    },

    /** The terms that do not lead to the account although it says so, by its id. */
    missing: async (people: Account[]): Promise<Map<string, string[]>> => {
      const wanted = people.map((account) => ({ account, documents: documentsOf(account) }));
      const ids = wanted.flatMap(({ documents }) => documents.map(({ _id }) => _id));
      const found = await searchTerms.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
      const there = new Set(found.map(({ _id }) => _id));
      return new Map(
        wanted.map(({ account: { id }, documents }) => [
          id,
          documents.flatMap(({ _id }) => (there.has(_id) ? [] : [_id.slice(id.length + 1)])),
        ]),
      );
    },
  };
}

function termAt(place: string): Term {
  const end = place.lastIndexOf(UNIT_SEPARATOR);
  return { term: place.slice(0, end), id: place.slice(end + 1) };
}

const wordsOf = (account: Account) => documentsOf(account).map(({ _id }) => _id);

/** None where it cannot be read, which is for `storage check` to tell. */
function readable(account: string): Account[] {
  try {
    const read: Account = JSON.parse(account);
    termsOf(read);
    return [read];
  } catch {
    return [];
  }
}
