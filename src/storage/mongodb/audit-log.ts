/** The audit log: entries are appended, read newest first, and never changed. */
import type { Filter } from 'mongodb';
import type { ChainLink } from '../../domain/audit/audit-chain.ts';
import { storedCheckpoint } from '../../domain/audit/audit-checkpoint.ts';
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';
import { auditChainOf } from './audit-chain.ts';
import { chainedAfter, checkpointId, storedOf } from './audit-documents.ts';
import type { AuditDocument, Collections } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';

type Linked = AuditDocument & ChainLink;

export function createAuditLog(collections: Collections): AuditLog {
  const { auditLog, auditCheckpoints } = collections;
  /** A process that goes on with a chain has its last place in memory, so all of it may go. */
  async function remove(filter: Filter<AuditDocument>, sort: Record<string, 1>, limit: number): Promise<number> {
    const found = await firstOf(auditLog.find(filter, { projection: { _id: 1 } }).sort(sort), limit);
    return (await auditLog.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } })).deletedCount;
  }
  const chain = auditChainOf(collections);
  return {
    append: (entry) => chain.append(entry),

    page: async ({ subject, actor, action, client, from, to }, before, limit) => {
      const conditions: Filter<AuditDocument>[] = [];
      if (subject !== undefined) conditions.push({ subject });
      if (actor !== undefined) conditions.push({ actor });
      if (action !== undefined) conditions.push({ action });
      if (client !== undefined) conditions.push({ client });
      if (from !== undefined) conditions.push({ at: { $gte: from } });
      if (to !== undefined) conditions.push({ at: { $lt: to } });
      if (before !== undefined)
        conditions.push(
          { at: { $lte: before.at } },
          { $or: [{ at: { $lt: before.at } }, { at: before.at, _id: { $lt: before.id } }] },
        );
      const filter = conditions.length === 0 ? {} : { $and: conditions };
      const found = await firstOf(auditLog.find(filter, { projection: { entry: 1 } }).sort({ at: -1, _id: -1 }), limit);
      return found.map(({ entry }) => JSON.parse(entry) as AuditEntry);
    },

    chained: async (after, limit) => {
      const found = await firstOf(auditLog.find(chainedAfter(after)).sort({ node: 1, seq: 1 }), limit);
      return (found as Linked[]).map((document) => {
        const { node, seq, hash } = document;
        return { ...storedOf(document), chain: { node, seq, hash } };
      });
    },

    loose: async ({ from, to }, after, limit) => {
      const next = after ?? { at: from, id: '' };
      const filter = {
        node: { $exists: false },
        at: { $gte: next.at, $lt: to },
        $or: [{ at: { $gt: next.at } }, { at: next.at, _id: { $gt: next.id } }],
      };
      const found = await firstOf(auditLog.find(filter).sort({ at: 1, _id: 1 }), limit);
      return found.map((document) => ({ ...storedOf(document), at: document.at }));
    },

    heads: async () => {
      const heads: ChainLink[] = [];
      // a signature over what a new primary rolls back would accuse somebody of deleting it
      const settled = { readConcern: { level: 'majority' } } as const;
      for (const node of await auditLog.distinct('node', { node: { $gt: '' } })) {
        const newest = auditLog.find({ node: String(node) }, settled).sort({ node: -1, seq: -1 });
        const [head] = (await firstOf(newest, 1)) as Linked[];
        if (head !== undefined) heads.push({ node: head.node, seq: head.seq, hash: head.hash });
      }
      return heads;
    },

    addCheckpoint: async (checkpoint) =>
      (await unlessTaken(
        auditCheckpoints.insertOne({ _id: checkpointId(checkpoint.number), checkpoint: JSON.stringify(checkpoint) }),
      )) !== undefined,

    prune: ({ node, seq }, limit) => remove({ node, seq: { $lte: seq } }, { node: 1, seq: 1 }, limit),
    pruneLoose: (to, limit) => remove({ node: { $exists: false }, at: { $lt: to } }, { at: 1, _id: 1 }, limit),
    oldest: async () => (await firstOf(auditLog.find({}, { projection: { at: 1 } }).sort({ at: 1, _id: 1 }), 1))[0]?.at,

    checkpoints: async (after, limit) => {
      const found = auditCheckpoints.find({ _id: { $gt: checkpointId(after) } }).sort({ _id: 1 });
      return (await firstOf(found, limit)).map(({ _id, checkpoint }) => storedCheckpoint(Number(_id), checkpoint));
    },
  };
}
