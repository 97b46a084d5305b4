import { describe, expect, test } from '@jest/globals';
import { createAttemptsInMemory } from '../../src/domain/rate-limits/attempts-in-memory.ts';
import { type FactorGuess, takeFactorGuess } from '../../src/domain/rate-limits/factor-guess.ts';
import { limits, triesOf } from '../../src/domain/rate-limits/limits.ts';
import { mayLookUp } from '../../src/domain/rate-limits/number-lookups.ts';
import {
  type PasswordGuess,
  type PasswordTaken,
  takePasswordGuess,
} from '../../src/domain/rate-limits/password-guess.ts';
import {
  counterOf,
  countersOf,
  givenBackUnlessJudged,
  type LimitHit,
  takeAll,
  takeNetworkTry,
} from '../../src/domain/rate-limits/rate-limits.ts';
import { createUnderWay } from '../../src/domain/rate-limits/under-way.ts';

const now = 1_793_404_800_000;
const QUARTER = 900_000;

/** Counters in memory, and what was told of the limits that were reached. */
function limiterInMemory() {
  const hits: LimitHit[] = [];
  return {
    attempts: createAttemptsInMemory(),
    memory: createAttemptsInMemory(),
    underWay: createUnderWay(),
    onLimitHit: (hit: LimitHit) => void hits.push(hit),
    hits,
  };
}
type Limiter = ReturnType<typeof limiterInMemory>;

const from = (...groups: string[]) => ({ groups });
/** `account: ''`: the login is made up. */
function guess(change: Partial<PasswordGuess> = {}): PasswordGuess {
  const { account = 'a1', ...rest } = change;
  const made = { login: 'r1', network: from('192.0.2.1'), browser: 'b1', ...rest };
  return account === '' ? made : { ...made, account };
}

/** One try, judged: what came of it. `right`: what was typed is the password. */
async function attempt(limiter: Limiter, change: Partial<PasswordGuess> = {}, right = false, at = now) {
  const taken = await takePasswordGuess(limiter, guess(change), at);
  if (taken.kind !== 'judge') return taken.kind;
  const matches = right && taken.opens && change.login !== 'unknown' && (await givenBack(taken));
  if (!matches) await taken.wrong();
  return matches ? 'right' : taken.slowed === undefined ? 'wrong' : 'slowed';
}

/** @returns whether it opens, once what was lost is given back */
async function givenBack(taken: Pick<Extract<PasswordTaken, { kind: 'judge' }>, 'right'>): Promise<boolean> {
  const { opens, givenBack } = await taken.right();
  await givenBack;
  return opens;
}

async function times(count: number, act: (n: number) => Promise<string>): Promise<string[]> {
  const outcomes: string[] = [];
  for (let n = 0; n < count; n += 1) outcomes.push(await act(n));
  return [...new Set(outcomes)];
}

