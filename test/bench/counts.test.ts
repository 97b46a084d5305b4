/** What `bench/measure.ts --check` says of acts that ask more, less or as much. */
import { expect, test } from '@jest/globals';
import { newTally } from '../../bench/counting.ts';
import { type Counts, changesOf, countsOf, readCounts } from '../../bench/counts.ts';

const before: Counts = {
  'sign-in': { reads: 3, writes: 2, commits: 2 },
  userinfo: { reads: 4, writes: 0, commits: 0 },
};

test('one commit more, one read less and an act that is new are changes; what is as before is none', () => {
  const now: Counts = {
    'sign-in': { reads: 2, writes: 2, commits: 3 },
    userinfo: { reads: 4, writes: 0, commits: 0 },
    device: { reads: 0, writes: 1, commits: 1 },
  };
  expect(changesOf(before, before)).toEqual([]);
  expect(changesOf(before, now)).toEqual([
    { act: 'sign-in', kind: 'reads', before: 3, now: 2 },
    { act: 'sign-in', kind: 'commits', before: 2, now: 3 },
    { act: 'device', kind: 'writes', before: 0, now: 1 },
    { act: 'device', kind: 'commits', before: 0, now: 1 },
  ]);
});

test('acts in which jobs run are not judged', () => {
  const costs = new Map([
    ['sign-in', { ...newTally(), reads: 1 }],
    ['delivered', { ...newTally(), reads: 9 }],
  ]);
  expect(Object.keys(countsOf(costs, new Set(['delivered'])))).toEqual(['sign-in']);
});

test.each(['SQLite', 'MongoDB'] as const)(
  'what is stored of %s are counts of acts, sign-ins and silent ones among them',
  (database) => {
    const acts = Object.keys(readCounts(database));
    expect(acts.filter((act) => act.startsWith('sign-in')).length).toBeGreaterThan(1);
    expect(acts).toContain('silent sign-on to a second application');
  },
);
