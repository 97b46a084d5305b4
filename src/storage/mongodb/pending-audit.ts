/**
 * An audit entry waits inside the document whose change it tells, so that both are one write; then it moves to the audit
 * log. What a node that died left waiting is moved by the sweep. One that the log does not take is set aside in a
 * collection of its own, so that it is not lost and keeps nothing else from moving.
 */
import { createHash } from 'node:crypto';
import type { Collection, Filter } from 'mongodb';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import { isPassing } from '../../domain/problem.ts';
import { auditChainOf } from './audit-chain.ts';
import type { Carrier, Collections, SetAsideAuditDocument } from './collections.ts';
import { asProblem, firstOf, unlessTaken } from './database.ts';

/** The collections whose documents carry entries. Each has the index `pendingAudit`. */
export const carriers = [
  'clients',
  'consents',
  'initialAccessTokens',
  'revokedGrants',
  'roleGrants',
  'sessions',
  'signingKeys',
  'values',
  'webhooks',
] as const;
type CarrierName = (typeof carriers)[number];

const BATCH = 1000;

/** For an update: the entry is put into the document by the same command. */
export function carrying(entry: ChangeEntry | undefined): { $push?: { pendingAudit: string } } {
  return entry === undefined ? {} : { $push: { pendingAudit: JSON.stringify(entry) } };
}

/** For a document that is inserted with its entry. */
export function carriedBy(entry: ChangeEntry | undefined): Carrier {
  return entry === undefined ? {} : { pendingAudit: [JSON.stringify(entry)] };
}

/** Where no entry waits: what is deleted must not take one along. */
export const nothingWaits = { pendingAudit: { $exists: false } } as const;

/** @throws TypeError if it is not an entry */
function entryOf(text: unknown): ChangeEntry {
  const entry: unknown = JSON.parse(String(text));
  const { id, at, action } = (entry ?? {}) as Partial<ChangeEntry>;
  if (typeof id !== 'string' || !Number.isSafeInteger(at) || typeof action !== 'string')
    throw new TypeError('it has no id, time or action');
  return entry as ChangeEntry;
}

/** The sentence for people who look after the database. */
const faultOf = ({ collection, document, because }: SetAsideAuditDocument) =>
  `an audit entry that ${collection} ${document} carried is set aside in the collection auditSetAside: ${because}`;

export function createPendingAudit(collections: Collections) {
  const { auditSetAside } = collections;
  const chain = auditChainOf(collections);
  const collectionOf = (name: CarrierName) =>
    collections[name] as unknown as Collection<Carrier & { _id: string; removed?: true }>;

  /** Sets an entry aside that the log refused. @returns the fault. @throws what will pass */
  async function setAside(name: CarrierName, id: string, text: string, error: unknown): Promise<string> {
    if (isPassing(asProblem(error))) throw error;
    const hash = createHash('sha256').update(String(text)).digest('base64url');
    const because = (error as Error).message;
    const aside = { _id: `${name} ${id} ${hash}`, collection: name, document: id, text, because };
    await unlessTaken(auditSetAside.insertOne(aside));
    return faultOf(aside);
  }

  const append = async (text: string) => {
    await chain.append(entryOf(text));
  };

  /** Takes the entries from the document. Doing it twice changes nothing: the log keeps the same id once. */
  async function take(name: CarrierName, id: string, texts: string[]): Promise<void> {
    const collection = collectionOf(name);
    // a document that is to be removed stays until its entries are in the log
    if ((await collection.deleteOne({ _id: id, removed: true, pendingAudit: texts })).deletedCount === 1) return;
    const all = await collection.updateOne({ _id: id, pendingAudit: texts }, { $unset: { pendingAudit: '' } });
    if (all.matchedCount === 0) await collection.updateOne({ _id: id }, { $pull: { pendingAudit: { $in: texts } } });
  }

  async function move(name: CarrierName, id: string, texts: string[], tell: (fault: string) => void): Promise<void> {
    for (const text of texts)
      await append(text).catch(async (error: unknown) => tell(await setAside(name, id, text, error)));
    await take(name, id, texts);
  }

  /** Moves what waits in these documents, at most 1000. @returns how many there were */
  async function moveAll(name: CarrierName, filter: object, tell: (fault: string) => void): Promise<number> {
    const found = collectionOf(name)
      .find({ ...filter, pendingAudit: { $exists: true } }, { projection: { pendingAudit: 1 } })
      .sort({ pendingAudit: 1 });
    const waiting = await firstOf(found, BATCH);
    for (const { _id, pendingAudit = [] } of waiting) await move(name, _id, pendingAudit, tell);
    return waiting.length;
  }

  return {
    /**
     * Moves the entry that a change has just put into a document. The change is durable and so is its entry, so a
     * failure here is not the caller's: the sweep moves it.
     */
    async settle(name: CarrierName, id: string, entry: ChangeEntry | undefined): Promise<void> {
      if (entry === undefined) return;
      const text = JSON.stringify(entry);
      await append(text)
        .then(() => take(name, id, [text]))
        .catch(() => undefined);
    },

    /**
     * Deletes a document once the entries that wait in it are in the log. @returns whether this call did: the driver
     * repeats `deleteOne` where its answer was lost, and no `deleteMany`
     */
    async removeOne(name: CarrierName, id: string): Promise<boolean> {
      do {
        if ((await collectionOf(name).deleteOne({ _id: id, ...nothingWaits })).deletedCount === 1) return true;
      } while ((await moveAll(name, { _id: id }, () => undefined)) > 0);
      return false;
    },

    /** Deletes documents, each once the entries that wait in it are in the log. @returns how many */
    async remove(name: CarrierName, filter: Filter<{ _id: string }>): Promise<number> {
      let gone = 0;
      do {
        const going = { ...filter, ...nothingWaits } as object;
        gone += (await collectionOf(name).deleteMany(going)).deletedCount;
      } while ((await moveAll(name, filter, () => undefined)) > 0);
      return gone;
    },

    /** The faults of those that are set aside, at most 1000. */
    faults: async (): Promise<string[]> => (await firstOf(auditSetAside.find().sort({ _id: 1 }), BATCH)).map(faultOf),
    counts: async () => ({ auditSetAside: await auditSetAside.countDocuments() }),

    /** Moves what waits, at most 1000 documents of a collection. @returns how many documents there were */
    async sweep(tell: (fault: string) => void = () => undefined): Promise<number> {
      let moved = 0;
      for (const name of carriers) moved += await moveAll(name, {}, tell);
      return moved;
    },
  };
}

export type PendingAudit = ReturnType<typeof createPendingAudit>;
