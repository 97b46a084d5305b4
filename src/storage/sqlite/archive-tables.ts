/** Maps each kind of record to the columns of its table, and back; `inspect` compares the two. */
import type { SQLInputValue } from 'node:sqlite';
import { REFUSALS_KEPT_MS } from '../../domain/clients/refusals/refusal.ts';
import { INCIDENTS_KEPT_MS } from '../../domain/incidents/incident.ts';
import type { ArchiveKind, ArchiveRecords } from '../../domain/ports/archive.ts';
import { columnsOf as accountColumns } from './accounts.ts';
import { columnsOf as auditColumns, recordOf as auditRecord } from './audit-log.ts';
import { columnsOf as useColumns, recordOf as useOf } from './client-uses.ts';
import { columnsOf as incidentColumns, recordOf as incidentOf } from './incidents.ts';
import { columnsOf as tokenColumns, tokenOf } from './initial-access-tokens.ts';
import { EMAILS_KEPT_MS, entryOf, messageIdColumn, type Row as OutboxRow } from './outbox.ts';
import { columnsOf as protocolColumns } from './protocol-records.ts';
import { columnsOf as refusalColumns, recordOf as refusalOf } from './refusals.ts';
import { columnsOf as roleGrantsColumns } from './role-grants.ts';
import { columnsOf as webhookColumns, webhookOf } from './webhooks.ts';

type Columns = Record<string, SQLInputValue>;
// biome-ignore lint/suspicious/noExplicitAny: a row is what its table says; `record` and `columns` are checked against each other by `inspect`
export type Row = any;

type Table<Kind extends ArchiveKind> = {
  table: string;
  /** the columns that order and identify the rows */
  key: string[];
  /** the condition under which a row still matters at ?1 (epoch ms); absent: always */
  useful?: string;
  /** columns of JSON text, which can be equal although their text differs, and those that an earlier version leaves empty */
  documents?: string[];
  record(row: Row): ArchiveRecords[Kind];
  columns(record: ArchiveRecords[Kind]): Columns;
};

