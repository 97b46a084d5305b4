/** Signing keys, which callers seal. When two nodes both make the first key, one of them is stored. */
import type { WithId } from 'mongodb';
import type { SigningKeyRecord, SigningKeys } from '../../domain/ports/signing-keys.ts';
import type { Collections, SigningKeyDocument } from './collections.ts';
import { unlessTaken } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';

const STAYING = { removed: { $exists: false } } as const;

export function createSigningKeys({ signingKeys }: Collections, pendingAudit: PendingAudit): SigningKeys {
  return {
    list: async () => {
      const found = await signingKeys.find(STAYING).sort({ alg: 1, generation: 1 }).toArray();
      return found.map(recordOf);
    },

    insert: async (record, entry) => {
      const document = { ...documentOf(record), ...carriedBy(entry) };
      if ((await unlessTaken(signingKeys.insertOne(document))) === undefined) return false;
      await pendingAudit.settle('signingKeys', record.kid, entry);
      return true;
    },

    update: async (kid, change, expected = {}, entry) => {
      const guards = Object.entries(expected).map(([name, value]) => [name, value ?? { $exists: false }]);
      const filter = { _id: kid, ...STAYING, ...Object.fromEntries(guards) };
      if (Object.keys(change).length === 0) return (await signingKeys.countDocuments(filter)) === 1;
      const { matchedCount } = await signingKeys.updateOne(filter, { $set: change, ...carrying(entry) });
      if (matchedCount === 1) await pendingAudit.settle('signingKeys', kid, entry);
      return matchedCount === 1;
    },

    remove: async (kid, entry) => {
      const staying = { _id: kid, ...STAYING };
      if (entry === undefined) return (await signingKeys.deleteOne(staying)).deletedCount === 1;
      const marked = await signingKeys.updateOne(staying, { $set: { removed: true }, ...carrying(entry) });
      if (marked.matchedCount === 0) return false;
      await pendingAudit.settle('signingKeys', kid, entry);
      return true;
    },
  };
}

export function documentOf({ kid, publicJwk, ...record }: SigningKeyRecord): SigningKeyDocument {
  return { _id: kid, ...record, publicJwk: JSON.stringify(publicJwk) };
}

export function recordOf({
  _id,
  publicJwk,
  pendingAudit: _pending,
  removed: _removed,
  ...record
}: WithId<SigningKeyDocument>): SigningKeyRecord {
  return { kid: _id, ...record, publicJwk: JSON.parse(publicJwk) };
}
