/** Nodes and the database fail while people activate, sign in and change their minds: three nodes on MongoDB. */
import { describe, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { chaos, expectKept } from './driver.ts';
import { eventKinds } from './events.ts';

/** A server that this run may kill, which a server named by the user is not. */
const mongodb = needs.mongodb !== undefined && needs.mongodb.uri === undefined;

(mongodb ? describe : describe.skip)('on three nodes and MongoDB', () => {
  test('whatever is killed, stopped or cut off, what was said stays true and nothing passes twice', async () => {
    const events = eventKinds('mongodb');
    expectKept(await chaos('mongodb', 3, events), events);
  }, 900_000);
});
