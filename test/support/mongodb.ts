/** A MongoDB for the tests of one file, which may do anything to it; its databases are deleted at the end. */
import { afterAll, beforeAll } from '@jest/globals';
import { MongoClient } from 'mongodb';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import { alternating } from '../storage/alternating.ts';
import {
  clearNothing,
  databaseIn,
  type MongodbKind,
  type MongodbServer,
  newDatabaseUri,
  START_MS,
  startMongodb,
  stopMongodb,
} from './mongodb-server.ts';
import needs from './needs.cjs';

export { clearedByServer } from './mongodb-server.ts';

/** Whether there is anything to test with; `npm test` says at its end what was left out. */
export const { mongodb, quickMongodb } = needs;

/**
 * Starts the server before the tests of this file and stops it after them.
 * `newUri` names a database that nobody else uses; it is dropped at the end.
 */
export function testMongodb(kind: MongodbKind = mongodb) {
  let server: MongodbServer | undefined;
  let admin: MongoClient | undefined;
  const databases: string[] = [];
  const running = () => {
    if (server === undefined || admin === undefined) throw new TypeError('no MongoDB runs outside a test');
    return { ...server, admin };
  };

  beforeAll(async () => {
    server = await startMongodb(undefined, kind);
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

  let shared: string | undefined;

  /** A database that is empty; made once, emptied for each further test, which is quicker. */
  async function emptyUri(): Promise<string> {
    if (shared === undefined) {
      shared = newUri();
      return shared;
    }
    const db = databaseOf(shared);
    const collections = await db.listCollections({}, { nameOnly: true }).toArray();
    await Promise.all(collections.map(({ name }) => db.collection(name).deleteMany({})));
    return shared;
  }

  /** Opens as many nodes as there are, on one database. The clock of tests is not the server's. */
  async function openNodes(uri: string, count: number, now: () => number): Promise<Storage[]> {
    const nodes = await Promise.all(Array.from({ length: count }, () => openStorage(uri, { now })));
    await clearNothing(databaseOf(uri));
    return nodes;
  }

  /** Two nodes on an empty database, which take turns. */
  async function openTwo(now: () => number): Promise<Storage> {
    const [one, other] = await openNodes(await emptyUri(), 2, now);
    if (one === undefined || other === undefined) throw new TypeError('two nodes were asked for');
    return alternating(one, other);
  }

  return { running, newUri, databaseOf, emptyUri, openNodes, openTwo };
}
