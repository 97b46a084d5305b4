/** Numbered upgrades, each applied once by the first node to start; other nodes wait for it, or go on if they may. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyBulkWriteOperation, Collection, Db } from 'mongodb';
import { keysOf } from '../../domain/account/account-keys.ts';
import { contained } from '../../domain/contained.ts';
import { messageIdOf } from '../../domain/desk/message-id.ts';
import { requireUsable, requireWhole } from '../../domain/installation/stored-schema.ts';
import type { HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';
import { Problem } from '../../domain/problem.ts';
import type {
  AccountDocument,
  AuditDocument,
  LeaseDocument,
  OutboxDocument,
  ProtocolRecordDocument,
} from './collections.ts';
import { unlessTaken } from './database.ts';
import { createLeases } from './leases.ts';
import { granteesOf } from './protocol-records.ts';
import { moveRoles } from './roles-upgrade.ts';
import { collectionsOf, prepareIndexes } from './schema.ts';
import { createSearchTerms } from './search-terms.ts';

/**
 * `apply` may run again after an interruption, and on two nodes at once, because a node may sleep past its lease.
 * `minimum`: the oldest schema number whose version may keep working after the upgrade. An upgrade that adds a kind of
 * unique key raises it: an older version writes accounts without that key, so that two accounts could have it.
 */
export type Upgrade = { apply(db: Db): Promise<void>; minimum: number };

/** Never change a released upgrade; add another one. */
export const upgrades: readonly Upgrade[] = [
  { apply: prepareIndexes, minimum: 1 },
  // former numbers of accounts are keys (`formerNumbers`): a version that does not know them would free them again
  { apply: async () => undefined, minimum: 2 },
  {
    // the server deleted sessions an hour after their end, told or not: now only their tombstones
    apply: async (db) => {
      await prepareIndexes(db);
      await db.collection('sessions').updateMany({ key: { $exists: true } }, { $unset: { clearAt: '' } });
    },
    minimum: 1,
  },
  // the indexes `pendingAudit`: an older version leaves the entries where they wait, and a node of this one moves them
  { apply: prepareIndexes, minimum: 2 },
  { apply: findGrantsByClient, minimum: 2 },
  // the indexes of initial access tokens, of which an older version knows nothing
  { apply: prepareIndexes, minimum: 2 },
  // the index `resources` of clients: an older version writes no client with APIs
  { apply: prepareIndexes, minimum: 2 },
  // the collection `refusals`, which an older version leaves alone
  { apply: prepareIndexes, minimum: 2 },
  // the chain of the audit log, which entries of an older version do not join, and who did it
  { apply: findAuditByActor, minimum: 2 },
  // the collection `clientUses`, which an older version leaves alone
  { apply: prepareIndexes, minimum: 2 },
  // the collection `webhooks`, whose events wait in the audit log until a node of this version looks
  { apply: prepareIndexes, minimum: 2 },
  // the roles that are granted, of which an older version knows only what stands in the accounts
  { apply: moveRoles, minimum: 2 },
  // terms of accounts within their organisations, which an older version takes from the accounts that it writes
  { apply: findPeopleAnew, minimum: 2 },
  // the index `pendingAudit` of values: an older version leaves the entries where they wait
  { apply: prepareIndexes, minimum: 2 },
  // the collection `incidents`, which an older version leaves alone
  { apply: prepareIndexes, minimum: 2 },
  // the terms of invitations that wait; an older version sends them with the next feed
  { apply: findPeopleAnew, minimum: 2 },
  // the collection `searchTerms`: of what an older version writes it gets the terms by the sweep
  { apply: writeSearchTerms, minimum: 2 },
  // under which Message-ID letters went out; one that an older version stores has none
  { apply: findLettersByMessageId, minimum: 2 },
  // the index of what goes before others; an older version stores all alike
  { apply: prepareIndexes, minimum: 2 },
];

async function writeSearchTerms(db: Db): Promise<void> {
  await prepareIndexes(db);
  await createSearchTerms(collectionsOf(db)).writeDue(Infinity);
}

