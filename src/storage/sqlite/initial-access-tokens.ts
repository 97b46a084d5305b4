/** Initial access tokens; one transaction takes a use and stores the client. */
import type { InitialAccessToken, InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import { appendEntry } from './audit-log.ts';
import { insertClient } from './clients.ts';
import type { Database } from './group-commit.ts';

type Row = { token: string; left_uses: number };

export function createInitialAccessTokens({ read, write }: Database): InitialAccessTokens {
  return {
    add: (token, entry) => {
      const { id, hash, left_uses, token: text } = columnsOf(token);
      return write((sql) => {
        const added = sql.run(
          'INSERT INTO initial_access_tokens (id, hash, left_uses, token) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          id,
          hash,
          left_uses,
          text,
        );
        if (added === 0) return false;
        appendEntry(sql, entry);
        return true;
      });
    },

    find: async (hash) => {
      const row = await read((sql) =>
        sql.get<Row>('SELECT token, left_uses FROM initial_access_tokens WHERE hash = ?', hash),
      );
      return row && tokenOf(row);
    },

    list: async (after = '', limit) => {
      const rows = await read((sql) =>
        sql.all<Row>(
          'SELECT token, left_uses FROM initial_access_tokens WHERE id > ? ORDER BY id LIMIT +?',
          after,
          limit,
        ),
      );
      return rows.map(tokenOf);
    },

    revoke: (id, entry) =>
      write((sql) => {
        if (sql.run('DELETE FROM initial_access_tokens WHERE id = ?', id) === 0) return false;
        appendEntry(sql, entry);
        return true;
      }),

    register: (hash, client, now, entry, picture) =>
      write((sql) => {
        const row = sql.get<Row>('SELECT token, left_uses FROM initial_access_tokens WHERE hash = ?', hash);
        if (row === undefined || row.left_uses < 1 || tokenOf(row).expiresAt <= now) return 'spent';
        if (!insertClient(sql, client, entry, picture)) return 'id-taken';
        sql.run('UPDATE initial_access_tokens SET left_uses = left_uses - 1 WHERE hash = ?', hash);
        return 'registered';
      }),
  };
}

export function columnsOf({ left, ...token }: InitialAccessToken) {
  return { id: token.id, hash: token.hash, left_uses: left, token: JSON.stringify(token) };
}

export function tokenOf({ token, left_uses }: Row): InitialAccessToken {
  return { ...JSON.parse(token), left: left_uses };
}
