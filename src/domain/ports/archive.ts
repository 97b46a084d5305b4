/** The port for reading and writing everything that is stored: for copy, backup, restore and check. */
import type { Account } from '../account/account.ts';
import type { ChainedEntry } from '../audit/audit-chain.ts';
import type { AuditCheckpoint } from '../audit/audit-checkpoint.ts';
import type { RefusalRecord } from '../clients/refusals/refusal.ts';
import type { Incident } from '../incidents/incident.ts';
import type { ClientUse } from './client-uses.ts';
import type { ClientRecord, HistoryOfClient, PictureOfClient } from './clients.ts';
import type { Consent } from './consents.ts';
import type { InitialAccessToken } from './initial-access-tokens.ts';
import type { OutboxEntry } from './outbox.ts';
import type { ProtocolRecord, SessionRecord } from './protocol-records.ts';
import type { RoleRegister } from './role-grants.ts';
import type { SigningKeyRecord } from './signing-keys.ts';
import type { Webhook } from './webhooks.ts';

/** A record of each kind as every backend reads and writes it: JSON, absent members omitted, times in epoch ms. */
export type ArchiveRecords = {
  accounts: Account;
  clients: ClientRecord & PictureOfClient & HistoryOfClient;
  /** one at most: what `Clients.version` answers, where it is above 0 */
  clientVersion: { version: number };
  consents: Consent;
  initialAccessTokens: InitialAccessToken;
  /** one at most */
  roleGrants: RoleRegister;
  attempts: { key: string; count: number; windowEndsAt: number };
  /** what `revokeByGrant` remembers, by the key of the Grant */
  revokedGrants: { key: string; forgetAt: number };
  /** `consumed` in epoch seconds */
  protocolRecords: { model: string; key: string; record: ProtocolRecord; expiresAt?: number; consumed?: number };
  /** without `key` and `record`: the tombstone of a destroyed session */
  sessions: { uid: string; key?: string; record?: SessionRecord; expiresAt: number };
  signingKeys: SigningKeyRecord;
  values: { name: string; value: string };
  outbox: OutboxEntry;
  /** without a holder: released; its token is the last one given */
  leases: { name: string; holder?: string; heldUntil: number; token: number };
  auditCheckpoints: AuditCheckpoint;
  auditLog: ChainedEntry;
  refusals: RefusalRecord;
  incidents: Incident;
  clientUses: ClientUse;
  webhooks: Webhook;
};
export type ArchiveKind = keyof ArchiveRecords;
/**
 * Kinds whose records come anew or end by themselves: without one, somebody signs in again, gets an email less, or is not
 * told what an application was refused, when it was used, or what an incident number stands for.
 */
export type DispensableKind =
  | 'attempts'
  | 'revokedGrants'
  | 'protocolRecords'
  | 'sessions'
  | 'outbox'
  | 'leases'
  | 'refusals'
  | 'incidents'
  | 'clientUses';
/**
 * A copy into this storage that was begun and not finished. Without `seenEmpty` the copy has written nothing yet, and
 * what the storage holds may be somebody else's.
 */
export type HalfCopy = { id: string; from: string; startedAt: number; seenEmpty?: true };
/** A numbered schema: the one applied, and the oldest that may still work on it. */
export type SchemaState = { applied: number; minimum: number };
/** Everything that is stored; see ../installation/archive.ts for its rules. */
export type Archive = {
  /**
   * Up to `limit` records after the cursor `after`, in an order of the backend's own; `next` is the cursor of the
   * following page, undefined at the end. What has expired at `at` (epoch ms) is left out, because it may be deleted at
   * any moment. @throws Problem `storage_damaged` naming a record that cannot be read
   */
  page<Kind extends ArchiveKind>(
    kind: Kind,
    at: number,
    after: string | undefined,
    limit: number,
  ): Promise<{ records: ArchiveRecords[Kind][]; next: string | undefined }>;
  /** Stores records that are not there yet, as they are. @throws Problem `login_taken` where one is there already */
  put<Kind extends ArchiveKind>(kind: Kind, records: ArchiveRecords[Kind][]): Promise<void>;
  /** the number of stored records of each kind */
  counts(): Promise<Record<ArchiveKind, number>>;
  /** Reads all records of a kind and reports the faults of each, usually none. Without `record`: it cannot be read. */
  inspect<Kind extends ArchiveKind>(
    kind: Kind,
    visit: (found: { name: string; record?: ArchiveRecords[Kind]; faults: string[] }) => void,
  ): Promise<void>;
  /** Deletes the record that `inspect` gave this name. False: it is gone. */
  remove(kind: DispensableKind, name: string): Promise<boolean>;
  /** Faults of the storage as a whole: damaged pages of the file, missing indexes, audit entries that are set aside. */
  faults(): Promise<string[]>;
  /**
   * the schema, the size in bytes, and the number of audit entries that the log did not take: they are set aside, and no
   * page has them
   */
  state(): Promise<SchemaState & { bytes: number; auditSetAside: number }>;
  /** From now on the storage cannot be opened until `endCopy`. False: another copy was begun before. */
  beginCopy(copy: HalfCopy): Promise<boolean>;
  /**
   * Notes that the storage was empty after `beginCopy`, so that what it holds from now on is the copy's. False as
   * `endCopy`.
   */
  noteEmpty(id: string): Promise<boolean>;
  /** Removes the mark. False: another copy was begun over this one. */
  endCopy(id: string): Promise<boolean>;
  /**
   * `restarted`: everything of the unfinished copy is deleted and its mark replaced. `unmarked`: the storage was not
   * seen empty, so only the mark is removed. `none`: no copy of that id was begun.
   */
  restartCopy(id: string, copy: HalfCopy): Promise<'restarted' | 'unmarked' | 'none'>;
  /** Writes a consistent copy into a new file. False: this backend cannot. */
  snapshot(file: string): Promise<boolean>;
};