describe('rule 2: what a wrong password costs', () => {
  test('ten tries at one login from one network, then none until the window ends', async () => {
    const limiter = limiterInMemory();
    expect(await times(10, () => attempt(limiter))).toEqual(['wrong']);
    const refused = await takePasswordGuess(limiter, guess(), now);
    expect(refused).toMatchObject({ kind: 'refused', retryAfterSeconds: 900 });
    expect(await attempt(limiter, {}, true)).toBe('refused');
    expect(await attempt(limiter, {}, true, now + QUARTER + 1)).toBe('right');
  });

  test('strangers from many addresses run into the counter of the login, its known browser does not', async () => {
    const limiter = limiterInMemory();
    const strangers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        takePasswordGuess(limiter, guess({ network: from(`198.51.100.${n}`) }), now),
      ),
    );
    expect(strangers.filter(({ kind }) => kind === 'judge')).toHaveLength(limits.passwordPerLoginFromStrangers.tries);
    expect(await attempt(limiter, { network: from('203.0.113.1') }, true)).toBe('refused');
    expect(await attempt(limiter, { knownBrowser: 'laptop' }, true)).toBe('right');
  });

  test('a known browser has a counter of its own, and what its owner got wrong is given back with the right one', async () => {
    const limiter = limiterInMemory();
    const owner = { knownBrowser: 'laptop' };
    for (let round = 0; round < 3; round += 1) {
      expect(await times(19, () => attempt(limiter, owner))).toEqual(['wrong']);
      expect(await attempt(limiter, owner, true)).toBe('right');
    }
    expect(await times(20, () => attempt(limiter, owner))).toEqual(['wrong']);
    expect(await attempt(limiter, owner, true)).toBe('refused');
    expect(await attempt(limiter)).toBe('wrong');
  });

  test('one password tried on everybody: the network pays once for each login that failed, and then opens none', async () => {
    const limiter = limiterInMemory();
    const spray = (n: number) => attempt(limiter, { login: `r${n}`, account: `a${n}`, browser: `b${n}` });
    expect(await times(limits.accountsFailedPerNetwork.tries, spray)).toEqual(['wrong']);
    expect(await attempt(limiter, { login: 'more', account: 'more' }, true)).toBe('slowed');
    expect(await attempt(limiter, { login: 'r0', account: 'a0', browser: 'other' }, true)).toBe('slowed');
    expect(await attempt(limiter, { login: 'r0', account: 'a0', knownBrowser: 'laptop' }, true)).toBe('right');
    expect(await attempt(limiter, { login: 'more', account: 'more', network: from('203.0.113.9') }, true)).toBe(
      'right',
    );
  });

  test('made-up logins slow those who type them, and deny nobody a right password', async () => {
    const limiter = limiterInMemory();
    const madeUp = (n: number) =>
      takePasswordGuess(limiter, { login: `x${n}`, network: from('192.0.2.1'), browser: 'student' }, now).then(
        async (taken) => {
          if (taken.kind !== 'judge') return taken.kind;
          await taken.wrong();
          return taken.slowed === undefined ? taken.lane : `slowed ${taken.lane}`;
        },
      );
    expect(await times(limits.loginsFailedPerBrowser.tries, madeUp)).toEqual(['others']);
    expect(await madeUp(1000)).toBe('slowed slowed');
    // others at this address are not slowed yet
    const other = { login: 'r2', account: 'a2', browser: 'b2' };
    expect(await takePasswordGuess(limiter, guess(other), now)).toMatchObject({ lane: 'others', opens: true });
    await times(400, (n) => madeUp(2000 + n));
    // and then wait behind those of other addresses, but are let in
    expect(await takePasswordGuess(limiter, guess(other), now)).toMatchObject({ lane: 'slowed', opens: true });
    expect(await attempt(limiter, other, true)).toBe('right');
    const known = await takePasswordGuess(limiter, guess({ knownBrowser: 'laptop' }), now);
    expect(known).toMatchObject({ lane: 'known', opens: true });
  });

  test('a campus that signs in rightly never runs out: right guesses are given back', async () => {
    const limiter = limiterInMemory();
    expect(await times(2000, (n) => attempt(limiter, { login: `r${n}`, account: `a${n}` }, true))).toEqual(['right']);
  });

  test('nor does one where everybody mistypes first: who gets it right gives back what was wrong before', async () => {
    const limiter = limiterInMemory();
    const person = (n: number) => ({ login: `r${n}`, account: `a${n}`, browser: 'a room of browsers' });
    for (let n = 0; n < 400; n += 1) {
      expect(await times(3, () => attempt(limiter, person(n)))).toEqual(['wrong']);
      expect(await attempt(limiter, person(n), true)).toBe('right');
    }
    expect(await times(9, () => attempt(limiter, person(0)))).toEqual(['wrong']);
    expect(await attempt(limiter, person(0), true)).toBe('right');
    expect(await times(10, () => attempt(limiter, person(0)))).toEqual(['wrong']);
    expect(await attempt(limiter, person(0))).toBe('refused');
  });

  test('what is given back twice at once is given back once', async () => {
    const limiter = limiterInMemory();
    const others = (n: number) => ({ login: `r${n}`, account: `a${n}`, browser: `b${n}` });
    await times(limits.accountsFailedPerNetwork.tries - 1, (n) => attempt(limiter, others(n + 10)));
    await attempt(limiter, others(1));
    const both = await Promise.all([1, 1].map((n) => takePasswordGuess(limiter, guess(others(n)), now)));
    // the network is full, so neither opens; but both ask to give back
    await Promise.all(both.map((taken) => taken.kind === 'judge' && givenBack(taken)));
    expect(await attempt(limiter, others(2), true)).toBe('right');
    await attempt(limiter, others(2));
    expect(await attempt(limiter, others(3), true)).toBe('slowed');
  });

  test('what was not judged costs nothing', async () => {
    const limiter = limiterInMemory();
    for (const knownBrowser of [undefined, 'laptop']) {
      for (let n = 0; n < 200; n += 1) {
        const taken = await takePasswordGuess(limiter, guess(knownBrowser === undefined ? {} : { knownBrowser }), now);
        if (taken.kind !== 'judge') throw new Error(taken.kind);
        await taken.notJudged();
      }
    }
    expect(await attempt(limiter, {}, true)).toBe('right');
  });

  test('who comes while all tries that are left are being judged waits for them', async () => {
    for (const change of [{}, { knownBrowser: 'laptop' }]) {
      const limiter = limiterInMemory();
      const tries = 'knownBrowser' in change ? 20 : 10;
      const first = await Promise.all(
        Array.from({ length: tries }, () => takePasswordGuess(limiter, guess(change), now)),
      );
      expect(await takePasswordGuess(limiter, guess(change), now)).toMatchObject({ kind: 'waiting' });
      for (const taken of first) if (taken.kind === 'judge') await givenBack(taken);
      expect(await attempt(limiter, change, true)).toBe('right');
      // of those who come at once no more are judged than there are tries
      const crowd = await Promise.all(Array.from({ length: 50 }, () => takePasswordGuess(limiter, guess(change), now)));
      expect(crowd.filter(({ kind }) => kind === 'judge')).toHaveLength(tries);
      for (const taken of crowd) if (taken.kind === 'judge') await taken.wrong();
      expect(await attempt(limiter, change)).toBe('refused');
    }
  });

  test('whoever holds an IPv6 /56 or /48 has not the tries of all its /64', async () => {
    const limiter = limiterInMemory();
    const subnet = (n: number) => ({
      browser: `b${n}`,
      network: from(`2001:db8:0:${n}::/64`, `2001:db8:0:${n >> 8}00::/56`, '2001:db8::/48'),
    });
    let judged = 0;
    for (let n = 0; n < 256; n += 1) if ((await attempt(limiter, subnet(n))) === 'wrong') judged += 1;
    expect(judged).toBe(20);
    for (let n = 256; n < 2000; n += 100) if ((await attempt(limiter, subnet(n))) === 'wrong') judged += 1;
    expect(judged).toBe(20 + 18);
    for (let n = 2000; n < 3000; n += 100) if ((await attempt(limiter, subnet(n))) === 'wrong') judged += 1;
    expect(judged).toBe(40); // fewer than strangers have: one holder of a /48 does not lock a person out elsewhere
    expect(judged).toBeLessThan(limits.passwordPerLoginFromStrangers.tries);
    expect(await attempt(limiter, {}, true)).toBe('right');
  });

  test('a configured network has limits of its own, and the others as they are', async () => {
    const limiter = limiterInMemory();
    const campus = { ...from('192.0.2.1'), name: 'campus', limits: { accountsFailedPerNetwork: 400 } };
    const fail = (n: number) =>
      attempt(limiter, { login: `r${n}`, account: `a${n}`, browser: `b${n}`, network: campus });
    await times(399, fail);
    expect(await attempt(limiter, { network: campus, login: 'more', account: 'more' }, true)).toBe('right');
    await fail(399);
    expect(await attempt(limiter, { network: campus, login: 'more', account: 'more' }, true)).toBe('slowed');
    expect([triesOf('mailsPerNetwork', campus, 0), triesOf('accountsFailedPerNetwork', campus, 2)]).toEqual([60, 1600]);
  });

  test('the first refusal in a window is told with the name of the limit and of the network, and the next ones not', async () => {
    const limiter = limiterInMemory();
    const campus = { ...from('192.0.2.1'), name: 'campus' };
    for (const at of [now, now + QUARTER + 1]) {
      for (let n = 0; n < 15; n += 1) await attempt(limiter, { network: campus }, false, at);
    }
    const hit = { limit: 'passwordPerLoginAndNetwork', network: 'campus', from: '192.0.2.1' };
    expect(limiter.hits).toEqual([hit, hit]);
  });
});

