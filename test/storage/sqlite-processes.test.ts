/** Processes that die and processes that share a file: acknowledged writes stay, and each attempt is counted once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { openStorage } from '../../src/storage/open.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();
const open = (file: string) => openStorage(`sqlite:${file}`, { now: Date.now });

function startWriter(file: string, ...task: string[]) {
  const script = fileURLToPath(new URL('writer.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, `sqlite:${file}`, ...task], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  return { child, lines };
}
const ended = async (child: ChildProcess) => (child.exitCode === null ? once(child, 'close') : undefined);
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('a process killed with -9 in the middle of its work', () => {
  test('has lost nothing that it acknowledged, left nothing half done, and the next one is ready within 2 s', async () => {
    const file = newFile();
    const acknowledged: string[] = [];
    const readyAfter: number[] = [];
    for (const round of [1, 2, 3, 4, 5]) {
      const { child, lines } = startWriter(file, 'activate', String(round));
      await until(() => lines.length > round * 150);
      child.kill('SIGKILL');
      await once(child, 'close');
      acknowledged.push(...lines.filter((line) => line !== 'ready'));

      const start = performance.now();
      const storage = await open(file);
      await storage.ready();
      readyAfter.push(performance.now() - start);

      for (const line of acknowledged) {
        const [what, id = ''] = line.split(' ');
        const account = await storage.accounts.findById(id);
        expect(account).toBeDefined();
        if (what === 'activated') expect(account).toMatchObject({ activatedAt: 1, tickets: [], revision: 2 });
        if (what === 'mailed') expect(await storage.outbox.byAccount(id, 2)).toHaveLength(1);
        if (what === 'consumed')
          expect(await storage.protocolRecords.consume('AuthorizationCode', id, 1000)).toBe(false);
      }
      // acknowledged or not: each account is activated, or its ticket still opens it
      for (const account of await storage.accounts.search('', undefined, 1_000_000)) {
        const byTicket = await storage.accounts.findByTicket(`ticket of ${account.id}`);
        expect(byTicket === undefined).toBe(account.activatedAt !== undefined);
        expect(account.effects).toHaveLength(account.activatedAt === undefined ? 0 : 1);
        expect((await storage.accounts.findByLogin(account.id.replace('id-', 'r')))?.id).toBe(account.id);
      }
      await storage.close();
    }
    expect(Math.min(...readyAfter)).toBeLessThan(2000); // the quickest, so that a busy machine does not decide
    const database = new DatabaseSync(file);
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    database.close();
    for (const what of ['inserted', 'activated', 'mailed', 'consumed'])
      expect(acknowledged.some((line) => line.startsWith(what))).toBe(true);
  });
});

describe('several processes on one file', () => {
  test('may all be the first to open it', async () => {
    const file = newFile();
    const writers = Array.from({ length: 4 }, () => startWriter(file, 'nothing'));
    await Promise.all(writers.map(({ child }) => ended(child)));
    expect(writers.map(({ child, lines }) => [child.exitCode, lines])).toEqual(Array(4).fill([0, ['ready']]));
  });

  test('count together without losing or repeating a number', async () => {
    const file = newFile();
    const writers = Array.from({ length: 3 }, () => startWriter(file, 'take'));
    await Promise.all(writers.map(({ child }) => ended(child)));
    const numbers: number[] = writers.flatMap(({ lines }) => JSON.parse(lines[1] ?? '[]'));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1500 }, (_, index) => index + 1));
  });

  test('see each other’s changes of clients by the version', async () => {
    const file = newFile();
    const storage = await open(file);
    const before = await storage.clients.version();
    await ended(startWriter(file, 'change-client').child);
    expect(await storage.clients.version()).not.toBe(before);
    expect((await storage.clients.find('c'))?.revision).toBe(1);
    await storage.close();
  });

  test('wait for one that holds the lock, without keeping anybody else of their own waiting', async () => {
    const file = newFile();
    const storage = await open(file);
    await storage.values.getOrInsert('v', '1');
    const { child, lines } = startWriter(file, 'hold', '500');
    await until(() => lines.includes('holding'));
    let written = false;
    const write = storage.values.replace('v', '2', '1').then((result) => {
      written = true;
      return result;
    });
    expect(await storage.values.get('v')).toBe('1');
    expect(written).toBe(false);
    expect(await write).toBe(true);
    await ended(child);
    await storage.close();
  });
});
