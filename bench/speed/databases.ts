/** Databases for installations of Pedel that are measured on MongoDB: new ones, gone in the end. */
import { newDatabaseUri, onDatabase, startMongodb, stopMongodb } from '../../test/support/mongodb-server.ts';
import needs from '../../test/support/needs.cjs';

export type Databases = { newStorage(): string; drop(): Promise<void> };

/**
 * `uri`: of a server; absent: that of the tests is started. `onProcess` is told of it.
 * @throws Error where there is none
 */
export async function openDatabases(
  uri: string | undefined,
  onProcess: (pid: number) => Promise<void>,
): Promise<Databases> {
  const made: string[] = [];
  const own = uri === undefined ? await startMongodb(undefined, needs.quickMongodb ?? needs.mongodb) : undefined;
  const { child } = own ?? {};
  if (child?.pid !== undefined) await onProcess(child.pid);
  return {
    newStorage() {
      const database = newDatabaseUri(uri ?? own?.uri ?? '').replace('/pedel-test-', '/pedel-bench-');
      made.push(database);
      return database;
    },
    async drop() {
      if (child !== undefined && own !== undefined) return stopMongodb(own); // and all that is in it
      for (const each of made.splice(0)) await onDatabase(each, async (db) => void (await db.dropDatabase()));
    },
  };
}