describe('rule 1: limits tell nothing', () => {
  test('tries at one login are not seen at another of the same account', async () => {
    const limiter = limiterInMemory();
    const number = { login: 'r1' };
    const address = { login: 'a1@example.org' };
    await times(6, () => attempt(limiter, number));
    expect(await times(10, () => attempt(limiter, address))).toEqual(['wrong']);
    expect(await times(4, () => attempt(limiter, number))).toEqual(['wrong']);
    expect([await attempt(limiter, number), await attempt(limiter, address)]).toEqual(['refused', 'refused']);
    // nor in what strangers of many networks did
    const others = limiterInMemory();
    const far = (n: number) => ({ network: from(`198.51.100.${n}`), browser: `b${n}` });
    await times(50, (n) => attempt(others, { ...number, ...far(n) }));
    expect(await times(50, (n) => attempt(others, { ...address, ...far(n) }))).toEqual(['wrong']);
  });

  test('all logins of an account together have a limit too, beyond which the right password is answered as a wrong one', async () => {
    const limiter = limiterInMemory();
    for (const login of ['r1', 'r2']) await times(10, () => attempt(limiter, { login }));
    expect(await attempt(limiter, { login: 'r3' }, true)).toBe('wrong');
    expect(await attempt(limiter, { login: 'r3', network: from('203.0.113.1') }, true)).toBe('right');
    const others = limiterInMemory();
    const far = (n: number) => ({ network: from(`198.51.100.${n}`), browser: `b${n}` });
    for (const login of ['r1', 'r2']) await times(50, (n) => attempt(others, { login, ...far(n) }));
    expect(await attempt(others, { login: 'r3', ...far(99) }, true)).toBe('wrong');
    expect(await attempt(others, { login: 'r3', knownBrowser: 'laptop' }, true)).toBe('right');
    expect(await attempt(others, { login: 'r3', epoch: 2, ...far(99) }, true)).toBe('right'); // a reset lifts it
  });

  test('a known and an unknown login cost the same calls and are refused at the same try', async () => {
    const costs: string[][] = [];
    for (const account of ['a1', undefined]) {
      const limiter = limiterInMemory();
      const calls: string[] = [];
      for (const name of ['take', 'takeAll', 'giveBack', 'clear', 'peek'] as const) {
        const call = limiter.attempts[name] as (...given: never[]) => Promise<never>;
        limiter.attempts[name] = (async (...given: never[]) => {
          calls.push(name);
          return call(...given);
        }) as never;
      }
      const { account: _, ...rest } = guess();
      for (let n = 0; n < 12; n += 1) {
        const taken = await takePasswordGuess(limiter, account === undefined ? rest : { ...rest, account }, now);
        if (taken.kind === 'judge') await taken.wrong();
        calls.push(taken.kind);
      }
      costs.push(calls);
    }
    expect(costs[0]).toEqual(costs[1]);
    expect(costs[0]?.filter((call) => call === 'judge')).toHaveLength(10);
  });
});

