/** When clients were last used: one document for each thing that one does, which only moves forward. */
import type { ClientUse, ClientUses } from '../../domain/ports/client-uses.ts';
import type { ClientUseDocument, Collections } from './collections.ts';
import { unlessTaken } from './database.ts';

const ATTEMPTS = 5;

export function createClientUses({ clientUses }: Collections): ClientUses {
  return {
    note: async (uses) => {
      if (uses.length === 0) return;
      const writes = uses.map((use) => {
        const { _id, hour, ...rest } = documentOf(use);
        const update = { $max: { hour }, $setOnInsert: rest };
        return { updateOne: { filter: { _id }, update, upsert: true } };
      });
      // two nodes that insert one at the same moment: asked again, the later one finds it
      for (let attempt = 1; ; attempt += 1) {
        const writing = clientUses.bulkWrite(writes, { ordered: false });
        if (attempt === ATTEMPTS) await writing;
        else if ((await unlessTaken(writing)) === undefined) continue;
        return;
      }
    },

    of: async (clients) => (await clientUses.find({ client: { $in: [...clients] } }).toArray()).map(recordOf),
  };
}

export const recordOf = ({ client, of, hour }: ClientUseDocument): ClientUse => ({ client, of, hour });

export function documentOf({ client, of, hour }: ClientUse): ClientUseDocument {
  return { _id: JSON.stringify([client, of]), client, of, hour };
}
