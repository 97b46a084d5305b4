/** The port for oidc-provider's records, sessions included. It settles the races that the library's adapter interface leaves open. */

/**
 * oidc-provider's records. `key` is the SHA-256 (base64url) of the identifier: whoever reads the database can
 * impersonate nobody; the record holds no `jti` nor cookie. Times are epoch milliseconds. Expired records are not found.
 */
export type ProtocolRecord = Record<string, unknown> & { grantId?: string; uid?: string; accountId?: string };
export type SessionRecord = ProtocolRecord & {
  uid: string;
  authorizations?: Record<string, Record<string, unknown>>;
};
export type ProtocolRecords = {
  find(model: string, key: string, now: number): Promise<ProtocolRecord | undefined>;
  /** insert or overwrite; not for Session. An overwrite never clears `consumed`. */
  put(model: string, key: string, record: ProtocolRecord, expiresAt: number | undefined): Promise<void>;
  /** insert only; false where the key is there and not expired (ReplayDetection) */
  insert(
    model: string,
    key: string,
    record: ProtocolRecord,
    expiresAt: number | undefined,
    now: number,
  ): Promise<boolean>;
  /** whether THIS caller consumed it; false where gone or consumed before. Sets `consumed` (epoch seconds) in what `find` returns. */
  consume(model: string, key: string, now: number): Promise<boolean>;
  destroy(model: string, key: string): Promise<void>;
  /**
   * Every record of these models with this `grantId`, the Grant included. A token set stays ended: what a request still
   * under way puts for this grant afterwards is not stored.
   */
  revokeByGrant(grantId: string): Promise<void>;

  /** with the key it is stored under and, where the backend counts its writes, their number */
  findSession(
    by: { key: string } | { uid: string },
    now: number,
  ): Promise<{ key: string; record: SessionRecord; revision?: number } | undefined>;
  /**
   * Writes a session in one call.
   * `read` absent: a new one; 'gone' where its uid exists or existed (tombstone).
   * `read` present (what this request had read): only onto a living record of that `uid`; every member and, inside
   * `authorizations`, every client is merged three ways (what this request changed or removed against `read` is
   * applied, all else stays as stored); `key` becomes its key (a changed key is a rotated identifier; the old one stops working).
   * 'gone' where the session was destroyed or expired meanwhile: nothing is revived.
   * `readKey` is the key that `read` was found under: where this request did not change it, a key rotated by another
   * request meanwhile stays rotated. Absent: `key` counts as changed.
   * `readRevision`, found together with `read`, only spares reading again.
   */
  saveSession(input: {
    key: string;
    readKey?: string;
    record: SessionRecord;
    read?: SessionRecord;
    readRevision?: number | undefined;
    expiresAt: number;
    now: number;
  }): Promise<'saved' | 'gone'>;
  /**
   * Leaves a tombstone under the uid until the session would have expired. For the one caller that ended it the record as
   * it was then, whatever it had read before; undefined for all others.
   */
  destroySession(uid: string, now: number): Promise<SessionRecord | undefined>;
  sessionsOf(accountId: string, now: number): Promise<{ key: string; record: SessionRecord; expiresAt: number }[]>;
};
