/** The outbox: an entry is put once, claimed by one caller at a time, and ended only while that caller's claim lasts. */
import { messageIdOf } from '../../domain/desk/message-id.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import {
  beyond,
  chosenOf,
  MOST_LOST_CLAIMS,
  type Outbox,
  type OutboxEntry,
  type OutboxKind,
  READ_BEYOND,
  SET_ASIDE,
} from '../../domain/ports/outbox.ts';
import type { Database } from './group-commit.ts';

/** kept so that the service desk can answer "was it sent?" */
export const EMAILS_KEPT_MS = 90 * 24 * 3600 * 1000;

export type Row = {
  row: number;
  id: string;
  kind: OutboxKind;
  account_id: string | null;
  payload: string;
  created_at: number;
  expires_at: number | null;
  state: OutboxEntry['state'];
  attempts: number;
  lost_claims: number;
  next_attempt_at: number;
  leased_until: number | null;
  last_error: string | null;
  finished_at: number | null;
  message_id: string | null;
  urgent: number;
};

const dueWhere = (condition: string) => `
  SELECT row, urgent, lost_claims + (leased_until IS NOT NULL) AS lost FROM outbox
  WHERE kind = ? AND state = 'waiting' AND next_attempt_at <= ? AND (leased_until IS NULL OR leased_until <= ?) ${condition}
  ORDER BY next_attempt_at, row LIMIT +?`;
const DUE = dueWhere('');
const URGENT_DUE = dueWhere('AND urgent = 1');
const FRESH_DUE = dueWhere('AND leased_until IS NULL AND lost_claims = 0');
const CLAIM = `UPDATE outbox SET lost_claims = ?1, attempts = attempts + 1, leased_until = ?2 WHERE row = ?3 RETURNING *`;
const SET_ONE_ASIDE = `UPDATE outbox
  SET lost_claims = ?1, state = 'set-aside', leased_until = NULL, last_error = ?2, finished_at = ?3
  WHERE row = ?4 RETURNING *`;

