/** Signing keys, sealed above this port; two nodes that both make the first key make one. */
import type { SigningKeys } from '../../domain/ports.ts';
import { unlessTaken } from './database.ts';
import type { Collections } from './schema.ts';

export function createSigningKeys({ signingKeys }: Collections): SigningKeys {
  return {
    list: async () => {
      const found = await signingKeys.find().sort({ alg: 1, generation: 1 }).toArray();
      return found.map(({ _id, publicJwk, ...record }) => ({ kid: _id, ...record, publicJwk: JSON.parse(publicJwk) }));
    },

    insert: async ({ kid, publicJwk, ...record }) => {
      const document = { _id: kid, ...record, publicJwk: JSON.stringify(publicJwk) };
      return (await unlessTaken(signingKeys.insertOne(document))) !== undefined;
    },

    update: async (kid, change) => {
      if (Object.keys(change).length === 0) return (await signingKeys.countDocuments({ _id: kid })) === 1;
      return (await signingKeys.updateOne({ _id: kid }, { $set: change })).matchedCount === 1;
    },

    remove: async (kid) => (await signingKeys.deleteOne({ _id: kid })).deletedCount === 1,
  };
}
