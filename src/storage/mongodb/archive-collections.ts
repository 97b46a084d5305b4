/** Maps each kind of record to the documents of its collection, and back; `inspect` compares the two. */
import type { Document, Filter } from 'mongodb';
import { REFUSALS_KEPT_MS } from '../../domain/clients/refusals/refusal.ts';
import { INCIDENTS_KEPT_MS } from '../../domain/incidents/incident.ts';
import type { ArchiveKind, ArchiveRecords } from '../../domain/ports/archive.ts';
import { documentOf as accountDocument } from './accounts.ts';
import { documentOf as auditDocument, recordOf as auditRecord, checkpointId } from './audit-documents.ts';
import { documentOf as useDocument, recordOf as useOf } from './client-uses.ts';
import { resourcesOf } from './clients.ts';
import type { Collections } from './collections.ts';
import { documentOf as consentDocument, consentOf } from './consents.ts';
import { documentOf as incidentDocument, recordOf as incidentOf } from './incidents.ts';
import { documentOf as tokenDocument, tokenOf } from './initial-access-tokens.ts';
import { entryOf, documentOf as outboxDocument } from './outbox.ts';
import { documentOf as protocolDocument } from './protocol-records.ts';
import { documentOf as refusalDocument, recordOf as refusalOf } from './refusals.ts';
import { documentOf as roleGrantsDocument } from './role-grants.ts';
import { dateOf, LETTERS_KEPT_SECONDS } from './schema.ts';
import { documentOf as signingKeyDocument, recordOf as signingKeyOf } from './signing-keys.ts';
import { documentOf as webhookDocument, webhookOf } from './webhooks.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is what its collection says; `record` and `document` are checked against each other by `inspect`
type Stored = any;

type Place<Kind extends ArchiveKind> = {
  collection: keyof Collections;
  /** the condition under which a document still matters at that time (epoch ms); absent: always */
  useful?: (at: number) => Filter<Document>;
  /** fields of JSON text, and fields that only this backend has */
  aside?: string[];
  record(document: Stored): ArchiveRecords[Kind];
  document(record: ArchiveRecords[Kind]): Document & { _id: string };
};

const living = (field: string) => (at: number) => ({ [field]: { $not: { $lte: at } } });

