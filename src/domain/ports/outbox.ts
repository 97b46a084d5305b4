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
  /** somebody waits for it, or should know at once: it is claimed before all others of its kind */
  urgent?: true;
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

/** `lost`: how many claims it has lost, one whose lease is over included */
export type Due = { lost: number; urgent: boolean };

/** What one claim takes at most. */
export type ClaimLimits = {
  limit: number;
  /** how many that lost a claim before: whoever holds two of them and dies sets both aside */
  doubted: number;
  /** how many that are not urgent */
  patient: number;
  /** by due time alone: urgent ones do not go first */
  inOrder: boolean;
};

/** Absent: `doubted` is 1, `patient` the limit, `inOrder` false. */
export type ClaimHow = Partial<Omit<ClaimLimits, 'limit'>> & {
  /** as of when leases count as over; absent: `now` */
  leasesAsOf?: number;
};

/**
 * Which of the due entries, longest due first, one claim takes: the urgent ones, then others. What has lost its last claim
 * is set aside, so it counts neither as doubted nor as patient.
 */
export function chosenOf<Found extends Due>(due: Found[], { limit, doubted, patient, inOrder }: ClaimLimits): Found[] {
  const left = { doubted, patient };
  const may = ({ lost, urgent }: Due): boolean => {
    if (lost >= MOST_LOST_CLAIMS) return true;
    if ((lost > 0 && left.doubted <= 0) || (!urgent && left.patient <= 0)) return false;
    if (lost > 0) left.doubted -= 1;
    if (!urgent) left.patient -= 1;
    return true;
  };
  const inTurn = inOrder ? due : due.toSorted((a, b) => Number(b.urgent) - Number(a.urgent));
  return inTurn.filter(may).slice(0, limit);
}

/**
 * What else to read where `limit + READ_BEYOND` were due and those longest due were read. `urgent`: those that are urgent, which
 * may come long after these. `fresh`: those that lost no claim, which may stand behind hundreds that did.
 */
export function beyond(due: Due[], { limit, inOrder }: ClaimLimits): { urgent: boolean; fresh: boolean } {
  const isAll = due.length < limit + READ_BEYOND;
  return { urgent: !isAll && !inOrder, fresh: !isAll && due.filter(({ lost }) => lost === 0).length < limit };
}

export type Outbox = {
  /** true: stored now; false: an item of that id is or was there */
  put(item: OutboxItem): Promise<boolean>;
  /**
   * Up to `limit` waiting items that are due and not leased: those that are urgent, then others, longest due first. Leases
   * each to this caller alone until `leaseUntil`. A lease that is over and was not ended counts as lost. An item whose
   * `MOST_LOST_CLAIMS`th is lost is set aside instead: it is returned once, to one caller, with that state and no lease.
   */
  claim(kind: OutboxKind, now: number, leaseUntil: number, limit: number, how?: ClaimHow): Promise<OutboxEntry[]>;
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
