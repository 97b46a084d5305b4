/** The port for registered clients (relying parties), written by compare-and-set. */
import type { JsonValue } from '../account/account.ts';
import type { ChangeEntry } from './audit-log.ts';

/** RFC 7591 metadata and Pedel's own `pedel_…` members, secrets only as hashes. */
export type ClientRecord = {
  id: string;
  revision: number;
  metadata: Record<string, JsonValue>;
  /** newest first; several while a rotation overlaps */
  secrets: { id: string; hash: string; createdAt: number; expiresAt?: number }[];
  createdAt: number;
  updatedAt: number;
};
export type Clients = {
  find(id: string): Promise<ClientRecord | undefined>;
  /** by id, after the id `after` */
  list(after: string | undefined, limit: number): Promise<ClientRecord[]>;
  /**
   * compare-and-set: false where the stored revision is not `expectedRevision` (0: must not exist yet). Stores the
   * record's own `revision`. `entry` goes into the audit log in the same act.
   */
  put(record: ClientRecord, expectedRevision: number, entry?: ChangeEntry): Promise<boolean>;
  /**
   * False: there was none. `entry` as in `put`. Ends as well what people allowed the client and what was issued to it:
   * consents, and grants with their codes and tokens (as `revokeByGrant` does); also what a removal that broke off left.
   */
  remove(id: string, entry?: ChangeEntry): Promise<boolean>;
  /** a number that changes with any change to any client; cheap, because each node's cache asks once a second */
  version(): Promise<number>;
};
