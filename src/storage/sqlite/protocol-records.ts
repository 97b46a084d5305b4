/** The records of oidc-provider under hashed keys: one caller consumes a record, and a revoked one cannot be put back. */
import type { ProtocolRecord, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import { appendEntry } from './audit-log.ts';
import type { Sql } from './database.ts';
import { createGrants } from './grants.ts';
import type { Database } from './group-commit.ts';
import { createSessions } from './sessions.ts';

type Row = { record: string; consumed: number | null };

const REVOKED_FOR_MS = 24 * 3600 * 1000; // requests that began before the revocation have ended long before

const PUT = `INSERT INTO protocol_records (model, key, record, grant_id, expires_at, consumed) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (model, key) DO UPDATE SET
    record = excluded.record, grant_id = excluded.grant_id, expires_at = excluded.expires_at`;
const UNEXPIRED = '(expires_at IS NULL OR expires_at > ?)';
const LIVING = `model = ? AND key = ? AND ${UNEXPIRED}`;
// whole, so that a statement is not looked up by a text that is put together each time
const PUT_KEEPING_USE = `${PUT}, consumed = coalesce(consumed, excluded.consumed)`;
const PUT_WHERE_EXPIRED = `${PUT}, consumed = excluded.consumed WHERE expires_at <= ?`;
const FIND = `SELECT record, consumed FROM protocol_records WHERE ${LIVING}`;
const CONSUME = `UPDATE protocol_records SET consumed = ? WHERE consumed IS NULL AND ${LIVING}`;

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createProtocolRecords(database: Database, now: () => number): ProtocolRecords {
  const { read, write } = database;
  return {
    ...createSessions(database),
    ...createGrants(database),

    find: async (model, key, at) => {
      const row = await read((sql) => sql.get<Row>(FIND, model, key, at));
      return row === undefined ? undefined : recordIn(row);
    },

    findAmong: async (models, key, at) => {
      const row = await read((sql) =>
        sql.get<Row & { model: string }>(
          `SELECT model, record, consumed FROM protocol_records
            WHERE model IN (${models.map(() => '?').join(', ')}) AND key = ? AND ${UNEXPIRED}`,
          ...models,
          key,
          at,
        ),
      );
      return row === undefined ? undefined : { model: row.model, record: recordIn(row) };
    },

    put: async (model, key, record, expiresAt) => {
      const columns = columnsOf(record, expiresAt);
      await write((sql) => {
        if (isRevoked(sql, model === 'Grant' ? key : record.grantId && recordKeyOf(record.grantId))) return;
        sql.run(PUT_KEEPING_USE, model, key, ...columns);
      });
    },

    insert: async (model, key, record, expiresAt, at) => {
      const columns = columnsOf(record, expiresAt);
      return write((sql) => sql.run(PUT_WHERE_EXPIRED, model, key, ...columns, at) === 1);
    },

    consume: (model, key, at) => write((sql) => sql.run(CONSUME, Math.floor(at / 1000), model, key, at) === 1),

    destroy: (model, key) =>
      write((sql) => {
        sql.run('DELETE FROM protocol_records WHERE model = ? AND key = ?', model, key);
        if (model === 'Grant') rememberRevoked(sql, key, now());
      }),

    revokeByGrant: (grantId, entry) =>
      write((sql) => {
        revoke(sql, recordKeyOf(grantId), grantId, now());
        appendEntry(sql, entry);
      }),
  };
}

function recordIn({ record: text, consumed }: Row): ProtocolRecord {
  const record: ProtocolRecord = JSON.parse(text);
  return consumed === null ? record : { ...record, consumed };
}

export function columnsOf({ consumed, ...record }: ProtocolRecord, expiresAt: number | undefined) {
  return [
    JSON.stringify(record),
    record.grantId ?? null,
    expiresAt ?? null,
    typeof consumed === 'number' ? consumed : null,
  ] as const;
}

function revoke(sql: Sql, key: string, grantId: string | null, now: number): void {
  sql.run('DELETE FROM protocol_records WHERE grant_id = ?', grantId);
  sql.run(`DELETE FROM protocol_records WHERE model = 'Grant' AND key = ?`, key);
  rememberRevoked(sql, key, now);
}

/** Revokes up to `limit` grants to this client, of one person or of all. @returns how many */
export function revokeGrantsOf(
  sql: Sql,
  { clientId, accountId }: { clientId: string; accountId?: string },
  limit: number,
  now: number,
): number {
  const grants = sql.all<{ key: string; grant_id: string | null }>(
    `SELECT key, grant_id FROM protocol_records WHERE model = 'Grant' AND json_extract(record, '$.clientId') = ?
      ${accountId === undefined ? '' : `AND json_extract(record, '$.accountId') = ?`} LIMIT +?`,
    clientId,
    ...(accountId === undefined ? [] : [accountId]),
    limit,
  );
  for (const { key, grant_id } of grants) revoke(sql, key, grant_id, now);
  return grants.length;
}

function rememberRevoked(sql: Sql, key: string, now: number): void {
  sql.run(
    `INSERT INTO revoked_grants (key, expires_at) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at`,
    key,
    now + REVOKED_FOR_MS,
  );
}

function isRevoked(sql: Sql, key: string | undefined): boolean {
  return key !== undefined && sql.get('SELECT 1 FROM revoked_grants WHERE key = ?', key) !== undefined;
}