test('rule 2: a try costs nothing, and nobody waits for it, where the storage fails before the password is judged', async () => {
  const limiter = limiterInMemory();
  const spray = (n: number) => attempt(limiter, { login: `r${n}`, account: `a${n}`, browser: `b${n}` });
  await times(limits.accountsFailedPerNetwork.tries, spray);
  const other = { login: 'other', account: 'other', browser: 'other' };
  const { take } = limiter.attempts;
  limiter.attempts.take = async () => Promise.reject(new Error('the storage is away'));
  for (let n = 0; n < 10; n += 1)
    await expect(takePasswordGuess(limiter, guess(other), now)).rejects.toThrow('the storage is away');
  limiter.attempts.take = take;
  expect(await times(10, () => attempt(limiter, other))).toEqual(['slowed']);
  expect(await attempt(limiter, other)).toBe('refused'); // not `waiting`
});

test('the tries of one guess are taken in one write and given back in one', async () => {
  const network = from('2001:db8::/64', '2001:db8::/56', '2001:db8::/48');
  for (const take of [
    (limiter: Limiter) => takePasswordGuess(limiter, guess({ network }), now),
    (limiter: Limiter) => takePasswordGuess(limiter, guess({ network, knownBrowser: 'laptop' }), now),
    (limiter: Limiter) => takeFactorGuess(limiter, codeGuess({ network, knownBrowser: 'laptop' }), now),
  ]) {
    const limiter = limiterInMemory();
    const written = writesOf(limiter);
    const taken = await take(limiter);
    expect(written).toEqual(['takeAll']);
    if ('closedNow' in taken) await givenBack(taken);
    else if ('right' in taken) await taken.right();
    expect(written).toEqual(['takeAll', 'giveBack']);
  }
});

