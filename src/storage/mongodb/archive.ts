/** The archive port for MongoDB: reads and writes all records kind by kind, and checks them against their index fields. */
import type { Collection, Db, Document, Filter } from 'mongodb';
import type { Account } from '../../domain/account/account.ts';
import type { ChainLink } from '../../domain/audit/audit-chain.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { storedLogoFaults } from '../../domain/clients/client-logo.ts';
import { storedValidityFaults } from '../../domain/clients/client-validity.ts';
import { archiveKinds } from '../../domain/installation/archive.ts';
import type { Archive, ArchiveKind, HalfCopy } from '../../domain/ports/archive.ts';
import type { ClientRecord, PictureOfClient } from '../../domain/ports/clients.ts';
import { requireStorableIn } from '../../domain/ports/numbers.ts';
import { Problem } from '../../domain/problem.ts';
import { places } from './archive-collections.ts';
import { chainedAfter } from './audit-documents.ts';
import type { Collections } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { createPendingAudit } from './pending-audit.ts';
import { indexes } from './schema.ts';
import { createSearchTerms } from './search-terms.ts';
import { installationOf, schemaOf } from './upgrades.ts';

const PAGE = 500;

export function createArchive(db: Db, collections: Collections): Archive {
  const collectionOf = (kind: ArchiveKind) =>
    collections[places[kind].collection] as unknown as Collection<Document & { _id: string }>;
  const installation = installationOf(db).copy;
  const pendingAudit = createPendingAudit(collections);
  const searchTerms = createSearchTerms(collections);

  /** A page of documents ordered by `_id`, which is also the cursor. */
  async function documents(kind: ArchiveKind, condition: Filter<Document>, after: string | undefined, limit: number) {
    if (kind === 'auditLog') return auditDocuments(after, limit);
    const filter = { ...condition, ...(after === undefined ? {} : { _id: { $gt: after } }) } as Filter<
      Document & { _id: string }
    >;
    const found = await firstOf(collectionOf(kind).find(filter).sort({ _id: 1 }), limit);
    return { found, next: found.length < limit ? undefined : found.at(-1)?._id };
  }

  /** In the order of the chains, behind what is in none: of a log that grows meanwhile, no chain gets a gap. */
  async function auditDocuments(after: string | undefined, limit: number) {
    const { id, link } = JSON.parse(after ?? '{"id":""}') as { id?: string; link?: ChainLink };
    const log = collectionOf('auditLog');
    if (id !== undefined) {
      const found = await firstOf(log.find({ node: { $exists: false }, _id: { $gt: id } }).sort({ _id: 1 }), limit);
      if (found.length > 0)
        return { found, next: JSON.stringify(found.length < limit ? {} : { id: found.at(-1)?._id }) };
    }
    const filter = chainedAfter(link) as Filter<Document & { _id: string }>;
    const found = await firstOf(log.find(filter).sort({ node: 1, seq: 1 }), limit);
    const { node, seq } = (found.at(-1) ?? {}) as Partial<ChainLink>;
    return { found, next: found.length < limit ? undefined : JSON.stringify({ link: { node, seq } }) };
  }

  /** Leaves out records of revoked grants, which a node that died may have left: they are not valid. */
  async function withoutRevoked<Each extends Document>(found: Each[]): Promise<Each[]> {
    const grants = [...new Set(found.map(({ grant }) => grant as string | undefined))].filter(
      (grant) => grant !== undefined,
    );
    if (grants.length === 0) return found;
    const revoked = await collections.revokedGrants.find({ _id: { $in: grants } }).toArray();
    const keys = new Set(revoked.map(({ _id }) => _id));
    return found.filter(({ grant }) => !keys.has(grant));
  }

  /** Of accounts as they are stored, by id: the terms by which they are not found, although they say that they are. */
  async function termFaults(found: Document[]): Promise<Map<string, string[]>> {
    const people = found.flatMap(({ account, termsWritten }): Account[] => {
      try {
        const read: Account = JSON.parse(account);
        return termsWritten === undefined ? [] : [read];
      } catch {
        return []; // named as one that cannot be read
      }
    });
    const missing = await searchTerms.missing(people);
    const fault = (term: string) => `searchTerms does not lead from ${JSON.stringify(term)} to it`;
    return new Map([...missing].map(([id, terms]) => [id, terms.map(fault)]));
  }

  return {
    page: async (kind, at, after, limit) => {
      if (kind === 'auditLog' && after === undefined) await pendingAudit.sweep(); // what a node that died left
      const { useful, record } = places[kind];
      const { found, next } = await documents(kind, useful?.(at) ?? {}, after, limit);
      const valid = kind === 'protocolRecords' ? await withoutRevoked(found) : found;
      const records = valid.map((document) => {
        try {
          return readable(record(document));
        } catch (error) {
          throw damaged(kind, document._id, error);
        }
      });
      return { records, next };
    },

    put: async (kind, records) => {
      if (records.length === 0) return;
      // what leads to accounts goes before them: nobody looks anything up in a copy that is not finished
      const terms = kind === 'accounts' ? await searchTerms.writeAhead(records as Account[]) : undefined;
      const documents = records.map((record, index) => ({ ...places[kind].document(record), ...terms?.[index] }));
      const written = await unlessTaken(collectionOf(kind).insertMany(documents, { ordered: true }));
      if (written === undefined)
        throw new Problem('login_taken', `${kind}: a record, or a unique key of it, is there already`);
    },

    counts: async () => {
      const counted = {} as Record<ArchiveKind, number>;
      for (const kind of archiveKinds)
        counted[kind] = await collectionOf(kind).countDocuments(
          kind === 'clientVersion' ? { version: { $gt: 0 } } : {},
        );
      return counted;
    },

    inspect: async (kind, visit) => {
      const { record, document, aside = [] } = places[kind];
      for (let after: string | undefined; ; ) {
        const { found, next } = await documents(kind, {}, after, PAGE);
        const ofTerms = kind === 'accounts' ? await termFaults(found) : undefined;
        for (const stored of found) {
          const { _id: name } = stored;
          try {
            const read = readable(record(stored));
            const faults = [...differences(stored, document(read), aside), ...(ofTerms?.get(name) ?? [])];
            if (kind === 'clients')
              faults.push(...storedLogoFaults(read as PictureOfClient), ...storedValidityFaults(read as ClientRecord));
            visit({ name, record: read, faults });
          } catch (error) {
            visit({ name, faults: [`cannot be read: ${(error as Error).message}`] });
          }
        }
        if (next === undefined) return;
        after = next;
      }
    },

    remove: async (kind, name) => (await collectionOf(kind).deleteOne({ _id: name })).deletedCount === 1,

    faults: async () => {
      const faults: string[] = [];
      for (const [name, wanted] of Object.entries(indexes)) {
        const there = new Set((await db.collection(name).indexes()).map((index) => index.name));
        for (const { name: index } of wanted)
          if (!there.has(index)) faults.push(`collection ${name} has no index ${index}`);
      }
      return [...faults, ...(await pendingAudit.faults())];
    },

    state: async () => {
      const { storageSize = 0, indexSize = 0 } = await db.command({ dbStats: 1 });
      return { ...(await schemaOf(db)), bytes: storageSize + indexSize, ...(await pendingAudit.counts()) };
    },

    beginCopy: async (copy) => (await unlessTaken(installation.insertOne({ _id: 'copy', ...copy }))) !== undefined,

    noteEmpty: async (id) =>
      (await installation.updateOne({ _id: 'copy', id }, { $set: { seenEmpty: true } })).matchedCount === 1,

    endCopy: async (id) => (await installation.deleteOne({ _id: 'copy', id })).deletedCount === 1,

    restartCopy: async (id, copy: HalfCopy) => {
      const unseen = await installation.deleteOne({ _id: 'copy', id, seenEmpty: { $ne: true } });
      if (unseen.deletedCount === 1) return 'unmarked';
      // first, so that a copy that still runs cannot succeed
      const taken = await installation.updateOne({ _id: 'copy', id, seenEmpty: true }, { $set: copy });
      if (taken.matchedCount !== 1) return 'none';
      for (const kind of archiveKinds) await deleteAll(collectionOf(kind));
      await deleteAll(collections.searchTerms as unknown as Collection<Document & { _id: string }>);
      return 'restarted';
    },

    snapshot: async () => false,
  };
}

