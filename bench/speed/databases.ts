/** Databases for installations of Pedel that are measured on MongoDB: new ones, dropped in the end. */

import { newDatabaseUri, onDatabase, startMongodb, stopMongodb } from '../../test/support/mongodb-server.ts';
import needs from '../../test/support/needs.cjs';
import { track } from './children.ts';

export type Databases = { newStorage(): string; drop(): Promise<void> };

/** `uri`: of a server; absent: that of the tests is started. @throws Error where there is none */
export async function openDatabases(uri: string | undefined): Promise<Databases> {
  const server = uri === undefined ? await startMongodb(undefined, needs.quickMongodb ?? needs.mongodb) : { uri };
  if ('child' in server && server.child !== undefined) track(server.child);
  const made: string[] = [];
  return {
    newStorage() {
      const database = newDatabaseUri(server.uri).replace('/pedel-test-', '/pedel-bench-');
      made.push(database);
      return database;
    },
    async drop() {
      for (const each of made.splice(0)) await onDatabase(each, async (db) => void (await db.dropDatabase()));
      if (uri === undefined) await stopMongodb(server);
    },
  };
}
