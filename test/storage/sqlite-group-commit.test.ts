/** Group commit: one transaction per turn, refusals fail only their caller, and a disk fault fails only one group. */
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { upgradeSchema } from '../../src/storage/sqlite/schema.ts';
import { storageOver } from '../../src/storage/sqlite/storage.ts';
import { auditedChanges, entryOf, idsIn } from './contract/audited.ts';
import { numbered } from './contract/numbered.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();

/** A storage whose statements are seen, and may be made to fail, by `before`. */
function watched(before: (statement: string) => void, change: (connection: Connection) => void = () => undefined) {
  const connection = openConnection(newFile(), upgradeSchema);
  change(connection);
  const run: Connection['sql']['run'] = (text, ...values) => {
    before(text);
    return connection.sql.run(text, ...values);
  };
  const storage = storageOver({ ...connection, sql: { ...connection.sql, run } }, { now: () => 0 });
  return { storage, connection };
}

/** Three writes of one turn: one that wins, one that loses against it, and one of another port. */
const threeWrites = ({ values, attempts }: Storage) => [
  values.replace('v', 'new', undefined),
  values.replace('v', 'other', undefined),
  attempts.take('k', 1000, 0),
];
const diskFault = () =>
  Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 | (4 << 8) });

describe('a process that dies between a change and its audit entry', () => {
  test.each(Object.keys(auditedChanges))('leaves neither: %s', async (name) => {
    let dying = false;
    const { storage } = watched((statement) => {
      if (dying && /INTO audit_log/.test(statement)) throw new Error('killed');
    });
    const { before, act, seen } = auditedChanges[name] as (typeof auditedChanges)[string];
    await before?.(storage);
    dying = true;
    await expect(act(storage, entryOf('e'))).rejects.toThrow('killed');
    dying = false;
    expect([await seen(storage), await idsIn(storage)]).toEqual([false, []]);
    await act(storage, entryOf('e'));
    expect([await seen(storage), await idsIn(storage)]).toEqual([true, ['e']]);
    await storage.close();
  });
});