async function findLettersByMessageId(db: Db): Promise<void> {
  await prepareIndexes(db);
  const outbox = db.collection<OutboxDocument>('outbox');
  const letters = outbox.find({ kind: 'letter', messageId: { $exists: false } }, { projection: { _id: 1 } });
  let updates: AnyBulkWriteOperation<OutboxDocument>[] = [];
  const write = async () => {
    if (updates.length > 0) await outbox.bulkWrite(updates, { ordered: false });
    updates = [];
  };
  for await (const { _id } of letters) {
    updates.push({ updateOne: { filter: { _id }, update: { $set: { messageId: messageIdOf(_id) } } } });
    if (updates.length === 500) await write();
  }
  await write();
}

/** The terms of the accounts that are there; one that changes meanwhile gets them from the version that changes it. */
async function findPeopleAnew(db: Db): Promise<void> {
  const accounts = db.collection<AccountDocument>('accounts');
  let updates: AnyBulkWriteOperation<AccountDocument>[] = [];
  const write = async () => {
    if (updates.length > 0) await accounts.bulkWrite(updates, { ordered: false });
    updates = [];
  };
  for await (const { _id, revision, account } of accounts.find({}, { projection: { account: 1, revision: 1 } })) {
    const terms = termsOf(account);
    if (terms !== undefined) updates.push({ updateOne: { filter: { _id, revision }, update: { $set: { terms } } } });
    if (updates.length === 500) await write();
  }
  await write();
}

/** Undefined where the account cannot be read, as in `actorOf`. */
function termsOf(account: string): string[] | undefined {
  try {
    return keysOf(JSON.parse(account)).searchTerms;
  } catch {
    return undefined;
  }
}

/** Indexes for what a client takes along when it goes, and the fields of the grants that are there. */
async function findGrantsByClient(db: Db): Promise<void> {
  await prepareIndexes(db);
  const records = db.collection<ProtocolRecordDocument>('protocolRecords');
  const grants = records.find({ _id: /^Grant /, client: { $exists: false } }, { projection: { record: 1 } });
  let updates: AnyBulkWriteOperation<ProtocolRecordDocument>[] = [];
  const write = async () => {
    if (updates.length > 0) await records.bulkWrite(updates, { ordered: false });
    updates = [];
  };
  for await (const { _id, record } of grants) {
    const grantees = granteesOf(JSON.parse(record));
    if (grantees.client !== undefined) updates.push({ updateOne: { filter: { _id }, update: { $set: grantees } } });
    if (updates.length === 500) await write();
  }
  await write();
}

/** Indexes for the chain and for the actor, and the actors of the entries that are there. */
async function findAuditByActor(db: Db): Promise<void> {
  await prepareIndexes(db);
  const log = db.collection<AuditDocument>('auditLog');
  const entries = log.find({ actor: { $exists: false } }, { projection: { entry: 1 } });
  let updates: AnyBulkWriteOperation<AuditDocument>[] = [];
  const write = async () => {
    if (updates.length > 0) await log.bulkWrite(updates, { ordered: false });
    updates = [];
  };
  for await (const { _id, entry } of entries) {
    const actor = actorOf(entry);
    if (actor !== undefined) updates.push({ updateOne: { filter: { _id }, update: { $set: { actor } } } });
    if (updates.length === 500) await write();
  }
  await write();
}

/** Undefined also where the entry cannot be read, which is for `storage check` to tell. */
function actorOf(entry: string): string | undefined {
  try {
    return (JSON.parse(entry) as AuditEntry).actor?.id;
  } catch {
    return undefined;
  }
}

export type SchemaDocument = SchemaState & { _id: 'schema' };
export type CopyDocument = HalfCopy & { _id: 'copy' };

/** Facts about the database itself: at most one document of each kind. */
export function installationOf(db: Db): { schema: Collection<SchemaDocument>; copy: Collection<CopyDocument> } {
  const settled = { readConcern: { level: 'majority' } } as const;
  return { schema: db.collection('installation', settled), copy: db.collection('installation', settled) };
}

const LEASE_MS = 15_000; // the longest wait after an upgrading node died
const POLL_MS = 200;
const WAIT_MS = 600_000; // an index over millions of documents takes minutes

