/**
 * The port for what waits to be delivered (emails, back-channel logouts and webhooks), at least once each. Times in epoch ms.
 */
import type { JsonValue } from '../json-value.ts';

export type OutboxKind = 'letter' | 'backchannel-logout' | 'webhook';
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
  /** `set-aside`: two claims never ended, so it is tried again only by hand (`tryAgain`) */
  state: 'waiting' | 'done' | 'failed' | 'set-aside';
  /** how often it was claimed, this time included, so that an attempt that killed its process counts */
  attempts: number;
  /** how many claims never ended: the process that held it died, or could not record the end; absent: none */
  lostClaims?: number;
  nextAttemptAt: number;
  leasedUntil?: number;
  lastError?: string;
  /** since when it is done, failed or set aside */
  finishedAt?: number;
};

/** As many claims without an end set an item aside: what ended two processes shall not end a third. */
export const MOST_LOST_CLAIMS = 2;
/** `lastError` of an item that is set aside */
export const SET_ASIDE = 'set aside: two processes died while they delivered it, or could not record the end';

/** So many due entries are read beyond what is claimed, to find others behind those that lost a claim before. */
export const READ_BEYOND = 100;

/**
 * Which of the due entries, longest due first, one claim takes: at most `limit`, of which at most `doubted` have lost a
 * claim and may lose another. What has lost its last is set aside, so it holds nobody up. `lost`: how many claims an entry
 * has lost, one whose lease is over included.
 */
export function chosenOf<Due extends { lost: number }>(due: Due[], limit: number, doubted: number): Due[] {
  let left = doubted;
  return due.filter(({ lost }) => lost === 0 || lost >= MOST_LOST_CLAIMS || left-- > 0).slice(0, limit);
}

export type Outbox = {
  /** true: stored now; false: an item of that id is or was there */
  put(item: OutboxItem): Promise<boolean>;
  /**
   * Up to `limit` waiting items that are due and not leased, longest due first. Leases each to this caller alone until
   * `leaseUntil`. A lease that is over and was not ended counts as lost. An item whose `MOST_LOST_CLAIMS`th is lost is
   * set aside instead: it is returned once, to one caller, with that state and no lease.
   */
  claim(
    kind: OutboxKind,
    now: number,
    leaseUntil: number,
    limit: number,
    how?: {
      /** as of when leases count as over; absent: `now` */
      leasesAsOf?: number;
      /** how many at most that lost a claim before: whoever holds two of them and dies sets both aside; absent: 1 */
      doubted?: number;
    },
  ): Promise<OutboxEntry[]>;
  /** Moves the end of a claim's lease to `until`. False, and nothing changes: the lease was lost. */
  prolong(id: string, leasedUntil: number, until: number): Promise<boolean>;
  /**
   * The three ends of a claim. False, and nothing changes: the lease was lost (`leasedUntil` differs). `done` and
   * `failed` drop `payload.sealedSecret`.
   */
  done(id: string, leasedUntil: number, now: number): Promise<boolean>;
  retry(id: string, leasedUntil: number, nextAttemptAt: number, error: string): Promise<boolean>;
  failed(id: string, leasedUntil: number, now: number, error: string): Promise<boolean>;
  /**
   * Makes an item that is set aside, or a logout or webhook message that was given up, due at `now`, with no lost claims.
   * A letter that was given up has lost its link and stays. False: there is no such item
   */
  tryAgain(id: string, now: number): Promise<boolean>;
  /** letters of this account, in whatever state; how many there were */
  removeLetters(accountId: string): Promise<number>;
  /** what was done came back later: it failed at `now`, because of `error`; false: no item of that id is done */
  bounced(id: string, now: number, error: string): Promise<boolean>;
  /** newest first */
  byAccount(accountId: string, limit: number): Promise<OutboxEntry[]>;
  /** ordered by id, after the cursor (the last id seen) */
  list(
    filter: { kind?: OutboxKind; state?: OutboxEntry['state'] },
    after: string | undefined,
    limit: number,
  ): Promise<OutboxEntry[]>;
  /** the letter that was delivered under this Message-ID (`messageIdOf`) */
  sentAs(messageId: string): Promise<OutboxEntry | undefined>;
  /** how many wait, were given up (`failed`) and are set aside, and since when the oldest due item waits */
  backlog(now: number): Promise<{ waiting: number; failed: number; setAside: number; oldestDueAt: number | undefined }>;
};
