/** `pedel storage` on MongoDB: copies in both directions, backups, unfinished copies and checks. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { numbered } from '../storage/contract/numbered.ts';
import { mongodb, testMongodb } from '../support/mongodb.ts';
import { type CommandLine, openCommandLine, startOfTests } from './command-line.ts';
import { fill } from './filled-storage.ts';

let line: CommandLine;

beforeEach(() => {
  line = openCommandLine();
});
afterEach(() => line.close());

const at = (name: string) => join(line.folder, name);
const sqlite = (name: string) => `sqlite:${at(name)}`;
const within = <Result>(uri: string, act: (storage: Storage) => Promise<Result>) => line.within(uri, act);

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { running, newUri, databaseOf } = testMongodb();

  describe('with MongoDB', () => {
    test('a copy to MongoDB and back has equal hashes, and a check finds no fault', async () => {
      await line.withStorage(fill);
      const uri = newUri();
      const run = async (from: string, to: string) => {
        const { status, out } = await line.run('storage', 'copy', '--from', from, '--to', to, '--json');
        expect(status).toBe(0);
        return JSON.parse(out);
      };
      const there = await run(sqlite('pedel.db'), uri);
      const back = await run(uri, sqlite('back.db'));
      expect(back.kinds).toEqual(there.kinds);
      expect(there.to).not.toContain('?');
      line.environment.PEDEL_STORAGE = uri;
      expect(await line.run('storage', 'check')).toMatchObject({ status: 0 });
      expect(await line.run('people', 'show', 'r0000001')).toMatchObject({ status: 0 });
    });

    test('a backup made while Pedel runs is one SQLite file, and can be restored', async () => {
      const uri = newUri();
      await within(uri, async (storage) => {
        await fill(storage);
        await storage.leases.acquire('effects', 'a node', startOfTests + 10_000, startOfTests);
      });
      line.environment.PEDEL_STORAGE = uri;
      const backup = await line.run('storage', 'backup', at('backup.db'));
      expect(backup).toMatchObject({ status: 0, out: expect.stringContaining('while it was in use') });
      expect(statSync(at('backup.db')).mode & 0o777).toBe(0o600);
      line.environment.PEDEL_STORAGE = newUri();
      expect(await line.run('storage', 'restore', at('backup.db'))).toMatchObject({ status: 0 });
      expect(await line.run('people', 'show', 'r0000001')).toMatchObject({ status: 0 });
      expect(await line.run('storage', 'check')).toMatchObject({ status: 0 });
    });

    test('a record with a number that SQLite does not read is named, and can be removed', async () => {
      const uri = newUri();
      await within(uri, async ({ protocolRecords }) => {
        for (const key of ['good', 'bad']) await protocolRecords.put('ReplayDetection', key, {}, startOfTests + 60_000);
      });
      const stored = databaseOf(uri).collection<{ _id: string }>('protocolRecords');
      await stored.updateOne({ _id: 'ReplayDetection bad' }, { $set: { expiresAt: 1e18 } });
      line.environment.PEDEL_STORAGE = uri;
      expect(await line.run('storage', 'backup', at('bad.db'))).toMatchObject({
        status: 1,
        err: expect.stringContaining('ReplayDetection bad cannot be read'),
      });
      const removal = await line.run('storage', 'check', '--remove-unreadable', '--json');
      expect(JSON.parse(removal.out)).toMatchObject({ faultCount: 1, removed: { protocolRecords: '1' } });
      expect((await line.run('storage', 'backup', at('good.db'))).status).toBe(0);
      expect(await stored.countDocuments({})).toBe(1);
    });

    test('an unfinished copy cannot be opened, and can be started over', async () => {
      await line.withStorage(fill);
      const uri = newUri();
      await within(uri, async ({ archive, accounts }) => {
        await archive.beginCopy({ id: 'killed', from: 'sqlite:elsewhere', startedAt: startOfTests });
        await archive.noteEmpty('killed');
        await accounts.insert(numbered(7));
      });
      line.environment.PEDEL_STORAGE = uri;
      expect(await line.run('serve')).toMatchObject({ status: 1, err: expect.stringContaining('half of a copy') });
      const from = ['--from', sqlite('pedel.db')];
      expect(await line.run('storage', 'copy', ...from)).toMatchObject({
        status: 1,
        err: expect.stringContaining('--start-over'),
      });
      expect(await line.run('storage', 'copy', ...from, '--start-over')).toMatchObject({ status: 0 });
      expect(await within(uri, ({ accounts }) => accounts.findByLogin('r0000007'))).toBeUndefined();
    });

    test('a copy that fails while it checks that the destination is empty leaves it unchanged', async () => {
      await line.withStorage(fill);
      const uri = newUri();
      await within(uri, ({ accounts }) => accounts.insert(numbered(7)));
      const failPoint = (mode: object | string, data: object = {}) =>
        running().admin.db('admin').command({ configureFailPoint: 'failCommand', mode, data });
      await failPoint({ times: 50 }, { failCommands: ['aggregate'], errorCode: 10107 });
      const refused = await line.run('storage', 'copy', '--to', uri).finally(() => failPoint('off'));
      expect(refused).toMatchObject({ status: 1, err: expect.stringContaining('does not answer') });
      expect(await within(uri, ({ accounts }) => accounts.findByLogin('r0000007'))).toBeDefined();
    });

    test('a check reports a missing index, and index fields that differ from the document', async () => {
      const uri = newUri();
      await within(uri, fill);
      const db = databaseOf(uri);
      await db
        .collection('accounts')
        .updateOne({ keys: 'login r0000001' }, { $set: { endsAt: 5 }, $unset: { keys: '' } });
      await db.collection('outbox').dropIndex('due');
      line.environment.PEDEL_STORAGE = uri;
      const { status, out } = await line.run('storage', 'check', '--json');
      expect(status).toBe(1);
      expect(JSON.parse(out).faults.map(({ fault }: { fault: string }) => fault)).toEqual([
        'collection outbox has no index due',
        'field endsAt is 5, its document says absent',
        'field keys is absent, its document says ["login person0000001@student.vives.be","login r0000001"]',
      ]);
    });
  });
}
