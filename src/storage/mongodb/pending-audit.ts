/**
 * An audit entry waits inside the document whose change it tells, so that both are one write; then it moves to the audit
 * log. What a node that died left waiting is moved by the sweep.
 */
import type { Collection } from 'mongodb';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import { documentOf } from './audit-log.ts';
import { unlessTaken } from './database.ts';
import type { Carrier, Collections } from './schema.ts';

/** The collections whose documents carry entries. Each has the index `pendingAudit`. */
export const carriers = ['clients', 'consents', 'revokedGrants', 'sessions', 'signingKeys'] as const;
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

export function createPendingAudit(collections: Collections) {
  const collectionOf = (name: CarrierName) =>
    collections[name] as unknown as Collection<Carrier & { _id: string; removed?: true }>;

  /** Appends the entries, then takes them from the document. Doing it twice changes nothing: the same id is kept once. */
  async function move(name: CarrierName, id: string, texts: string[]): Promise<void> {
    for (const text of texts) await unlessTaken(collections.auditLog.insertOne(documentOf(JSON.parse(text))));
    const collection = collectionOf(name);
    // a document that is to be removed stays until its entries are in the log
    if ((await collection.deleteOne({ _id: id, removed: true, pendingAudit: texts })).deletedCount === 1) return;
    const all = await collection.updateOne({ _id: id, pendingAudit: texts }, { $unset: { pendingAudit: '' } });
    if (all.matchedCount === 0) await collection.updateOne({ _id: id }, { $pull: { pendingAudit: { $in: texts } } });
  }

  return {
    /**
     * Moves the entry that a change has just put into a document. The change is durable and so is its entry, so a
     * failure here is not the caller's: the sweep moves it.
     */
    async settle(name: CarrierName, id: string, entry: ChangeEntry | undefined): Promise<void> {
      if (entry === undefined) return;
      await move(name, id, [JSON.stringify(entry)]).catch(() => undefined);
    },

    /** Moves what waits, at most 1000 documents of a collection. @returns how many documents there were */
    async sweep(): Promise<number> {
      let moved = 0;
      for (const name of carriers) {
        const found = collectionOf(name).find({ pendingAudit: { $exists: true } }, { projection: { pendingAudit: 1 } });
        for (const { _id, pendingAudit = [] } of await found.sort({ pendingAudit: 1 }).limit(BATCH).toArray()) {
          await move(name, _id, pendingAudit);
          moved += 1;
        }
      }
      return moved;
    },
  };
}

export type PendingAudit = ReturnType<typeof createPendingAudit>;
