/**
 * An adapter of oidc-provider on a durable SQLite file, as good as one table can be: what a request wrote is on the disk
 * before it is answered, and all that is written in one turn of the event loop shares one transaction.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

type Row = { payload: string; consumed: number | null };

const SWEEP_MS = 60_000;

export function openSqlite(file: string): { adapter: AdapterFactory; close(): void } {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY');
  database.exec(`PRAGMA cache_size = -${16 * 1024}`);
  database.exec(`
    CREATE TABLE IF NOT EXISTS records (
      id TEXT PRIMARY KEY, payload TEXT NOT NULL, grantId TEXT, uid TEXT, expires INTEGER, consumed INTEGER
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS byGrant ON records (grantId) WHERE grantId IS NOT NULL;
    CREATE INDEX IF NOT EXISTS byUid ON records (uid) WHERE uid IS NOT NULL;
    CREATE INDEX IF NOT EXISTS byEnd ON records (expires) WHERE expires IS NOT NULL;`);
  const put = database.prepare(
    'INSERT OR REPLACE INTO records (id, payload, grantId, uid, expires, consumed) VALUES (?, ?, ?, ?, ?, NULL)',
  );
  const remove = database.prepare('DELETE FROM records WHERE id = ?');
  const removeByGrant = database.prepare('DELETE FROM records WHERE grantId = ?');
  const consume = database.prepare('UPDATE records SET consumed = ? WHERE id = ?');
  const find = database.prepare(
    'SELECT payload, consumed FROM records WHERE id = ? AND (expires IS NULL OR expires > ?)',
  );
  const findByUid = database.prepare(
    'SELECT payload, consumed FROM records WHERE uid = ? AND (expires IS NULL OR expires > ?)',
  );
  const sweep = database.prepare(
    'DELETE FROM records WHERE id IN (SELECT id FROM records WHERE expires <= ? ORDER BY expires LIMIT 1000)',
  );
  const commit = groupCommit(database);
  const now = () => Math.floor(Date.now() / 1000);
  const sweeping = setInterval(() => void commit(() => sweep.run(now())), SWEEP_MS).unref();

  function read(statement: StatementSync, key: string): AdapterPayload | undefined {
    const row = statement.get(key, now()) as Row | undefined;
    if (row === undefined) return undefined;
    const payload = JSON.parse(row.payload) as AdapterPayload;
    return row.consumed === null ? payload : { ...payload, consumed: row.consumed };
  }

  function adapter(model: string): Adapter {
    const key = (id: string) => `${model}:${id}`;
    return {
      upsert: (id, payload, seconds) =>
        commit(() => {
          const { grantId = null, uid = null } = payload as { grantId?: string; uid?: string };
          const ownUid = model === 'Session' ? uid : null;
          put.run(key(id), JSON.stringify(payload), grantId, ownUid, seconds === undefined ? null : now() + seconds);
        }),
      find: async (id) => read(find, key(id)),
      findByUid: async (uid) => read(findByUid, uid),
      findByUserCode: async () => undefined,
      consume: (id) => commit(() => consume.run(now(), key(id))),
      destroy: (id) => commit(() => remove.run(key(id))),
      revokeByGrantId: (grantId) => commit(() => removeByGrant.run(grantId)),
    };
  }

  return {
    adapter,
    close() {
      clearInterval(sweeping);
      database.close();
    },
  };
}

/** Resolves when what was changed is on the disk. A fault fails everybody in the group. */
function groupCommit(database: DatabaseSync): (change: () => unknown) => Promise<void> {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const end = database.prepare('COMMIT');
  let group: { change: () => unknown; resolve: () => void; reject: (error: unknown) => void }[] = [];

  function flush(): void {
    const writes = group;
    group = [];
    try {
      begin.run();
      for (const { change } of writes) change();
      end.run();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      for (const { reject } of writes) reject(error);
      return;
    }
    for (const { resolve } of writes) resolve();
  }

  return (change) =>
    new Promise((resolve, reject) => {
      if (group.length === 0) setImmediate(flush);
      group.push({ change, resolve, reject });
    });
}
