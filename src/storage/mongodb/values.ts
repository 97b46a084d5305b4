/** Single values that are made once and kept. */
import type { Values } from '../../domain/ports/values.ts';
import type { Collections } from './collections.ts';
import { unlessTaken, upserted } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';

export function createValues({ values }: Collections, pendingAudit: PendingAudit): Values {
  return {
    get: async (name) => (await values.findOne({ _id: name }))?.value,

    // writes even if there is a value, because the answer to a write waits until the value cannot be rolled back
    getOrInsert: async (name, value) => {
      const kept = await upserted(() =>
        values.findOneAndUpdate({ _id: name }, { $setOnInsert: { value } }, { upsert: true, returnDocument: 'after' }),
      );
      return kept.value;
    },

    replace: async (name, value, expected, entry) => {
      const written =
        expected === undefined
          ? (await unlessTaken(values.insertOne({ _id: name, value, ...carriedBy(entry) }))) !== undefined
          : (await values.updateOne({ _id: name, value: expected }, { $set: { value }, ...carrying(entry) }))
              .matchedCount === 1;
      if (written) await pendingAudit.settle('values', name, entry);
      return written;
    },
  };
}
