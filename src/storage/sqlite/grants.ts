/** What people granted to clients, and which of it a client can still refresh. */
import type { HeldGrant, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { Database } from './group-commit.ts';

type Row = { record: string; sid: string | null };

const HELD = `SELECT record, (
    SELECT coalesce(json_extract(token.record, '$.sid'), '') FROM protocol_records token
    WHERE token.grant_id = held.grant_id AND token.model = 'RefreshToken' AND token.consumed IS NULL
      AND (token.expires_at IS NULL OR token.expires_at > ?) LIMIT 1
  ) AS sid
  FROM protocol_records held
  WHERE held.model = 'Grant' AND json_extract(held.record, '$.clientId') IN (SELECT value FROM json_each(?))
    AND json_extract(held.record, '$.accountId') = ? AND (held.expires_at IS NULL OR held.expires_at > ?)`;

const GRANTED = `SELECT json_extract(record, '$.accountId') AS account FROM protocol_records
  WHERE model = 'Grant' AND json_extract(record, '$.clientId') = ? AND json_extract(record, '$.accountId') > ?
  ORDER BY json_extract(record, '$.accountId') LIMIT ?`;

export function createGrants({ read }: Pick<Database, 'read'>): Pick<ProtocolRecords, 'grantsOf' | 'accountsGranted'> {
  return {
    grantsOf: async (accountId, clientIds, now) => {
      const rows = await read((sql) => sql.all<Row>(HELD, now, JSON.stringify(clientIds), accountId, now));
      return rows.map(({ record, sid }) => heldGrant(JSON.parse(record), sid ?? undefined));
    },

    accountsGranted: async (clientId, after, limit) => {
      const rows = await read((sql) => sql.all<{ account: string }>(GRANTED, clientId, after ?? '', limit));
      return [...new Set(rows.map(({ account }) => account))];
    },
  };
}

/** `sid`: of a refresh token that lives, `''` where it has none; undefined: no refresh token lives. */
function heldGrant(record: Record<string, unknown>, sid: string | undefined): HeldGrant {
  const { grantId, clientId, iat, epoch } = record as HeldGrant;
  return {
    grantId,
    clientId,
    ...(iat === undefined ? {} : { iat }),
    ...(epoch === undefined ? {} : { epoch }),
    refreshes: sid !== undefined,
    ...(sid ? { sid } : {}),
  };
}
