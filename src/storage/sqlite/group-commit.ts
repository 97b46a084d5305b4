/**
 * All writes of one event-loop turn share one transaction and one fsync; a refused write fails only its caller.
 * The transaction opens and commits within one callback, so no other caller can ever read what is not committed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../domain/problem.ts';
import { asProblem, type Connection, isBusy, misplaced, RETRY_AFTER_SECONDS, type Sql } from './database.ts';

export type Database = {
  /** Runs a query on what is committed. It must be synchronous and one statement, or its statements may see different states. */
  read<T>(query: (sql: Sql) => T): Promise<T>;
  /**
   * Runs a synchronous change alone under the write lock; all of it happens or none. Resolves with what it returned once
   * that is durable, false answers too, for they may rest on another write of the same group.
   * @throws what the change threw; Problem `storage_unavailable`; `busy` where too many wait
   */
  write<T>(change: (sql: Sql) => T): Promise<T>;
  /** after what was asked before is done; later calls get Problem `storage_unavailable` */
  close(): Promise<void>;
};

type Write = {
  change: (sql: Sql) => unknown;
  /** until when it waits for the lock, by `performance.now()` */
  until: number;
  resolve: (value: never) => void;
  reject: (reason: unknown) => void;
};

const GROUP_LIMIT = 1000; // bounds how long one group holds the process and the lock
const LOCK_WAIT_MS = 10_000;
const MOST_WAITING = 2000; // more would be answered too late to be of use, and would fill the memory meanwhile
const pauseMs = () => 1 + Math.random() * 3; // short: an import beside us leaves the lock free for moments only

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
      setImmediate(commitGroups);
    });
  }

  async function commitGroups(): Promise<void> {
    try {
      while (waiting.length > 0) {
        const begun = begin();
        if (begun !== true && isBusy(begun.error)) {
          for (const answer of refuse(takeLate(), begun.error)) answer();
          await sleep(pauseMs());
          continue;
        }
        const group = waiting.slice(0, GROUP_LIMIT);
        waiting = waiting.slice(GROUP_LIMIT);
        for (const answer of begun === true ? commit(group) : refuse(group, begun.error)) answer();
        // what came in meanwhile is the next group; requests have a turn first
        if (waiting.length > 0) await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      scheduled = false; // in the same turn as the last look at `waiting`, or what comes in between waits for ever
    }
  }

  /** Those whose time is up; who came first has waited longest. */
  function takeLate(): Write[] {
    const now = performance.now();
    const left = waiting.findIndex(({ until }) => until > now);
    return waiting.splice(0, left === -1 ? waiting.length : left);
  }

  /** Takes the write lock, or tells why not; another process may hold it. */
  function begin(): true | { error: unknown } {
    try {
      if (!connection.inPlace()) return { error: misplaced(file) };
      if (connection.inTransaction()) sql.run('ROLLBACK'); // where rolling back after a failed commit failed too
      sql.run('BEGIN IMMEDIATE');
      return true;
    } catch (error) {
      return { error };
    }
  }

  /** Applies and commits; returns how each caller is to be answered. */
  function commit(group: Write[]): (() => void)[] {
    try {
      const answers = group.map(apply);
      sql.run('COMMIT');
      return answers;
    } catch (error) {
      rollBack();
      return refuse(group, error);
    }
  }

  function refuse(group: Write[], error: unknown): (() => void)[] {
    const problem = asProblem(error, file);
    return group.map((write) => () => write.reject(problem));
  }

  function apply({ change, resolve, reject }: Write): () => void {
    sql.run('SAVEPOINT one_write');
    try {
      const value = change(sql) as never;
      sql.run('RELEASE one_write');
      return () => resolve(value);
    } catch (error) {
      // a full disk or an I/O error may have rolled back the whole transaction: then all of the group failed
      if (!connection.inTransaction()) throw error;
      sql.run('ROLLBACK TO one_write');
      sql.run('RELEASE one_write');
      return () => reject(asProblem(error, file));
    }
  }

  function rollBack(): void {
    try {
      if (connection.inTransaction()) sql.run('ROLLBACK');
    } catch {
      // begin() tries again
    }
  }

  return {
    read: async (query) => {
      for (const until = performance.now() + lockWaitMs; ; ) {
        if (closing !== undefined) throw closed();
        try {
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
        throw new Problem('busy', 'too much waits for the database', { retryAfterSeconds: RETRY_AFTER_SECONDS });
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
