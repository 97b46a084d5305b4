import { describe, expect, test } from '@jest/globals';
import type { Attempts } from '../../src/domain/ports/attempts.ts';
import { limits, takeFactorGuess, takePasswordGuess, takeTry } from '../../src/domain/rate-limits/rate-limits.ts';

const now = 1_793_404_800_000;

function attemptsInMemory(): Attempts {
  const counts = new Map<string, { count: number; windowEndsAt: number }>();
  const living = (key: string, at: number) => {
    const found = counts.get(key);
    return found !== undefined && found.windowEndsAt > at ? found : undefined;
  };
  return {
    async take(key, windowEndsAt, at) {
      const next = { windowEndsAt, ...living(key, at), count: (living(key, at)?.count ?? 0) + 1 };
      counts.set(key, next);
      return next.count;
    },
    async giveBack(key, at) {
      const found = living(key, at);
      if (found !== undefined) found.count = Math.max(0, found.count - 1);
    },
    peek: async (keys, at) => keys.map((key) => living(key, at)?.count ?? 0),
  };
}

const guess = (change: object = {}) => ({ account: 'a1', network: '192.0.2.1', ...change });

describe('rule 2: what a wrong password costs', () => {
  test('ten tries at one account from one network, then none until the window ends', async () => {
    const attempts = attemptsInMemory();
    for (let n = 0; n < 10; n += 1) expect((await takePasswordGuess(attempts, guess(), now)).allowed).toBe(true);
    expect(await takePasswordGuess(attempts, guess(), now)).toMatchObject({ allowed: false, retryAfterSeconds: 900 });
    expect((await takePasswordGuess(attempts, guess(), now + 900_001)).allowed).toBe(true);
  });

  test('strangers from many addresses run into the counter of the account, its known browser does not', async () => {
    const attempts = attemptsInMemory();
    const strangers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => takePasswordGuess(attempts, guess({ network: `198.51.100.${n}` }), now)),
    );
    expect(strangers.filter(({ allowed }) => allowed)).toHaveLength(limits.passwordPerAccountFromStrangers.tries);
    expect((await takePasswordGuess(attempts, guess({ knownBrowser: 'laptop' }), now)).allowed).toBe(true);
  });

  test('a known browser has a counter of its own', async () => {
    const attempts = attemptsInMemory();
    const owner = guess({ knownBrowser: 'laptop' });
    for (let n = 0; n < 20; n += 1) expect((await takePasswordGuess(attempts, owner, now)).allowed).toBe(true);
    expect((await takePasswordGuess(attempts, owner, now)).allowed).toBe(false);
    expect((await takePasswordGuess(attempts, guess(), now)).allowed).toBe(true);
  });

  test('one password tried on everybody: the network pays once for each account that failed', async () => {
    const attempts = attemptsInMemory();
    for (let n = 0; n < limits.accountsFailedPerNetwork.tries; n += 1) {
      expect((await takePasswordGuess(attempts, guess({ account: `a${n}` }), now)).allowed).toBe(true);
    }
    expect((await takePasswordGuess(attempts, guess({ account: 'one more' }), now)).allowed).toBe(false);
    expect(
      (await takePasswordGuess(attempts, guess({ account: 'one more', network: '203.0.113.9' }), now)).allowed,
    ).toBe(true);
  });

  test('a campus that signs in rightly never runs out: right guesses are given back', async () => {
    const attempts = attemptsInMemory();
    for (let n = 0; n < 2000; n += 1) {
      const taken = await takePasswordGuess(attempts, guess({ account: `a${n}` }), now);
      expect(taken.allowed).toBe(true);
      if (taken.allowed) await taken.giveBack();
    }
  });
});

test('what is given back is given back at once: a sign-in waits for one commit', async () => {
  const attempts = attemptsInMemory();
  const { giveBack } = attempts;
  let waiting = 0;
  let most = 0;
  attempts.giveBack = async (...given) => {
    waiting += 1;
    most = Math.max(most, waiting);
    await giveBack(...given);
    await new Promise((resolve) => setImmediate(resolve));
    waiting -= 1;
  };
  const all = [
    await takePasswordGuess(attempts, guess(), now),
    await takeFactorGuess(attempts, { accountId: 'a1', knownBrowser: 'laptop' }, now),
  ];
  const together: number[] = [];
  for (const taken of all) {
    most = 0;
    if (taken.allowed) await taken.giveBack();
    together.push(most);
  }
  expect([together, waiting]).toEqual([[3, 2], 0]);
});

describe('rule 3: what a wrong second factor costs', () => {
  test('after twenty over all networks codes are refused, the owner is told once, and a known browser goes on', async () => {
    const attempts = attemptsInMemory();
    for (let n = 0; n < 20; n += 1)
      expect((await takeFactorGuess(attempts, { accountId: 'a1' }, now)).allowed).toBe(true);
    expect(await takeFactorGuess(attempts, { accountId: 'a1' }, now)).toMatchObject({
      allowed: false,
      tellOwner: true,
    });
    expect(await takeFactorGuess(attempts, { accountId: 'a1' }, now)).toMatchObject({
      allowed: false,
      tellOwner: false,
    });
    expect((await takeFactorGuess(attempts, { accountId: 'a1', knownBrowser: 'laptop' }, now)).allowed).toBe(true);
  });

  test('a known browser tries ten codes in a quarter of an hour and fifty a day, then the owner is told once', async () => {
    const attempts = attemptsInMemory();
    const told: (boolean | undefined)[] = [];
    let allowed = 0;
    for (let quarter = 0; quarter < 8; quarter += 1) {
      const at = now + quarter * 900_000;
      for (let n = 1; n <= 12; n += 1) {
        const taken = await takeFactorGuess(attempts, { accountId: 'a1', knownBrowser: 'laptop' }, at);
        if (taken.allowed) allowed += 1;
        else told.push(taken.tellOwner);
        expect(taken.allowed).toBe(quarter < 5 && n <= 10);
      }
    }
    expect(allowed).toBe(50);
    expect(told.filter(Boolean)).toEqual([true]);
    // one that was right costs nothing
    const others = attemptsInMemory();
    for (let n = 0; n < 60; n += 1) {
      const taken = await takeFactorGuess(others, { accountId: 'a1', knownBrowser: 'laptop' }, now);
      if (taken.allowed) await taken.giveBack();
      expect(taken.allowed).toBe(true);
    }
  });
});

test('numbers tried at the door are counted per network', async () => {
  const attempts = attemptsInMemory();
  for (let n = 0; n < 100; n += 1)
    expect((await takeTry(attempts, 'numbersPerNetwork', '2001:db8::/64', now)).allowed).toBe(true);
  expect((await takeTry(attempts, 'numbersPerNetwork', '2001:db8::/64', now)).allowed).toBe(false);
});
