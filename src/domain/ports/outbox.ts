/**
 * The port for what waits to be delivered (emails and back-channel logouts), at least once each. Times in epoch ms.
 */
import type { JsonValue } from '../account/account.ts';

export type OutboxKind = 'letter' | 'backchannel-logout';
export type OutboxItem = {
  /** deterministic, so that the same effect is stored once */
  id: string;
  kind: OutboxKind;
  /** the account it belongs to, for listing */
  accountId?: string;
  payload: Record<string, JsonValue>;
  createdAt: number;
  expiresAt?: number;
};
export type OutboxEntry = OutboxItem & {
  state: 'waiting' | 'done' | 'failed';
  /** how often it was claimed, this time included, so that an attempt that killed its process counts */
  attempts: number;
  nextAttemptAt: number;
  leasedUntil?: number;
  lastError?: string;
  finishedAt?: number;
};
export type Outbox = {
  /** true: stored now; false: an item of that id is or was there */
  put(item: OutboxItem): Promise<boolean>;
  /**
   * Up to `limit` waiting items that are due and not leased, longest due first. Leases each to this caller alone until
   * `leaseUntil`.
   */
  claim(kind: OutboxKind, now: number, leaseUntil: number, limit: number): Promise<OutboxEntry[]>;
  /**
   * The three ends of a claim. False, and nothing changes: the lease was lost (`leasedUntil` differs). `done` and
   * `failed` drop `payload.sealedSecret`.
   */
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
  /** how many wait and how many were given up (`failed`), and since when the oldest due item waits */
  backlog(now: number): Promise<{ waiting: number; failed: number; oldestDueAt: number | undefined }>;
};
