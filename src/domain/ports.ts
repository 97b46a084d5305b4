/** Every promise the rules need from outside. Each race is settled inside one call; nobody checks first and acts later. */
import type { Account, AuditInput, JsonValue } from './account.ts';

/** One stored document per person. Written values are durable when the promise resolves. */
export type Accounts = {
  findById(id: string): Promise<Account | undefined>;
  /** by user number or institution address, already lower-cased */
  findByLogin(login: string): Promise<Account | undefined>;
  /** by `Ticket.id` (SHA-256 hex of the link's token) */
  findByTicket(ticketId: string): Promise<Account | undefined>;
  /** by base64url credential id */
  findByPasskey(credentialId: string): Promise<Account | undefined>;
  findByFeedKey(source: string, key: string): Promise<Account | undefined>;
  /** Stores a new account at revision 1. @throws Problem `login_taken` naming what is taken (numbers, addresses, feed key, passkey, id) */
  insert(account: Account): Promise<void>;
  /** Atomic compare-and-set: replaces where the stored revision is `expectedRevision`; false = lost the race. @throws Problem `login_taken` */
  replace(account: Account, expectedRevision: number): Promise<boolean>;
  /** accounts with effects not handed on, oldest id first */
  withEffects(limit: number): Promise<Account[]>;
  /** accounts whose `endsAt` lies in [from, to), ordered by (endsAt, id), after the cursor: `<endsAt>:<id>` of the last one seen */
  endingBetween(from: number, to: number, after: string | undefined, limit: number): Promise<Account[]>;
  /**
   * By start of a number, name (each part, given name first or family name first) or address, letter case and accents
   * aside; ordered by id, after the cursor (the last id seen). Empty query: all.
   */
  search(query: string, after: string | undefined, limit: number): Promise<Account[]>;
};

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

/** What a person allowed a client to know; from it a grant per session is made (rule 16). */
export type Consent = {
  accountId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  /** per resource indicator */
  resourceScopes: Record<string, string[]>;
  givenAt: number;
};
export type Consents = {
  find(accountId: string, clientId: string): Promise<Consent | undefined>;
  /** adds to what is stored (union) in one call */
  add(consent: Consent): Promise<void>;
  remove(accountId: string, clientId: string): Promise<boolean>;
  byAccount(accountId: string): Promise<Consent[]>;
};

/** Counters in windows. `take` counts before the guess is checked. */
export type Attempts = {
  /** Adds one and returns the new count. A key whose window has ended (by `now`) starts again at 1 with `windowEndsAt`. */
  take(key: string, windowEndsAt: number, now: number): Promise<number>;
  /** Takes one back after a guess that turned out right; never below 0. */
  giveBack(key: string, now: number): Promise<void>;
  /** counts without taking, in the order of the keys; 0 where there is none */
  peek(keys: string[], now: number): Promise<number[]>;
};

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

export type SigningKeyRecord = {
  kid: string;
  alg: 'ES256' | 'RS256' | 'PS256' | 'EdDSA';
  /** unique together with `alg`: two nodes that both make the first key make one */
  generation: number;
  publicJwk: Record<string, JsonValue>;
  /** sealed for owner = kid, field `signing-key` */
  sealedPrivateJwk: string;
  createdAt: number;
  /** signs from then on */
  usedFrom: number;
  /** signs until then; afterwards only verifies */
  usedUntil?: number;
  /** leaves the JWKS then */
  removedAt?: number;
};
export type SigningKeys = {
  list(): Promise<SigningKeyRecord[]>;
  /** false where (alg, generation) or kid exists */
  insert(record: SigningKeyRecord): Promise<boolean>;
  /** changes these of one kid; with `expected` only where they are stored so (undefined = absent); false = not changed */
  update(kid: string, change: SigningKeyChange, expected?: SigningKeyExpectation): Promise<boolean>;
  remove(kid: string): Promise<boolean>;
};
type Changeable = Pick<SigningKeyRecord, 'usedFrom' | 'usedUntil' | 'removedAt' | 'sealedPrivateJwk'>;
export type SigningKeyChange = Partial<Changeable>;
export type SigningKeyExpectation = { [Member in keyof Changeable]?: Changeable[Member] | undefined };

/** Single values under a name: those made once and kept (lasting-key.ts), how far a job has come … */
export type Values = {
  get(name: string): Promise<string | undefined>;
  /** stores it unless there is one; returns the one that is stored */
  getOrInsert(name: string, value: string): Promise<string>;
  /** compare-and-set; `expected` undefined = must be absent */
  replace(name: string, value: string, expected: string | undefined): Promise<boolean>;
};

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

export type Leases = {
  /** the fencing token (grows with every change of holder) where the lease is now this holder's until `until`; undefined = another has it */
  acquire(name: string, holder: string, until: number, now: number): Promise<number | undefined>;
  release(name: string, holder: string): Promise<void>;
};

export type AuditEntry = AuditInput & { id: string };
export type AuditLog = {
  /** append-only; the same id twice keeps the first */
  append(entry: AuditEntry): Promise<void>;
  /** newest first, by (at, id); `from` inclusive, `to` exclusive, epoch ms; `before` = the last one seen */
  page(
    filter: { subject?: string; action?: string; client?: string; from?: number; to?: number },
    before: { at: number; id: string } | undefined,
    limit: number,
  ): Promise<AuditEntry[]>;
};

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

export type Storage = {
  accounts: Accounts;
  clients: Clients;
  consents: Consents;
  attempts: Attempts;
  protocolRecords: ProtocolRecords;
  signingKeys: SigningKeys;
  values: Values;
  outbox: Outbox;
  leases: Leases;
  auditLog: AuditLog;
  archive: Archive;
  /** resolves where a read and a durable write work; @throws Problem `storage_unavailable` */
  ready(): Promise<void>;
  /** deletes expired records, attempts, tombstones and long finished outbox items, at most 1000 a table; returns how many went */
  sweep(now: number): Promise<number>;
  close(): Promise<void>;
};
