/** A process loads what it needs to begin, and the rest when somebody asks for it: this keeps its start quick and its memory small. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../support/campus.ts';
import { freePort } from '../support/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const flags = [
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(root, 'test', 'support', 'loaded-modules.mjs'),
];
const named = Object.keys(
  (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> })
    .dependencies,
);

let folder: string;
let environment: Record<string, string>;
let child: ChildProcess;
/** What a server loaded after its first answer. */
let later: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-loaded-'));
  const port = await freePort();
  environment = {
    LOADED_MODULES: join(folder, 'loaded'),
    PEDEL_ISSUER: `http://localhost:${port}`,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: `sqlite:${join(folder, 'pedel.db')}`,
    PEDEL_MAIL: 'smtp://127.0.0.1:9',
    PEDEL_SECRET: 'a secret of thirty-two characters or more',
  };
});
afterEach(() => {
  child.kill('SIGKILL'); // where a test failed before its end
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});

function pedel(...words: string[]) {
  const script = join(root, 'src', 'commands', 'main.ts');
  const stdio = ['ignore', 'ignore', 'ignore', 'ipc'] as const;
  child = spawn(process.execPath, [...flags, script, ...words], { env: environment, stdio: [...stdio] });
  later = [];
  child.on('message', (url: string) => void later.push(url));
}

/** Once it answers discovery. */
async function pedelServes() {
  pedel('serve');
  const discovery = `${environment.PEDEL_ISSUER}/.well-known/openid-configuration`;
  await until(
    () => fetch(discovery).catch(() => undefined),
    () => 'no answer',
    60_000,
  );
}

/**
 * Once it has ended: the packages of package.json, and our files that `ours` matches, below the installation. Of a server
 * only those that its first answer needed.
 */
async function loaded(ours: RegExp): Promise<{ packages: string[]; files: string[] }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const urls =
    readFileSync(join(folder, 'loaded'), 'utf8')
      .split(/\nanswered\b/)[0]
      ?.split('\n') ?? [];
  const begin = pathToFileURL(root).href;
  return {
    packages: named.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`))),
    files: urls
      .filter((url) => url.startsWith(begin))
      .map((url) => url.slice(begin.length))
      .filter((file) => /^(src|locales)\//.test(file) && ours.test(file))
      .toSorted(),
  };
}

test('a node that answers discovery has loaded no library for mail, passkeys, hashing, feeds, calls or another database', async () => {
  await pedelServes();
  child.kill('SIGTERM');
  const { packages, files } = await loaded(/^src\/(commands|use-cases|storage\/mongodb)\//);
  expect(packages).toEqual([
    'co-body',
    'commander',
    'culori',
    'ejs',
    'i18next',
    'ipaddr.js',
    'jose',
    'koa',
    'koa-compose',
    'lru-cache',
    'oidc-provider',
    'otplib',
    'pino',
    'prom-client',
    'temporal-polyfill',
    'yaml',
    'zod',
  ]);
  // of the use cases only what jobs and the protocol need; pages come after it, console, desk and API come with the first request for them
  const folders = files.filter((file) => !file.startsWith('src/commands/')).map(dirname);
  expect([...new Set(folders)]).toEqual([
    'src/use-cases',
    'src/use-cases/audit',
    'src/use-cases/clients',
    'src/use-cases/import', // what is kept of them
    'src/use-cases/incidents',
    'src/use-cases/lifecycle',
    'src/use-cases/people', // what finishes a merge
    'src/use-cases/registration',
    'src/use-cases/roles',
    'src/use-cases/signing-keys',
    'src/use-cases/webhooks',
  ]);
  expect(folders.length).toBeLessThan(50);
  expect(files.filter((file) => file.startsWith('src/commands/'))).toEqual([
    'src/commands/configuration.ts',
    'src/commands/installation.ts',
    'src/commands/listen.ts',
    'src/commands/main.ts',
    'src/commands/newcomers.ts',
    'src/commands/program.ts',
    'src/commands/roles.ts',
    'src/commands/serve.ts',
    'src/commands/server.ts',
    'src/commands/terminal.ts',
  ]);
});

test('pages and their sentences come after the first answer to an application, before anybody asks for one', async () => {
  await pedelServes();
  await until(
    async () => later.find((url) => url.endsWith('/locales/en/sign-in.ts')),
    () => `not loaded: ${later.length} others`,
    60_000,
  );
  expect(later).toContain(new URL('src/web/sign-in/password.ts', pathToFileURL(root)).href);
  child.kill('SIGTERM');
  const { files } = await loaded(/^src\/web\/|^locales\//);
  expect(files).toEqual([
    'locales/en/pages.ts', // what applications are told of our own pages
    'locales/end-in-words.ts',
    'locales/index.ts',
    'locales/nl/pages.ts',
    'src/web/create-web.ts',
    'src/web/device/device-code.ts',
    'src/web/incidents.ts',
    'src/web/sign-in/door.ts',
    'src/web/sign-in/known-browser.ts',
    'src/web/sign-in/protocol-pages.ts',
    'src/web/sign-in/trusted-browsers.ts',
    'src/web/trace.ts',
    'src/web/web.ts',
  ]);
});

test('the help loads no command', async () => {
  pedel('--help');
  expect(await loaded(/./)).toEqual({
    packages: ['commander'],
    files: ['src/commands/main.ts', 'src/commands/program.ts', 'src/commands/terminal.ts', 'src/domain/problem.ts'],
  });
});

test('a command loads neither the server nor another command', async () => {
  pedel('outbox', 'list');
  const { packages, files } = await loaded(/^src\/(commands|web|oidc|jobs)\//);
  expect(packages).not.toEqual(expect.arrayContaining(['koa']));
  expect(packages).not.toEqual(expect.arrayContaining(['csv-parse']));
  expect(files).toEqual([
    'src/commands/configuration.ts',
    'src/commands/installation.ts',
    'src/commands/main.ts',
    'src/commands/outbox.ts',
    'src/commands/program.ts',
    'src/commands/terminal.ts',
  ]);
});

test('a hashing process loads what computes our own hashes, and nothing else', async () => {
  child = fork(join(root, 'src', 'hashing', 'process.ts'), { execArgv: flags, env: environment });
  child.send({ id: 1, kind: 'verify', stored: null, password: 'a password of nobody' });
  expect((await once(child, 'message'))[0]).toMatchObject({ id: 1, value: { matches: false } });
  child.disconnect();
  expect(await loaded(/./)).toEqual({
    packages: ['@node-rs/argon2'],
    files: [
      'src/domain/passwords/foreign-scheme.ts',
      'src/domain/passwords/password-hash.ts',
      'src/domain/passwords/password.ts',
      'src/domain/passwords/sha-crypt.ts',
      'src/domain/passwords/stored-hash.ts',
      'src/hashing/answer.ts',
      'src/hashing/process.ts',
    ],
  });
});