/** The calls that write to the database, from now on. */
function writesOf({ attempts }: Limiter): string[] {
  const written: string[] = [];
  for (const name of ['take', 'takeAll', 'giveBack', 'clear'] as const) {
    const call = attempts[name] as (...given: never[]) => Promise<never>;
    attempts[name] = (async (...given: never[]) => {
      written.push(name);
      return call(...given);
    }) as never;
  }
  return written;
}

describe('far beyond the limits of a network', () => {
  /** A network in which 3000 made-up logins failed within the hour. */
  async function flooded() {
    const limiter = limiterInMemory();
    for (let n = 0; n < 10 * limits.loginsFailedPerNetwork.tries; n += 1)
      await attempt(limiter, { login: `x${n}`, browser: `b${n}`, account: '' });
    return { limiter, written: writesOf(limiter) };
  }

  test('tries write nothing any more, and have the same limits: rule 30 without a lock-out', async () => {
    const { limiter, written } = await flooded();
    for (const [login, account] of [
      ['r1', 'a1'],
      ['x', ''],
    ] as const) {
      expect(await times(10, () => attempt(limiter, { login, account, browser: 'new' }))).toEqual(['slowed']);
      expect(await attempt(limiter, { login, account }, true)).toBe('refused');
    }
    expect(written).toEqual([]);
    expect(await attempt(limiter, { login: 'r9', account: 'a9' }, true)).toBe('right');
    expect(await attempt(limiter, { login: 'r1', network: from('203.0.113.1') }, true)).toBe('right');
  });

  test('a password tried on everybody still closes the network', async () => {
    const { limiter, written } = await flooded();
    const spray = (n: number) => attempt(limiter, { login: `r${n}`, account: `a${n}`, browser: `b${n}` });
    await times(limits.accountsFailedPerNetwork.tries, spray);
    const before = written.length;
    expect(await attempt(limiter, { login: 'more', account: 'more' }, true)).toBe('slowed');
    expect([before, written.length]).toEqual([0, 1]); // that the limit was reached is told, and written, once
    expect(await attempt(limiter, { login: 'more', account: 'more', knownBrowser: 'laptop' }, true)).toBe('right');
  });

  test('what was wrong before and is right now is given back in both places', async () => {
    const limiter = limiterInMemory();
    await times(5, () => attempt(limiter, { browser: 'mine' }));
    for (let n = 0; n < 10 * limits.loginsFailedPerNetwork.tries; n += 1)
      await attempt(limiter, { login: `x${n}`, browser: `b${n}`, account: '' });
    await times(4, () => attempt(limiter, { browser: 'mine' }));
    expect(await attempt(limiter, { browser: 'mine' }, true)).toBe('right');
    expect(await times(10, () => attempt(limiter, { browser: 'mine' }))).toEqual(['slowed']);
    expect(await attempt(limiter, { browser: 'mine' })).toBe('refused');
  });

  test('the memory is bounded: the counters that were counted last are kept', async () => {
    const memory = createAttemptsInMemory(3);
    for (const key of ['a', 'b', 'a', 'c', 'd']) await memory.take(key, now + 1, now);
    expect(await memory.peek(['a', 'b', 'c', 'd'], now)).toEqual([2, 0, 1, 1]);
  });
});

