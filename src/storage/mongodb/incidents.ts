/** What happened under incident numbers: one document each, found by its number or by the person. */
import { INCIDENTS_KEPT_MS, type Incident } from '../../domain/incidents/incident.ts';
import type { Incidents } from '../../domain/ports/incidents.ts';
import type { Collections, IncidentDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { dateOf } from './schema.ts';

export function createIncidents({ incidents }: Collections): Incidents {
  return {
    add: async (some) => {
      if (some.length === 0) return;
      const writes = some.map((each) => {
        const { _id, ...rest } = documentOf(each);
        return { updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true } };
      });
      // two nodes that add the same one at the same moment: it is there
      await unlessTaken(incidents.bulkWrite(writes, { ordered: false }));
    },

    find: async (id) => {
      const found = await incidents.findOne({ _id: id });
      return found === null ? undefined : recordOf(found);
    },

    byAccount: async (account, limit) =>
      (await firstOf(incidents.find({ account }).sort({ at: -1, _id: -1 }), limit)).map(recordOf),

    removeByAccount: async (account) => (await incidents.deleteMany({ account })).deletedCount,
  };
}

export const recordOf = ({ incident }: IncidentDocument): Incident => JSON.parse(incident);

export function documentOf(incident: Incident): IncidentDocument {
  const { id, at, account } = incident;
  return {
    _id: id,
    at,
    ...(account === undefined ? {} : { account }),
    incident: JSON.stringify(incident),
    clearAt: dateOf(at + INCIDENTS_KEPT_MS),
  };
}