export const tables: { [Kind in ArchiveKind]: Table<Kind> } = {
  accounts: {
    table: 'accounts',
    key: ['id'],
    documents: ['document'],
    record: ({ document }) => JSON.parse(document),
    columns: (account) => {
      const { id, endsAt, hasEffects, document } = accountColumns(account);
      return { id, revision: account.revision, ends_at: endsAt, has_effects: hasEffects, document };
    },
  },
  clients: {
    table: 'clients',
    key: ['id'],
    documents: ['record', 'history'],
    record: ({ record, picture, history }) => ({
      ...JSON.parse(record),
      ...(picture === null ? {} : { picture }),
      ...(history === null ? {} : { history: JSON.parse(history) }),
    }),
    columns: ({ picture = null, history, ...client }) => ({
      id: client.id,
      revision: client.revision,
      record: JSON.stringify(client),
      picture,
      history: history === undefined ? null : JSON.stringify(history),
    }),
  },
  clientVersion: {
    table: 'client_version',
    key: ['version'],
    useful: 'version > 0 AND ?1 IS ?1',
    record: ({ version }) => ({ version }),
    columns: ({ version }) => ({ version }),
  },
  consents: {
    table: 'consents',
    key: ['account_id', 'client_id'],
    documents: ['consent'],
    record: ({ consent }) => JSON.parse(consent),
    columns: (consent) => ({
      account_id: consent.accountId,
      client_id: consent.clientId,
      consent: JSON.stringify(consent),
    }),
  },
  initialAccessTokens: {
    table: 'initial_access_tokens',
    key: ['id'],
    documents: ['token'],
    record: tokenOf,
    columns: tokenColumns,
  },
  roleGrants: {
    table: 'role_grants',
    key: ['name'],
    documents: ['register'],
    record: ({ register }) => JSON.parse(register),
    columns: roleGrantsColumns,
  },
  attempts: {
    table: 'attempts',
    key: ['key'],
    useful: 'window_ends_at > ?1',
    record: ({ key, count, window_ends_at }) => ({ key, count, windowEndsAt: window_ends_at }),
    columns: ({ key, count, windowEndsAt }) => ({ key, count, window_ends_at: windowEndsAt }),
  },
  revokedGrants: {
    table: 'revoked_grants',
    key: ['key'],
    useful: 'expires_at > ?1',
    record: ({ key, expires_at }) => ({ key, forgetAt: expires_at }),
    columns: ({ key, forgetAt }) => ({ key, expires_at: forgetAt }),
  },
  protocolRecords: {
    table: 'protocol_records',
    key: ['model', 'key'],
    useful: '(expires_at IS NULL OR expires_at > ?1)',
    documents: ['record'],
    record: ({ model, key, record, expires_at, consumed }) => ({
      model,
      key,
      record: JSON.parse(record),
      ...(expires_at === null ? {} : { expiresAt: expires_at }),
      ...(consumed === null ? {} : { consumed }),
    }),
    columns: ({ model, key, record, expiresAt, consumed = null }) => {
      const [text, grantId, expires] = protocolColumns(record, expiresAt);
      return { model, key, record: text, grant_id: grantId, expires_at: expires, consumed };
    },
  },
  sessions: {
    table: 'sessions',
    key: ['uid'],
    useful: '(expires_at > ?1 OR key IS NOT NULL)',
    documents: ['record'],
    record: ({ uid, key, record, expires_at }) => ({
      uid,
      ...(key === null ? {} : { key }),
      ...(record === null ? {} : { record: JSON.parse(record) }),
      expiresAt: expires_at,
    }),
    columns: ({ uid, key = null, record, expiresAt }) => ({
      uid: record?.uid ?? uid,
      key: record === undefined ? null : key,
      record: record === undefined ? null : JSON.stringify(record),
      account_id: record?.accountId ?? null,
      expires_at: expiresAt,
    }),
  },
  signingKeys: {
    table: 'signing_keys',
    key: ['kid'],
    documents: ['record'],
    record: ({ record }) => JSON.parse(record),
    columns: (key) => ({ kid: key.kid, alg: key.alg, generation: key.generation, record: JSON.stringify(key) }),
  },
  values: {
    table: 'stored_values',
    key: ['name'],
    record: ({ name, value }) => ({ name, value }),
    columns: ({ name, value }) => ({ name, value }),
  },
  outbox: {
    table: 'outbox',
    key: ['id'],
    useful: `(finished_at IS NULL OR finished_at > ?1 - ${EMAILS_KEPT_MS})`,
    documents: ['payload', 'message_id'],
    record: (row: OutboxRow) => entryOf(row),
    columns: (entry) => ({
      id: entry.id,
      kind: entry.kind,
      account_id: entry.accountId ?? null,
      payload: JSON.stringify(entry.payload),
      created_at: entry.createdAt,
      expires_at: entry.expiresAt ?? null,
      state: entry.state,
      attempts: entry.attempts,
      lost_claims: entry.lostClaims ?? 0,
      next_attempt_at: entry.nextAttemptAt,
      leased_until: entry.leasedUntil ?? null,
      last_error: entry.lastError ?? null,
      finished_at: entry.finishedAt ?? null,
      message_id: messageIdColumn(entry),
      urgent: entry.urgent ? 1 : 0,
    }),
  },
  leases: {
    table: 'leases',
    key: ['name'],
    record: ({ name, holder, held_until, token }) => ({
      name,
      ...(holder === null ? {} : { holder }),
      heldUntil: held_until,
      token,
    }),
    columns: ({ name, holder = null, heldUntil, token }) => ({ name, holder, held_until: heldUntil, token }),
  },
  auditLog: {
    table: 'audit_log',
    key: ['id'],
    documents: ['entry'],
    record: auditRecord,
    columns: ({ chain, ...entry }) => ({
      id: entry.id,
      at: entry.at,
      ...auditColumns(entry),
      entry: JSON.stringify(entry),
      node: chain?.node ?? null,
      seq: chain?.seq ?? null,
      hash: chain?.hash ?? null,
    }),
  },
  auditCheckpoints: {
    table: 'audit_checkpoints',
    key: ['number'],
    documents: ['checkpoint'],
    record: ({ checkpoint }) => JSON.parse(checkpoint),
    columns: (checkpoint) => ({ number: checkpoint.number, checkpoint: JSON.stringify(checkpoint) }),
  },
  refusals: {
    table: 'refusals',
    key: ['id'],
    useful: `last_at > ?1 - ${REFUSALS_KEPT_MS}`,
    documents: ['record'],
    record: refusalOf,
    columns: refusalColumns,
  },
  incidents: {
    table: 'incidents',
    key: ['id'],
    useful: `at > ?1 - ${INCIDENTS_KEPT_MS}`,
    documents: ['incident'],
    record: incidentOf,
    columns: incidentColumns,
  },
  clientUses: { table: 'client_uses', key: ['used_for', 'client'], record: useOf, columns: useColumns },
  webhooks: {
    table: 'webhooks',
    key: ['id'],
    documents: ['webhook'],
    record: webhookOf,
    columns: webhookColumns,
  },
};
