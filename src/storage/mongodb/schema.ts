/** The indexes of the collections. The first node to open the database creates them; several at once do no harm. */
import type { Db, IndexDescription } from 'mongodb';
import type { Collections } from './collections.ts';

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
    {
      key: { kind: 1, nextAttemptAt: 1, _id: 1 },
      name: 'urgent',
      partialFilterExpression: { state: 'waiting', urgent: true },
    },
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
