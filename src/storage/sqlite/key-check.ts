/** Checks that the side tables of the accounts hold exactly the keys and terms of the documents. */
import type { Account } from '../../domain/account/account.ts';
import { type AccountKeys, keysOf } from '../../domain/account/account-keys.ts';
import { unique } from './accounts.ts';
import type { Database } from './group-commit.ts';

const PAGE = 500;
const SEARCH = 'account_search';

/** Gets every account that can be read, and reports at the end the entries that belong to none of them. */
export function createKeyCheck(read: Database['read']) {
  const named = new Map<string, number>();
  const countNamed = (table: string, keys: string[]) => named.set(table, (named.get(table) ?? 0) + keys.length);
  let unreadable = false;

  /** Searched only if a table has more rows than the documents account for. */
  async function strays({ table, keys }: (typeof unique)[number]): Promise<string[]> {
    const found: string[] = [];
    for (let cursor = 0; ; ) {
      const rows = await read((sql) =>
        sql.all<{ cursor: number; value: string; document: string | null }>(
          `SELECT ${table}.rowid AS cursor, value, document FROM ${table}
          LEFT JOIN accounts ON accounts.row = account WHERE ${table}.rowid > ? ORDER BY ${table}.rowid LIMIT ${PAGE}`,
          cursor,
        ),
      );
      const last = rows.at(-1);
      if (last === undefined) return found;
      for (const { value, document } of rows) if (namesOf(document, keys)?.includes(value) === false) found.push(value);
      cursor = last.cursor;
    }
  }

  return {
    noteUnreadable(): void {
      unreadable = true;
    },

    /** The keys and terms of the document that do not lead to the account. @param row the row of the account */
    async faultsOf(row: number, account: Account): Promise<string[]> {
      const keys = keysOf(account);
      for (const { table, keys: name } of unique) countNamed(table, keys[name]);
      countNamed(SEARCH, keys.searchTerms);
      return read((sql) => {
        const missing = unique.flatMap(({ table, keys: name }) =>
          keys[name]
            .filter((value) => sql.get<Row>(`SELECT account FROM ${table} WHERE value = ?`, value)?.account !== row)
            .map((value) => ({ table, value })),
        );
        const unfound = keys.searchTerms
          .filter((term) => !sql.get(`SELECT 1 FROM ${SEARCH} WHERE term = ? AND account_id = ?`, term, account.id))
          .map((value) => ({ table: SEARCH, value }));
        return [...missing, ...unfound].map(
          ({ table, value }) => `${table} does not lead from ${JSON.stringify(value)} to it`,
        );
      });
    },

    /** The entries that lead to an account without that key or term. */
    async rest(): Promise<{ name: string; fault: string }[]> {
      const faults: { name: string; fault: string }[] = [];
      for (const side of unique)
        if ((await sizeOf(read, side.table)) !== (named.get(side.table) ?? 0))
          for (const value of await strays(side)) {
            const fault = `leads from ${JSON.stringify(value)} to an account that does not name it`;
            faults.push({ name: side.table, fault });
          }
      const [terms, wanted] = [await sizeOf(read, SEARCH), named.get(SEARCH) ?? 0];
      if (terms > wanted && !unreadable)
        faults.push({ name: SEARCH, fault: `has ${terms} rows, the documents say ${wanted}` });
      return faults;
    },
  };
}

type Row = { account: number };

async function sizeOf(read: Database['read'], table: string): Promise<number> {
  return (await read((sql) => sql.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)))?.n ?? 0;
}

/** undefined: the account cannot be read, which is reported separately */
function namesOf(document: string | null, keys: keyof AccountKeys): string[] | undefined {
  try {
    return document === null ? [] : keysOf(JSON.parse(document))[keys];
  } catch {
    return undefined;
  }
}
