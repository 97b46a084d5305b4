/** Numbered upgrades, each applied once whoever starts first; all others wait for it, or go on where they may. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection, Db } from 'mongodb';
import { requireUsable, requireWhole } from '../../domain/installation/stored-schema.ts';
import type { HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import { Problem } from '../../domain/problem.ts';
import { unlessTaken } from './database.ts';
import { createLeases } from './leases.ts';
import { type LeaseDocument, prepareIndexes } from './schema.ts';

/**
 * `apply` may be run again after it was broken off, and by two at once: a node that slept through its lease wakes late.
 * `minimum`: the oldest number whose version may go on working on what it leaves behind. An upgrade that adds a sort of unique
 * key raises it: an older version writes accounts without that key, and so lets two have it.
 */
export type Upgrade = { apply(db: Db): Promise<void>; minimum: number };

/** Never changed once released: what comes later is a further upgrade. */
export const upgrades: readonly Upgrade[] = [{ apply: prepareIndexes, minimum: 1 }];

export type SchemaDocument = SchemaState & { _id: 'schema' };
export type CopyDocument = HalfCopy & { _id: 'copy' };

/** What is said of the database itself: one document of either sort at most. */
export function installationOf(db: Db): { schema: Collection<SchemaDocument>; copy: Collection<CopyDocument> } {
  const settled = { readConcern: { level: 'majority' } } as const;
  return { schema: db.collection('installation', settled), copy: db.collection('installation', settled) };
}

const LEASE_MS = 15_000; // after the upgrader died nobody waits longer than this
const POLL_MS = 200;
const WAIT_MS = 600_000; // an index over millions takes minutes

export type UpgradeOptions = {
  /** epoch ms; only for the lease */
  now: () => number;
  upgrades?: readonly Upgrade[];
  /** tells a person what is waited for */
  say?: (text: string) => void;
  /** how long to wait for another node that upgrades */
  waitMs?: number;
};

/**
 * Brings the database to this version's schema. Any number of nodes may ask at once: one upgrades under a lease, the
 * others wait, and one of them takes over where it dies. The number only rises, by compare-and-set.
 * @throws Problem `storage_unavailable` where a later version's schema excludes this one, or another upgrades for too long
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
      continue; // and look again: whoever held it before may have been further
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

/** @throws Problem `storage_unavailable` where a later version's schema excludes this one */
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
  // an upgrade may take longer than its lease; where prolonging fails another may begin too, which does no harm
  const prolonging = setInterval(() => {
    leases.acquire('upgrade', holder, now() + LEASE_MS, now()).catch(() => undefined);
  }, LEASE_MS / 3);
  try {
    const { applied } = await schemaOf(db);
    for (const [index, { apply, minimum }] of wanted.entries()) {
      if (index < applied) continue;
      await apply(db);
      if (!(await raise(installationOf(db).schema, index, minimum))) return; // another was faster
    }
  } finally {
    clearInterval(prolonging);
    await leases.release('upgrade', holder);
  }
}

/** From `from` to the next number; false where it is no longer `from`. */
async function raise(schema: Collection<SchemaDocument>, from: number, minimum: number): Promise<boolean> {
  if (from === 0) return (await unlessTaken(schema.insertOne({ _id: 'schema', applied: 1, minimum }))) !== undefined;
  const raised = await schema.updateOne(
    { _id: 'schema', applied: from },
    { $set: { applied: from + 1 }, $max: { minimum } },
  );
  return raised.matchedCount === 1;
}

/** `applied` 0 where there is none yet. */
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

/** @throws Problem `storage_incomplete` where the database holds half of a copy */
export async function refuseHalfCopy(db: Db): Promise<void> {
  requireWhole(await halfCopyOf(db));
}
