/** Cost: 130 processes, 80 s of the processor. Acts of administrators, killed between any two commands to a MongoDB. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import {
  type MongodbServer,
  newDatabaseUri,
  onDatabase,
  startMongodb,
  stopMongodb,
} from '../support/mongodb-server.ts';
import needs from '../support/needs.cjs';
import { killedActs } from './killed-acts.ts';

(needs.quickMongodb === undefined ? describe.skip : describe)(
  'an act that is killed between any two writes to a MongoDB happened wholly or not at all',
  () => {
    let server: MongodbServer;
    beforeAll(async () => {
      server = await startMongodb(undefined, needs.quickMongodb);
    });
    afterAll(() => stopMongodb(server));
    killedActs(() => {
      const uri = `${newDatabaseUri(server.uri)}&monitorCommands=true`;
      return { uri, remove: () => onDatabase(uri, async (db) => void (await db.dropDatabase())) };
    });
  },
);
