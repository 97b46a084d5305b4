/** Sessions: writes of parallel requests are merged, and a destroyed session stays destroyed. */
import type { ProtocolRecords, SessionRecord } from '../../domain/ports/protocol-records.ts';
import { nextSession } from '../../domain/sign-in/session-merge.ts';
import { appendEntry } from './audit-log.ts';
import type { Database } from './group-commit.ts';

type Living = { key: string; record: string; expires_at: number };

/** Not destroyed; it may have expired. */
const UNENDED = 'key IS NOT NULL';
const LIVING = `${UNENDED} AND expires_at > ?`;
const BY_KEY = `SELECT key, record, expires_at FROM sessions WHERE key = ? AND ${LIVING}`;
const BY_UID = `SELECT key, record, expires_at FROM sessions WHERE uid = ? AND ${LIVING}`;
const LIVES = `SELECT 1 FROM sessions WHERE uid = ? AND ${LIVING}`;

export function createSessions({
  read,
  write,
}: Database): Pick<
  ProtocolRecords,
  'findSession' | 'sessionLives' | 'saveSession' | 'destroySession' | 'sessionsOf' | 'expiredSessions'
> {
  return {
    findSession: async (by, now) => {
      const row = await read((sql) =>
        'key' in by ? sql.get<Living>(BY_KEY, by.key, now) : sql.get<Living>(BY_UID, by.uid, now),
      );
      return row === undefined ? undefined : { key: row.key, record: JSON.parse(row.record), text: row.record };
    },

    sessionLives: async (uid, now) => (await read((sql) => sql.get(LIVES, uid, now))) !== undefined,

    saveSession: async ({ key, readKey, record, read: before, expiresAt, now }) => {
      const { uid } = record;
      return write((sql) => {
        // identifiers are random, so only an expired session can have a new one already
        if (key !== readKey)
          sql.run('DELETE FROM sessions WHERE key = ? AND uid <> ? AND expires_at <= ?', key, uid, now);
        if (before === undefined) {
          const inserted = sql.run(
            'INSERT INTO sessions (uid, key, record, account_id, expires_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
            uid,
            key,
            JSON.stringify(record),
            record.accountId ?? null,
            expiresAt,
          );
          return inserted === 1 ? 'saved' : 'gone';
        }
        const stored = sql.get<Living>(BY_UID, uid, now);
        if (stored === undefined) return 'gone';
        const next = nextSession(stored.record, before, record);
        sql.run(
          'UPDATE sessions SET key = ?, record = ?, account_id = ?, expires_at = ? WHERE uid = ?',
          key === readKey ? stored.key : key,
          JSON.stringify(next),
          next.accountId ?? null,
          expiresAt,
          uid,
        );
        return 'saved';
      });
    },

    destroySession: (uid, entry) =>
      write((sql) => {
        const stored = sql.get<Living>(`SELECT record FROM sessions WHERE uid = ? AND ${UNENDED}`, uid);
        if (stored === undefined) return undefined;
        sql.run('UPDATE sessions SET key = NULL, record = NULL, account_id = NULL WHERE uid = ?', uid);
        appendEntry(sql, entry);
        return JSON.parse(stored.record) as SessionRecord;
      }),

    sessionsOf: async (accountId) => {
      const rows = await read((sql) =>
        sql.all<Living>(
          `SELECT key, record, expires_at FROM sessions WHERE account_id = ? AND ${UNENDED} ORDER BY row`,
          accountId,
        ),
      );
      return rows.map(({ key, record, expires_at }) => ({
        key,
        record: JSON.parse(record) as SessionRecord,
        expiresAt: expires_at,
      }));
    },

    expiredSessions: async (until, after, limit) => {
      const [afterTime, afterRow] = after?.split(':').map(Number) ?? [Number.MIN_SAFE_INTEGER, 0];
      const rows = await read((sql) =>
        sql.all<Living & { row: number }>(
          `SELECT row, record, expires_at FROM sessions
          WHERE expires_at <= ? AND (expires_at, row) > (?, ?) AND ${UNENDED} ORDER BY expires_at, row LIMIT +?`,
          until,
          afterTime ?? 0,
          afterRow ?? 0,
          limit,
        ),
      );
      const last = rows.length < limit ? undefined : rows.at(-1);
      return {
        sessions: rows.map(({ record }) => JSON.parse(record) as SessionRecord),
        ...(last === undefined ? {} : { next: `${last.expires_at}:${last.row}` }),
      };
    },
  };
}