export const places: { [Kind in ArchiveKind]: Place<Kind> } = {
  accounts: {
    collection: 'accounts',
    aside: ['account', 'termsWritten'],
    record: ({ account }) => JSON.parse(account),
    document: accountDocument,
  },
  clients: {
    collection: 'clients',
    useful: () => ({ removed: { $exists: false } }),
    aside: ['client', 'pendingAudit', 'removed', 'history'],
    record: ({ client, picture, history }) => ({
      ...JSON.parse(client),
      ...(picture === undefined ? {} : { picture }),
      ...(history === undefined ? {} : { history: JSON.parse(history) }),
    }),
    document: ({ picture, history, ...client }) => ({
      _id: client.id,
      revision: client.revision,
      client: JSON.stringify(client),
      ...resourcesOf(client),
      ...(picture === undefined ? {} : { picture }),
      ...(history === undefined ? {} : { history: JSON.stringify(history) }),
    }),
  },
  clientVersion: {
    collection: 'clientVersion',
    useful: () => ({ version: { $gt: 0 } }),
    aside: ['underWay'],
    record: ({ version }) => ({ version: version ?? 0 }),
    document: ({ version }) => ({ _id: 'clients', version, underWay: [] }),
  },
  consents: {
    collection: 'consents',
    useful: () => ({ removed: { $exists: false } }),
    aside: ['pendingAudit', 'removed'],
    record: consentOf,
    document: consentDocument,
  },
  initialAccessTokens: {
    collection: 'initialAccessTokens',
    useful: () => ({ removed: { $exists: false } }),
    aside: ['token', 'underWay', 'pendingAudit', 'removed'],
    record: tokenOf,
    document: tokenDocument,
  },
  roleGrants: {
    collection: 'roleGrants',
    aside: ['register', 'pendingAudit'],
    record: ({ register }) => JSON.parse(register),
    document: roleGrantsDocument,
  },
  attempts: {
    collection: 'attempts',
    useful: living('windowEndsAt'),
    record: ({ _id, count, windowEndsAt }) => ({ key: _id, count, windowEndsAt }),
    document: ({ key, count, windowEndsAt }) => ({ _id: key, count, windowEndsAt, clearAt: dateOf(windowEndsAt) }),
  },
  revokedGrants: {
    collection: 'revokedGrants',
    useful: living('forgetAt'),
    aside: ['pendingAudit'],
    record: ({ _id, forgetAt }) => ({ key: _id, forgetAt }),
    document: ({ key, forgetAt }) => ({ _id: key, forgetAt }),
  },
  protocolRecords: {
    collection: 'protocolRecords',
    useful: living('expiresAt'),
    aside: ['record'],
    record: ({ _id, record, expiresAt, consumed }) => ({
      model: _id.slice(0, _id.indexOf(' ')),
      key: _id.slice(_id.indexOf(' ') + 1),
      record: JSON.parse(record),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(consumed === undefined ? {} : { consumed }),
    }),
    document: ({ model, key, record, expiresAt, consumed }) => ({
      ...protocolDocument(model, key, record, expiresAt),
      ...(consumed === undefined ? {} : { consumed }),
    }),
  },
  sessions: {
    collection: 'sessions',
    useful: (at) => ({ $or: [{ key: { $exists: true } }, living('expiresAt')(at)] }),
    aside: ['record', 'revision', 'pendingAudit', 'clearAt'],
    record: ({ _id, key, record, expiresAt }) => ({
      uid: _id,
      ...(key === undefined ? {} : { key }),
      ...(record === undefined ? {} : { record: JSON.parse(record) }),
      expiresAt,
    }),
    document: ({ uid, key, record, expiresAt }) => ({
      _id: record?.uid ?? uid,
      revision: 1,
      ...(key === undefined || record === undefined ? {} : { key }),
      ...(record === undefined ? {} : { record: JSON.stringify(record) }),
      ...(record?.accountId === undefined ? {} : { accountId: record.accountId }),
      expiresAt,
      ...(key === undefined || record === undefined ? { clearAt: dateOf(expiresAt) } : {}),
    }),
  },
  signingKeys: {
    collection: 'signingKeys',
    useful: () => ({ removed: { $exists: false } }),
    aside: ['pendingAudit', 'removed'],
    record: signingKeyOf,
    document: signingKeyDocument,
  },
  values: {
    collection: 'values',
    aside: ['pendingAudit'],
    record: ({ _id, value }) => ({ name: _id, value }),
    document: ({ name, value }) => ({ _id: name, value }),
  },
  outbox: {
    collection: 'outbox',
    useful: (at) => ({ finishedAt: { $not: { $lte: new Date(at - LETTERS_KEPT_SECONDS * 1000) } } }),
    aside: ['payload', 'messageId'],
    record: entryOf,
    document: outboxDocument,
  },
  leases: {
    collection: 'leases',
    record: ({ _id, holder, heldUntil, token }) => ({
      name: _id,
      ...(holder === undefined ? {} : { holder }),
      heldUntil,
      token,
    }),
    document: ({ name, ...lease }) => ({ _id: name, ...lease }),
  },
  auditLog: {
    collection: 'auditLog',
    aside: ['entry'],
    record: auditRecord,
    document: auditDocument,
  },
  auditCheckpoints: {
    collection: 'auditCheckpoints',
    aside: ['checkpoint'],
    record: ({ checkpoint }) => JSON.parse(checkpoint),
    document: (checkpoint) => ({ _id: checkpointId(checkpoint.number), checkpoint: JSON.stringify(checkpoint) }),
  },
  refusals: {
    collection: 'refusals',
    useful: (at) => ({ lastAt: { $gt: at - REFUSALS_KEPT_MS } }),
    aside: ['record'],
    record: refusalOf,
    document: refusalDocument,
  },
  incidents: {
    collection: 'incidents',
    useful: (at) => ({ at: { $gt: at - INCIDENTS_KEPT_MS } }),
    aside: ['incident'],
    record: incidentOf,
    document: incidentDocument,
  },
  clientUses: { collection: 'clientUses', record: useOf, document: useDocument },
  webhooks: {
    collection: 'webhooks',
    useful: () => ({ removed: { $exists: false } }),
    aside: ['webhook', 'pendingAudit', 'removed'],
    record: webhookOf,
    document: webhookDocument,
  },
};
