/** `pedel demo` with several nodes: processes on one storage, any of which may die; and its option checks. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Campus, startCampus, until } from '../support/campus.ts';
import { type CommandLine, installation, openCommandLine } from './command-line.ts';

const STARTS_MS = 120_000;

describe('pedel demo --nodes 2', () => {
  let campus: Campus;
  beforeAll(async () => {
    campus = await startCampus({ nodes: 2 });
    await says(/Ctrl-C ends everything/);
  }, STARTS_MS);
  afterAll(() => campus?.stop());
  const says = (pattern: RegExp) =>
    until(
      async () => (pattern.test(campus.output()) ? true : undefined),
      () => campus.output(),
      20_000,
    );
  /** The nodes as printed on the page. */
  const nodes = () =>
    [...campus.output().matchAll(/^ +(http:\S+) +kill -9 (\d+) +(\S+)$/gm)].map(([, url = '', pid, log = '']) => ({
      url,
      pid: Number(pid),
      log,
    }));

  test('serves at the usual address, and prints the addresses of the nodes', async () => {
    expect(nodes().map(({ url }) => new URL(url).port)).toEqual([`${campus.port + 11}`, `${campus.port + 12}`]);
    for (const { url, log } of nodes()) {
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      expect(existsSync(log)).toBe(true);
    }
  });

  test('prints a page of 80 columns, and a line that registers an application in it', async () => {
    const page = campus.output();
    const people = page.slice(page.indexOf('People to try'), page.indexOf('Register an application'));
    for (const line of people.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const [line = ''] = /(?<=^ {2})PEDEL_ISSUER=[\s\S]+? bin\/pedel clients apply clients\.json/m.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'pedel-demo-'));
    const file = join(folder, 'clients.json');
    writeFileSync(file, JSON.stringify([{ client_id: 'mine', redirect_uris: ['http://localhost:9/back'] }]));
    const applied = await promisify(execFile)('sh', ['-c', line.replace('clients.json', file)], { cwd: installation });
    rmSync(folder, { recursive: true });
    expect(applied.stdout).toContain('mine: created');
  }, 60_000);

  test('goes on when a node is killed, and says so; it ends when no node is left', async () => {
    const [one, other] = nodes();
    process.kill(one?.pid ?? 0, 'SIGKILL');
    await says(/node 1 \S+ has ended \(SIGKILL\), 1 of 2 go on/);
    for (let n = 0; n < 4; n += 1) expect((await fetch(`${campus.urls.pedel}/readyz`)).status).toBe(200);

    const ended = new Promise((resolve) => campus.process.once('close', resolve));
    process.kill(other?.pid ?? 0, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(campus.output()).toContain('no node is left');
    await expect(fetch(campus.urls.toledo)).rejects.toThrow(); // the applications ended with it
  }, 30_000);
});

describe('pedel demo', () => {
  let shell: CommandLine;
  beforeAll(() => {
    shell = openCommandLine();
  });
  afterAll(() => shell.close());

  test('refuses --storage without --data, where the secret of the storage is kept', async () => {
    const { status, err } = await shell.run('demo', '--storage', 'mongodb://127.0.0.1:1/demo');
    expect([status, err]).toEqual([1, expect.stringContaining('--storage needs --data')]);
  });

  test('begins with --clock on a day to come, and not on a MongoDB, which has a clock of its own', async () => {
    for (const day of ['2020-10-25', '2099-02-30', 'soon'])
      expect(await shell.run('demo', '--clock', day)).toMatchObject({
        status: 1,
        err: expect.stringContaining('It must be a day to come, YYYY-MM-DD'),
      });
    const there = ['--data', join(shell.folder, 'campus'), '--storage', 'mongodb://127.0.0.1:1/demo'];
    expect(await shell.run('demo', '--clock', '2099-10-25', ...there)).toMatchObject({
      status: 1,
      err: expect.stringContaining('--clock needs SQLite'),
    });
  });

  test.each(['0', '10', 'two'])('accepts 1 to 9 nodes, not %s', async (nodes) => {
    const { status, err } = await shell.run('demo', '--nodes', nodes);
    expect([status, err]).toEqual([1, expect.stringContaining('must be a whole number from 1 to 9')]);
  });
});
