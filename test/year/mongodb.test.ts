/** A year of 100 people on MongoDB, with nodes killed in between: about a minute. */
import { describe, test } from '@jest/globals';
import { quickMongodb, testMongodb } from '../support/mongodb.ts';
import { expectPassed, yearOf } from './expectation.ts';

(quickMongodb === undefined ? describe.skip : describe)('on MongoDB', () => {
  const { newUri } = testMongodb(quickMongodb); // the nodes are killed, never the database

  test('each is open exactly when the rules say so, hears of each end once, and nothing is lost by kill -9', async () => {
    expectPassed(await yearOf({ people: 100, kills: 15, every: 7, storage: newUri() }), true);
  }, 900_000);
});
