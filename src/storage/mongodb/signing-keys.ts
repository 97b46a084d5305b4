/** Signing keys, which callers seal. When two nodes both make the first key, one of them is stored. */
import type { WithId } from 'mongodb';
import type { SigningKeyRecord, SigningKeys } from '../../domain/ports/signing-keys.ts';
import { unlessTaken } from './database.ts';
import type { Collections, SigningKeyDocument } from './schema.ts';

export function createSigningKeys({ signingKeys }: Collections): SigningKeys {
  return {
    list: async () => {
      const found = await signingKeys.find().sort({ alg: 1, generation: 1 }).toArray();
      return found.map(recordOf);
    },

    insert: async (record) => (await unlessTaken(signingKeys.insertOne(documentOf(record)))) !== undefined,

    update: async (kid, change, expected = {}) => {
      const guards = Object.entries(expected).map(([name, value]) => [name, value ?? { $exists: false }]);
      const filter = { _id: kid, ...Object.fromEntries(guards) };
      if (Object.keys(change).length === 0) return (await signingKeys.countDocuments(filter)) === 1;
      return (await signingKeys.updateOne(filter, { $set: change })).matchedCount === 1;
    },

    remove: async (kid) => (await signingKeys.deleteOne({ _id: kid })).deletedCount === 1,
  };
}

export function documentOf({ kid, publicJwk, ...record }: SigningKeyRecord): SigningKeyDocument {
  return { _id: kid, ...record, publicJwk: JSON.stringify(publicJwk) };
}

export function recordOf({ _id, publicJwk, ...record }: WithId<SigningKeyDocument>): SigningKeyRecord {
  return { kid: _id, ...record, publicJwk: JSON.parse(publicJwk) };
}
