/** A MongoDB for the tests of one file, which may do to it what they like; and databases that are gone at the end. */
import { afterAll, beforeAll } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { Storage } from '../../src/domain/ports.ts';
import { openStorage } from '../../src/storage/open.ts';
import {
  clearNothing,
  databaseIn,
  type MongodbServer,
  newDatabaseUri,
  START_MS,
  startMongodb,
  stopMongodb,
} from './mongodb-server.ts';
import needs from './needs.cjs';

export { clearedByServer } from './mongodb-server.ts';

/** Whether there is anything to test with; `npm test` says at its end what was left out. */
export const mongodb = needs.mongodb;

/**
 * Starts the server before the tests of this file and stops it after them.
 * `newUri` names a database that nobody else uses; it is dropped at the end.
 */
export function testMongodb() {
  let server: MongodbServer | undefined;
  let admin: MongoClient | undefined;
  const databases: string[] = [];
  const running = () => {
    if (server === undefined || admin === undefined) throw new TypeError('no MongoDB runs outside a test');
    return { ...server, admin };
  };

  beforeAll(async () => {
    server = await startMongodb();
    admin = await new MongoClient(server.uri).connect();
  }, START_MS);
  afterAll(async () => {
    for (const name of databases) await admin?.db(name).dropDatabase();
    await admin?.close();
    if (server !== undefined) await stopMongodb(server);
  }, START_MS);

  const newUri = () => {
    const uri = newDatabaseUri(running().uri);
    databases.push(databaseIn(uri));
    return uri;
  };

  const databaseOf = (uri: string) => running().admin.db(databaseIn(uri));

  /** Empties all collections: quicker than a new database for each test. */
  async function empty(uri: string): Promise<void> {
    const db = databaseOf(uri);
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    await Promise.all(collections.map(({ name }) => db.collection(name).deleteMany({})));
  }

  /** Opens as many nodes as there are, on one database. The clock of tests is not the server's. */
  async function openNodes(uri: string, count: number, now: () => number): Promise<Storage[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => openStorage(uri, { now })));
    await clearNothing(databaseOf(uri));
    return nodes;
  }

  return { running, newUri, databaseOf, empty, openNodes };
}
