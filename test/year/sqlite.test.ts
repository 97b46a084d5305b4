/**
 * A year of 500 people on an SQLite file, with nodes killed in between: about a minute and a half; and one of 100 whose night
 * passes at its own pace, which takes three minutes, most of them spent waiting for the leases of killed nodes.
 */
import { expect, test } from '@jest/globals';
import { expectPassed, yearOf } from './expectation.ts';

test('each is open exactly when the rules say so, hears of each end once, and nothing is lost by kill -9', async () => {
  expectPassed(await yearOf({ people: 500, kills: 20 }), true);
}, 900_000);

test('in the night of the ends all are told within ten minutes, though the node is killed twice in it', async () => {
  const report = await yearOf({ people: 100, kills: 0, every: 7, night: true });
  expectPassed(report, true);
  expect(report.night?.letters).toBeLessThan(600);
}, 900_000);

test('without a kill nothing comes twice', async () => {
  const report = await yearOf({ people: 100, kills: 0, every: 7 });
  expectPassed(report, false);
  expect(report.again).toEqual({ letters: 0, logouts: 0 });
}, 300_000);
