/** One SQLite file, opened so that what was committed survives a crash; statements are prepared once. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Problem } from '../../domain/problem.ts';

export type Sql = {
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
  /** the number of rows inserted, changed or deleted */
  run(text: string, ...values: SQLInputValue[]): number;
};

export type Connection = {
  sql: Sql;
  exec(text: string): void;
  inTransaction(): boolean;
  close(): void;
};

const OPEN_WAIT_MS = 10_000; // another process may be creating or recovering the file; nothing is served yet

/**
 * @param file path, relative to the working directory, or `:memory:`
 * @param prepare runs before anything else does, while waiting long for another process is harmless
 * @throws Problem `storage_unavailable` where the folder is missing, the file is none of ours or cannot be written
 */
export function openConnection(path: string, prepare: (connection: Connection) => void): Connection {
  const file = path === ':memory:' ? path : resolve(path);
  if (file !== ':memory:') claimFile(file);
  try {
    const handle = new DatabaseSync(file, { timeout: OPEN_WAIT_MS, enableForeignKeyConstraints: true });
    const connection = connect(handle);
    try {
      const mode = connection.sql.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode;
      if (file !== ':memory:' && mode !== 'wal')
        throw new Problem('storage_unavailable', `${file}: this file system does not support SQLite's WAL mode`);
      connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
      connection.exec('PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY');
      connection.exec(`PRAGMA cache_size = -${16 * 1024}; PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
      prepare(connection);
      // SQLite would wait by blocking the whole process; from now on the caller waits asynchronously
      connection.exec('PRAGMA busy_timeout = 0');
    } catch (error) {
      handle.close();
      throw error;
    }
    return connection;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('storage_unavailable', `${file}: ${(error as Error).message}`, { cause: error });
  }
}

/** Makes the file readable by its owner alone before SQLite creates it with the usual permissions. */
function claimFile(file: string): void {
  if (!existsSync(dirname(file)))
    throw new Problem('storage_unavailable', `the folder ${dirname(file)} for the database does not exist; create it`);
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new Problem('storage_unavailable', `the database cannot be created: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function connect(handle: DatabaseSync): Connection {
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string) => {
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = handle.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  return {
    sql: {
      get: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text).get(...values) as Row | undefined,
      all: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text).all(...values) as Row[],
      run: (text, ...values) => Number(prepared(text).run(...values).changes),
    },
    exec: (text) => handle.exec(text),
    inTransaction: () => handle.isTransaction,
    close: () => handle.close(),
  };
}

const BUSY = 5;
// permission, lock, memory, read-only, interrupted, I/O, corrupt, full, cannot open, protocol, no large files, not a database
const UNAVAILABLE = [3, 4, BUSY, 6, 7, 8, 9, 10, 11, 13, 14, 15, 22, 26];

/** SQLite's primary result code (https://sqlite.org/rescode.html), or undefined where SQLite did not throw it. */
function resultCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** Another process holds the lock; nothing has happened, trying again is safe. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** What a caller is told: a fault of disk or file as Problem `storage_unavailable`, a mistake of ours as it is. */
export function asProblem(error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined || !UNAVAILABLE.includes(code)) return error;
  return new Problem('storage_unavailable', `the database does not answer: ${(error as Error).message}`, {
    cause: error,
    retryAfterSeconds: 5,
  });
}
