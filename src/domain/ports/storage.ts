/**
 * All ports together, as one backend provides them. Each race is settled inside one call: no caller checks first and
 * acts later.
 */
import type { Accounts } from './accounts.ts';
import type { Archive } from './archive.ts';
import type { Attempts } from './attempts.ts';
import type { AuditLog } from './audit-log.ts';
import type { ClientUses } from './client-uses.ts';
import type { Clients } from './clients.ts';
import type { Consents } from './consents.ts';
import type { Incidents } from './incidents.ts';
import type { InitialAccessTokens } from './initial-access-tokens.ts';
import type { Leases } from './leases.ts';
import type { Outbox } from './outbox.ts';
import type { ProtocolRecords } from './protocol-records.ts';
import type { Refusals } from './refusals.ts';
import type { RoleGrants } from './role-grants.ts';
import type { SigningKeys } from './signing-keys.ts';
import type { Values } from './values.ts';
import type { Webhooks } from './webhooks.ts';

export type Storage = {
  accounts: Accounts;
  clients: Clients;
  clientUses: ClientUses;
  consents: Consents;
  initialAccessTokens: InitialAccessTokens;
  roleGrants: RoleGrants;
  attempts: Attempts;
  protocolRecords: ProtocolRecords;
  signingKeys: SigningKeys;
  values: Values;
  outbox: Outbox;
  leases: Leases;
  auditLog: AuditLog;
  refusals: Refusals;
  incidents: Incidents;
  webhooks: Webhooks;
  archive: Archive;
  /** Resolves if a read and a durable write work. @throws Problem `storage_unavailable` */
  ready(): Promise<void>;
  /** The clock of the database (epoch ms). Undefined: it has none of its own. */
  clock(): Promise<number | undefined>;
  /**
   * Deletes expired records, attempts, tombstones, refusals, incidents and outbox items finished long ago, at most 1000 of a kind. Returns
   * their number. `tell` gets a sentence about each audit entry that could not be moved into the log and is set aside.
   */
  sweep(now: number, tell?: (fault: string) => void): Promise<number>;
  close(): Promise<void>;
};