/** Earlier versions stored numbers that no other backend reads. */
function readable<Read>(record: Read): Read {
  requireStorableIn(record);
  return record;
}

/** Deletes page by page: one command over millions takes minutes, and would not be undone if it is interrupted. */
async function deleteAll(collection: Collection<Document & { _id: string }>): Promise<void> {
  for (;;) {
    const found = await collection
      .find({}, { projection: { _id: 1 } })
      .limit(PAGE)
      .toArray();
    if (found.length === 0) return;
    await collection.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
  }
}

/** The index fields of a document that differ from its record. */
function differences(stored: Document, expected: Document, aside: string[]): string[] {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(expected)])].filter(
    (name) => !aside.includes(name),
  );
  return names
    .filter((name) => comparable(stored[name]) !== comparable(expected[name]))
    .map((name) => `field ${name} is ${comparable(stored[name])}, its document says ${comparable(expected[name])}`);
}

/** A comparable form: sorted arrays of keys, dates as their time. */
function comparable(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value instanceof Date) return String(value.getTime());
  if (!Array.isArray(value)) return canonicalJson(value);
  return canonicalJson(value.map((each) => (typeof each === 'string' ? each : canonicalJson(each))).sort());
}

function damaged(kind: ArchiveKind, name: string, error: unknown): Problem {
  return new Problem(
    'storage_damaged',
    `${kind}: ${name} cannot be read: ${(error as Error).message}; pedel storage check names every fault`,
    { cause: error },
  );
}
