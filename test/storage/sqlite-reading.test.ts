/** The reads of one callback share a transaction; none outlasts its callback, so everybody reads what others were told. */
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextCallback } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type Connection, openConnection } from '../../src/storage/sqlite/database.ts';
import { upgradeSchema } from '../../src/storage/sqlite/schema.ts';
import { storageOver } from '../../src/storage/sqlite/storage.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();
const opened: Storage[] = [];
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close();
});

function aStorage() {
  const statements: string[] = [];
  const connection = openConnection(newFile(), upgradeSchema);
  const run: Connection['sql']['run'] = (text, ...values) => {
    statements.push(text);
    return connection.sql.run(text, ...values);
  };
  const storage = storageOver({ ...connection, sql: { ...connection.sql, run } }, { now: () => 0 });
  opened.push(storage);
  return { storage, connection, statements };
}

test('the reads of one callback, one after the other, are one transaction, which ends with it', async () => {
  const { storage, connection, statements } = aStorage();
  await nextCallback();
  for (let n = 0; n < 4; n += 1) await storage.values.get('v');
  expect(connection.inTransaction()).toBe(true);
  await nextCallback();
  expect(connection.inTransaction()).toBe(false);
  await Promise.all([storage.values.get('v'), storage.values.get('w')]);
  await nextCallback();
  expect(statements).toEqual(['BEGIN', 'END', 'BEGIN', 'END']);
});

test('each callback reads what another process wrote before it, however many have read', async () => {
  const { storage, connection } = aStorage();
  const other = new DatabaseSync(connection.file);
  await storage.values.getOrInsert('v', '0');
  for (let n = 1; n <= 20; n += 1) {
    await nextCallback();
    expect(await storage.values.get('v')).toBe(String(n - 1));
    await nextCallback();
    other.prepare('UPDATE stored_values SET value = ?').run(String(n));
    expect(await storage.values.get('v')).toBe(String(n));
  }
  other.close();
});

test('who writes in the callback of a read sees it, and so does who reads after it', async () => {
  const { storage } = aStorage();
  expect(await storage.values.get('v')).toBeUndefined();
  const [before, written] = await Promise.all([storage.values.get('v'), storage.values.getOrInsert('v', '1')]);
  expect([before, written, await storage.values.get('v')]).toEqual([undefined, '1', '1']);
  expect(await storage.values.replace('v', '2', '1')).toBe(true);
  expect(await storage.values.get('v')).toBe('2');
});

test('a backup, and reading all records, take no part in it', async () => {
  const { storage, connection } = aStorage();
  await storage.values.getOrInsert('v', '1');
  await storage.values.get('v');
  expect(await storage.archive.snapshot(newFile())).toBe(true);
  await storage.values.get('v');
  await storage.archive.page('values', 0, undefined, 10);
  expect(connection.inTransaction()).toBe(false);
});
