/** The port for what waits to be delivered: emails and back-channel logouts. Delivery is at least once. */
import type { JsonValue } from '../account/account.ts';

export type OutboxKind = 'letter' | 'backchannel-logout';
export type OutboxItem = {
  /** deterministic: putting the same id twice keeps the first */
  id: string;
  kind: OutboxKind;
  /** for listing: whose it is */
  accountId?: string;
  payload: Record<string, JsonValue>;
  createdAt: number;
  expiresAt?: number;
};
export type OutboxEntry = OutboxItem & {
  state: 'waiting' | 'done' | 'failed';
  /** how often it was claimed, this time included (so a try that killed its process counts) */
  attempts: number;
  nextAttemptAt: number;
  leasedUntil?: number;
  lastError?: string;
  finishedAt?: number;
};
export type Outbox = {
  /** true = stored now, false = an item of that id is or was there */
  put(item: OutboxItem): Promise<boolean>;
  /** Up to `limit` waiting items that are due and not leased, longest due first, leased to this caller until `leaseUntil`; each to one caller only. */
  claim(kind: OutboxKind, now: number, leaseUntil: number, limit: number): Promise<OutboxEntry[]>;
  /** The three ends of a claim; each is ignored (false) where the lease was lost (`leasedUntil` differs). `done` and `failed` drop `payload.sealedSecret`. */
  done(id: string, leasedUntil: number, now: number): Promise<boolean>;
  retry(id: string, leasedUntil: number, nextAttemptAt: number, error: string): Promise<boolean>;
  failed(id: string, leasedUntil: number, now: number, error: string): Promise<boolean>;
  /** newest first */
  byAccount(accountId: string, limit: number): Promise<OutboxEntry[]>;
  /** ordered by id, after the cursor (the last id seen) */
  list(
    filter: { kind?: OutboxKind; state?: OutboxEntry['state'] },
    after: string | undefined,
    limit: number,
  ): Promise<OutboxEntry[]>;
  /** how many wait, and since when the oldest due one does; failed = given up */
  backlog(now: number): Promise<{ waiting: number; failed: number; oldestDueAt: number | undefined }>;
};
