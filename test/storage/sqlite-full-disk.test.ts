/**
 * SQLite on a full disk, on a read-only disk, and without its file: clear errors, no damage, and recovery without a
 * restart.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from '@jest/globals';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { numbered } from './contract/numbered.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();
const open = (file: string) => openStorage(`sqlite:${file}`, { now: Date.now });
const disks: SmallDisk[] = [];
afterEach(() => {
  for (const disk of disks.splice(0)) disk.remove();
});
function aDisk(megabytes: number): SmallDisk {
  const disk = smallDisk(megabytes);
  if (disk === undefined) throw new Error('no tmpfs can be mounted any more');
  disks.push(disk);
  return disk;
}

/** Leaves so many bytes. */
function fill({ folder }: SmallDisk, left = 0): () => void {
  const file = join(folder, 'of somebody else');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(file, Buffer.alloc(bavail * bsize - left));
  return () => rmSync(file);
}

function expectSound(file: string): void {
  const database = new DatabaseSync(file);
  expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
  database.close();
}

const probe = smallDisk(1);
probe?.remove();
if (probe === undefined) {
  console.error(
    '\n!!  NOT TESTED: a full disk (test/storage/sqlite-full-disk). This user may not mount a tmpfs; root may.\n',
  );
  describe.skip('a full disk', () => test('cannot be made here', () => undefined));
} else {
  describe('a disk that fills up under a running storage', () => {
    /** Account after account, each changed once, until the disk is full; returns what was acknowledged. */
    async function writeUntilFull(storage: Storage, from: number) {
      const inserted: number[] = [];
      const changed: number[] = [];
      for (let number = from; ; number += 8) {
        const results = await Promise.allSettled(
          Array.from({ length: 8 }, async (_, offset) => {
            const n = number + offset;
            await storage.accounts.insert(numbered(n, { tickets: [] }));
            inserted.push(n);
            await updateAccount(storage.accounts, numbered(n).id, (account) => ({
              outcome: 'changed',
              account: { ...account, activatedAt: n, givenName: 'x'.repeat(1000) },
              effects: [],
            }));
            changed.push(n);
          }),
        );
        const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
        if (refused.length > 0) return { inserted, changed, refused };
      }
    }

    test('refuses each write with a message that names it, keeps reading, loses and damages nothing, and recovers by itself', async () => {
      const disk = aDisk(4);
      const file = join(disk.folder, 'pedel.db');
      const storage = await open(file);
      const inserted: number[] = [];
      const changed: number[] = [];
      let from = 0;
      // several times: room is made and filled again
      for (const round of [1, 2, 3]) {
        const makeRoom = fill(disk, round * 192 * 1024);
        const written = await writeUntilFull(storage, from);
        from += 100_000;
        inserted.push(...written.inserted);
        changed.push(...written.changed);
        for (const reason of written.refused)
          expect(reason).toMatchObject({
            code: 'storage_unavailable',
            message: `the disk is full: make room on the disk that holds ${file}; nothing else is needed`,
            retryAfterSeconds: 5,
          });
        // reading goes on, of what was acknowledged and of what was not
        for (const n of inserted) expect((await storage.accounts.findById(numbered(n).id))?.id).toBe(numbered(n).id);
        for (const n of changed) expect((await storage.accounts.findById(numbered(n).id))?.activatedAt).toBe(n);
        expect((await storage.accounts.search('', undefined, 1_000_000)).length).toBe(inserted.length);
        makeRoom();
        await storage.ready();
      }
      expect(changed.length).toBeGreaterThan(20);
      await storage.close();
      expectSound(file);
      const again = await open(file);
      for (const n of changed) expect((await again.accounts.findById(numbered(n).id))?.activatedAt).toBe(n);
      await again.close();
    });
  });

  describe('starting', () => {
    const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));
    const serve = (file: string) =>
      new Promise<{ code: unknown; stderr: string }>((resolve) => {
        const env = {
          ...process.env,
          PEDEL_ISSUER: 'http://localhost:1',
          PEDEL_LISTEN: '127.0.0.1:0',
          PEDEL_STORAGE: `sqlite:${file}`,
          PEDEL_MAIL: 'smtp://127.0.0.1:1',
          PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
        };
        execFile(pedel, ['serve'], { env }, (error, _, stderr) => resolve({ code: error?.code, stderr }));
      });

    test.each([
      ['that has no file yet', false],
      ['that has one', true],
    ])('on a full disk %s ends with a sentence that names the disk', async (_, made) => {
      const disk = aDisk(2);
      const file = join(disk.folder, 'pedel.db');
      if (made) await (await open(file)).close();
      const makeRoom = fill(disk);
      expect(await serve(file)).toEqual({
        code: 1,
        stderr: expect.stringContaining(`the disk is full: make room on the disk that holds ${file}`),
      });
      makeRoom();
      await (await open(file)).close();
      expectSound(file);
    });

    test('on a disk that cannot be written ends with a sentence that names the file', async () => {
      const disk = aDisk(2);
      const file = join(disk.folder, 'pedel.db');
      await (await open(file)).close();
      disk.readOnly();
      const { code, stderr } = await serve(file);
      expect(code).toBe(1);
      expect(stderr).toContain(`${file} cannot be written`);
    });
  });
}

describe('a file that is no longer in its place', () => {
  test.each([
    ['deleted', (file: string) => rmSync(file)],
    [
      'replaced',
      (file: string) => {
        renameSync(file, `${file}.away`);
        writeFileSync(file, '');
      },
    ],
    ['without its write-ahead log', (file: string) => rmSync(`${file}-wal`)],
  ])('because it was %s takes no more writes that would be lost, and says so', async (_, harm) => {
    const file = newFile();
    const storage = await open(file);
    await storage.values.getOrInsert('v', 'kept');
    harm(file);
    for (const write of [() => storage.values.getOrInsert('w', 'lost'), () => storage.ready()])
      await expect(write()).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining(`${file} (or its -wal) was deleted, moved or replaced under this process`),
      });
    expect(await storage.values.get('v')).toBe('kept');
    await storage.close();
  });

  test('takes writes again once it is back', async () => {
    const file = newFile();
    const storage = await open(file);
    renameSync(file, `${file}.away`);
    await expect(storage.ready()).rejects.toMatchObject({ code: 'storage_unavailable' });
    renameSync(`${file}.away`, file);
    await storage.ready();
    await storage.close();
    expectSound(file);
  });

  test('takes writes again after its folder could not even be looked into', async () => {
    const folder = newFile('a network folder');
    const file = join(folder, 'pedel.db');
    mkdirSync(folder);
    const storage = await open(file);
    await storage.ready();
    renameSync(folder, `${folder}.away`);
    symlinkSync(folder, folder); // ELOOP, for root too; EACCES, EIO and ESTALE come the same way
    for (const write of [() => storage.values.getOrInsert('w', 'lost'), () => storage.ready()])
      await expect(write()).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringContaining(`${file} cannot be read: ELOOP`),
      });
    rmSync(folder);
    renameSync(`${folder}.away`, folder);
    await storage.ready();
    await storage.close();
    expectSound(file);
  });
});

const isRoot = process.getuid?.() === 0;
(isRoot ? test.skip : test)('a file that may not be written is named at the start', async () => {
  const file = join(newFile('of another'), 'pedel.db');
  mkdirSync(join(file, '..'));
  await (await open(file)).close();
  chmodSync(file, 0o400);
  await expect(open(file)).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining(`${file} cannot be written`),
  });
});
