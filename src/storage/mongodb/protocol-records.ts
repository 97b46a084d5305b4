/**
 * The records of oidc-provider under hashed keys: one caller consumes a record, and a revoked one is neither found nor put
 * back.
 */
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecord, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { Collections, ProtocolRecordDocument } from './collections.ts';
import { firstOf, unlessTaken, upserted } from './database.ts';
import { createGrants } from './grants.ts';
import { carrying, type PendingAudit } from './pending-audit.ts';
import { dateOf } from './schema.ts';
import { createSessions } from './sessions.ts';

const REVOKED_FOR_MS = 24 * 3600 * 1000; // requests that began before the revocation have ended long before

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createProtocolRecords(
  collections: Collections,
  pendingAudit: PendingAudit,
  now: () => number,
): ProtocolRecords {
  const { protocolRecords, revokedGrants } = collections;

  /**
   * A record and the note that its grant is revoked are two documents. So the note is written before anything is deleted,
   * and each read or consumption of a record checks it afterwards. From then on no record of that grant is valid, not even
   * one that a request under way is about to put.
   */
  const isRevoked = async (grant: string | undefined) =>
    grant !== undefined && (await revokedGrants.findOne({ _id: grant })) !== null;
  const rememberRevoked = (grant: string, entry?: ChangeEntry) =>
    upserted(() =>
      revokedGrants.findOneAndUpdate(
        { _id: grant },
        { $set: { forgetAt: now() + REVOKED_FOR_MS }, ...carrying(entry) },
        { upsert: true, returnDocument: 'after' },
      ),
    );

  const living = async (found: ProtocolRecordDocument, at: number): Promise<ProtocolRecord | undefined> => {
    if ((found.expiresAt !== undefined && found.expiresAt <= at) || (await isRevoked(found.grant))) return undefined;
    const record: ProtocolRecord = JSON.parse(found.record);
    return found.consumed === undefined ? record : { ...record, consumed: found.consumed };
  };

  return {
    ...createSessions(collections, pendingAudit),
    ...createGrants(collections),

    find: async (model, key, at) => {
      const found = await protocolRecords.findOne({ _id: idOf(model, key) });
      return found === null ? undefined : living(found, at);
    },

    findAmong: async (models, key, at) => {
      const found = await protocolRecords.findOne({ _id: { $in: models.map((model) => idOf(model, key)) } });
      const record = found === null ? undefined : await living(found, at);
      const model = models.find((each) => found?._id === idOf(each, key));
      return record === undefined || model === undefined ? undefined : { model, record };
    },

    put: async (model, key, record, expiresAt) => {
      const { _id, consumed, ...given } = documentOf(model, key, record, expiresAt);
      const gone = (['grant', 'expiresAt', 'clearAt'] as const).filter((name) => given[name] === undefined);
      await upserted(() =>
        protocolRecords.findOneAndUpdate(
          { _id },
          {
            $set: given,
            ...(gone.length === 0 ? {} : { $unset: Object.fromEntries(gone.map((name) => [name, ''])) }),
            // the first consumption counts; an absent time does not clear it
            ...(consumed === undefined ? {} : { $min: { consumed } }),
          },
          { upsert: true, returnDocument: 'after', projection: { _id: 1 } },
        ),
      );
      if (given.grant !== undefined && (await isRevoked(given.grant)))
        await protocolRecords.deleteOne({ _id, grant: given.grant });
    },

    insert: async (model, key, record, expiresAt, at) => {
      const { _id, ...document } = documentOf(model, key, record, expiresAt);
      // matches no record or an expired one; if a record is valid, the insert fails on its `_id`
      const written = await unlessTaken(
        protocolRecords.replaceOne({ _id, expiresAt: { $lte: at } }, document, { upsert: true }),
      );
      return written !== undefined && written.matchedCount + written.upsertedCount === 1;
    },

    consume: async (model, key, at) => {
      const consumed = await protocolRecords.findOneAndUpdate(
        { _id: idOf(model, key), consumed: { $exists: false }, expiresAt: { $not: { $lte: at } } },
        { $set: { consumed: Math.floor(at / 1000) } },
        { returnDocument: 'after', projection: { grant: 1 } },
      );
      return consumed !== null && !(await isRevoked(consumed.grant));
    },

    destroy: async (model, key) => {
      if (model === 'Grant') await rememberRevoked(key);
      await protocolRecords.deleteOne({ _id: idOf(model, key) });
    },

    revokeByGrant: async (grantId, entry) => {
      const grant = recordKeyOf(grantId);
      await rememberRevoked(grant, entry);
      await protocolRecords.deleteMany({ grant });
      await pendingAudit.settle('revokedGrants', grant, entry);
    },
  };
}

/** The id of a record; unambiguous, because names of models have no space. */
function idOf(model: string, key: string): string {
  return `${model} ${key}`;
}

/** The fields by which the Grants of a client, or of a person to a client, are found. */
export function granteesOf({ clientId, accountId }: ProtocolRecord): { client?: string; account?: string } {
  return {
    ...(typeof clientId === 'string' ? { client: clientId } : {}),
    ...(typeof accountId === 'string' ? { account: accountId } : {}),
  };
}

const BATCH = 500;

/** Revokes all grants to this client, of one person or of all, in the order of `isRevoked`: first the notes. */
export async function revokeGrantsOf(
  { protocolRecords, revokedGrants }: Pick<Collections, 'protocolRecords' | 'revokedGrants'>,
  { clientId, accountId }: { clientId: string; accountId?: string },
  now: () => number,
): Promise<void> {
  const filter = { client: clientId, ...(accountId === undefined ? {} : { account: accountId }) };
  for (;;) {
    const found = await firstOf(protocolRecords.find(filter, { projection: { grant: 1 } }), BATCH);
    const grants = found.flatMap(({ grant }) => grant ?? []);
    if (grants.length === 0) return;
    const forgetAt = now() + REVOKED_FOR_MS;
    const notes = grants.map((_id) => ({
      updateOne: { filter: { _id }, update: { $set: { forgetAt } }, upsert: true },
    }));
    await upserted(() => revokedGrants.bulkWrite(notes, { ordered: false }));
    await protocolRecords.deleteMany({ grant: { $in: grants } });
  }
}

export function documentOf(
  model: string,
  key: string,
  { consumed, ...record }: ProtocolRecord,
  expiresAt: number | undefined,
): ProtocolRecordDocument {
  const grant = model === 'Grant' ? key : record.grantId && recordKeyOf(record.grantId);
  return {
    _id: idOf(model, key),
    ...(grant === undefined ? {} : { grant }),
    ...(model === 'Grant' ? granteesOf(record) : {}),
    ...(expiresAt === undefined ? {} : { expiresAt, clearAt: dateOf(expiresAt) }),
    ...(typeof consumed === 'number' ? { consumed } : {}),
    record: JSON.stringify(record),
  };
}
