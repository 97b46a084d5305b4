/** Accounts for a dry run: reads reach the real accounts, writes stay in a temporary table on disk. */
import { DatabaseSync } from 'node:sqlite';
import type { Account } from '../../domain/account/account.ts';
import { feedKey, isLoginOf, keysOf } from '../../domain/account/account-keys.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import { Problem } from '../../domain/problem.ts';

/** The part of the accounts port that an import uses. */
export type FedAccounts = Pick<
  Accounts,
  'findById' | 'findByLogin' | 'findHolder' | 'findByFeedKey' | 'fedBy' | 'insert' | 'replace'
>;

/**
 * Accounts that the same import runs against, so that a dry run reports what will happen. `close` removes the table.
 */
export function createDryRunAccounts(real: FedAccounts): FedAccounts & { close(): void } {
  const db = new DatabaseSync('');
  db.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA temp_store = FILE;
    CREATE TABLE accounts (id TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE keys (key TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX keys_by_account ON keys (id);
  `);
  const documentOf = db.prepare('SELECT document FROM accounts WHERE id = ?');
  const ownerOf = db.prepare('SELECT id FROM keys WHERE key = ?');
  const setDocument = db.prepare('INSERT OR REPLACE INTO accounts VALUES (?, ?)');
  const dropKeys = db.prepare('DELETE FROM keys WHERE id = ?');
  const addKey = db.prepare('INSERT INTO keys VALUES (?, ?)');

  const changed = (id: string): Account | undefined => {
    const row = documentOf.get(id);
    return row === undefined ? undefined : (JSON.parse(String(row.document)) as Account);
  };
  /**
   * The account that has this key: by what was written here, or else in the real storage, unless it gave the key up
   * here.
   */
  const byKey = async (key: string, find: () => Promise<Account | undefined>): Promise<Account | undefined> => {
    const owner = ownerOf.get(key);
    if (owner !== undefined) return changed(String(owner.id));
    const account = await find();
    return account === undefined || changed(account.id) !== undefined ? undefined : account;
  };
  const findHolder = (login: string) => byKey(`login ${login}`, () => real.findHolder(login));
  const findByLogin = async (login: string) => {
    const account = await findHolder(login);
    return account !== undefined && isLoginOf(account, login) ? account : undefined;
  };
  const findByFeedKey = (source: string, key: string) =>
    byKey(`feed ${feedKey(source, key)}`, () => real.findByFeedKey(source, key));
  const findById = async (id: string) => changed(id) ?? real.findById(id);

  async function write(account: Account) {
    const { logins, feedKeys } = keysOf(account);
    const holders = [
      ...(await Promise.all(logins.map(findHolder))),
      ...(await Promise.all(account.feeds.map(({ source, key }) => findByFeedKey(source, key)))),
    ];
    if (holders.some((holder) => holder !== undefined && holder.id !== account.id)) {
      throw new Problem('login_taken', 'a login or feed key belongs to another account');
    }
    const keys = [...logins.map((login) => `login ${login}`), ...feedKeys.map((key) => `feed ${key}`)];
    // no await from here on, so that no other write comes in between
    for (const key of keys) {
      const owner = ownerOf.get(key);
      if (owner !== undefined && owner.id !== account.id)
        throw new Problem('login_taken', 'a login or feed key belongs to another account');
    }
    dropKeys.run(account.id);
    for (const key of keys) addKey.run(key, account.id);
    setDocument.run(account.id, JSON.stringify(account));
  }

  return {
    findById,
    findByLogin,
    findHolder,
    findByFeedKey,
    // as stored: who is fed for the first time here is in the file, so nobody looks for them
    fedBy: real.fedBy,
    insert: write,
    async replace(account, expectedRevision) {
      if ((await findById(account.id))?.revision !== expectedRevision) return false;
      await write(account);
      return true;
    },
    close: () => db.close(),
  };
}
