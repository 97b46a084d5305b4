/** MongoDB keeps the contract, also with two nodes on one database. */
import { describe, jest, test } from '@jest/globals';
import { mongodb, quickMongodb, testMongodb } from '../support/mongodb.ts';
import { roundsOr } from './contract/together.ts';
import { storageContract } from './contract.ts';

jest.setTimeout(120_000); // a hundred callers on a test server written in Python

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  const { emptyUri, openNodes } = testMongodb();

  // the races are run under two nodes: a port that settles them there settles them with one as well
  storageContract('MongoDB', 0, async ({ now }) => {
    const [node] = await openNodes(await emptyUri(), 1, now);
    if (node === undefined) throw new TypeError('one node was asked for');
    return node;
  });
}

if (quickMongodb !== undefined) {
  const { openTwo } = testMongodb(quickMongodb);

  // once: again and again is in mongodb-races*
  storageContract('MongoDB under two nodes', roundsOr(1), ({ now }) => openTwo(now));
}
