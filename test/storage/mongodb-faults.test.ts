/** A database that stumbles: what the driver may try again is tried again and happens once; what it may not is said. */
import { describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports.ts';
import { openStorage } from '../../src/storage/open.ts';
import { mongodb, testMongodb } from '../support/mongodb.ts';
import { numbered } from './contract/numbered.ts';

// a server that was named may be anyone's: it is not made to fail
if (mongodb === undefined || mongodb.uri !== undefined)
  describe.skip('MongoDB', () => test('there is no server whose faults can be ordered', () => undefined));
else {
  const { newUri, running } = testMongodb();
  const commands = ['insert', 'update', 'findAndModify', 'delete', 'find'];

  async function failing(times: number, fault: Record<string, unknown>, act: (storage: Storage) => Promise<void>) {
    const storage = await openStorage(newUri(), { now: () => 0 });
    const admin = running().admin.db('admin');
    await storage.accounts.insert(numbered(1));
    await storage.ready();
    const failCommands = commands;
    await admin.command({ configureFailPoint: 'failCommand', mode: { times }, data: { failCommands, ...fault } });
    try {
      await act(storage);
    } finally {
      await admin.command({ configureFailPoint: 'failCommand', mode: 'off' });
      await storage.close();
    }
  }

  describe.each([
    ['a connection is cut', { closeConnection: true }],
    ['the primary has stepped down', { errorCode: 10107, errorLabels: ['RetryableWriteError'] }],
  ])('where %s once', (_, fault) => {
    test('a count is counted once', () =>
      failing(1, fault, async ({ attempts }) => {
        expect(await attempts.take('k', 1000, 0)).toBe(1);
        expect(await attempts.take('k', 1000, 0)).toBe(2);
      }));

    test('an account is inserted, and replaced by the one that asked', async () => {
      await failing(1, fault, async ({ accounts }) => {
        await accounts.insert(numbered(2));
        expect((await accounts.findByLogin('r0000002'))?.id).toBe('id-0000002');
      });
      await failing(1, fault, async ({ accounts }) => {
        expect(await accounts.replace(numbered(1, { revision: 2 }), 1)).toBe(true);
      });
    });
  });

  test('where it goes on failing, the answer is storage_unavailable, and later the same call works', async () => {
    await failing(50, { errorCode: 10107, errorLabels: ['RetryableWriteError'] }, async (storage) => {
      await expect(storage.ready()).rejects.toMatchObject({ code: 'storage_unavailable', retryAfterSeconds: 5 });
      await expect(storage.accounts.findById('id-0000001')).rejects.toMatchObject({ code: 'storage_unavailable' });
      await running().admin.db('admin').command({ configureFailPoint: 'failCommand', mode: 'off' });
      await storage.ready();
      expect(await storage.accounts.findById('id-0000001')).toBeDefined();
    });
  });

  test('a write of which no majority is known is not called done', async () => {
    const writeConcernError = { code: 64, codeName: 'WriteConcernFailed', errmsg: 'waiting for replication timed out' };
    for (const write of [
      (storage: Storage) => storage.values.replace('v', 'w', undefined),
      (storage: Storage) => storage.values.getOrInsert('v', 'w'),
      (storage: Storage) => storage.accounts.replace(numbered(1, { revision: 2 }), 1),
      (storage: Storage) => storage.clients.remove('c'),
    ])
      await failing(9, { writeConcernError }, async (storage) => {
        await expect(write(storage)).rejects.toMatchObject({ code: 'storage_unavailable' });
      });
  });
}
