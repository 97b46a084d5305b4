/** The systems that are measured, as processes of their own: an installation of Pedel, and the baselines beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/ports.ts';
import { fill } from './fill.ts';
import { DISCOVERY, type Target, world } from './target.ts';

export type Start = {
  /** in tables, and of its folder */
  name: string;
  kind: { is: 'pedel'; root: string; storage: string } | { is: 'baseline'; storage: 'memory' | 'sqlite' };
  /** false: every password is right at once */
  hash: boolean;
  /** of everybody's password */
  passwordHash: string;
  people: (keyof typeof world.people)[];
  folder: string;
};
export type System = { name: string; pid: number; target: Target; startMs: number; stop(): Promise<void> };

const START_MS = 120_000;
const STOP_MS = 10_000;
const ownRoot = fileURLToPath(new URL('../../', import.meta.url));

/** Resolves when it answers; `startMs` is the time from its start to its first discovery document. */
export async function startSystem(start: Start): Promise<System> {
  const folder = join(start.folder, start.name.replaceAll(/[^\w-]+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const { child, output, startedAt } =
    start.kind.is === 'pedel'
      ? await startPedel(start, start.kind, port, folder)
      : startBaseline(start, start.kind.storage, port, folder);
  const stop = () => end(child);
  try {
    const discovered = await untilAnswers(port, child, output);
    const startMs = performance.now() - startedAt;
    return {
      name: start.name,
      pid: child.pid as number,
      target: targetOf(start.name, port, discovered),
      startMs,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startPedel(
  { hash, passwordHash, people }: Start,
  { root, storage }: { root: string; storage: string },
  port: number,
  folder: string,
) {
  const environment = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    PEDEL_ISSUER: `http://localhost:${port}`,
    PEDEL_LISTEN: `127.0.0.1:${port}`,
    PEDEL_STORAGE: storage === 'sqlite' ? `sqlite:${join(folder, 'pedel.db')}` : storage,
    PEDEL_SECRET: randomBytes(32).toString('base64'),
    PEDEL_TRUSTED_PROXIES: '127.0.0.1/32',
  };
  await fill(root, environment, passwordHash, people, folder);
  const preload = new URL('without-hash.mjs', import.meta.url).href;
  const env = hash ? environment : { ...environment, NODE_OPTIONS: `--import=${preload}` };
  return run(join(root, 'bin/pedel'), ['serve'], env, root);
}

function startBaseline({ hash, passwordHash }: Start, storage: 'memory' | 'sqlite', port: number, folder: string) {
  const serve = fileURLToPath(new URL('../baseline/serve.ts', import.meta.url));
  const where = storage === 'memory' ? 'memory' : join(folder, 'baseline.db');
  const words = ['--disable-warning=ExperimentalWarning', serve, `${port}`, where, hash ? passwordHash : 'none'];
  return run(process.execPath, words, { PATH: process.env.PATH ?? '', NODE_ENV: 'production' }, ownRoot);
}

function run(command: string, words: string[], env: Record<string, string>, cwd: string) {
  const startedAt = performance.now();
  const child = spawn(command, words, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text = `${text}${chunk}`.slice(-4000);
    });
  return { child, output: () => text, startedAt };
}

async function untilAnswers(port: number, child: ChildProcess, output: () => string): Promise<Record<string, string>> {
  for (const until = Date.now() + START_MS; Date.now() < until; await sleep(5)) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${output()}`);
    const answer = await fetch(`http://127.0.0.1:${port}${DISCOVERY}`).catch(() => undefined);
    if (answer?.ok) return (await answer.json()) as Record<string, string>;
  }
  throw new Error(`it did not start in ${START_MS / 1000} s:\n${output()}`);
}

export function targetOf(name: string, port: number, discovered: Record<string, string>): Target {
  const path = (endpoint: string) => new URL(discovered[endpoint] ?? '/', 'http://localhost').pathname;
  return {
    ...world,
    name,
    port,
    host: `localhost:${port}`,
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

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}
