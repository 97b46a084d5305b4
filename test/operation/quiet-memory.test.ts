/** Memory is given back while nobody asks, and only then: for some fifty milliseconds nothing else happens. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type Koa from 'koa';
import { createQuietMemory, type QuietMemory } from '../../src/operation/quiet-memory.ts';

const MINUTE_MS = 60_000;

let collected: unknown[];
let memory: QuietMemory;
beforeEach(() => {
  jest.useFakeTimers();
  collected = [];
  memory = createQuietMemory(((how: unknown) => void collected.push(how)) as typeof globalThis.gc);
});
afterEach(() => {
  memory.stop();
  jest.useRealTimers();
});

function ask(path: string) {
  const went: string[] = [];
  void memory.middleware({ path } as Koa.Context, async () => void went.push(path));
  expect(went).toEqual([path]);
}

test('what a start took is given back once', async () => {
  memory.start();
  expect(collected).toHaveLength(1);
  expect(collected).toMatchObject([{ type: 'major', flavor: 'last-resort' }]);
  await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(collected).toHaveLength(1);
});

test('whoever asked before does not wait for it: it comes after a minute in which nobody did', async () => {
  ask('/auth');
  memory.start();
  await jest.advanceTimersByTimeAsync(MINUTE_MS / 2);
  ask('/interaction/1');
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  expect(collected).toEqual([]);
  await jest.advanceTimersByTimeAsync(MINUTE_MS);
  expect(collected).toHaveLength(1);
});

test('after each rush once', async () => {
  memory.start();
  for (const times of [2, 3]) {
    ask('/me');
    await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(collected).toHaveLength(times);
  }
});

test.each(['/healthz', '/readyz', '/jwks', '/.well-known/openid-configuration'])('%s breaks no quiet', (path) => {
  ask(path);
  memory.start();
  expect(collected).toHaveLength(1);
});

test('a stopped node does nothing more', async () => {
  memory.start();
  ask('/me');
  memory.stop();
  await jest.advanceTimersByTimeAsync(10 * MINUTE_MS);
  expect(collected).toHaveLength(1);
});

test('bin/pedel gives the way to do it, and bounds for a rush, unless NODE_OPTIONS has another one', () => {
  const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));
  const show = '--import=data:text/javascript,console.log(typeof(globalThis.gc),...process.execArgv)';
  const flags = (more: string) =>
    String(execFileSync(pedel, ['--version'], { env: { ...process.env, NODE_OPTIONS: `${show}${more}` } }));
  expect(flags('')).toMatch(/^function .*--max-semi-space-size=24 --heap-growing-percent=100 /);
  for (const other of [' --max-semi-space-size=64', ' --max_semi_space_size=64'])
    expect(flags(other)).toMatch(/^function (?!.*(?:semi-space|heap-growing))/);
});

test('bin/pedel starts a Node that knows those bounds no more without them, and an older one not at all', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-node-'));
  try {
    mkdirSync(join(folder, 'bin'));
    copyFileSync(fileURLToPath(new URL('../../bin/pedel', import.meta.url)), join(folder, 'bin/pedel'));
    const start = (version: string) => {
      const script = `#!/bin/sh
        case "$*" in *heap-growing*) exit 9 ;; --version) echo ${version} ;; *) echo "$@" ;; esac`;
      writeFileSync(join(folder, 'node'), script, { mode: 0o700 });
      const env = { PATH: `${folder}:${process.env.PATH}` };
      return spawnSync(join(folder, 'bin/pedel'), ['serve'], { env, encoding: 'utf8' });
    };
    expect(start('v99.0.0').stdout).toMatch(/^--expose-gc .*main\.ts serve\n$/);
    expect(start('v20.20.2')).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('needs Node 24'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
