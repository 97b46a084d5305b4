/** Whose turn it is where passwords wait, and who is asked to come back later. */
import { expect, test } from '@jest/globals';
import type { Lane } from '../../src/domain/passwords/stored-hash.ts';
import { createQueue } from '../../src/hashing/queue.ts';

/** Two processes that need 20 ms for each: a hundred a second. */
function queueOf(options: { most?: number; eachMs?: number } = {}) {
  const queue = createQueue<Lane>({ processes: 2, most: options.most ?? 10_000 });
  for (let n = 0; n < 32; n += 1) queue.measured(options.eachMs ?? 20);
  const push = (lane: Lane, times = 1, runs = 1) => {
    let pushed = 0;
    while (pushed < times && queue.push(lane, { task: lane, runs })) pushed += 1;
    return pushed;
  };
  const places = (lane: Lane) => {
    let found = 0;
    while (queue.fullFor(lane, 0) === undefined && push(lane) === 1) found += 1;
    return found;
  };
  return { ...queue, push, places };
}

test('as many are let in as can be served in three seconds, by how long the latest ones took', () => {
  expect(queueOf().places('others')).toBe(301);
  expect(queueOf({ eachMs: 200 }).places('others')).toBe(31);
  expect(queueOf({ most: 100 }).places('others')).toBe(100);
});

test('a password that is tried in two forms takes two places', () => {
  const queue = queueOf();
  queue.push('others', 150, 2);
  expect(queue.places('others')).toBe(1);
});

test('those who were let in at the door find a place a second later, and then nobody does', () => {
  const queue = queueOf();
  queue.places('others');
  expect(queue.push('others', 1000)).toBe(100);
});

test('a crowd of strangers leaves room for known browsers, and whoever is half-way through is never turned away', () => {
  const queue = queueOf();
  queue.places('others');
  queue.push('slowed', 1000);
  expect(queue.fullFor('others', 0)).toBeDefined();
  expect(queue.places('known')).toBeGreaterThan(100);
  expect(queue.push('begun', 1000)).toBe(1000);
  expect(queue.fullFor('begun', 0)).toBeUndefined();
});

test('half-way through goes first, then known browsers and others in turn, and nobody waits for ever', () => {
  const queue = queueOf();
  for (const lane of ['slowed', 'others', 'known', 'begun'] as const) queue.push(lane, 20);
  const served = Array.from({ length: 20 }, () => queue.next()?.task);
  const times = (lane: Lane) => served.filter((each) => each === lane).length;
  expect([times('begun'), times('known'), times('others'), times('slowed')]).toEqual([10, 4, 4, 2]);
  expect(served[0]).toBe('begun');
  while (queue.next() !== undefined);
  expect(queue.waiting()).toBe(0);
  expect(queue.fullFor('others', 0)).toBeUndefined();
});

test('where nobody is half-way through, known browsers and others have as many turns, so that the wait is the one reckoned with', () => {
  const queue = queueOf();
  queue.push('known', 150);
  queue.push('others', 149);
  expect(queue.fullFor('others', 0)).toBeUndefined();
  const served = Array.from({ length: 200 }, () => queue.next()?.task);
  expect(served.filter((each) => each === 'others')).toHaveLength(100);
});

test('who is turned away is told to come back one after the other, as many a second as can be served', () => {
  const queue = queueOf();
  queue.places('others');
  const told = Array.from({ length: 2000 }, () => queue.fullFor('others', 0)?.retryAfterSeconds ?? 0);
  expect([told[0], told.at(-1)]).toEqual([4, 24]);
  for (let second = 5; second < 23; second += 1) {
    expect(told.filter((each) => each === second).length).toBeGreaterThanOrEqual(99);
    expect(told.filter((each) => each === second).length).toBeLessThanOrEqual(101);
  }
  // a minute at most, however many ask
  for (let n = 0; n < 20_000; n += 1) expect(queue.fullFor('others', 0)?.retryAfterSeconds).toBeLessThanOrEqual(61);
});

