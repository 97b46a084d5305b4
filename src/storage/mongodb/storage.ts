/** Pedel's storage in a MongoDB replica set: every port, readiness, sweeping and closing. */
import { type Collection, type Document, type Filter, MongoServerError } from 'mongodb';
import { REFUSALS_KEPT_MS } from '../../domain/clients/refusals/refusal.ts';
import { INCIDENTS_KEPT_MS } from '../../domain/incidents/incident.ts';
import { nodeLeases } from '../../domain/installation/node-lease.ts';
import type { HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { createAccounts } from './accounts.ts';
import { createArchive } from './archive.ts';
import { createAttempts } from './attempts.ts';
import { createAuditLog } from './audit-log.ts';
import { createClientUses } from './client-uses.ts';
import { createClients } from './clients.ts';
import type { Collections } from './collections.ts';
import { createConsents } from './consents.ts';
import { asProblem, openDatabase, upserted } from './database.ts';
import { createIncidents } from './incidents.ts';
import { createInitialAccessTokens } from './initial-access-tokens.ts';
import { createLeases } from './leases.ts';
import { createOutbox } from './outbox.ts';
import { createPendingAudit, nothingWaits } from './pending-audit.ts';
import { createProtocolRecords } from './protocol-records.ts';
import { createRefusals } from './refusals.ts';
import { createRoleGrants } from './role-grants.ts';
import { collectionsOf, LETTERS_KEPT_SECONDS } from './schema.ts';
import { createSearchTerms } from './search-terms.ts';
import { createSigningKeys } from './signing-keys.ts';
import {
  halfCopyOf,
  isUpgraded,
  refuseHalfCopy,
  schemaOf,
  type UpgradeOptions,
  upgradeDatabase,
  upgrades,
} from './upgrades.ts';
import { createValues } from './values.ts';
import { createWebhooks } from './webhooks.ts';

const BATCH = 1000;
const LOGOUTS_KEPT_MS = 2 * 24 * 3600 * 1000; // there are many, and a delivered one is no longer of interest

/**
 * Opens the storage and upgrades its schema if needed; any number of nodes may do so at once.
 * @param uri `mongodb://…` or `mongodb+srv://…`
 * @param halfCopy `open`: also opens a database with an unfinished copy
 * @throws Problem `storage_unknown` if the URI cannot be parsed, `storage_unavailable` if no server answers or the schema of
 *   a later version excludes this one, `storage_incomplete`
 */
export async function openMongodb(
  uri: string,
  { now, halfCopy = 'refuse', ...options }: UpgradeOptions & { halfCopy?: 'refuse' | 'open' },
): Promise<Storage> {
  const { db, leisurely, attend, answerWithinMs, close } = await openDatabase(uri, async (fresh, patient) => {
    if (!(await isUpgraded(fresh, options.upgrades))) await upgradeDatabase(patient, { now, ...options });
    if (halfCopy === 'refuse') await refuseHalfCopy(fresh);
  });
  const collections = collectionsOf(db);
  const pendingAudit = createPendingAudit(collections);
  const clients = createClients(collections, pendingAudit, now);
  return {
    accounts: attend(createAccounts(collections)),
    // removing one ends what depends on it, which may be much
    clients: { ...attend(clients), ...attend({ remove: clients.remove }, 'at-leisure') },
    clientUses: attend(createClientUses(collections)),
    consents: attend(createConsents(collections, pendingAudit, now)),
    initialAccessTokens: attend(createInitialAccessTokens(collections, clients, pendingAudit)),
    roleGrants: attend(createRoleGrants(collections, pendingAudit)),
    attempts: attend(createAttempts(collections)),
    protocolRecords: attend(createProtocolRecords(collections, pendingAudit, now)),
    signingKeys: attend(createSigningKeys(collections, pendingAudit)),
    values: attend(createValues(collections, pendingAudit)),
    outbox: attend(createOutbox(collections, answerWithinMs)),
    leases: attend(createLeases(collections)),
    auditLog: attend(createAuditLog(collections)),
    refusals: attend(createRefusals(collections)),
    incidents: attend(createIncidents(collections)),
    webhooks: attend(createWebhooks(collections, pendingAudit)),
    archive: attend(createArchive(leisurely, collectionsOf(leisurely)), 'at-leisure'),
    ...attend({
      clock: async (): Promise<number | undefined> => {
        try {
          const { localTime } = await db.admin().command({ hello: 1 });
          return localTime instanceof Date ? localTime.getTime() : undefined;
        } catch (error) {
          // a server that is only like MongoDB may not tell its time
          if (error instanceof MongoServerError && error.message.includes('no such command')) return undefined;
          throw error;
        }
      },
      ready: async () => {
        await upserted(() =>
          collections.readiness.findOneAndUpdate(
            { _id: 'ready' },
            { $inc: { checked: 1 } },
            { upsert: true, returnDocument: 'after' },
          ),
        );
      },
    }),
    ...attend({ sweep: (at: number, tell?: (fault: string) => void) => sweep(collections, at, tell) }, 'at-leisure'),
    close,
  };
}

/** Describes a database without changing it; `applied` is 0 if it is empty. @throws Problem as `openMongodb` */
export async function describeMongodb(uri: string): Promise<SchemaState & { known: number; copy?: HalfCopy }> {
  const { db, close } = await openDatabase(uri, async () => undefined);
  try {
    const copy = await halfCopyOf(db);
    return { ...(await schemaOf(db)), known: upgrades.length, ...(copy === undefined ? {} : { copy }) };
  } catch (error) {
    throw asProblem(error);
  } finally {
    await close();
  }
}

async function sweep(collections: Collections, at: number, tell?: (fault: string) => void): Promise<number> {
  const { protocolRecords, sessions, attempts, outbox, leases, refusals, incidents } = collections;
  await createPendingAudit(collections).sweep(tell); // first, because a document below may carry an entry
  await createSearchTerms(collections).writeDue(BATCH);
  const expired = { clearAt: { $lte: new Date(at) } };
  const finishedBefore = (time: number) => ({ finishedAt: { $lte: new Date(time) } });
  let gone = await forgetRevokedGrants(collections, at);
  // one by one, so that other writes come between two collections
  gone += await deleteSome(protocolRecords, expired, 'clearAt');
  // tombstones only: any other session stays until its applications have been told of its end
  const tombstones = { key: { $exists: false }, expiresAt: { $lte: at }, ...nothingWaits };
  gone += await deleteSome(sessions, tombstones, 'expiresAt');
  gone += await deleteSome(attempts, expired, 'clearAt');
  // other leases stay, so that their token keeps growing
  const ofNodes = { _id: { $gte: nodeLeases.from, $lt: nodeLeases.before }, heldUntil: { $lte: at } };
  gone += await deleteSome(leases, ofNodes, '_id');
  for (const kind of ['backchannel-logout', 'webhook'] as const)
    gone += await deleteSome(outbox, { kind, state: 'done', ...finishedBefore(at - LOGOUTS_KEPT_MS) }, 'finishedAt');
  gone += await deleteSome(outbox, finishedBefore(at - LETTERS_KEPT_SECONDS * 1000), 'finishedAt');
  gone += await deleteSome(refusals, { lastAt: { $lte: at - REFUSALS_KEPT_MS } }, 'lastAt');
  gone += await deleteSome(incidents, { at: { $lte: at - INCIDENTS_KEPT_MS } }, 'at');
  return gone;
}

type Stored = Document & { _id: string };

/** Deletes up to 1000 documents, oldest first. */
async function deleteSome<Doc extends Stored>(collection: Collection<Doc>, filter: Filter<Doc>, oldestBy: string) {
  return deleteThese(collection, filter, await oldest(collection, filter, oldestBy));
}

async function oldest<Doc extends Stored>(collection: Collection<Doc>, filter: Filter<Doc>, by: string) {
  const found = collection
    .find(filter)
    .project<{ _id: string }>({ _id: 1 })
    .sort({ [by]: 1 })
    .limit(BATCH);
  return (await found.toArray()).map(({ _id }) => _id);
}

/** Checks the condition again for each deletion, so that a document that was prolonged after it was found stays. */
async function deleteThese<Doc extends Stored>(collection: Collection<Doc>, filter: Filter<Doc>, ids: string[]) {
  if (ids.length === 0) return 0;
  const deletions = ids.map((_id) => ({ deleteOne: { filter: { ...filter, _id } as Filter<Doc> } }));
  return (await collection.bulkWrite(deletions, { ordered: false })).deletedCount;
}

/** Deletes the note of a revoked grant last: a node that died may have left a record that only the note makes invalid. */
async function forgetRevokedGrants({ protocolRecords, revokedGrants }: Collections, at: number): Promise<number> {
  const forgettable = { forgetAt: { $lte: at }, ...nothingWaits };
  const grants = await oldest(revokedGrants, forgettable, 'forgetAt');
  if (grants.length === 0) return 0;
  const left = await protocolRecords.deleteMany({ grant: { $in: grants } });
  return left.deletedCount + (await deleteThese(revokedGrants, forgettable, grants));
}
