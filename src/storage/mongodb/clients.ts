/** Clients, written by compare-and-set, and a version by which any node notices a change, even if a node dies in between. */
import { randomUUID } from 'node:crypto';
import { historyAfter } from '../../domain/clients/client-history.ts';
import { resourceKeysOf } from '../../domain/clients/resources/resource-servers.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import type { Collections } from './collections.ts';
import { firstOf, unlessTaken, upserted } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';
import { revokeGrantsOf } from './protocol-records.ts';

const VERSION = { _id: 'clients' };
const STAYING = { removed: { $exists: false } } as const;
const RECORD_ONLY = { projection: { picture: 0, history: 0 } } as const;
const FORGOTTEN_AFTER_MS = 60_000; // a change takes milliseconds, so the node that began an older one is dead

/** @param now epoch ms; used only for how long a change may be under way, and a revoked grant is remembered */
export function createClients(collections: Collections, pendingAudit: PendingAudit, now: () => number): Clients {
  const { clients, clientVersion } = collections;

  /**
   * A client and the version are two documents, so a change is first noted as under way. Until it is over, each read of the
   * version returns a new one, so that no node caches what it read in between.
   */
  async function change(act: () => Promise<boolean>): Promise<boolean> {
    const underWay = { id: randomUUID(), since: now() };
    await upserted(() =>
      clientVersion.findOneAndUpdate(VERSION, { $push: { underWay } }, { upsert: true, returnDocument: 'after' }),
    );
    let happened = true; // also if the answer was lost
    try {
      happened = await act();
      return happened;
    } finally {
      const over = { $pull: { underWay: { id: underWay.id } } };
      await clientVersion.updateOne(VERSION, happened ? { ...over, $inc: { version: 1 } } : over);
    }
  }

  async function clear(id: string): Promise<void> {
    await pendingAudit.remove('consents', { clientId: id });
    await revokeGrantsOf(collections, { clientId: id }, now);
  }

  return {
    find: async (id) => {
      const found = await clients.findOne({ _id: id, ...STAYING }, RECORD_ONLY);
      return found === null ? undefined : JSON.parse(found.client);
    },

    findByResource: async (key) => {
      const found = await clients.findOne({ resources: key, ...STAYING }, RECORD_ONLY);
      return found === null ? undefined : JSON.parse(found.client);
    },

    findAll: async (ids) => {
      if (ids.length === 0) return [];
      const found = clients.find({ _id: { $in: [...ids] }, ...STAYING }, RECORD_ONLY).sort({ _id: 1 });
      return (await found.toArray()).map(({ client }) => JSON.parse(client) as ClientRecord);
    },

    list: async (after = '', limit) => {
      const found = await firstOf(
        clients.find({ _id: { $gt: after }, ...STAYING }, RECORD_ONLY).sort({ _id: 1 }),
        limit,
      );
      return found.map(({ client }) => JSON.parse(client) as ClientRecord);
    },

    put: async (record, expectedRevision, entry, picture) => {
      const { id, revision } = record;
      const resources = resourcesOf(record);
      // history changes only with the revision, and the write names the one that is read here
      const stored =
        expectedRevision === 0
          ? undefined
          : await clients.findOne({ _id: id, revision: expectedRevision, ...STAYING }, { projection: { picture: 0 } });
      if (stored === null) return false;
      const before = stored && JSON.parse(stored.client);
      const document = {
        revision,
        client: JSON.stringify(record),
        history: JSON.stringify(historyAfter(JSON.parse(stored?.history ?? '[]'), before, record, entry)),
        ...resources,
        ...(picture === undefined ? {} : { picture }),
      };
      const goes = {
        ...(picture === undefined && record.logo === undefined ? { picture: '' as const } : {}),
        ...(resources.resources === undefined ? { resources: '' as const } : {}),
      };
      const update = { $set: document, $unset: { ...goes, removed: '' as const }, ...carrying(entry) };
      /** @throws Problem `resource_taken` */
      const updated = async (filter: object) => {
        const result = await unlessTaken(clients.updateOne({ _id: id, ...filter }, update));
        if (result === undefined) throw taken(record);
        return result.matchedCount === 1;
      };
      const inserted = async () => {
        const result = await unlessTaken(clients.insertOne({ _id: id, ...document, ...carriedBy(entry) }));
        // the id is there: of one that was removed, and whose audit entry still waits there
        if (result !== undefined || (await updated({ removed: true }))) return true;
        if ((await clients.countDocuments({ _id: id })) === 0) throw taken(record);
        return false;
      };
      return change(async () => {
        const happened = await (expectedRevision === 0
          ? inserted()
          : updated({ revision: expectedRevision, ...STAYING }));
        if (happened) await pendingAudit.settle('clients', id, entry);
        return happened;
      });
    },

    remove: async (id, entry, revision) => {
      const removed = await change(async () => {
        const staying = { _id: id, ...STAYING, ...(revision === undefined ? {} : { revision }) };
        if (entry === undefined) return (await clients.deleteOne(staying)).deletedCount === 1;
        const marked = await clients.updateOne(staying, {
          $set: { removed: true },
          $unset: { picture: '', resources: '', history: '' },
          ...carrying(entry),
        });
        if (marked.matchedCount === 0) return false;
        await pendingAudit.settle('clients', id, entry);
        return true;
      });
      if (!removed && revision !== undefined) return false; // another one of that id may be there
      if (removed) await collections.clientUses.deleteMany({ client: id });
      await clear(id);
      return removed;
    },

    clear,

    history: async (id) => {
      const found = await clients.findOne({ _id: id, ...STAYING }, { projection: { history: 1 } });
      return JSON.parse(found?.history ?? '[]');
    },

    picture: async (id) => (await clients.findOne({ _id: id, ...STAYING }, { projection: { picture: 1 } }))?.picture,

    version: async () => {
      const found = await clientVersion.findOne(VERSION);
      if (found === null || found.underWay.length === 0) return found?.version ?? 0;
      const forgotten = { since: { $lte: now() - FORGOTTEN_AFTER_MS } };
      const counted = await clientVersion.findOneAndUpdate(
        VERSION,
        { $inc: { version: 1 }, $pull: { underWay: forgotten } },
        { returnDocument: 'after' },
      );
      return counted?.version ?? 0;
    },
  };
}

/** No empty array: a unique index takes it as a key, and would refuse a second client without APIs. */
export function resourcesOf(record: ClientRecord): { resources?: string[] } {
  const resources = resourceKeysOf(record);
  return resources.length === 0 ? {} : { resources };
}

function taken(record: ClientRecord): Problem {
  return new Problem('resource_taken', `one of these is of another client: ${resourceKeysOf(record).join(', ')}`);
}