describe('while others are being judged', () => {
  test('a burst opens nothing beyond the limit of its network: what was judged meanwhile counts', async () => {
    const limiter = limiterInMemory();
    const burst = await Promise.all(
      Array.from({ length: 400 }, (_, n) =>
        takePasswordGuess(limiter, guess({ login: `r${n}`, account: `a${n}`, browser: `b${n}` }), now),
      ),
    );
    const opened: boolean[] = [];
    for (const [n, taken] of burst.entries()) {
      if (taken.kind !== 'judge') throw new Error(taken.kind);
      expect(taken.opens).toBe(true); // nothing was wrong yet
      if (n === 200 || n === 399) opened.push(await givenBack(taken));
      if (!(n === 200 || n === 399) || opened.at(-1) === false) await taken.wrong();
    }
    expect(opened).toEqual([true, false]);
  });

  test('a burst over all logins of an account is held to its limit', async () => {
    const limiter = limiterInMemory();
    const burst = await Promise.all(
      Array.from({ length: 30 }, (_, n) => takePasswordGuess(limiter, guess({ login: `r${n % 3}` }), now)),
    );
    expect(burst.filter((taken) => taken.kind === 'judge' && taken.opens)).toHaveLength(
      limits.passwordPerAccountAndNetwork.tries,
    );
  });

  test('no more wait than are being judged, and nobody for nothing', async () => {
    const limiter = limiterInMemory();
    const take = (at = now) => takePasswordGuess(limiter, guess(), at);
    const judged = await Promise.all(Array.from({ length: 10 }, () => take()));
    const others = await Promise.all(Array.from({ length: 100 }, () => take()));
    const waiting = others.flatMap((each) => (each.kind === 'waiting' ? [each] : []));
    expect([waiting.length, others.length - waiting.length]).toEqual([10, 90]);
    // each that ends lets one ask again; who no longer waits leaves the place to another
    let asked = 0;
    for (const { ended } of waiting)
      ended.then(() => {
        asked += 1;
      });
    for (const taken of judged.slice(0, 3)) if (taken.kind === 'judge') await taken.wrong();
    expect(asked).toBe(3);
    waiting.at(-1)?.leave();
    expect((await take()).kind).toBe('waiting'); // six of seven that are being judged are waited for
    expect((await take()).kind).toBe('refused');
    for (const taken of judged.slice(3)) if (taken.kind === 'judge') await taken.wrong();
    expect((await take()).kind).toBe('refused');
    // a later window is as full, whatever else is remembered of the first one, and nothing is being judged
    const later = now + 50 * 60_000;
    for (let n = 0; n < 10; n += 1) await attempt(limiter, {}, false, later);
    expect((await take(now + 61 * 60_000)).kind).toBe('refused');
  });
});

const codeGuess = (change: Partial<FactorGuess> = {}): FactorGuess => ({
  accountId: 'a1',
  network: from('192.0.2.1'),
  attempt: 'sign-in',
  ...change,
});

/** One code, judged: whether it was looked at, and whether the owner is to be told. */
async function code(limiter: Limiter, change: Partial<FactorGuess> = {}, right = false, at = now) {
  const taken = await takeFactorGuess(limiter, codeGuess(change), at);
  if (!taken.allowed) return { judged: false, told: taken.tellOwner };
  if (!right) return { judged: true, told: (await taken.wrong()).tellOwner };
  await taken.right();
  return { judged: true, told: false };
}

