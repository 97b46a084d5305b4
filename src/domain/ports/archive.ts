/** The port for everything that is stored as a whole: copy, backup, restore and check. */
import type { Account } from '../account/account.ts';
import type { AuditEntry } from './audit-log.ts';
import type { ClientRecord } from './clients.ts';
import type { Consent } from './consents.ts';
import type { OutboxEntry } from './outbox.ts';
import type { ProtocolRecord, SessionRecord } from './protocol-records.ts';
import type { SigningKeyRecord } from './signing-keys.ts';

/** One record of each kind as every backend reads and writes it: JSON only, what is absent omitted, times in epoch ms. */
export type ArchiveRecords = {
  accounts: Account;
  clients: ClientRecord;
  /** one at most: what `Clients.version` answers, where it is above 0 */
  clientVersion: { version: number };
  consents: Consent;
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
  auditLog: AuditEntry;
};
export type ArchiveKind = keyof ArchiveRecords;
/**
 * A copy that was begun into this storage and not finished. Without `seenEmpty` nothing of it has been written yet, and
 * what is there may be everything of somebody else.
 */
export type HalfCopy = { id: string; from: string; startedAt: number; seenEmpty?: true };
/** A numbered schema: the one applied, and the oldest that may still work on it. */
export type SchemaState = { applied: number; minimum: number };
/** Everything that is stored, for moving it, backing it up and checking it; the domain of `archive.ts`. */
export type Archive = {
  /**
   * Up to `limit` records after the cursor `after`, in an order of the backend's own; `next` is the cursor of the
   * following page, absent at the end. What is of no use any more at `at` is left out, for it may be cleared away at any
   * moment. @throws Problem `storage_damaged` naming a record that cannot be read
   */
  page<Kind extends ArchiveKind>(
    kind: Kind,
    at: number,
    after: string | undefined,
    limit: number,
  ): Promise<{ records: ArchiveRecords[Kind][]; next: string | undefined }>;
  /** Stores records that are not there yet, as they are. @throws Problem `login_taken` where one is there already */
  put<Kind extends ArchiveKind>(kind: Kind, records: ArchiveRecords[Kind][]): Promise<void>;
  /** of all that is stored */
  counts(): Promise<Record<ArchiveKind, number>>;
  /** Reads all of a kind and tells of each record what is wrong with it: usually nothing. Without a record: unreadable. */
  inspect<Kind extends ArchiveKind>(
    kind: Kind,
    visit: (found: { name: string; record?: ArchiveRecords[Kind]; faults: string[] }) => void,
  ): Promise<void>;
  /** What is wrong with the storage as a whole: pages of the file, indexes that are missing. */
  faults(): Promise<string[]>;
  /** schema, and the bytes that it occupies */
  state(): Promise<SchemaState & { bytes: number }>;
  /** From now on nobody opens this storage until `endCopy`. False where a copy of another id had been begun. */
  beginCopy(copy: HalfCopy): Promise<boolean>;
  /** Looked at since it was begun, the storage was empty: what is in it from now on is the copy's. False as `endCopy`. */
  noteEmpty(id: string): Promise<boolean>;
  /** False where another copy was begun over this one. */
  endCopy(id: string): Promise<boolean>;
  /**
   * `restarted`: deleted all of a half copy and took over its mark. `unmarked`: where it was not seen empty nothing is
   * deleted, only the mark taken away. `none` of that id was begun.
   */
  restartCopy(id: string, copy: HalfCopy): Promise<'restarted' | 'unmarked' | 'none'>;
  /** Writes a copy as of one moment into a new file and answers true; false where this backend has no such means. */
  snapshot(file: string): Promise<boolean>;
};
