/** Consents of people to clients. Adding is a union, so that two windows do not lose each other's scopes. */
import type { Consent, Consents } from '../../domain/ports/consents.ts';
import { appendEntry } from './audit-log.ts';
import type { Database } from './group-commit.ts';
import { revokeGrantsOf } from './protocol-records.ts';

type Row = { consent: string };
const FIND = 'SELECT consent FROM consents WHERE account_id = ? AND client_id = ?';

/** @param now epoch ms; used only for how long a revoked grant is remembered */
export function createConsents({ read, write }: Database, now: () => number): Consents {
  return {
    find: async (accountId, clientId) => {
      const row = await read((sql) => sql.get<Row>(FIND, accountId, clientId));
      return row === undefined ? undefined : JSON.parse(row.consent);
    },

    add: (consent, entry) =>
      write((sql) => {
        const { accountId, clientId } = consent;
        const row = sql.get<Row>(FIND, accountId, clientId);
        sql.run(
          `INSERT INTO consents (account_id, client_id, consent) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET consent = excluded.consent`,
          accountId,
          clientId,
          JSON.stringify(row === undefined ? consent : union(JSON.parse(row.consent), consent)),
        );
        appendEntry(sql, entry);
      }),

    remove: (accountId, clientId, entry) =>
      write((sql) => {
        revokeGrantsOf(sql, { clientId, accountId }, Number.MAX_SAFE_INTEGER, now());
        const removed =
          sql.run('DELETE FROM consents WHERE account_id = ? AND client_id = ?', accountId, clientId) === 1;
        if (removed) appendEntry(sql, entry);
        return removed;
      }),

    byAccount: async (accountId) => {
      const rows = await read((sql) =>
        sql.all<Row>('SELECT consent FROM consents WHERE account_id = ? ORDER BY client_id', accountId),
      );
      return rows.map(({ consent }) => JSON.parse(consent) as Consent);
    },
  };
}

function union(stored: Consent, added: Consent): Consent {
  const both = (one: string[] = [], other: string[] = []) => [...new Set([...one, ...other])];
  const resources = both(Object.keys(stored.resourceScopes), Object.keys(added.resourceScopes));
  return {
    ...added,
    scopes: both(stored.scopes, added.scopes),
    claims: both(stored.claims, added.claims),
    ...(stored.shown === undefined && added.shown === undefined ? {} : { shown: both(stored.shown, added.shown) }),
    resourceScopes: Object.fromEntries(
      resources.map((resource) => [resource, both(stored.resourceScopes[resource], added.resourceScopes[resource])]),
    ),
    givenAt: Math.max(stored.givenAt, added.givenAt),
  };
}