test('two thousand people at three times what can be served: nothing stands idle, nobody waits long, and all get in', () => {
  const queue = createQueue<{ person: number; since: number }>({ processes: 2, most: 10_000 });
  const free = [0, 0]; // when each process is free again, in ms
  const coming = Array.from({ length: 2000 }, (_, person) => ({ person, at: (person * 10) / 3 }));
  const asked = { times: 0, refused: 0 };
  let served = 0;
  let longest = 0;
  let servedEarly = 0;
  for (let now = 0; now < 60_000 && served < 2000; now += 1) {
    for (const each of coming.filter(({ at }) => at <= now && at > now - 1)) {
      asked.times += 1;
      const full = queue.fullFor('others', now);
      if (full === undefined) queue.push('others', { task: { person: each.person, since: now }, runs: 1 });
      else {
        asked.refused += 1;
        each.at = now + full.retryAfterSeconds * 1000; // comes back when told
      }
    }
    for (const [process, until] of free.entries()) {
      if (until > now) continue;
      const next = queue.next();
      if (next === undefined) continue;
      free[process] = now + 20;
      queue.measured(20);
      served += 1;
      longest = Math.max(longest, now - next.task.since);
    }
    if (now <= 20_000) servedEarly = served; // in the time in which two thousand can be served
  }
  expect(served).toBe(2000);
  expect(servedEarly).toBeGreaterThan(0.9 * 2000);
  expect(longest).toBeLessThan(3100);
  expect(asked.times).toBeLessThan(2 * 2000);
});

/** How many may begin in ten seconds in which somebody asks every two milliseconds. */
function begin(queue: ReturnType<typeof queueOf>, lane: Lane): number {
  let begun = 0;
  for (let now = 1000; now < 11_000; now += 2) if (queue.fullToBegin(lane, now) === undefined) begun += 1;
  return begun;
}

test('where nobody waits, everybody may begin, and where few do, nearly everybody', () => {
  expect(begin(queueOf(), 'others')).toBe(5000);
  const few = queueOf();
  few.push('others', 30);
  expect(begin(few, 'others')).toBe(5000);
  const small = queueOf({ most: 10 });
  small.push('others', 10);
  expect(begin(small, 'others')).toBeLessThan(800);
});

test('where enough wait, as many may begin as can be served: what they type then finds the queue neither empty nor full', () => {
  for (const lane of ['known', 'others'] as const) {
    const queue = queueOf();
    queue.push(lane, 200);
    const begun = begin(queue, lane);
    expect(begun).toBeGreaterThanOrEqual(980);
    expect(begun).toBeLessThanOrEqual(1020);
    expect(queue.fullFor(lane, 0)).toBeUndefined();
  }
});

test('the more have begun before, the fewer may begin: those who went to type meanwhile need the places', () => {
  const queue = queueOf();
  queue.places('others');
  const begun = begin(queue, 'others');
  expect(begun).toBeGreaterThan(640);
  expect(begun).toBeLessThan(700);
});

test('known browsers begin as if nobody else waited, and where both wait, each begins at the rate of its turns', () => {
  const queue = queueOf();
  queue.push('others', 300);
  expect(queue.fullToBegin('known', 0)).toBeUndefined();
  queue.push('known', 101);
  const [known, others] = [begin(queue, 'known'), begin(queue, 'others')];
  expect(known).toBeGreaterThan(480);
  expect(known).toBeLessThan(520);
  expect(others).toBeLessThan(known);
});

test('three times as many as can be served, each of whom types for some seconds: few type in vain, nothing stands idle', () => {
  const queue = createQueue<number>({ processes: 2, most: 10_000 });
  const free = [0, 0];
  const typing: number[] = []; // when each has typed, in ms
  const seen = { begun: 0, vain: 0, served: 0 };
  for (let now = 0; now < 60_000; now += 1) {
    if (now % 10 < 3 && queue.fullToBegin('others', now) === undefined) {
      seen.begun += 1;
      typing.push(now + 3000);
    }
    while ((typing[0] ?? Number.POSITIVE_INFINITY) <= now) {
      typing.shift();
      if (queue.fullFor('others', now) !== undefined || !queue.push('others', { task: now, runs: 1 })) seen.vain += 1;
    }
    for (const [process, until] of free.entries()) {
      if (until > now || queue.next() === undefined) continue;
      free[process] = now + 20;
      queue.measured(20);
      seen.served += 1;
    }
  }
  expect(seen.served).toBeGreaterThan(5650); // of 5700: nobody had typed in the first three seconds
  expect(seen.vain).toBeLessThan(seen.begun / 8);
});
