import { expect, test } from '@jest/globals';
import type { Attempts } from '../../../src/domain/ports/attempts.ts';
import { crowds, race, together } from './together.ts';

export function attemptsContract(attempts: () => Attempts, rounds: number): void {
  race('%i takes at once are counted one by one', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    const results = await together(callers, () => attempts().take(key, 1000, 0));
    expect(results.toSorted((a, b) => a - b)).toEqual(results.map((_, index) => index + 1));
    expect(await attempts().peek([key], 0)).toEqual([callers]);
  });

  test('a window ends where the first take of it said, and the next one starts again at 1', async () => {
    await attempts().take('k', 1000, 0);
    expect(await attempts().take('k', 5000, 999)).toBe(2);
    expect(await attempts().peek(['k'], 999)).toEqual([2]);
    expect(await attempts().peek(['k'], 1000)).toEqual([0]);
    expect(await attempts().take('k', 2000, 1000)).toBe(1);
    expect(await attempts().peek(['k'], 1999)).toEqual([1]);
  });

  race('of %i at the end of a window, one starts the next', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    await attempts().take(key, 1000, 0);
    const results = await together(callers, () => attempts().take(key, 2000, 1000));
    expect(results.toSorted((a, b) => a - b)).toEqual(results.map((_, index) => index + 1));
  });

  test('what is given back does not count, never below 0', async () => {
    await attempts().take('k', 1000, 0);
    await attempts().take('k', 1000, 0);
    await together(5, () => attempts().giveBack([{ key: 'k', by: 1 }], 0));
    await attempts().giveBack([{ key: 'unknown', by: 1 }], 0);
    expect(await attempts().peek(['k', 'unknown'], 0)).toEqual([0, 0]);
    expect(await attempts().take('k', 1000, 0)).toBe(1);
  });

  test('several are given back at once, never below 0', async () => {
    for (let n = 0; n < 5; n += 1) await attempts().take('k', 1000, 0);
    await attempts().giveBack([{ key: 'k', by: 3 }], 0);
    expect(await attempts().peek(['k'], 0)).toEqual([2]);
    await attempts().giveBack([{ key: 'k', by: 3 }], 0);
    expect(await attempts().peek(['k'], 0)).toEqual([0]);
    expect(await attempts().take('k', 1000, 0)).toBe(1);
  });

  test('several counters are given back together, each by its own number', async () => {
    for (const key of ['a', 'a', 'a', 'b', 'b']) await attempts().take(key, 1000, 0);
    await attempts().giveBack(
      [
        { key: 'a', by: 2 },
        { key: 'unknown', by: 1 },
        { key: 'b', by: 1 },
      ],
      0,
    );
    expect(await attempts().peek(['a', 'b', 'unknown'], 0)).toEqual([1, 1, 0]);
  });

  test('one try is counted by several counters, or by none of them where one is full', async () => {
    const all = [
      { key: 'narrow', windowEndsAt: 1000, most: 2 },
      { key: 'wide', windowEndsAt: 2000, most: 3 },
      { key: 'endless', windowEndsAt: 3000 },
    ];
    expect(await attempts().takeAll(all, 0)).toEqual([1, 1, 1]);
    await attempts().take('wide', 2000, 0);
    expect(await attempts().takeAll(all, 0)).toEqual([2, 3, 2]);
    expect(await attempts().takeAll(all, 0)).toBeUndefined();
    expect(await attempts().peek(['narrow', 'wide', 'endless'], 0)).toEqual([2, 3, 2]);
    // the window of the first has ended, and the second is still full
    expect(await attempts().takeAll(all, 1000)).toBeUndefined();
    expect(await attempts().peek(['narrow', 'wide', 'endless'], 1000)).toEqual([0, 3, 2]);
    expect(await attempts().takeAll(all, 2000)).toEqual([1, 1, 3]);
    expect(await attempts().takeAll([{ key: 'shut', windowEndsAt: 1000, most: 0 }], 0)).toBeUndefined();
    expect(await attempts().takeAll([], 0)).toEqual([]);
  });

  race(
    'of %i who try at once no more are counted than the narrowest allows',
    crowds,
    rounds,
    async (callers, round) => {
      const most = Math.ceil(callers / 2);
      const [key, other] = [`k ${round}`, `other ${round}`];
      const all = [
        { key, windowEndsAt: 1000, most },
        { key: other, windowEndsAt: 1000 },
      ];
      const counted = (await together(callers, () => attempts().takeAll(all, 0))).filter((each) => each !== undefined);
      expect(counted).toHaveLength(most);
      expect(await attempts().peek([key, other], 0)).toEqual([most, most]);
    },
  );

  race('of %i who clear a counter, one gets its count', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    await attempts().take(key, 1000, 0);
    await attempts().take(key, 1000, 0);
    const results = await together(callers, () => attempts().clear(key, 0));
    expect(results.toSorted((a, b) => b - a)).toEqual(results.map((_, index) => (index === 0 ? 2 : 0)));
    expect(await attempts().take(key, 1000, 0)).toBe(1);
  });

  test('a cleared window that has ended, or none, has a count of 0', async () => {
    await attempts().take('k', 1000, 0);
    expect(await attempts().clear('k', 1000)).toBe(0);
    expect(await attempts().clear('unknown', 0)).toBe(0);
  });

  test('what is given back after the window ended does not count against the next', async () => {
    await attempts().take('k', 1000, 0);
    await attempts().giveBack([{ key: 'k', by: 1 }], 1000);
    expect(await attempts().take('k', 2000, 1000)).toBe(1);
  });

  test('keys are counted apart and peeked in the order asked', async () => {
    await attempts().take('a', 1000, 0);
    await attempts().take('a', 1000, 0);
    await attempts().take('b', 1000, 0);
    expect(await attempts().peek(['b', 'c', 'a'], 0)).toEqual([1, 0, 2]);
    expect(await attempts().peek([], 0)).toEqual([]);
  });
}
