/** The collections, and what a document of each holds. */
import type { Collection } from 'mongodb';
import type { JsonValue } from '../../domain/json-value.ts';
import type { OutboxEntry, OutboxKind } from '../../domain/ports/outbox.ts';
import type { SigningKeyRecord } from '../../domain/ports/signing-keys.ts';

/*
 * A record is one string of JSON, so that member names from requests and registrations never become field names, some of
 * which (`$…`, dots, `_bsontype`) have a meaning. Other fields serve filters and indexes. Absent values are omitted. Times
 * are epoch milliseconds; `clearAt` is a date, because the server can only delete by dates.
 */
export type AccountDocument = {
  _id: string;
  revision: number;
  /** the unique keys, each after its kind: `login r0123456` */
  keys?: string[];
  terms?: string[];
  endsAt?: number;
  hasEffects?: true;
  /** which of its terms are in `searchTerms` (`termsHash`); absent: they are still to be written */
  termsWritten?: string;
  account: string;
};
/** One term by which people are searched for, of one account. */
export type SearchTermDocument = {
  /** the account's id, then the term: all that an account has are one range */
  _id: string;
  /** the term, then the account's id: all that begin in the same way are one range */
  place: string;
  /** its level and its place, of the few that are milestones (search-terms.ts) */
  milestone?: string;
  /** of the account, when it was last written */
  revision: number;
};
/** Entries of the audit log, as JSON, that are not there yet (pending-audit.ts). */
export type Carrier = { pendingAudit?: string[] };
/** `removed`: only the audit entry of its removal is still to be moved. */
export type ClientDocument = Carrier & {
  _id: string;
  revision: number;
  client: string;
  picture?: string;
  /** its revisions, as a JSON array */
  history?: string;
  /** identifiers and audiences of its APIs; absent where it has none */
  resources?: string[];
  removed?: true;
};
export type ClientVersionDocument = {
  _id: string;
  version?: number;
  /** changes that have begun and are not yet counted */
  underWay: { id: string; since: number }[];
};
export type ConsentDocument = Carrier & {
  _id: string;
  accountId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  shown?: string[];
  /** one element per scope of a resource, and one without a scope for a resource that has none */
  resourceScopes: { resource: string; scope?: string }[];
  givenAt: number;
  /** as in a client */
  removed?: true;
};
/** `removed` as in a client. `underWay`: uses that are taken, whose client is not known to be stored. */
export type InitialAccessTokenDocument = Carrier & {
  _id: string;
  hash: string;
  expiresAt: number;
  left: number;
  underWay: { client: string; since: number }[];
  token: string;
  removed?: true;
};
/** The one document of all roles that are granted, as JSON. */
export type RoleGrantsDocument = Carrier & { _id: string; revision: number; register: string };
export type AttemptDocument = { _id: string; count: number; windowEndsAt: number; clearAt: Date };
export type ProtocolRecordDocument = {
  /** `<model> <key>` */
  _id: string;
  /** the key of the Grant that the record belongs to; for a Grant, its own key */
  grant?: string;
  /** of a Grant: to whom, and whose */
  client?: string;
  account?: string;
  expiresAt?: number;
  clearAt?: Date;
  /** epoch seconds, as in the library */
  consumed?: number;
  record: string;
};
export type RevokedGrantDocument = Carrier & { _id: string; forgetAt: number };
/**
 * Without `key` and `record` it is the tombstone of a destroyed session. Only a tombstone has `clearAt`, unless its end is
 * audited: the server must not delete an entry that waits.
 */
export type SessionDocument = Carrier & {
  /** the uid */
  _id: string;
  revision: number;
  key?: string;
  record?: string;
  accountId?: string;
  expiresAt: number;
  clearAt?: Date;
};
/** `removed` as in a client. */
export type SigningKeyDocument = Omit<SigningKeyRecord, 'kid' | 'publicJwk'> &
  Carrier & { _id: string; publicJwk: string; removed?: true };
export type ValueDocument = Carrier & { _id: string; value: string };
export type OutboxDocument = {
  _id: string;
  kind: OutboxKind;
  accountId?: string;
  payload: string;
  /** apart from the payload, because it is deleted earlier */
  sealedSecret?: JsonValue;
  createdAt: number;
  expiresAt?: number;
  urgent?: true;
  state: OutboxEntry['state'];
  attempts: number;
  lostClaims?: number;
  nextAttemptAt: number;
  leasedUntil?: number;
  lastError?: string;
  finishedAt?: Date;
  /** of a letter: under which Message-ID it goes out (`messageIdOf`) */
  messageId?: string;
};
/** Without a holder it is released; the document stays, so that the token keeps growing. */
export type LeaseDocument = { _id: string; holder?: string; heldUntil: number; token: number };
/** Without `node`, `seq` and `hash` it is of a version before the chain. */
export type AuditDocument = {
  _id: string;
  at: number;
  action: string;
  subject?: string;
  client?: string;
  /** id of who did it */
  actor?: string;
  entry: string;
  node?: string;
  seq?: number;
  hash?: string;
};
export type AuditCheckpointDocument = { _id: string; checkpoint: string };
/** An entry that the log did not take (pending-audit.ts), and which document carried it. */
export type SetAsideAuditDocument = {
  _id: string;
  collection: string;
  document: string;
  text: string;
  because: string;
};
/** `client`: null where the request names none that is registered. `record`: the rest of it, as JSON. */
export type RefusalDocument = {
  _id: string;
  client: string | null;
  firstAt: number;
  lastAt: number;
  count: number;
  /** which place of its hour it has (`slotOf`); absent: it is only counted */
  slot?: string;
  incident?: string;
  record: string;
  clearAt: Date;
};
/** `incident`: all of it, as JSON. */
export type IncidentDocument = { _id: string; at: number; account?: string; incident: string; clearAt: Date };
/** `hour`: epoch ms at which it began */
export type ClientUseDocument = { _id: string; client: string; of: string; hour: number };
/** `removed` as in a client. */
export type WebhookDocument = Carrier & { _id: string; revision: number; webhook: string; removed?: true };
export type ReadinessDocument = { _id: string; checked: number };

export type Collections = {
  accounts: Collection<AccountDocument>;
  searchTerms: Collection<SearchTermDocument>;
  clients: Collection<ClientDocument>;
  clientVersion: Collection<ClientVersionDocument>;
  consents: Collection<ConsentDocument>;
  initialAccessTokens: Collection<InitialAccessTokenDocument>;
  roleGrants: Collection<RoleGrantsDocument>;
  attempts: Collection<AttemptDocument>;
  protocolRecords: Collection<ProtocolRecordDocument>;
  revokedGrants: Collection<RevokedGrantDocument>;
  sessions: Collection<SessionDocument>;
  signingKeys: Collection<SigningKeyDocument>;
  values: Collection<ValueDocument>;
  outbox: Collection<OutboxDocument>;
  leases: Collection<LeaseDocument>;
  auditLog: Collection<AuditDocument>;
  auditCheckpoints: Collection<AuditCheckpointDocument>;
  auditSetAside: Collection<SetAsideAuditDocument>;
  refusals: Collection<RefusalDocument>;
  incidents: Collection<IncidentDocument>;
  clientUses: Collection<ClientUseDocument>;
  webhooks: Collection<WebhookDocument>;
  readiness: Collection<ReadinessDocument>;
};
