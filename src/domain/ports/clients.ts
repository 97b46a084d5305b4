/** The port for registered clients (relying parties). */
import type { JsonValue } from '../account/account.ts';

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
  list(after: string | undefined, limit: number): Promise<ClientRecord[]>;
  /** compare-and-set; `expectedRevision` 0 = must not exist yet. The record's own `revision` is what is stored. */
  put(record: ClientRecord, expectedRevision: number): Promise<boolean>;
  remove(id: string): Promise<boolean>;
  /** a number that differs after any change to any client; cheap, asked once a second by every node's cache */
  version(): Promise<number>;
};
