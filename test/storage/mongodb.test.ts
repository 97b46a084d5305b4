/** MongoDB keeps the contract, and it keeps it with two nodes on one database. */
import { describe, jest, test } from '@jest/globals';
import { mongodb, testMongodb } from '../support/mongodb.ts';
import { alternating } from './alternating.ts';
import { roundsOr } from './contract/together.ts';
import { storageContract } from './contract.ts';

if (mongodb === undefined) describe.skip('MongoDB', () => test('there is no server to test with', () => undefined));
else {
  jest.setTimeout(120_000); // a hundred callers on a test server written in Python
  const { newUri, empty, openNodes } = testMongodb();
  let shared: string | undefined;

  /** A database that is empty; made once, emptied for each further test. */
  async function fresh(): Promise<string> {
    if (shared === undefined) shared = newUri();
    else await empty(shared);
    return shared;
  }

  // the races are run under two nodes: whoever wins there wins with one as well
  storageContract('MongoDB', 0, async ({ now }) => {
    const [node] = await openNodes(await fresh(), 1, now);
    if (node === undefined) throw new TypeError('one node was asked for');
    return node;
  });

  storageContract('MongoDB under two nodes', roundsOr(1), async ({ now }) => {
    const [one, other] = await openNodes(await fresh(), 2, now);
    if (one === undefined || other === undefined) throw new TypeError('two nodes were asked for');
    return alternating(one, other);
  });
}
