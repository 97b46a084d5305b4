/** The collections and their indexes. The first node to open the database creates them; several at once do no harm. */
import type { Collection, Db, IndexDescription } from 'mongodb';
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

export function collectionsOf(db: Db): Collections {
  // values that are made once and used outside (to sign, to derive subjects) are read only once they cannot be rolled back
  const settled = { readConcern: { level: 'majority' } } as const;
  return {
    accounts: db.collection('accounts'),
    searchTerms: db.collection('searchTerms'),
    clients: db.collection('clients'),
    clientVersion: db.collection('clientVersion'),
    consents: db.collection('consents'),
    initialAccessTokens: db.collection('initialAccessTokens'),
    roleGrants: db.collection('roleGrants'),
    attempts: db.collection('attempts'),
    protocolRecords: db.collection('protocolRecords'),
    revokedGrants: db.collection('revokedGrants'),
    sessions: db.collection('sessions'),
    signingKeys: db.collection('signingKeys', settled),
    values: db.collection('values', settled),
    outbox: db.collection('outbox'),
    leases: db.collection('leases'),
    auditLog: db.collection('auditLog'),
    auditCheckpoints: db.collection('auditCheckpoints', settled),
    auditSetAside: db.collection('auditSetAside'),
    refusals: db.collection('refusals'),
    incidents: db.collection('incidents'),
    clientUses: db.collection('clientUses'),
    webhooks: db.collection('webhooks'),
    readiness: db.collection('readiness'),
  };
}

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
export const LETTERS_KEPT_SECONDS = 90 * DAY_SECONDS; // kept so that the service desk can answer "was it sent?"

/** The sweep deletes first. The server deletes the rest an hour later, so that a differing clock does no harm. */
const cleared: IndexDescription = { key: { clearAt: 1 }, name: 'cleared', expireAfterSeconds: HOUR_SECONDS };
const waiting = { partialFilterExpression: { state: 'waiting' } };
const having = (field: string) => ({ partialFilterExpression: { [field]: { $exists: true } } });
const pendingAudit: IndexDescription = { key: { pendingAudit: 1 }, name: 'pendingAudit', ...having('pendingAudit') };

/** Never change a released index under the same name. A unique index takes each element of an array as a key. */
export const indexes: Partial<Record<keyof Collections, IndexDescription[]>> = {
  accounts: [
    { key: { keys: 1 }, name: 'keys', unique: true, sparse: true },
    { key: { terms: 1, _id: 1 }, name: 'search' },
    { key: { endsAt: 1, _id: 1 }, name: 'ending', ...having('endsAt') },
    { key: { hasEffects: 1, _id: 1 }, name: 'withEffects', ...having('hasEffects') },
    { key: { termsWritten: 1, _id: 1 }, name: 'termsWritten' },
  ],
  searchTerms: [
    { key: { place: 1 }, name: 'byPlace' },
    { key: { milestone: 1 }, name: 'milestones', sparse: true },
  ],
  clients: [{ key: { resources: 1 }, name: 'resources', unique: true, sparse: true }, pendingAudit],
  consents: [
    { key: { accountId: 1, clientId: 1 }, name: 'byAccount' },
    { key: { clientId: 1 }, name: 'byClient' },
    pendingAudit,
  ],
  initialAccessTokens: [{ key: { hash: 1 }, name: 'byHash', unique: true }, pendingAudit],
  roleGrants: [pendingAudit],
  attempts: [cleared],
  protocolRecords: [
    { key: { grant: 1 }, name: 'byGrant', sparse: true },
    { key: { client: 1, account: 1 }, name: 'grants', ...having('client') },
    cleared,
  ],
  revokedGrants: [{ key: { forgetAt: 1 }, name: 'forgotten' }, pendingAudit],
  sessions: [
    { key: { key: 1 }, name: 'byKey', unique: true, sparse: true },
    { key: { accountId: 1 }, name: 'byAccount', sparse: true },
    { key: { expiresAt: 1, _id: 1 }, name: 'expiring' },
    cleared,
    pendingAudit,
  ],
  signingKeys: [{ key: { alg: 1, generation: 1 }, name: 'generations', unique: true }, pendingAudit],
  outbox: [
    { key: { kind: 1, nextAttemptAt: 1, _id: 1 }, name: 'due', ...waiting },
    { key: { nextAttemptAt: 1 }, name: 'waiting', ...waiting },
    { key: { state: 1, _id: 1 }, name: 'byState' },
    { key: { accountId: 1, createdAt: -1, _id: -1 }, name: 'byAccount', ...having('accountId') },
    { key: { messageId: 1 }, name: 'byMessageId', sparse: true },
    { key: { finishedAt: 1 }, name: 'finished', expireAfterSeconds: LETTERS_KEPT_SECONDS + HOUR_SECONDS },
  ],
  auditLog: [
    { key: { at: -1, _id: -1 }, name: 'byTime' },
    { key: { action: 1, at: -1, _id: -1 }, name: 'byAction' },
    { key: { subject: 1, at: -1, _id: -1 }, name: 'bySubject', ...having('subject') },
    { key: { client: 1, at: -1, _id: -1 }, name: 'byClient', ...having('client') },
    { key: { actor: 1, at: -1, _id: -1 }, name: 'byActor', ...having('actor') },
    { key: { node: 1, seq: 1 }, name: 'chain', unique: true, sparse: true },
  ],
  refusals: [
    { key: { client: 1, lastAt: -1, _id: -1 }, name: 'byClient' },
    { key: { lastAt: -1, _id: -1 }, name: 'byTime' },
    { key: { slot: 1 }, name: 'slots', unique: true, sparse: true },
    cleared,
  ],
  incidents: [
    { key: { account: 1, at: -1, _id: -1 }, name: 'byAccount', ...having('account') },
    { key: { at: 1 }, name: 'byTime' },
    cleared,
  ],
  clientUses: [{ key: { client: 1 }, name: 'byClient' }],
  values: [pendingAudit],
  webhooks: [pendingAudit],
};

export async function prepareIndexes(db: Db): Promise<void> {
  await Promise.all(Object.entries(indexes).map(([name, wanted]) => db.collection(name).createIndexes(wanted)));
}

/** The latest date that all servers and drivers can read. */
const LAST_DATE_MS = Date.UTC(9999, 11, 31);

/** When the server may delete a document that is of no use after this time (epoch ms). */
export function dateOf(time: number): Date {
  return new Date(Math.min(time, LAST_DATE_MS));
}
