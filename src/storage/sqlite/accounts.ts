/** Accounts, one JSON document each, with keys and search terms in side tables; a write changes all of them or nothing. */
import type { Account } from '../../domain/account/account.ts';
import {
  type AccountKeys,
  deskTerm,
  feedKey,
  feedKeysOf,
  firstFeedKeyOf,
  firstTermOf,
  isLoginOf,
  keysOf,
  placeOf,
  sameKeys,
  searchStart,
} from '../../domain/account/account-keys.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { Problem } from '../../domain/problem.ts';
import type { Sql } from './database.ts';
import type { Database } from './group-commit.ts';

type Row = { document: string };

/** The tables of unique keys: what they hold, and how an error names a key that is taken. */
export const unique = [
  { table: 'account_logins', keys: 'logins', name: 'login' },
  { table: 'account_tickets', keys: 'tickets', name: 'ticket' },
  { table: 'account_passkeys', keys: 'passkeys', name: 'passkey' },
  { table: 'account_feed_keys', keys: 'feedKeys', name: 'feed key' },
] as const;

const LAST_CHARACTER = '\u{10ffff}'; // sorts after every other continuation of a term

export function createAccounts({ read, write }: Database): Accounts {
  const one = async (query: string, value: string): Promise<Account | undefined> => {
    const row = await read((sql) => sql.get<Row>(query, value));
    return row === undefined ? undefined : JSON.parse(row.document);
  };
  const several = async (query: string, ...values: (string | number)[]): Promise<Account[]> => {
    const rows = await read((sql) => sql.all<Row>(query, ...values));
    return rows.map(({ document }) => JSON.parse(document));
  };
  const byKey = (table: (typeof unique)[number]['table'], value: string) =>
    one(`SELECT document FROM ${table} JOIN accounts ON accounts.row = account WHERE value = ?`, value);

  return {
    findById: (id) => one('SELECT document FROM accounts WHERE id = ?', id),
    findByLogin: async (login) => {
      const account = await byKey('account_logins', login);
      return account !== undefined && isLoginOf(account, login) ? account : undefined;
    },
    findHolder: (login) => byKey('account_logins', login),
    findByTicket: (ticketId) => byKey('account_tickets', ticketId),
    findByPasskey: (credentialId) => byKey('account_passkeys', credentialId),
    findByFeedKey: (source, key) => byKey('account_feed_keys', feedKey(source, key)),
    findByScimKey: (key) => byKey('account_feed_keys', key),

    fedBy: async (source, after, limit) => {
      const start = feedKeysOf(source);
      const rows = await read((sql) =>
        sql.all<Row & { value: string }>(
          `SELECT value, document FROM account_feed_keys JOIN accounts ON accounts.row = account
          WHERE value > ? AND value < ? ORDER BY value LIMIT +?`,
          after ?? start,
          start + LAST_CHARACTER,
          limit,
        ),
      );
      const last = rows.at(-1);
      return {
        accounts: rows.flatMap(({ value, document }) => {
          const account: Account = JSON.parse(document);
          return firstFeedKeyOf(account, source) === value ? [account] : [];
        }),
        ...(last === undefined || rows.length < limit ? {} : { next: last.value }),
      };
    },

    anyPasskey: async () =>
      (await read((sql) => sql.get("SELECT 1 FROM account_passkeys WHERE value > '' LIMIT 1"))) !== undefined,

    insert: async (account) => {
      if (account.revision !== 1) throw new TypeError('a new account has revision 1');
      const keys = keysOf(account);
      const { id, document, endsAt, hasEffects } = columnsOf(account);
      await write((sql) => {
        const row = sql.get<{ row: number }>(
          `INSERT INTO accounts (id, revision, ends_at, has_effects, document) VALUES (?, 1, ?, ?, ?)
          ON CONFLICT DO NOTHING RETURNING row`,
          id,
          endsAt,
          hasEffects,
          document,
        )?.row;
        if (row === undefined) throw taken([`id ${id}`]);
        moveKeys(sql, { row, id }, undefined, keys);
      });
    },

    replace: async (account, expectedRevision) => {
      if (account.revision !== expectedRevision + 1) throw new TypeError('a write raises the revision by one');
      const { id } = account;
      return write((sql) => {
        const stored = sql.get<Row & { row: number }>(
          'SELECT row, document FROM accounts WHERE id = ? AND revision = ?',
          id,
          expectedRevision,
        );
        if (stored === undefined) return false;
        // keys are written only after the revision matched: callers that lost the race read again
        const { document, endsAt, hasEffects } = columnsOf(account);
        sql.run(
          'UPDATE accounts SET revision = ?, ends_at = ?, has_effects = ?, document = ? WHERE row = ?',
          account.revision,
          endsAt,
          hasEffects,
          document,
          stored.row,
        );
        const before: Account = JSON.parse(stored.document);
        if (!sameKeys(before, account)) moveKeys(sql, { row: stored.row, id }, keysOf(before), keysOf(account));
        return true;
      });
    },

    withEffects: (limit) => several('SELECT document FROM accounts WHERE has_effects = 1 ORDER BY id LIMIT +?', limit),

    endingBetween: (from, to, after, limit) => {
      const [endsAt, id] = after === undefined ? [from, ''] : cursorOf(after);
      return several(
        `SELECT document FROM accounts
        WHERE ends_at >= ? AND ends_at < ? AND (ends_at, id) > (?, ?) ORDER BY ends_at, id LIMIT +?`,
        from,
        to,
        endsAt,
        id,
        limit,
      );
    },

    withDeskRequests: (organisation, limit) => several(allWithinQuery, deskTerm(organisation), '', limit),

    search: async (query, after, limit, organisation) => {
      const start = searchStart(query, organisation);
      if (start === '')
        return several('SELECT document FROM accounts WHERE id > ? ORDER BY id LIMIT +?', after ?? '', limit);
      if (start === searchStart('', organisation)) return several(allWithinQuery, start, after ?? '', limit);
      const found: Account[] = [];
      // an account comes once for each of its terms, and is taken with the first: nothing is sorted, and few rows are read
      for (let { term, id } = placeOf(after, start); ; ) {
        const rows = await read((sql) =>
          sql.all<Row & FoundTerm>(searchQuery, term, id, start + LAST_CHARACTER, limit),
        );
        for (const row of rows) {
          const account: Account = JSON.parse(row.document);
          if (row.term === firstTermOf(account, start) && found.push(account) === limit) return found;
        }
        const last = rows.at(-1);
        if (last === undefined || rows.length < limit) return found;
        ({ term, account_id: id } = last);
      }
    },

    byTerm: async (from, to, limit, skip = 0) => {
      const rows = await read((sql) => sql.all<Row & { term: string }>(termQuery, from, to, limit, skip));
      return rows.map(({ term, document }) => ({ term, account: JSON.parse(document) }));
    },

    countTerms: async (from, to) => {
      const counted = 'SELECT count(*) AS n FROM account_search WHERE term >= ? AND term < ?';
      return (await read((sql) => sql.get<{ n: number }>(counted, from, to)))?.n ?? 0;
    },
  };
}