describe('rule 3: what a wrong second factor costs', () => {
  test('after twenty over all networks codes are refused, the owner is told once, and a known browser goes on', async () => {
    const limiter = limiterInMemory();
    for (let n = 0; n < 20; n += 1) {
      expect(await code(limiter, { network: from(`198.51.100.${n}`) })).toEqual({ judged: true, told: false });
    }
    expect(await code(limiter)).toEqual({ judged: false, told: true });
    expect(await code(limiter)).toEqual({ judged: false, told: false });
    expect(await code(limiter, { knownBrowser: 'laptop' }, true)).toEqual({ judged: true, told: false });
    expect(await code(limiter, { knownBrowser: 'laptop' })).toEqual({ judged: true, told: false });
    expect(limiter.hits).toEqual([{ limit: 'factorPerAccount', from: '192.0.2.1' }]);
  });

  test('a known browser tries ten codes in a quarter of an hour and fifty a day, and the owner is told once', async () => {
    const limiter = limiterInMemory();
    let judged = 0;
    let told = 0;
    for (let quarter = 0; quarter < 8; quarter += 1) {
      for (let n = 1; n <= 12; n += 1) {
        const tried = await code(limiter, { knownBrowser: 'laptop' }, false, now + quarter * QUARTER);
        expect(tried.judged).toBe(quarter < 5 && n <= 10);
        if (tried.judged) judged += 1;
        if (tried.told) told += 1;
      }
    }
    expect([judged, told]).toEqual([50, 1]);
  });

  test('a dozen device cookies have not a dozen times the tries: they count together, and the owner is told', async () => {
    const limiter = limiterInMemory();
    const told: number[] = [];
    let judged = 0;
    for (let cookie = 0; cookie < 12; cookie += 1) {
      for (let n = 0; n < 10; n += 1) {
        const tried = await code(limiter, { knownBrowser: `cookie ${cookie}` });
        if (tried.judged) judged += 1;
        if (tried.told) told.push(judged);
      }
    }
    expect([judged, told]).toEqual([limits.factorInAllKnownBrowsers.tries, [limits.factorPerAccount.tries + 1]]);
    // and strangers are refused from the twentieth on
    expect(await code(limiter, {}, true)).toEqual({ judged: false, told: false });
  });

  test('right codes cost nothing, and give back what was wrong in the same sign-in or browser, but not what others got wrong', async () => {
    for (const mine of [{ attempt: 'mine' }, { knownBrowser: 'laptop' }]) {
      const limiter = limiterInMemory();
      for (let n = 0; n < 15; n += 1) expect((await code(limiter, { attempt: 'of a thief' })).judged).toBe(true);
      for (let n = 0; n < 60; n += 1) {
        expect(await code(limiter, mine)).toEqual({ judged: true, told: false });
        expect(await code(limiter, mine, true)).toEqual({ judged: true, told: false });
      }
      for (let n = 0; n < 5; n += 1) expect((await code(limiter, { attempt: 'of a thief' })).judged).toBe(true);
      expect(await code(limiter, { attempt: 'of a thief' })).toEqual({ judged: false, told: true });
    }
  });

  test('a code that could not be judged costs nothing', async () => {
    const limiter = limiterInMemory();
    for (const change of [{}, { knownBrowser: 'laptop' }]) {
      for (let n = 0; n < 60; n += 1) {
        const taken = await takeFactorGuess(limiter, codeGuess(change), now);
        if (!taken.allowed) throw new Error('refused');
        await taken.notJudged();
      }
    }
    expect(limiter.hits).toEqual([]);
  });
});

describe('limits of networks', () => {
  test('numbers tried at the door are counted once each; a reload of one that was counted goes on', async () => {
    const limiter = limiterInMemory();
    const network = from('2001:db8::/64', '2001:db8::/56', '2001:db8::/48');
    for (let n = 0; n < 100; n += 1) expect(await mayLookUp(limiter, `q${n}`, network, now)).toBe(true);
    expect(await mayLookUp(limiter, 'one more', network, now)).toBe(false);
    expect(await mayLookUp(limiter, 'q7', network, now)).toBe(true);
    const beside = from('2001:db8:0:1::/64', '2001:db8::/56', '2001:db8::/48');
    for (let n = 0; n < 100; n += 1) expect(await mayLookUp(limiter, `r${n}`, beside, now)).toBe(true);
    const third = from('2001:db8:0:2::/64', '2001:db8::/56', '2001:db8::/48');
    expect(await mayLookUp(limiter, 'one more', third, now)).toBe(false);
  });

  test('what one limit refuses is not counted by the others, and what fails is given back', async () => {
    const limiter = limiterInMemory();
    const network = from('192.0.2.1');
    const both = [...countersOf('mailsPerNetwork', network), counterOf('mailsPerAccount', 'r1 192.0.2.1')];
    for (let n = 0; n < 100; n += 1) await takeAll(limiter, both, network, now);
    expect(
      await limiter.attempts.peek(
        both.map(({ name }) => name),
        now,
      ),
    ).toEqual([5, 5]);
    for (let n = 0; n < 200; n += 1) {
      const taken = await takeNetworkTry(limiter, 'codesPerNetwork', network, now);
      if (!taken.allowed) throw new Error('refused');
      const judging = givenBackUnlessJudged(taken, () => Promise.reject(new Error('busy')));
      await expect(judging).rejects.toThrow('busy');
    }
  });
});
