/** Wrong passwords are answered after the same time, whatever work the stored hash takes (rule 1). */
import { expect, test } from '@jest/globals';
import { createEvenAnswers } from '../../src/hashing/even-answers.ts';

/** Without a clock: `since` lies so far ahead that nothing has passed, and waits are only noted. */
function evenAnswers(works: string[], cost: Record<string, number>) {
  const waited: number[] = [];
  const measured: string[] = [];
  const even = createEvenAnswers({
    works: async () => works,
    async measure(work) {
      measured.push(work);
      even.note(work, cost[work] ?? 0);
    },
    wait: async (ms) => void waited.push(ms),
  });
  return { even, waited, measured };
}

/** Milliseconds from the moment a password was asked to the answer, whose work took `ms` at once. */
async function answered({ even, waited }: ReturnType<typeof evenAnswers>, work: string, ms: number) {
  even.note(work, ms);
  const before = performance.now();
  await even.hold(work, ms, before - ms);
  return waited.length === 0 ? undefined : (waited.pop() ?? 0) + ms;
}

test('where all hashes are our own nothing waits, and nothing is measured', async () => {
  const all = evenAnswers([], {});
  expect(await answered(all, 'own', 20)).toBeUndefined();
  expect(all.measured).toEqual([]);
});

test('an unknown login waits as long as the slowest stored hash takes, and so does every other one', async () => {
  const cost = { 'bcrypt 12': 30_000, 'bcrypt 10': 8000 };
  const all = evenAnswers(Object.keys(cost), cost);
  for (const [work, ms] of [
    ['own', 20],
    ['bcrypt 10', 8000],
    ['bcrypt 12', 30_000],
    ['own', 20],
  ] as const) {
    const after = (await answered(all, work, ms)) ?? 0;
    expect(after).toBeGreaterThan(29_000); // of half a minute, so that a busy machine changes nothing
    expect(after).toBeLessThan(31_000);
  }
  expect(all.measured.toSorted()).toEqual(['bcrypt 10', 'bcrypt 10', 'bcrypt 12', 'bcrypt 12']);
});

test('hashes that are quicker than ours wait for ours', async () => {
  const all = evenAnswers(['argon2id m=8,t=1,p=1'], { 'argon2id m=8,t=1,p=1': 1 });
  all.even.note('own', 30_000);
  expect(await answered(all, 'argon2id m=8,t=1,p=1', 1)).toBeGreaterThan(29_000);
});

test('a password that is tried in several forms waits as much longer', async () => {
  const all = evenAnswers(['bcrypt 12'], { 'bcrypt 12': 10_000 });
  const before = performance.now();
  await all.even.hold('own', 20, before - 60, 3);
  expect(all.waited[0]).toBeGreaterThan(29_000);
  expect(all.waited[0]).toBeLessThan(31_000);
});

test('what is measured follows the load: the latest times count', async () => {
  const all = evenAnswers(['bcrypt 12'], { 'bcrypt 12': 30_000 });
  for (let n = 0; n < 40; n += 1) all.even.note('bcrypt 12', 90_000);
  expect(await answered(all, 'own', 20)).toBeGreaterThan(89_000);
  for (let n = 0; n < 40; n += 1) all.even.note('bcrypt 12', 30_000);
  expect(await answered(all, 'own', 20)).toBeLessThan(31_000);
});

test('a measurement that fails keeps nobody waiting', async () => {
  const waited: number[] = [];
  const even = createEvenAnswers({
    works: async () => ['bcrypt 12'],
    measure: () => Promise.reject(new Error('busy')),
    wait: async (ms) => void waited.push(ms),
  });
  even.note('own', 20);
  await even.hold('own', 20, performance.now() - 20);
  expect(waited).toHaveLength(1);
});

test('a storage that fails ends no wait: the password was judged, and the try counts', async () => {
  let away = false;
  const waited: number[] = [];
  const even = createEvenAnswers({
    works: () => (away ? Promise.reject(new Error('away')) : Promise.resolve(['bcrypt 12'])),
    measure: async (work) => even.note(work, 30_000),
    wait: async (ms) => void waited.push(ms),
  });
  await even.hold('own', 20, performance.now() - 20);
  away = true;
  await even.hold('own', 20, performance.now() - 20);
  expect(waited.map((ms) => ms > 29_000)).toEqual([true, true]);
});
