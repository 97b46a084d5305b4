/**
 * The port for oidc-provider's records, sessions included: it settles the races that the library's adapter interface
 * leaves open.
 */
import type { ChangeEntry } from './audit-log.ts';

/**
 * oidc-provider's records. `key` is the SHA-256 (base64url) of the identifier, and the record holds neither `jti` nor
 * cookie, so that reading the database does not let anyone impersonate a person. Times in epoch ms. Expired records are
 * not found.
 */
export type ProtocolRecord = Record<string, unknown> & { grantId?: string; uid?: string; accountId?: string };
export type SessionRecord = ProtocolRecord & {
  uid: string;
  authorizations?: Record<string, Record<string, unknown>>;
};
/**
 * What a person granted to a client. `refreshes`: a refresh token lives under it, so that the client holds something however
 * its session ended; `sid`: of that token, if it has one. `iat` in seconds; `epoch` of the sign-in.
 */
export type HeldGrant = {
  grantId: string;
  clientId: string;
  iat?: number;
  epoch?: number;
  refreshes: boolean;
  sid?: string;
};
export type ProtocolRecords = {
  find(model: string, key: string, now: number): Promise<ProtocolRecord | undefined>;
  /** The one with this key among these models: one read, where the caller does not know of which model it is. */
  findAmong(
    models: readonly string[],
    key: string,
    now: number,
  ): Promise<{ model: string; record: ProtocolRecord } | undefined>;
  /** inserts or overwrites; not for Session. An overwrite never clears `consumed`. */
  put(model: string, key: string, record: ProtocolRecord, expiresAt: number | undefined): Promise<void>;
  /** inserts; false: the key is there and has not expired (ReplayDetection) */
  insert(
    model: string,
    key: string,
    record: ProtocolRecord,
    expiresAt: number | undefined,
    now: number,
  ): Promise<boolean>;
  /**
   * True for the one caller that consumed it; false: gone, or consumed before. `find` then returns `consumed` (epoch
   * seconds).
   */
  consume(model: string, key: string, now: number): Promise<boolean>;
  destroy(model: string, key: string): Promise<void>;
  /**
   * Deletes every record with this `grantId`, the Grant included. What a request that is still under way puts for this
   * grant afterwards is not stored, so that the token set stays ended. `entry` goes into the audit log in the same act.
   */
  revokeByGrant(grantId: string, entry?: ChangeEntry): Promise<void>;
  /** what this person granted to these clients, one grant for each session, unless it was revoked or has expired */
  grantsOf(accountId: string, clientIds: readonly string[], now: number): Promise<HeldGrant[]>;
  /**
   * ids of accounts that granted the client something, perhaps expired, in their order, after the id `after`: each once, at
   * most `limit`. Empty: these were all
   */
  accountsGranted(clientId: string, after: string | undefined, limit: number): Promise<string[]>;

  /** the session with its current key, the text as which it is stored and, if the backend counts writes, its revision */
  findSession(
    by: { key: string } | { uid: string },
    now: number,
  ): Promise<{ key: string; record: SessionRecord; text: string; revision?: number } | undefined>;
  /** whether `findSession` would find the session of this `uid` */
  sessionLives(uid: string, now: number): Promise<boolean>;
  /**
   * Writes a session in one call. `read` absent: a new one; 'gone' where its uid exists or existed (tombstone). `read`
   * present (the text that this request had read): only onto a living record of that `uid`; every member and, inside
   * `authorizations`, every client is merged three ways (what this request changed or removed against `read` is
   * applied, all else stays as stored); `key` becomes its key (a changed key is a rotated identifier; the old one stops
   * working). 'gone' where the session was destroyed or has expired meanwhile; it is not revived. `readKey` is the key
   * that `read` was found under: where this request did not change it, a key rotated by another request meanwhile stays
   * rotated. Absent: `key` counts as changed. `readRevision`, found together with `read`, only spares reading again.
   */
  saveSession(input: {
    key: string;
    readKey?: string;
    record: SessionRecord;
    read?: string;
    readRevision?: number | undefined;
    expiresAt: number;
    now: number;
  }): Promise<'saved' | 'gone'>;
  /**
   * Ends a session, expired or not, and leaves a tombstone under the uid until the session would have expired. Returns
   * the record as it was then to the one caller that ended the session, whose `entry` goes into the audit log in the
   * same act, and undefined to all others.
   */
  destroySession(uid: string, entry?: ChangeEntry): Promise<SessionRecord | undefined>;
  /** Every session of the account that was not destroyed, expired ones as well: their applications are owed a notice. */
  sessionsOf(accountId: string): Promise<{ key: string; record: SessionRecord; expiresAt: number }[]>;
  /**
   * Sessions that have expired by `until` and were not destroyed yet, longest expired first. The sweep leaves them alone.
   * `next`: pass it as `after` to read on; absent: these were the last.
   */
  expiredSessions(
    until: number,
    after: string | undefined,
    limit: number,
  ): Promise<{ sessions: SessionRecord[]; next?: string }>;
};