export function createOutbox({ read, write }: Database): Outbox {
  /** Ends a claim that still belongs to the caller; `set` lists the columns to change. */
  const end = (id: string, leasedUntil: number, set: string, ...values: (string | number)[]) =>
    write(
      (sql) =>
        sql.run(
          `UPDATE outbox SET leased_until = NULL, ${set} WHERE id = ? AND state = 'waiting' AND leased_until = ?`,
          ...values,
          id,
          leasedUntil,
        ) === 1,
    );
  const finished = `payload = json_remove(payload, '$.sealedSecret'), finished_at = ?, state =`;

  return {
    put: (item) =>
      write(
        (sql) =>
          sql.run(
            `INSERT INTO outbox
              (id, kind, account_id, payload, created_at, expires_at, state, attempts, next_attempt_at, message_id, urgent)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?5, ?7, ?8) ON CONFLICT DO NOTHING`,
            item.id,
            item.kind,
            item.accountId ?? null,
            JSON.stringify(item.payload),
            item.createdAt,
            item.expiresAt ?? null,
            messageIdColumn(item),
            item.urgent ? 1 : 0,
          ) === 1,
      ),

    claim: async (
      kind,
      now,
      leaseUntil,
      limit,
      { leasesAsOf = now, doubted = 1, patient = limit, inOrder = false } = {},
    ) => {
      const limits = { limit, doubted, patient, inOrder };
      const rows = await write((sql) => {
        const look = (text: string) =>
          sql
            .all<{ row: number; lost: number; urgent: number }>(text, kind, now, leasesAsOf, limit + READ_BEYOND)
            .map((each) => ({ ...each, urgent: each.urgent === 1 }));
        const first = look(DUE);
        const more = beyond(first, limits);
        const all = [...(more.urgent ? look(URGENT_DUE) : []), ...first, ...(more.fresh ? look(FRESH_DUE) : [])];
        const due = [...new Map(all.map((each) => [each.row, each])).values()];
        return chosenOf(due, limits).flatMap(({ row, lost }) =>
          lost >= MOST_LOST_CLAIMS
            ? sql.all<Row>(SET_ONE_ASIDE, lost, SET_ASIDE, now, row)
            : sql.all<Row>(CLAIM, lost, leaseUntil, row),
        );
      });
      return rows.map(entryOf);
    },

    prolong: (id, leasedUntil, until) =>
      write(
        (sql) =>
          sql.run(
            `UPDATE outbox SET leased_until = ? WHERE id = ? AND state = 'waiting' AND leased_until = ?`,
            until,
            id,
            leasedUntil,
          ) === 1,
      ),

    done: (id, leasedUntil, now) => end(id, leasedUntil, `${finished} 'done'`, now),
    retry: (id, leasedUntil, nextAttemptAt, error) =>
      end(id, leasedUntil, 'next_attempt_at = ?, last_error = ?', nextAttemptAt, error),
    failed: (id, leasedUntil, now, error) => end(id, leasedUntil, `${finished} 'failed', last_error = ?`, now, error),

    tryAgain: (id, now) =>
      write(
        (sql) =>
          sql.run(
            `UPDATE outbox SET state = 'waiting', lost_claims = 0, next_attempt_at = ?, finished_at = NULL
            WHERE id = ? AND (state = 'set-aside' OR (state = 'failed' AND kind <> 'letter'))`,
            now,
            id,
          ) === 1,
      ),

    removeLetters: (accountId) =>
      write((sql) => sql.run("DELETE FROM outbox WHERE account_id = ? AND kind = 'letter'", accountId)),
    bounced: (id, now, error) =>
      write(
        (sql) =>
          sql.run(
            `UPDATE outbox SET state = 'failed', last_error = ?, finished_at = ? WHERE id = ? AND state = 'done'`,
            error,
            now,
            id,
          ) === 1,
      ),

    byAccount: async (accountId, limit) => {
      const rows = await read((sql) =>
        sql.all<Row>(
          'SELECT * FROM outbox WHERE account_id = ? ORDER BY created_at DESC, row DESC LIMIT +?',
          accountId,
          limit,
        ),
      );
      return rows.map(entryOf);
    },

    list: async ({ kind, state }, after = '', limit) => {
      const given = [kind, state].filter((value) => value !== undefined);
      const rows = await read((sql) =>
        sql.all<Row>(
          `SELECT * FROM outbox WHERE id > ?
          ${kind === undefined ? '' : 'AND kind = ?'} ${state === undefined ? '' : 'AND state = +?'}
          ORDER BY id LIMIT +?`,
          after,
          ...given,
          limit,
        ),
      );
      return rows.map(entryOf);
    },

    sentAs: async (messageId) => {
      const row = await read((sql) =>
        sql.get<Row>(`SELECT * FROM outbox WHERE message_id = ? AND state = +'done'`, messageId),
      );
      return row === undefined ? undefined : entryOf(row);
    },

    backlog: async (now) => {
      const row = await read((sql) =>
        sql.get<{ waiting: number; failed: number; aside: number; due: number | null }>(
          `SELECT (SELECT count(*) FROM outbox WHERE state = 'waiting') AS waiting,
            (SELECT count(*) FROM outbox WHERE state = 'failed') AS failed,
            (SELECT count(*) FROM outbox WHERE state = 'set-aside') AS aside,
            (SELECT min(next_attempt_at) FROM outbox WHERE state = 'waiting' AND next_attempt_at <= ?) AS due`,
          now,
        ),
      );
      const { waiting = 0, failed = 0, aside = 0, due } = row ?? {};
      return { waiting, failed, setAside: aside, oldestDueAt: due ?? undefined };
    },
  };
}

/** A letter is found by it when it comes back. */
export const messageIdColumn = ({ kind, id }: Pick<OutboxEntry, 'kind' | 'id'>) =>
  kind === 'letter' ? messageIdOf(id) : null;

export function entryOf(row: Row): OutboxEntry {
  return {
    id: row.id,
    kind: row.kind,
    ...(row.account_id === null ? {} : { accountId: row.account_id }),
    payload: JSON.parse(row.payload) as Record<string, JsonValue>,
    createdAt: row.created_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.urgent === 1 ? { urgent: true } : {}),
    state: row.state,
    attempts: row.attempts,
    ...(row.lost_claims === 0 ? {} : { lostClaims: row.lost_claims }),
    nextAttemptAt: row.next_attempt_at,
    ...(row.leased_until === null ? {} : { leasedUntil: row.leased_until }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
  };
}