describe('group commit', () => {
  test('all writes of one turn are one transaction', async () => {
    const statements: string[] = [];
    const { storage } = watched((statement) => statements.push(statement));
    await Promise.all(Array.from({ length: 100 }, (_, caller) => storage.attempts.take(`k${caller}`, 1000, 0)));
    expect(statements.filter((statement) => statement.startsWith('BEGIN'))).toHaveLength(1);
    expect(statements.filter((statement) => statement === 'COMMIT')).toHaveLength(1);
    await storage.close();
  });

  test('savepoints are taken only where a write was refused: then the group is applied again', async () => {
    const statements: string[] = [];
    const { storage } = watched((statement) => statements.push(statement.split(' ', 2).join(' ')));
    await Promise.all(threeWrites(storage));
    expect(statements).not.toContain('SAVEPOINT one_write');
    statements.length = 0;
    const [written, refused] = await Promise.allSettled([
      storage.values.replace('w', 'new', undefined),
      storage.attempts.take(null as never, 1000, 0), // NULL where the schema forbids it
    ]);
    expect([written, refused]).toMatchObject([{ value: true }, { reason: { code: 'ERR_SQLITE_ERROR' } }]);
    expect(statements).toEqual([
      'BEGIN IMMEDIATE',
      'INSERT INTO',
      'ROLLBACK',
      'BEGIN IMMEDIATE',
      ...['SAVEPOINT one_write', 'INSERT INTO', 'RELEASE one_write'],
      ...['SAVEPOINT one_write', 'ROLLBACK TO', 'RELEASE one_write'],
      'COMMIT',
    ]);
    expect(await storage.values.get('w')).toBe('new');
    await storage.close();
  });

  test('a fault outside of every write fails those that wait, and the next ones are written', async () => {
    let broken = true;
    const { storage } = watched(
      () => undefined,
      (connection) => {
        connection.inTransaction = () => {
          if (broken) throw null; // whatever reads its members throws as well
          return false;
        };
      },
    );
    const results = await Promise.allSettled(threeWrites(storage));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    broken = false;
    expect(await storage.values.replace('v', 'new', undefined)).toBe(true);
    await storage.close();
  });

  test('a refused write, and one that fails by a mistake, fail alone and leave nothing behind', async () => {
    const { storage } = watched(() => undefined);
    await storage.accounts.insert(numbered(1));
    const results = await Promise.allSettled([
      storage.attempts.take('k', 1000, 0),
      storage.accounts.insert(numbered(2, { userNumbers: ['r0000099', 'r0000001'] })),
      storage.attempts.take(null as never, 1000, 2000), // NULL where the schema forbids it
      storage.accounts.insert(numbered(3)),
      storage.attempts.take('k', 1000, 0),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: { code: 'login_taken' } });
    expect(results[2]).toMatchObject({ reason: { code: 'ERR_SQLITE_ERROR' } });
    expect(results[4]).toMatchObject({ value: 2 });
    expect(await storage.accounts.findByLogin('r0000099')).toBeUndefined();
    expect(await storage.accounts.findById('id-0000003')).toBeDefined();
    await storage.close();
  });

  test('a failed commit fails for all callers, was not visible to others, and the next write works', async () => {
    let faulty = true;
    const { storage } = watched((statement) => {
      if (!faulty || statement !== 'COMMIT') return;
      faulty = false;
      throw diskFault();
    });
    const writes = threeWrites(storage);
    const seenMeanwhile = storage.values.get('v');
    for (const result of await Promise.allSettled(writes))
      expect(result).toMatchObject({ reason: { code: 'storage_unavailable' } });
    expect(await seenMeanwhile).toBeUndefined();
    expect(await storage.values.get('v')).toBeUndefined();
    expect(await Promise.all(threeWrites(storage))).toEqual([true, false, 1]);
    await storage.close();
  });

  test('a statement that rolls back the transaction fails the whole group, and the next write works', async () => {
    let faulty = true;
    const { storage, connection } = watched((statement) => {
      if (!faulty || !statement.includes('stored_values')) return;
      faulty = false;
      connection.exec('ROLLBACK'); // as SQLite does by itself after some faults
      throw diskFault();
    });
    for (const result of await Promise.allSettled(threeWrites(storage)))
      expect(result).toMatchObject({ reason: { code: 'storage_unavailable' } });
    expect(await Promise.all(threeWrites(storage))).toEqual([true, false, 1]);
    await storage.close();
  });

  test('where rolling back fails too, nobody reads what was refused, and the next write still works', async () => {
    let faults = 2;
    const { storage } = watched((statement) => {
      if (faults === 0 || !['COMMIT', 'ROLLBACK'].includes(statement)) return;
      faults -= 1;
      throw diskFault();
    });
    await Promise.allSettled(threeWrites(storage));
    expect(faults).toBe(0);
    expect(await storage.values.get('v')).toBeUndefined();
    expect(await Promise.all(threeWrites(storage))).toEqual([true, false, 1]);
    await storage.close();
  });

  test('on a full disk writes are refused as storage_unavailable, reading goes on, and with room again so does writing', async () => {
    let limit = (_: number): void => undefined;
    const { storage } = watched(
      () => undefined,
      ({ exec }) => {
        limit = (pages) => exec(`PRAGMA max_page_count = ${pages}`);
      },
    );
    limit(1); // no page more than there are
    await storage.values.getOrInsert('small', 'fits');
    const big = (number: number) => storage.values.getOrInsert(`big ${number}`, 'x'.repeat(100_000));
    const results = await Promise.allSettled([big(1), big(2), big(3)]);
    for (const result of results) expect(result).toMatchObject({ reason: { code: 'storage_unavailable' } });
    expect(await storage.values.get('small')).toBe('fits');
    expect(await storage.values.get('big 1')).toBeUndefined();
    limit(1_000_000);
    expect(await big(1)).toHaveLength(100_000);
    await storage.close();
  });

  test('more than a thousand writes of one turn go in several transactions, in order', async () => {
    const { storage } = watched(() => undefined);
    const results = await Promise.all(Array.from({ length: 2000 }, () => storage.attempts.take('k', 1000, 0)));
    expect(results).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
    await storage.close();
  });
});

describe('while another process holds the lock', () => {
  const locked = (options: { lockWaitMs?: number } = {}) => {
    const file = newFile();
    const storage = storageOver(openConnection(file, upgradeSchema), { now: () => 0, ...options });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    return { storage, other };
  };
  const take = ({ attempts }: Storage, count: number) =>
    Array.from({ length: count }, () => attempts.take('k', 1000, 0));

  test('each write waits as long as any other, however many came before it', async () => {
    const { storage, other } = locked({ lockWaitMs: 500 });
    const start = performance.now();
    const codes = new Set<string>();
    const refusedAfter = async (writes: Promise<unknown>[]) => {
      for (const { reason } of (await Promise.allSettled(writes)) as PromiseRejectedResult[]) codes.add(reason.code);
      return performance.now() - start;
    };
    const first = refusedAfter(take(storage, 1500)); // fifteen groups
    await sleep(300);
    const second = refusedAfter(take(storage, 1));
    const [firstMs, secondMs] = await Promise.all([first, second]);
    expect([...codes]).toEqual(['storage_unavailable']);
    expect(firstMs).toBeGreaterThanOrEqual(500);
    expect(secondMs).toBeGreaterThanOrEqual(800);
    expect(secondMs).toBeLessThan(4000); // a turn for each group would take seven seconds
    other.exec('COMMIT');
    expect(await Promise.all(take(storage, 2))).toEqual([1, 2]);
    other.close();
    await storage.close();
  });

  test('no more than two thousand wait: others are told at once to come back', async () => {
    const { storage, other } = locked();
    const waiting = take(storage, 2000);
    await expect(storage.ready()).rejects.toMatchObject({ code: 'busy', retryAfterSeconds: 5 });
    other.exec('COMMIT');
    expect(Math.max(...(await Promise.all(waiting)))).toBe(2000);
    await storage.ready();
    other.close();
    await storage.close();
  });
});