export type UpgradeOptions = {
  /** epoch ms; used only for the lease */
  now: () => number;
  upgrades?: readonly Upgrade[];
  /** tells the operator what this waits for */
  say?: (text: string) => void;
  /** how long to wait for another node that upgrades, in ms */
  waitMs?: number;
};

/**
 * Upgrades the database to this version's schema. Any number of nodes may call this at once: one upgrades under a lease, the
 * others wait, and one of them takes over if it dies. The number only rises, by compare-and-set.
 * @throws Problem `storage_unavailable` if the schema of a later version excludes this one, or another node's upgrade takes
 *   too long
 */
export async function upgradeDatabase(
  db: Db,
  { now, upgrades: wanted = upgrades, say = () => undefined, waitMs = WAIT_MS }: UpgradeOptions,
): Promise<void> {
  const leases = createLeases({ leases: db.collection<LeaseDocument>('upgradeLease') });
  const holder = randomUUID();
  const deadline = performance.now() + waitMs;
  let told = false;
  for (;;) {
    if (await isUpgraded(db, wanted)) return;
    if ((await leases.acquire('upgrade', holder, now() + LEASE_MS, now())) !== undefined) {
      await applyAll(db, leases, holder, now, wanted);
      continue; // read the schema again: the holder before may have finished
    }
    if (performance.now() > deadline)
      throw new Problem(
        'storage_unavailable',
        `another node has been upgrading this database to schema ${wanted.length} for more than ${Math.round(waitMs / 1000)} s; see its log, then start again`,
      );
    if (!told) say(`another node upgrades the database to schema ${wanted.length}; waiting for it`);
    told = true;
    await sleep(POLL_MS);
  }
}

/** @throws Problem `storage_unavailable` if the schema of a later version excludes this one */
export async function isUpgraded(db: Db, wanted: readonly Upgrade[] = upgrades): Promise<boolean> {
  const state = await schemaOf(db);
  requireUsable(state, wanted.length);
  return state.applied >= wanted.length;
}

async function applyAll(
  db: Db,
  leases: ReturnType<typeof createLeases>,
  holder: string,
  now: () => number,
  wanted: readonly Upgrade[],
): Promise<void> {
  // an upgrade may outlast its lease; if prolonging it fails, another node may upgrade too, which does no harm
  const prolong = contained(
    () => leases.acquire('upgrade', holder, now() + LEASE_MS, now()),
    () => undefined,
  );
  const prolonging = setInterval(prolong, LEASE_MS / 3);
  try {
    const { applied } = await schemaOf(db);
    for (const [index, { apply, minimum }] of wanted.entries()) {
      if (index < applied) continue;
      await apply(db);
      if (!(await raise(installationOf(db).schema, index, minimum))) return; // another node was faster
    }
  } finally {
    clearInterval(prolonging);
    await leases.release('upgrade', holder);
  }
}

/** Raises the number from `from` to the next; false: it is no longer `from`. */
async function raise(schema: Collection<SchemaDocument>, from: number, minimum: number): Promise<boolean> {
  if (from === 0) return (await unlessTaken(schema.insertOne({ _id: 'schema', applied: 1, minimum }))) !== undefined;
  const raised = await schema.updateOne(
    { _id: 'schema', applied: from },
    { $set: { applied: from + 1 }, $max: { minimum } },
  );
  return raised.matchedCount === 1;
}

/** `applied` is 0 if there is no schema yet. */
export async function schemaOf(db: Db): Promise<SchemaState> {
  const found = await installationOf(db).schema.findOne({ _id: 'schema' });
  return found !== null ? { applied: found.applied, minimum: found.minimum } : { applied: 0, minimum: 0 };
}

export async function halfCopyOf(db: Db): Promise<HalfCopy | undefined> {
  const found = await installationOf(db).copy.findOne({ _id: 'copy' });
  if (found === null) return undefined;
  const { _id, ...copy } = found;
  return copy;
}

/** @throws Problem `storage_incomplete` if the database holds an unfinished copy */
export async function refuseHalfCopy(db: Db): Promise<void> {
  requireWhole(await halfCopyOf(db));
}
