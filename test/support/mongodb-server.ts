/** A MongoDB to test with, named or started for the run, and unused database names. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from 'mongodb';
import needs from './needs.cjs';
import { freePort } from './ports.ts';

const { mongodb, quickMongodb } = needs;

/** What there is to test with. */
export type MongodbKind = typeof mongodb | typeof quickMongodb;
export type MongodbServer = { uri: string; child?: ChildProcess; folder?: string };

export const START_MS = 60_000; // a Python server on a busy machine

/**
 * The test server may be slow and the machine busy; how long Pedel waits of its own is tested apart. Few connections: a
 * hundred callers are a hundred all the same, and the server spends its time on them instead of on its own queues.
 */
const patience = {
  maxPoolSize: '12',
  waitQueueTimeoutMS: '60000',
  serverSelectionTimeoutMS: '30000',
  connectTimeoutMS: '30000',
  socketTimeoutMS: '60000',
};

/**
 * `elsewhere`: in another network namespace, which these words lead into and whose address is `host`.
 * @throws TypeError where there is nothing to start
 */
export async function startMongodb(
  elsewhere?: { words: string[]; host: string },
  kind: MongodbKind = mongodb,
): Promise<MongodbServer> {
  if (kind === undefined) throw new TypeError('there is no MongoDB to test with');
  if (kind.uri !== undefined) return { uri: kind.uri };
  if (kind.kind === 'memory') return startMemory(kind.command, kind.jars);
  const port = await freePort();
  // in memory where there is such a folder: waiting for the disk tests the disk
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pedel-mongodb-'));
  const bind = elsewhere === undefined ? '127.0.0.1' : '0.0.0.0';
  const [name, ...options] = kind.kind === 'mongod' ? mongod(folder, bind) : secantus(folder, bind);
  const [command = '', ...words] = [...(elsewhere?.words ?? []), kind.command, ...options, '--port', `${port}`];
  const child = spawn(command, words, { stdio: 'ignore' });
  const { host = '127.0.0.1' } = elsewhere ?? {};
  // the name that it gives itself is of no use elsewhere
  const option = elsewhere === undefined ? `replicaSet=${name}` : 'directConnection=true';
  const server = { uri: `mongodb://${host}:${port}/?${option}`, child, folder };
  await untilReady(server, `${host}:${port}`, kind.kind === 'mongod');
  return server;
}

/** Ends it, and removes what it kept, where it was started here. */
export async function stopMongodb({ child, folder }: MongodbServer): Promise<void> {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}

/** A database on that server that nobody else uses. */
export function newDatabaseUri(server: string): string {
  const [address = '', query] = server.split('?');
  const options = new URLSearchParams({ ...patience, ...Object.fromEntries(new URLSearchParams(query)) });
  const name = `pedel-test-${randomBytes(6).toString('hex')}`;
  return `${address.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+).*/, '$1')}/${name}?${options}`;
}

/** `pedel-test-…` */
export function databaseIn(uri: string): string {
  return new URL(uri.replace(/^mongodb(\+srv)?:\/\/[^/]*/, 'http://x')).pathname.slice(1);
}

/** For what is done once beside the storage: a connection of its own. */
export async function onDatabase<Result>(uri: string, act: (db: Db) => Promise<Result>): Promise<Result> {
  const { MongoClient } = await import('mongodb'); // most tests need none of it
  const client = new MongoClient(uri);
  try {
    return await act(client.db(databaseIn(uri)));
  } finally {
    await client.close();
  }
}

/** Which indexes let the server clear away by its own clock, by collection; a test says whether these are all. */
export const clearedByServer = [
  ['attempts', 'cleared'],
  ['protocolRecords', 'cleared'],
  ['sessions', 'cleared'],
  ['refusals', 'cleared'],
  ['incidents', 'cleared'],
  ['outbox', 'finished'],
] as const;

/** Where the clock is the test's own, the server must not clear away by another. */
export async function clearNothing(db: Db): Promise<void> {
  await Promise.all(clearedByServer.map(([collection, index]) => db.collection(collection).dropIndex(index)));
}

/** The name of the replica set, then the options. */
function mongod(folder: string, bind: string): [string, ...string[]] {
  const options = ['--bind_ip', bind, '--dbpath', folder, '--replSet', 'pedel', '--quiet'];
  return ['pedel', ...options, '--setParameter', 'enableTestCommands=1'];
}

function secantus(folder: string, bind: string): [string, ...string[]] {
  const options = ['--host', bind, '--storage-path', folder, '--log-level', 'ERROR'];
  return ['secantus', ...options, '--enable-test-commands', '--sync-on-commit'];
}

/** No replica set: it has no majority to wait for and remembers no command, so the driver gives none twice. */
async function startMemory(java: string, jars: string): Promise<MongodbServer> {
  const port = await freePort();
  const source = new URL('memory-mongodb/MemoryMongodb.java', import.meta.url).pathname;
  // it lives for minutes: what the second compiler takes at the start is more than it gives
  const options = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const words = [...options, '-cp', join(jars, '*'), source, '--port', `${port}`];
  const child = spawn(java, words, { stdio: 'ignore' });
  const server = { uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, child };
  await untilReady(server, `127.0.0.1:${port}`, false);
  return server;
}

async function untilReady({ uri, child }: MongodbServer, address: string, initiate: boolean): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    if (child?.exitCode !== null) throw new Error('the MongoDB for the tests ended while starting');
    try {
      if (initiate) await tell(`mongodb://${address}/?directConnection=true`, { replSetInitiate: {} });
      await tell(uri, { ping: 1 });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function tell(uri: string, command: Record<string, unknown>): Promise<void> {
  const { MongoClient } = await import('mongodb');
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000 });
  try {
    await client.db('admin').command(command);
  } catch (error) {
    if ((error as { codeName?: string }).codeName !== 'AlreadyInitialized') throw error;
  } finally {
    await client.close();
  }
}
