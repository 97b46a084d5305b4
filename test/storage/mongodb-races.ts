/** The contract with many rounds of each race, with two nodes, on a MongoDB that is fast enough. */
import { describe, test } from '@jest/globals';
import { quickMongodb, testMongodb } from '../support/mongodb.ts';
import { roundsOr } from './contract/together.ts';
import { storageContract } from './contract.ts';

/** `chosen`: which chapters, so that files beside each other share them. */
export function racesOnMongodb(chosen: (chapter: string) => boolean): void {
  const title = 'MongoDB under two nodes, again and again,';
  if (quickMongodb === undefined) {
    describe.skip(title, () => test('there is no server to test with', () => undefined));
    return;
  }
  const { openTwo } = testMongodb(quickMongodb);
  storageContract(title, roundsOr(20), ({ now }) => openTwo(now), chosen);
}
