/** One SQLite file, opened so that commits survive a crash; each statement is prepared once. */
import { closeSync, existsSync, mkdirSync, openSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { messageIdOf } from '../../domain/desk/message-id.ts';
import { requireStorable } from '../../domain/ports/numbers.ts';
import { Problem } from '../../domain/problem.ts';

/**
 * Statements are kept by their text, and parsed once. Where SQLite chooses a plan by a value, it parses again each time the
 * statement runs: `LIMIT ?`, or `state = ?` with a partial index on one state. Written `+?` the value does not count.
 */
export type Sql = {
  get<Row>(text: string, ...values: SQLInputValue[]): Row | undefined;
  all<Row>(text: string, ...values: SQLInputValue[]): Row[];
  /** returns the number of rows inserted, changed or deleted */
  run(text: string, ...values: SQLInputValue[]): number;
};

export type Connection = {
  sql: Sql;
  exec(text: string): void;
  inTransaction(): boolean;
  /** absolute path, or `:memory:` */
  file: string;
  /** false: the file is no longer at its path, so writes would be lost when this process ends. Never throws */
  inPlace(): boolean;
  close(): void;
};

const OPEN_WAIT_MS = 10_000; // another process may be creating or recovering the file; no request waits yet
const AGAIN_MS = 5;

/**
 * @param path relative to the working directory, or `:memory:`
 * @param prepare runs first, while a long wait for another process does no harm
 * @param folder `make`: a missing folder is made, for its owner alone
 * @throws Problem `storage_unavailable` if the folder is missing or cannot be made, or the file is not Pedel's or cannot
 *   be written
 */
export function openConnection(
  path: string,
  prepare: (connection: Connection) => void,
  folder: 'make' | 'require' = 'require',
): Connection {
  const file = path === ':memory:' ? path : resolve(path);
  if (file !== ':memory:') {
    if (folder === 'make') makeFolder(dirname(file));
    claimFile(file);
  }
  try {
    const handle = new DatabaseSync(file, { timeout: OPEN_WAIT_MS, enableForeignKeyConstraints: true });
    const connection = connect(handle, file);
    try {
      // counts for a new file only, and only before anything is written to it (space.ts)
      connection.exec('PRAGMA auto_vacuum = INCREMENTAL');
      const mode = whileBusy(
        () => connection.sql.get<{ journal_mode: string }>('PRAGMA journal_mode = WAL')?.journal_mode,
        OPEN_WAIT_MS,
      );
      if (file !== ':memory:' && mode !== 'wal')
        throw new Problem('storage_unavailable', `${file}: this file system does not support SQLite's WAL mode`);
      connection.exec('PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON');
      connection.exec('PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY');
      connection.exec(`PRAGMA cache_size = -${16 * 1024}; PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
      prepare(connection);
      // SQLite would block the whole process while it waits; from now on callers wait asynchronously
      connection.exec('PRAGMA busy_timeout = 0');
    } catch (error) {
      handle.close();
      throw error;
    }
    return connection;
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('storage_unavailable', sentence(error as Error, file), { cause: error });
  }
}

/**
 * Tries again while another process holds the lock, and stands still meanwhile. For what does not wait by itself: where several
 * processes make a file at once, the change to the write-ahead log is refused to one in a hundred of them, whatever its timeout.
 */
export function whileBusy<T>(act: () => T, forMs: number): T {
  for (const until = performance.now() + forMs; ; ) {
    try {
      return act();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN_MS);
    }
  }
}

/** One by one: Node's `recursive` never ends where a file system answers ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let each = folder; !existsSync(each) && dirname(each) !== each; each = dirname(each)) missing.unshift(each);
  try {
    for (const each of missing) {
      try {
        mkdirSync(each, { mode: 0o700 });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; // another process was faster
      }
    }
    if (!statSync(folder).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR', path: folder });
  } catch (error) {
    throw new Problem('storage_unavailable', `the folder ${folder} for the database ${cannotMake(error)}`, {
      cause: error,
    });
  }
}

/** Why a folder cannot be made, and the remedy. */
function cannotMake(error: unknown): string {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return `cannot be made, because a file is in the way (${path ?? 'in its path'}): correct \`storage\``;
  if (code === 'EACCES' || code === 'EPERM' || code === 'ENOENT')
    return 'cannot be made: create it, and give it to the user that Pedel runs as';
  return `cannot be made: ${message}`;
}

/** Creates the file so that only its owner may read it, because SQLite would create it with the default permissions. */
function claimFile(file: string): void {
  if (!existsSync(dirname(file)))
    throw new Problem('storage_unavailable', `the folder ${dirname(file)} for the database does not exist; create it`);
  if (existsSync(file)) return;
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    throw new Problem('storage_unavailable', `${file} cannot be created: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function connect(handle: DatabaseSync, file: string): Connection {
  const statements = new Map<string, StatementSync>();
  const prepared = (text: string, values: SQLInputValue[]) => {
    for (const value of values) if (typeof value === 'number') requireStorable(value);
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = handle.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  handle.function('message_id_of', { deterministic: true }, (id) => messageIdOf(String(id))); // for an upgrade
  const inPlace = watchPlace(file);
  return {
    file,
    inPlace,
    sql: {
      get: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text, values).get(...values) as Row | undefined,
      all: <Row>(text: string, ...values: SQLInputValue[]) => prepared(text, values).all(...values) as Row[],
      run: (text, ...values) => Number(prepared(text, values).run(...values).changes),
    },
    exec: (text) => handle.exec(text),
    inTransaction: () => handle.isTransaction,
    close: () => handle.close(),
  };
}

/**
 * SQLite keeps writing to a file that was deleted or replaced, without an error. So this is checked before each group of
 * writes: two `stat` calls take microseconds, and the fsync takes much longer.
 */
function watchPlace(file: string): () => boolean {
  if (file === ':memory:') return () => true;
  let opened = identityOf(file);
  let log: string | undefined; // the write-ahead log appears at first use, and stays as long as this process
  return () => {
    opened ??= identityOf(file);
    log ??= identityOf(`${file}-wal`);
    return opened !== undefined && opened === identityOf(file) && log === identityOf(`${file}-wal`);
  };
}

/** Undefined if there is no such file, or the file system does not answer. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

const BUSY = 5;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
// also: permission, lock, memory, interrupted, protocol, no large files
const UNAVAILABLE = [3, 4, BUSY, 6, 7, READ_ONLY, 9, IO_ERROR, CORRUPT, FULL, CANNOT_OPEN, 15, 22, NOT_A_DATABASE];

/** SQLite's primary result code (https://sqlite.org/rescode.html); undefined: the error is not from SQLite. */
function resultCode(error: unknown): number | undefined {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number' ? errcode & 0xff : undefined;
}

/** True: the row has a number that JavaScript does not represent exactly. Earlier versions stored such numbers. */
export function isOutOfRange(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_OUT_OF_RANGE';
}

/** True: another process holds the lock. Nothing was written, so trying again is safe. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** The error for the caller: a fault of the disk or file becomes Problem `storage_unavailable`, a bug stays as it is. */
export function asProblem(error: unknown, file: string): unknown {
  const code = resultCode(error);
  if (code === undefined || !UNAVAILABLE.includes(code)) return error;
  return new Problem('storage_unavailable', sentence(error as Error, file), {
    cause: error,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** The error of a write when the file is no longer in its place. */
export function misplaced(file: string): Problem {
  const why = hiddenBecause(file);
  return new Problem(
    'storage_unavailable',
    why === undefined
      ? `${file} (or its -wal) was deleted, moved or replaced under this process: put it back, or restart to use the new one`
      : `${file} cannot be read: ${why}; Pedel writes again as soon as it can`,
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}

/** True: the path cannot be checked (a folder without permission, a network that does not answer); the file may be intact. */
function hiddenBecause(file: string): string | undefined {
  try {
    statSync(file, { throwIfNoEntry: false });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

export const RETRY_AFTER_SECONDS = 5;

/** Names the file and, if it is known, the remedy. */
function sentence(error: Error, file: string): string {
  const { message } = error;
  switch (resultCode(error)) {
    case FULL:
      return fullDisk(file);
    case IO_ERROR:
      return isFull(file) ? fullDisk(file) : `${file}: the disk does not answer: ${message}`;
    case CANNOT_OPEN:
    case READ_ONLY:
      return isFull(file)
        ? fullDisk(file)
        : `${file} cannot be written: ${message}; the user that Pedel runs as must be able to write it and its folder`;
    case CORRUPT:
      return `${file} is damaged: ${message}; keep a copy of it, then restore a backup`;
    default:
      return `${file}: ${message}`;
  }
}

function fullDisk(file: string): string {
  return `the disk is full: make room on the disk that holds ${file}; nothing else is needed`;
}

/** SQLite reports some faults of a full disk as I/O errors. */
function isFull(file: string): boolean {
  try {
    return file !== ':memory:' && statfsSync(dirname(file)).bavail === 0;
  } catch {
    return false;
  }
}
