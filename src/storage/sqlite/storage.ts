/** Pedel's storage in one SQLite file: every port, readiness, sweeping and closing. */
import { existsSync } from 'node:fs';
import { REFUSALS_KEPT_MS } from '../../domain/clients/refusals/refusal.ts';
import { INCIDENTS_KEPT_MS } from '../../domain/incidents/incident.ts';
import { nodeLeases } from '../../domain/installation/node-lease.ts';
import type { HalfCopy, SchemaState } from '../../domain/ports/archive.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import { Problem } from '../../domain/problem.ts';
import { createAccounts } from './accounts.ts';
import { createArchive } from './archive.ts';
import { createAttempts } from './attempts.ts';
import { createAuditLog } from './audit-log.ts';
import { createClientUses } from './client-uses.ts';
import { createClients } from './clients.ts';
import { createConsents } from './consents.ts';
import { type Connection, openConnection } from './database.ts';
import { createDatabase } from './group-commit.ts';
import { createIncidents } from './incidents.ts';
import { createInitialAccessTokens } from './initial-access-tokens.ts';
import { createLeases } from './leases.ts';
import { createOutbox, EMAILS_KEPT_MS } from './outbox.ts';
import { createProtocolRecords } from './protocol-records.ts';
import { createRefusals } from './refusals.ts';
import { createRoleGrants } from './role-grants.ts';
import { halfCopyOf, knownSchema, refuseHalfCopy, requireOwn, schemaState, upgradeSchema } from './schema.ts';
import { createSigningKeys } from './signing-keys.ts';
import { allowShrinking, giveSpaceBack } from './space.ts';
import { createValues } from './values.ts';
import { createWebhooks } from './webhooks.ts';

const MOST = 1000;
/** In one write: it holds the loop and the write lock for some milliseconds, also of ten million records (bench/size.ts). */
const AT_ONCE = 100;
const LOGOUTS_KEPT_MS = 2 * 24 * 3600 * 1000; // there are many, and a delivered one is no longer of interest

/** What the sweep deletes, in any order; each condition takes one time (epoch ms) and has an index. */
const expired = [
  { table: 'protocol_records', condition: 'expires_at <= ?', keptMs: 0 },
  // tombstones only: any other session stays until its applications have been told of its end
  { table: 'sessions', condition: 'expires_at <= ? AND key IS NULL', keptMs: 0 },
  { table: 'revoked_grants', condition: 'expires_at <= ?', keptMs: 0 },
  { table: 'attempts', condition: 'window_ends_at <= ?', keptMs: 0 },
  // other leases stay, so that their token keeps growing
  {
    table: 'leases',
    condition: `held_until <= ? AND name >= '${nodeLeases.from}' AND name < '${nodeLeases.before}'`,
    keptMs: 0,
  },
  {
    table: 'outbox',
    condition: `finished_at <= ? AND kind IN ('backchannel-logout', 'webhook') AND state = 'done'`,
    keptMs: LOGOUTS_KEPT_MS,
  },
  { table: 'outbox', condition: 'finished_at <= ?', keptMs: EMAILS_KEPT_MS },
  { table: 'refusals', condition: 'last_at <= ?', keptMs: REFUSALS_KEPT_MS },
  { table: 'incidents', condition: 'at <= ?', keptMs: INCIDENTS_KEPT_MS },
];

/**
 * @param file path, relative to the working directory, or `:memory:`
 * @param halfCopy `open`: also opens a file with an unfinished copy
 * @param folder `make`: a missing folder is made
 * @throws Problem `storage_unavailable`, `storage_incomplete`
 */
export function openSqlite(
  file: string,
  {
    now,
    halfCopy = 'refuse',
    folder,
  }: { now: () => number; halfCopy?: 'refuse' | 'open'; folder?: 'make' | 'require' },
): Storage {
  const connection = openConnection(
    file,
    (fresh) => {
      upgradeSchema(fresh);
      if (halfCopy === 'refuse') refuseHalfCopy(fresh);
    },
    folder,
  );
  allowShrinking(connection);
  return storageOver(connection, { now });
}

/** Describes a file without changing it; `applied` is 0 if it is empty. @throws Problem `storage_unavailable` */
export function describeSqlite(file: string): SchemaState & { known: number; copy?: HalfCopy } {
  if (!existsSync(file)) throw new Problem('storage_unavailable', `there is no file ${file}`);
  const connection = openConnection(file, requireOwn);
  try {
    const copy = halfCopyOf(connection.sql);
    return { ...schemaState(connection.sql), known: knownSchema, ...(copy === undefined ? {} : { copy }) };
  } finally {
    connection.close();
  }
}

/** All ports over one connection to an upgraded file. */
export function storageOver(
  connection: Connection,
  { now, lockWaitMs }: { now: () => number; lockWaitMs?: number },
): Storage {
  const database = createDatabase(connection, lockWaitMs);
  const { write } = database;
  return {
    accounts: createAccounts(database),
    clients: createClients(database, now),
    clientUses: createClientUses(database),
    consents: createConsents(database, now),
    initialAccessTokens: createInitialAccessTokens(database),
    roleGrants: createRoleGrants(database),
    attempts: createAttempts(database),
    protocolRecords: createProtocolRecords(database, now),
    signingKeys: createSigningKeys(database),
    values: createValues(database),
    outbox: createOutbox(database),
    leases: createLeases(database),
    auditLog: createAuditLog(database),
    refusals: createRefusals(database),
    incidents: createIncidents(database),
    webhooks: createWebhooks(database),
    archive: createArchive(database, connection),

    ready: () =>
      write((sql) => {
        sql.run('UPDATE readiness SET checked = 1 - checked');
      }),

    clock: async () => undefined, // it is that of this machine

    sweep: async (at) => {
      let gone = 0;
      for (const { table, condition, keptMs } of expired) {
        const some = `DELETE FROM ${table} WHERE rowid IN (SELECT rowid FROM ${table} WHERE ${condition} LIMIT ${AT_ONCE})`;
        for (let went = AT_ONCE, ofTable = 0; went === AT_ONCE && ofTable < MOST; ofTable += went) {
          went = await write((sql) => sql.run(some, at - keptMs));
          gone += went;
        }
      }
      await giveSpaceBack(database);
      return gone;
    },

    close: () => database.close(),
  };
}
