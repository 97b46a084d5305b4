/** Single values that are made once and kept. */
import type { Values } from '../../domain/ports/values.ts';
import { unlessTaken, upserted } from './database.ts';
import type { Collections } from './schema.ts';

export function createValues({ values }: Collections): Values {
  const insert = async (name: string, value: string) =>
    (await unlessTaken(values.insertOne({ _id: name, value }))) !== undefined;

  return {
    get: async (name) => (await values.findOne({ _id: name }))?.value,

    // writes even if there is a value, because the answer to a write waits until the value cannot be rolled back
    getOrInsert: async (name, value) => {
      const kept = await upserted(() =>
        values.findOneAndUpdate({ _id: name }, { $setOnInsert: { value } }, { upsert: true, returnDocument: 'after' }),
      );
      return kept.value;
    },

    replace: async (name, value, expected) => {
      if (expected === undefined) return insert(name, value);
      return (await values.updateOne({ _id: name, value: expected }, { $set: { value } })).matchedCount === 1;
    },
  };
}
