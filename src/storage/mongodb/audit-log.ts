/** The audit log: entries are appended, read newest first, and never changed. */
import type { Filter } from 'mongodb';
import type { AuditEntry, AuditLog } from '../../domain/ports/audit-log.ts';
import { firstOf, unlessTaken } from './database.ts';
import type { AuditDocument, Collections } from './schema.ts';

export function createAuditLog({ auditLog }: Collections): AuditLog {
  return {
    append: async (entry) => {
      await unlessTaken(auditLog.insertOne(documentOf(entry)));
    },

    page: async ({ subject, action, client, from, to }, before, limit) => {
      const conditions: Filter<AuditDocument>[] = [];
      if (subject !== undefined) conditions.push({ subject });
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
  };
}

export function documentOf(entry: AuditEntry): AuditDocument {
  const { id, at, action, subject, client } = entry;
  return {
    _id: id,
    at,
    action,
    ...(subject === undefined ? {} : { subject }),
    ...(client === undefined ? {} : { client }),
    entry: JSON.stringify(entry),
  };
}
