/** A MongoDB for the tests of one file: one that was named, or one started for it; and databases that are gone at the end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { Storage } from '../../src/domain/ports.ts';
import { openStorage } from '../../src/storage/open.ts';
import needs from './needs.cjs';

type Server = { uri: string; child?: ChildProcess; folder?: string };

/** Which indexes do that, by collection; a test says whether these are all. */
export const clearedByServer = [
  ['attempts', 'cleared'],
  ['protocolRecords', 'cleared'],
  ['sessions', 'cleared'],
  ['outbox', 'finished'],
] as const;

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

const START_MS = 60_000; // a Python server on a busy machine

/** Whether there is anything to test with; `npm test` says at its end what was left out. */
export const mongodb = needs.mongodb;

/**
 * Starts the server before the tests of this file and stops it after them.
 * `newUri` names a database that nobody else uses; it is dropped at the end.
 */
export function testMongodb() {
  let server: Server | undefined;
  let admin: MongoClient | undefined;
  const databases: string[] = [];
  const running = () => {
    if (server === undefined || admin === undefined) throw new TypeError('no MongoDB runs outside a test');
    return { ...server, admin };
  };

  beforeAll(async () => {
    server = await start();
    admin = await new MongoClient(server.uri).connect();
  }, START_MS);
  afterAll(async () => {
    for (const name of databases) await admin?.db(name).dropDatabase();
    await admin?.close();
    await stop(server);
  }, START_MS);

  const newUri = () => {
    const name = `pedel-test-${randomBytes(6).toString('hex')}`;
    databases.push(name);
    return uriOf(running().uri, name);
  };

  const databaseOf = (uri: string) => running().admin.db(nameIn(uri));

  /** Empties all collections: quicker than a new database for each test. */
  async function empty(uri: string): Promise<void> {
    const db = databaseOf(uri);
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    await Promise.all(collections.map(({ name }) => db.collection(name).deleteMany({})));
  }

  /**
   * Opens as many nodes as there are, on one database. The clock of tests is not the server's, so the server must not
   * clear away by its own.
   */
  async function openNodes(uri: string, count: number, now: () => number): Promise<Storage[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => openStorage(uri, { now })));
    const db = databaseOf(uri);
    await Promise.all(clearedByServer.map(([collection, index]) => db.collection(collection).dropIndex(index)));
    return nodes;
  }

  return { running, newUri, databaseOf, empty, openNodes };
}

async function start(): Promise<Server> {
  if (mongodb === undefined) throw new TypeError('there is no MongoDB to test with');
  if (mongodb.uri !== undefined) return { uri: mongodb.uri };
  const port = await freePort();
  // in memory where there is such a folder: waiting for the disk tests the disk
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'pedel-mongodb-'));
  const [name, ...options] = mongodb.kind === 'mongod' ? mongod(folder) : secantus(folder);
  const child = spawn(mongodb.command, [...options, '--port', `${port}`], { stdio: 'ignore' });
  const server = { uri: `mongodb://127.0.0.1:${port}/?replicaSet=${name}`, child, folder };
  await untilReady(server, port, mongodb.kind === 'mongod');
  return server;
}

/** The name of the replica set, then the options. */
function mongod(folder: string): [string, ...string[]] {
  const options = ['--bind_ip', '127.0.0.1', '--dbpath', folder, '--replSet', 'pedel', '--quiet'];
  return ['pedel', ...options, '--setParameter', 'enableTestCommands=1'];
}

function secantus(folder: string): [string, ...string[]] {
  const options = ['--host', '127.0.0.1', '--storage-path', folder, '--log-level', 'ERROR'];
  return ['secantus', ...options, '--enable-test-commands', '--sync-on-commit'];
}

async function untilReady({ uri, child }: Server, port: number, initiate: boolean): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    if (child?.exitCode !== null) throw new Error('the MongoDB for the tests ended while starting');
    try {
      if (initiate) await tell(`mongodb://127.0.0.1:${port}/?directConnection=true`, { replSetInitiate: {} });
      await tell(uri, { ping: 1 });
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function tell(uri: string, command: Record<string, unknown>): Promise<void> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 1000 });
  try {
    await client.db('admin').command(command);
  } catch (error) {
    if ((error as { codeName?: string }).codeName !== 'AlreadyInitialized') throw error;
  } finally {
    await client.close();
  }
}

async function stop(server: Server | undefined): Promise<void> {
  if (server?.child?.exitCode === null) {
    server.child.kill('SIGKILL');
    await once(server.child, 'close');
  }
  if (server?.folder !== undefined) rmSync(server.folder, { recursive: true });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** The same server, another database. */
function uriOf(uri: string, name: string): string {
  const [server = '', query] = uri.split('?');
  const options = new URLSearchParams({ ...patience, ...Object.fromEntries(new URLSearchParams(query)) });
  return `${server.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+).*/, '$1')}/${name}?${options}`;
}

function nameIn(uri: string): string {
  return new URL(uri.replace(/^mongodb(\+srv)?:\/\/[^/]*/, 'http://x')).pathname.slice(1);
}