type FoundTerm = { term: string; account_id: string };

const searchQuery = `SELECT term, account_id, document FROM account_search JOIN accounts ON accounts.id = account_id
  WHERE (term, account_id) > (?, ?) AND term < ? ORDER BY term, account_id LIMIT +?`;

/** One term that many share is in the order of their ids already. */
const allWithinQuery = `SELECT document FROM account_search JOIN accounts ON accounts.id = account_id
  WHERE term = ? AND account_id > ? ORDER BY account_id LIMIT +?`;

const termQuery = `WITH found AS MATERIALIZED (
    SELECT term, account_id FROM account_search WHERE term >= ? AND term < ? ORDER BY term LIMIT +? OFFSET +?
  ) SELECT found.term, document FROM found CROSS JOIN accounts ON accounts.id = found.account_id ORDER BY found.term`;

export function columnsOf(account: Account) {
  return {
    id: account.id,
    document: JSON.stringify(account),
    endsAt: account.endsAt ?? null,
    hasEffects: account.effects.length > 0 ? 1 : 0,
  };
}

function cursorOf(after: string): [number, string] {
  const colon = after.indexOf(':');
  return [Number(after.slice(0, colon)), after.slice(colon + 1)];
}

/** Inserts new keys and deletes those that are gone. A key that only moved within the account stays. */
export function moveKeys(
  sql: Sql,
  { row, id }: { row: number; id: string },
  before: AccountKeys | undefined,
  after: AccountKeys,
): void {
  const conflicts: string[] = [];
  for (const { table, keys, name } of unique) {
    const { gone, added } = difference(before?.[keys] ?? [], after[keys]);
    for (const value of gone) sql.run(`DELETE FROM ${table} WHERE value = ?`, value);
    for (const value of added)
      if (sql.run(`INSERT INTO ${table} (value, account) VALUES (?, ?) ON CONFLICT DO NOTHING`, value, row) === 0)
        conflicts.push(`${name} ${value}`);
  }
  if (conflicts.length > 0) throw taken(conflicts);
  const { gone, added } = difference(before?.searchTerms ?? [], after.searchTerms);
  for (const term of gone) sql.run('DELETE FROM account_search WHERE term = ? AND account_id = ?', term, id);
  // a term may be there: an earlier version, which does not know it, leaves it to an account that lost it
  for (const term of added)
    sql.run('INSERT INTO account_search (term, account_id) VALUES (?, ?) ON CONFLICT DO NOTHING', term, id);
}

function difference(before: string[], after: string[]): { gone: string[]; added: string[] } {
  return {
    gone: before.filter((value) => !after.includes(value)),
    added: after.filter((value) => !before.includes(value)),
  };
}

function taken(what: string[]): Problem {
  return new Problem('login_taken', `taken by another account: ${what.join(', ')}`);
}
