/**
 * By what people are found: a document for each term of an account, so that a range of terms is a range of a plain index.
 * They are written after the account, which says so once they are (`termsWritten`). What a node that died left, or one of
 * a version that knows no such documents, the sweep writes. They only lead to accounts, and never say what one is.
 */
import { createHash } from 'node:crypto';
import type { AnyBulkWriteOperation, Filter } from 'mongodb';
import type { Account } from '../../domain/account/account.ts';
import { wordTermsOf } from '../../domain/account/account-keys.ts';
import { firstOf, unlessTaken, upserted } from './database.ts';
import type { AccountDocument, Collections, SearchTermDocument } from './schema.ts';

const BATCH = 500;
const LAST_CHARACTER = '\u{10ffff}'; // sorts after every other continuation of a term
const UNIT_SEPARATOR = '\u001f'; // in no id, and before each sign of a term, so that places sort as (term, id)

/** Says which terms an account has; equal ones are not written again. */
export function termsHash(account: Account): string {
  const terms = JSON.stringify(wordTermsOf(account).sort());
  return createHash('sha256').update(terms).digest('base64url').slice(0, 16);
}

type Term = { term: string; id: string };

const documentOf = ({ term, id }: Term, revision: number): SearchTermDocument => ({
  _id: `${id}${UNIT_SEPARATOR}${term}`,
  place: `${term}${UNIT_SEPARATOR}${id}`,
  revision,
});

const documentsOf = (account: Account) =>
  wordTermsOf(account).map((term) => documentOf({ term, id: account.id }, account.revision));

const allOf = (id: string) => ({
  _id: { $gt: `${id}${UNIT_SEPARATOR}`, $lt: `${id}${UNIT_SEPARATOR}${LAST_CHARACTER}` },
});

export function createSearchTerms({ accounts, searchTerms }: Pick<Collections, 'accounts' | 'searchTerms'>) {
  /** `fresh`: no term of theirs can be there, so nothing is looked for. */
  async function put(people: Account[], fresh: boolean): Promise<void> {
    const documents = people.flatMap(documentsOf);
    if (documents.length === 0) return;
    if (fresh && (await unlessTaken(searchTerms.insertMany(documents, { ordered: false }))) !== undefined) return;
    const upserts = documents.map(({ _id, place, revision }) => ({
      updateOne: { filter: { _id }, update: { $max: { revision }, $setOnInsert: { place } }, upsert: true },
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
  const due = async (after: string) => {
    const unwritten = { _id: { $gt: after }, termsWritten: null } as unknown as Filter<AccountDocument>;
    return accounts
      .find(unwritten, { projection: { account: 1 } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
  };

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

    /** The terms that begin so, with whose they are or were, by term and then id, after the one given. */
    page: async (start: string, { term, id }: Term, limit: number): Promise<Term[]> => {
      const range = { place: { $gt: documentOf({ term, id }, 0).place, $lt: `${start}${LAST_CHARACTER}` } };
      const found = searchTerms.find(range, { projection: { _id: 0, place: 1 } }).sort({ place: 1 });
      return (await firstOf(found, limit)).map(({ place }) => {
        const end = place.lastIndexOf(UNIT_SEPARATOR);
        return { term: place.slice(0, end), id: place.slice(end + 1) };
      });
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

const wordsOf = (account: Account) => documentsOf(account).map(({ _id }) => _id);

/** None where it cannot be read, which is for `storage check` to tell. */
function readable(account: string): Account[] {
  try {
    const read: Account = JSON.parse(account);
    wordTermsOf(read);
    return [read];
  } catch {
    return [];
  }
}
