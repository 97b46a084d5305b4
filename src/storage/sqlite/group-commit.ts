/**
 * All writes of one event-loop turn share one transaction and one fsync; a refused write fails only for its caller.
 * The transaction begins and commits within one callback, so no other caller can read uncommitted changes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { contained } from '../../domain/contained.ts';
import { Problem } from '../../domain/problem.ts';
import { asProblem, type Connection, isBusy, misplaced, RETRY_AFTER_SECONDS, type Sql } from './database.ts';

export type Database = {
  /** Runs a query on committed data. It must be synchronous and one statement: two statements could see different states. */
  read<T>(query: (sql: Sql) => T): Promise<T>;
  /**
   * Runs a synchronous change under the write lock, wholly or not at all. Resolves with its result once the group is
   * durable, also if nothing was changed, because the result may depend on another write of the same group.
   * @param change may run twice (the first time is rolled back), so it must not change anything but the database
   * @throws what the change threw; Problem `storage_unavailable`; `busy` if too many wait
   */
  write<T>(change: (sql: Sql) => T): Promise<T>;
  /** closes after all earlier calls are done; later calls get Problem `storage_unavailable` */
  close(): Promise<void>;
};

type Write = {
  change: (sql: Sql) => unknown;
  /** when it stops waiting for the lock, as of `performance.now()` */
  until: number;
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
};

const GROUP_LIMIT = 100; // so that one group blocks the process, and holds the lock, for a few milliseconds (bench/loop.ts)
const LOCK_WAIT_MS = 10_000;
const MOST_WAITING = 2000; // more would get their answer too late to be useful, and would fill the memory
const pauseMs = () => 1 + Math.random() * 3; // short, because an import in another process frees the lock only for moments

export function createDatabase(connection: Connection, lockWaitMs = LOCK_WAIT_MS): Database {
  const { sql, file } = connection;
  let waiting: Write[] = [];
  let scheduled = false;
  let closing: Promise<void> | undefined;

  function enqueue<T>(change: (sql: Sql) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      waiting.push({ change, until: performance.now() + lockWaitMs, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      setImmediate(contained(commitGroups, failAll));
    });
  }

  async function commitGroups(): Promise<void> {
    let eachAlone = false;
    try {
      while (waiting.length > 0) {
        const begun = begin();
        if (begun !== true && isBusy(begun.error)) {
          for (const answer of refuse(takeLate(), begun.error)) answer();
          await sleep(pauseMs());
          continue;
        }
        const group = waiting.slice(0, GROUP_LIMIT);
        const answers: (() => void)[] | undefined =
          begun === true ? commit(group, eachAlone) : refuse(group, begun.error);
        eachAlone = answers === undefined;
        if (answers === undefined) continue;
        waiting = waiting.slice(GROUP_LIMIT);
        for (const answer of answers) answer();
        // writes that came in meanwhile make the next group, after other events had a turn
        if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      scheduled = false; // in the same turn as the last check of `waiting`: a write that comes in between would wait for ever
    }
  }

  /** A fault that no single write explains: all that wait get it, instead of waiting for ever. */
  function failAll(error: unknown): void {
    for (const answer of refuse(waiting.splice(0), error)) answer();
  }

  /** Fails the writes whose time is up; the first in the queue have waited longest. */
  function takeLate(): Write[] {
    const now = performance.now();
    const left = waiting.findIndex(({ until }) => until > now);
    return waiting.splice(0, left === -1 ? waiting.length : left);
  }

  /** Takes the write lock. Returns why not, if another process holds it or it failed. */
  function begin(): true | { error: unknown } {
    try {
      if (!connection.inPlace()) return { error: misplaced(file) };
      leaveTransaction();
      sql.run('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      return { error };
    }
  }

  /**
   * Applies the writes and commits. Returns the answers for the callers.
   * @param eachAlone a write that throws fails alone. A savepoint for each costs time and nearly no write throws, so a
   *   group is tried without. Returns undefined if one threw: nothing is written, and the group must be applied again.
   */
  function commit(group: Write[], eachAlone: boolean): (() => void)[] | undefined {
    let applied = false;
    try {
      const answers = group.map(eachAlone ? applyAlone : apply);
      applied = true;
      sql.run('COMMIT');
      return answers;
    } catch (error) {
      // a full disk or an I/O error may have rolled back the whole transaction; then the whole group failed
      const oneThrew = !eachAlone && !applied && connection.inTransaction();
      rollBack();
      return oneThrew ? undefined : refuse(group, error);
    }
  }

  function refuse(group: Write[], error: unknown): (() => void)[] {
    const problem = asProblem(error, file);
    return group.map((write) => () => write.reject(problem));
  }

  function apply({ change, resolve }: Write): () => void {
    const value = change(sql) as never;
    return () => resolve(value);
  }

  function applyAlone(write: Write): () => void {
    sql.run('SAVEPOINT one_write');
    try {
      const answer = apply(write);
      sql.run('RELEASE one_write');
      return answer;
    } catch (error) {
      if (!connection.inTransaction()) throw error;
      sql.run('ROLLBACK TO one_write');
      sql.run('RELEASE one_write');
      return () => write.reject(asProblem(error, file));
    }
  }

  function rollBack(): void {
    try {
      leaveTransaction();
    } catch {
      // the next read or write tries again
    }
  }

  function leaveTransaction(): void {
    if (connection.inTransaction()) sql.run('ROLLBACK');
  }

  return {
    read: async (query) => {
      for (const until = performance.now() + lockWaitMs; ; ) {
        if (closing !== undefined) throw closed();
        try {
          leaveTransaction(); // of writes that were refused and could not be rolled back: nobody may read them
          return query(sql);
        } catch (error) {
          if (!isBusy(error) || performance.now() >= until) throw asProblem(error, file);
          await sleep(pauseMs());
        }
      }
    },
    write: async (change) => {
      if (closing !== undefined) throw closed();
      if (waiting.length >= MOST_WAITING)
        throw new Problem('busy', 'too many writes wait for the database', { retryAfterSeconds: RETRY_AFTER_SECONDS });
      return enqueue(change);
    },
    close: () => {
      closing ??= (scheduled ? enqueue(() => undefined) : Promise.resolve())
        .catch(() => undefined)
        .then(() => connection.close());
      return closing;
    },
  };
}

function closed(): Problem {
  return new Problem('storage_unavailable', 'the database was closed');
}
