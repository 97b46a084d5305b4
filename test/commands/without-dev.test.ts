/** An installation as `npm ci --omit=dev` leaves it: Pedel serves and every command runs; the demo says what it needs. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/campus.ts';
import { freePort } from '../support/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let environment: Record<string, string>;

/**
 * Packages that stay without the development ones, as the lock file has them. `devOptional`: a development package that
 * npm keeps because a product's package names it as an optional companion (TypeScript, by i18next); nothing needs it.
 */
function productPackages(): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !devOptional)
    .map(([path]) => path);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-without-dev-'));
  for (const part of ['bin', 'config', 'demo', 'locales', 'src', 'views', 'package.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  const there = new Set(globSync(['node_modules/*', 'node_modules/@*/*'], { cwd: root }));
  for (const path of productPackages().filter((each) => there.has(each))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(root, path), join(folder, path));
  }
  environment = {
    PATH: process.env.PATH ?? '',
    PEDEL_CONFIG: join(folder, 'config', 'pedel.yaml'),
    PEDEL_ISSUER: 'http://localhost:3000',
    PEDEL_LISTEN: `127.0.0.1:${await freePort()}`,
    PEDEL_STORAGE: `sqlite:${join(folder, 'pedel.db')}`,
    PEDEL_MAIL: 'terminal:',
    PEDEL_SECRET: 'a secret of thirty-two characters or more',
  };
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));

function pedel(...words: string[]): Promise<{ status: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(join(folder, 'bin', 'pedel'), words, { env: environment }, (error, out, err) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });
}

test('the development packages are not there', () => {
  const packages = productPackages();
  expect(packages).toContain('node_modules/koa');
  for (const name of ['openid-client', 'smtp-server', 'mailparser', 'jest', 'typescript'])
    expect(packages).not.toContain(`node_modules/${name}`);
});

test('every kind of command runs', async () => {
  const clients = join(folder, 'clients.json');
  writeFileSync(clients, JSON.stringify([{ client_id: 'app', redirect_uris: ['https://app.example/back'] }]));
  const people = join(folder, 'people.csv');
  const person = { person: 'v1', number: 'r0011111', given_name: 'Wout', family_name: 'Claes', email: 'w@vives.be' };
  const belongs = { language: 'nl', organisation: 'vives', role: 'student', from: '2026-09-21', until: '2027-10-31' };
  const row = { ...person, ...belongs };
  writeFileSync(people, `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`);
  for (const words of [
    ['config', 'check'],
    ['clients', 'apply', clients],
    ['people', 'import', people, '--dry-run'],
    ['keys', 'list'],
    ['audit'],
    ['storage', 'status'],
    ['storage', 'backup', join(folder, 'backup.db')],
  ]) {
    expect([words, await pedel(...words)]).toEqual([
      words,
      { status: 0, out: expect.any(String), err: expect.any(String) },
    ]);
  }
}, 120_000);

test('serve answers', async () => {
  const serving = spawn(join(folder, 'bin', 'pedel'), ['serve'], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [serving.stdout, serving.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise((resolve) => serving.once('close', resolve));
  try {
    const answer = await until(
      async () => (await fetch(`http://${environment.PEDEL_LISTEN}/readyz`).catch(() => undefined))?.text(),
      () => said,
      60_000,
    );
    expect(answer).toBe('ready\n');
  } finally {
    serving.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
}, 120_000);

test('demo says in one sentence what is missing and how to get it', async () => {
  const missing = await pedel('demo');
  expect(missing.status).toBe(1);
  expect(missing.err).toMatch(
    /^pedel: the demo needs the package (openid-client|smtp-server|mailparser), .*'npm ci' without --omit=dev\n$/,
  );
  rmSync(join(folder, 'demo'), { recursive: true });
  const nothing = await pedel('demo');
  expect(nothing.status).toBe(1);
  expect(nothing.err).toMatch(/^pedel: the demo needs the folder "demo", .*'npm ci' without --omit=dev\n$/);
}, 60_000);
