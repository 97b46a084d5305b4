/** The systems that are measured, as processes of their own: an installation of Pedel, and the baselines beside it. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/ports.ts';
import { end, start } from './children.ts';
import { fill } from './fill.ts';
import type { Place } from './http.ts';
import { DISCOVERY, INSTALLATION_SECRET, type Target, world } from './target.ts';

export type Kind =
  /** `storage`: as PEDEL_STORAGE has it; absent: a SQLite file of its own. `letters`: what leaves meanwhile, and whereto */
  | { is: 'pedel'; root: string; storage?: string; letters?: { waiting: number; mailPort: number } }
  /** oidc-provider alone (baseline/provider.ts) */
  | { is: 'baseline'; storage: 'memory' | 'sqlite' }
  /** the documents of another system from memory (baseline/http.ts) */
  | { is: 'documents'; of: Target };
export type Start = {
  /** in tables, and of its folder */
  name: string;
  kind: Kind;
  /** false: every password is right at once */
  hash: boolean;
  /** of everybody's password */
  passwordHash: string;
  people: (keyof typeof world.people)[];
  folder: string;
};
export type System = {
  name: string;
  pid: number;
  target: Target;
  /** Ends it and starts it anew on what it has stored. @returns ms from the start to the first discovery document */
  again(): Promise<number>;
};

const START_MS = 120_000;
const ownRoot = fileURLToPath(new URL('../../', import.meta.url));
const serve = (name: string) => fileURLToPath(new URL(`../baseline/${name}.ts`, import.meta.url));

type Command = { command: string; words: string[]; env: Record<string, string>; cwd: string };

/** Resolves when it answers. `onProcess` is told of each process of it. */
export async function startSystem(given: Start, onProcess: (pid: number) => Promise<void>): Promise<System> {
  const folder = join(given.folder, given.name.replaceAll(/[^\w-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const command = await commandOf(given, port, folder);
  let child: ChildProcess | undefined;

  async function launch() {
    const startedAt = performance.now();
    const started = start(command.command, command.words, command);
    child = started.child;
    await onProcess(child.pid ?? 0);
    const discovered = await untilAnswers(port, started.child, started.output);
    const ms = performance.now() - startedAt;
    return { discovered, ms };
  }

  const { discovered } = await launch();
  return {
    name: given.name,
    get pid() {
      return child?.pid ?? 0;
    },
    target: {
      ...targetOf(given.name, { port, host: `localhost:${port}` }, discovered),
      ...(given.kind.is === 'pedel' ? { knowsBrowsers: true } : {}),
    },
    async again() {
      if (child !== undefined) await end(child);
      return (await launch()).ms;
    },
  };
}

/** Fills the storage as well, where there is one. */
async function commandOf({ kind, hash, passwordHash, people }: Start, port: number, folder: string): Promise<Command> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder };
  switch (kind.is) {
    case 'pedel': {
      const environment = {
        ...env,
        PEDEL_ISSUER: `http://localhost:${port}`,
        PEDEL_LISTEN: `127.0.0.1:${port}`,
        PEDEL_STORAGE: kind.storage ?? `sqlite:${join(folder, 'pedel.db')}`,
        PEDEL_SECRET: INSTALLATION_SECRET,
        PEDEL_TRUSTED_PROXIES: '127.0.0.1/32',
        ...(kind.letters === undefined ? {} : { PEDEL_MAIL: `smtp://127.0.0.1:${kind.letters.mailPort}` }),
      };
      await fill(kind.root, environment, { passwordHash, kinds: people, letters: kind.letters?.waiting ?? 0 }, folder);
      const preload = new URL('without-hash.mjs', import.meta.url).href;
      return {
        command: join(kind.root, 'bin/pedel'),
        words: ['serve'],
        env: hash ? environment : { ...environment, NODE_OPTIONS: `--import=${preload}` },
        cwd: kind.root,
      };
    }
    case 'baseline': {
      const where = kind.storage === 'memory' ? 'memory' : join(folder, 'baseline.db');
      return node(env, serve('serve'), `${port}`, where, hash ? passwordHash : 'none');
    }
    case 'documents': {
      const { port: other, paths } = kind.of;
      const read = async (path: string) => [path, await (await fetch(`http://127.0.0.1:${other}${path}`)).text()];
      const documents = Object.fromEntries(await Promise.all([DISCOVERY, paths.jwks].map(read)));
      const file = join(folder, 'documents.json');
      writeFileSync(file, JSON.stringify(documents));
      return node(env, serve('http'), `${port}`, file);
    }
  }
}

function node(env: Record<string, string>, ...words: string[]): Command {
  return {
    command: process.execPath,
    words: ['--disable-warning=ExperimentalWarning', ...words],
    env: { ...env, NODE_ENV: 'production' },
    cwd: ownRoot,
  };
}

async function untilAnswers(port: number, child: ChildProcess, output: () => string): Promise<Record<string, string>> {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(5)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended while starting:\n${output()}`);
    const answer = await fetch(`http://127.0.0.1:${port}${DISCOVERY}`).catch(() => undefined);
    if (answer?.ok) return (await answer.json()) as Record<string, string>;
  }
  throw new Error(`it did not start in ${START_MS / 1000} s:\n${output()}`);
}

export function targetOf(name: string, at: Place, discovered: Record<string, string>): Target {
  const path = (endpoint: string) => new URL(discovered[endpoint] ?? '/', 'http://localhost').pathname;
  return {
    ...world,
    ...at,
    name,
    paths: {
      authorization: path('authorization_endpoint'),
      token: path('token_endpoint'),
      userinfo: path('userinfo_endpoint'),
      introspection: path('introspection_endpoint'),
      jwks: path('jwks_uri'),
      endSession: path('end_session_endpoint'),
    },
  };
}
