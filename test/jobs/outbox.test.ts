import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { Problem } from '../../src/domain/problem.ts';
import { retryDelayMs } from '../../src/jobs/backoff.ts';
import { createWorkers } from '../../src/jobs/deliveries.ts';
import { createOutboxWorker, type OutboxWorkerOptions } from '../../src/jobs/outbox.ts';
import type { Deliver, Delivery } from '../../src/jobs/outbox-attempt.ts';
import { openTestStorage } from '../support/storage.ts';
import { eventually, keepLog, standingClock } from './support/quiet.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let storage: Storage;
let clock: ReturnType<typeof standingClock>;
let log: ReturnType<typeof keepLog>;
let stopAll: (() => Promise<void>)[];
beforeEach(async () => {
  clock = standingClock();
  log = keepLog();
  stopAll = [];
  storage = await openTestStorage({ now: clock.now });
});
afterEach(async () => {
  await Promise.all(stopAll.map((stop) => stop()));
  await storage.close();
});

function workerWith(deliver: Deliver, more: Partial<OutboxWorkerOptions> = {}) {
  const worker = createOutboxWorker({
    kind: 'letter',
    outbox: storage.outbox,
    deliver,
    concurrency: 5,
    deliveryTimeoutMs: 90_000,
    giveUpAfterMs: 72 * HOUR,
    pollMs: 20,
    now: clock.now,
    random: () => 0.5,
    log,
    elapsed: clock.now,
    ...more,
  });
  stopAll.push(() => worker.stop(0));
  const runDue = () => {
    const over = worker.runDue();
    over.catch(() => {}); // a test that has failed no longer awaits it
    return over;
  };
  return { ...worker, runDue };
}

const put = (id: string, more: { expiresAt?: number; urgent?: true } = {}) =>
  storage.outbox.put({
    id,
    kind: 'letter',
    accountId: 'a',
    payload: { sealedSecret: 's1.x' },
    createdAt: clock.now(),
    ...more,
  });
const entry = async (id: string): Promise<OutboxEntry> => {
  const found = (await storage.outbox.list({}, undefined, 1000)).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no entry ${id}`);
  return found;
};
const delivered: Deliver = async () => ({ kind: 'delivered', response: '250 OK' });

describe('the delay before another attempt', () => {
  test('grows from seconds to an hour and stays within a fifth of its step', () => {
    const middle = [1, 2, 3, 4, 5, 6, 7, 8, 70].map((attempts) => retryDelayMs(attempts, () => 0.5) / 1000);
    expect(middle).toEqual([5, 15, 60, 300, 900, 1800, 3600, 3600, 3600]);
    expect(retryDelayMs(1, () => 0)).toBe(4000);
    expect(retryDelayMs(1, () => 0.999)).toBeLessThanOrEqual(6000);
  });
});

describe('the outbox worker', () => {
  test('delivers what is due, records it, and drops the secret', async () => {
    await put('one');
    const counted: unknown[] = [];
    const worker = workerWith(delivered, { hooks: { onDelivered: (kind, about) => counted.push([kind, about]) } });
    await worker.runDue();
    expect(await entry('one')).toMatchObject({ state: 'done', attempts: 1, payload: {} });
    expect((await entry('one')).payload).not.toHaveProperty('sealedSecret');
    expect(counted).toEqual([['letter', { attempts: 1, waitedMs: 0 }]]);
  });

  test('leaves entries of a kind that only a newer version knows', async () => {
    await storage.outbox.put({ id: 'new', kind: 'webhook' as 'letter', payload: { a: 1 }, createdAt: clock.now() });
    for (const kind of ['letter', 'backchannel-logout'] as const) await workerWith(delivered, { kind }).runDue();
    expect(await entry('new')).toMatchObject({ state: 'waiting', attempts: 0, payload: { a: 1 } });
    expect(log.written).toEqual([]);
  });

  test('leaves when woken, long before the next poll', async () => {
    const asked = Promise.withResolvers<void>();
    const outbox: OutboxWorkerOptions['outbox'] = {
      ...storage.outbox,
      async claim(...given) {
        const found = await storage.outbox.claim(...given);
        asked.resolve();
        return found;
      },
    };
    const worker = workerWith(delivered, { outbox, pollMs: 3_600_000 });
    worker.start();
    await asked.promise; // as it started, and there was nothing
    await put('one');
    worker.wake();
    await eventually(async () => (await entry('one')).state === 'done');
  });

  test('tries again later and later what is put off, and says so', async () => {
    await put('one');
    const waits: number[] = [];
    const retries: unknown[] = [];
    const worker = workerWith(async () => ({ kind: 'later', error: '450 greylisted' }), {
      hooks: { onRetry: (kind, about) => retries.push([kind, about]) },
    });
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      await worker.runDue();
      const { nextAttemptAt, state, attempts, lastError } = await entry('one');
      expect({ state, attempts, lastError }).toEqual({
        state: 'waiting',
        attempts: attempt,
        lastError: '450 greylisted',
      });
      waits.push((nextAttemptAt - clock.now()) / 1000);
      clock.pass(nextAttemptAt - clock.now() - 1);
      await worker.runDue();
      expect((await entry('one')).attempts).toBe(attempt); // not a moment before
      clock.pass(1);
    }
    expect(waits).toEqual([5, 15, 60, 300, 900, 1800, 3600, 3600]);
    expect(retries).toHaveLength(8);
  });

  test('gives up at once on a permanent refusal, visibly and with the answer', async () => {
    await put('one');
    const failures: unknown[] = [];
    const worker = workerWith(async () => ({ kind: 'never', error: '550 5.1.1 no such user' }), {
      hooks: { onFailed: (kind, about) => failures.push([kind, about]) },
    });
    await worker.runDue();
    expect(await entry('one')).toMatchObject({ state: 'failed', lastError: '550 5.1.1 no such user', attempts: 1 });
    expect(await storage.outbox.backlog(clock.now())).toMatchObject({ waiting: 0, failed: 1 });
    expect(log.written).toContainEqual({
      level: 'error',
      message: 'not delivered',
      fields: expect.objectContaining({ id: 'one', error: '550 5.1.1 no such user' }),
    });
    expect(failures).toEqual([['letter', { attempts: 1 }]]);
  });

  test('gives up after three days, visibly', async () => {
    await put('one');
    const worker = workerWith(async () => ({ kind: 'later', error: '451 later' }));
    const startedAt = clock.now();
    while ((await entry('one')).state === 'waiting') {
      await worker.runDue();
      clock.pass(HOUR);
    }
    expect(await entry('one')).toMatchObject({ state: 'failed', lastError: 'given up: 451 later' });
    expect(clock.now() - startedAt).toBeGreaterThan(70 * HOUR);
    expect(clock.now() - startedAt).toBeLessThan(74 * HOUR);
  });

  test('does not send entries that are too late to be useful', async () => {
    await put('one', { expiresAt: clock.now() + HOUR });
    clock.pass(HOUR);
    let tried = 0;
    await workerWith(async () => {
      tried += 1;
      return { kind: 'delivered' };
    }).runDue();
    expect(tried).toBe(0);
    expect(await entry('one')).toMatchObject({ state: 'failed', lastError: expect.stringContaining('too late') });
  });

  test('keeps to its number at once, and one that is stuck does not keep the others waiting', async () => {
    for (let each = 0; each < 40; each += 1) await put(`letter-${String(each).padStart(2, '0')}`);
    let atOnce = 0;
    let most = 0;
    const never = Promise.withResolvers<void>();
    const worker = workerWith(async ({ id }) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      if (id === 'letter-00') await never.promise;
      await new Promise((resolve) => setTimeout(resolve, 2));
      atOnce -= 1;
      return { kind: 'delivered' };
    });
    worker.start();
    await eventually(async () => (await storage.outbox.list({ state: 'done' }, undefined, 100)).length === 39);
    expect(most).toBe(5);
    expect((await entry('letter-00')).state).toBe('waiting');
    never.resolve();
    await eventually(async () => (await entry('letter-00')).state === 'done');
  });

  test('claims and writes down in beats what ends close together, so that letters share commits', async () => {
    for (let each = 0; each < 100; each += 1) await put(`letter-${each}`);
    let claims = 0;
    let turns = 0;
    let turn: NodeJS.Immediate | undefined;
    const outbox: OutboxWorkerOptions['outbox'] = {
      ...storage.outbox,
      claim(...given) {
        claims += 1;
        return storage.outbox.claim(...given);
      },
      done(...given) {
        if (turn === undefined) turns += 1;
        turn ??= setImmediate(() => {
          turn = undefined;
        });
        return storage.outbox.done(...given);
      },
    };
    const deliver: Deliver = async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, Number(id.slice(7)) % 3));
      return { kind: 'delivered' };
    };
    workerWith(deliver, { outbox, concurrency: 10, pollMs: 60_000 }).start();
    await eventually(async () => (await storage.outbox.list({ state: 'done' }, undefined, 200)).length === 100);
    expect(claims).toBeLessThan(40); // one for each letter before
    expect(turns).toBeLessThan(40);
  });

  test('holds little of what nobody waits for while people are answered, all else at once, and all of it afterwards', async () => {
    for (let each = 0; each < 30; each += 1) await put(`to-many-${each}`);
    let busy = true;
    const atOnce: Record<'urgent' | 'patient', { now: number; most: number }> = {
      urgent: { now: 0, most: 0 },
      patient: { now: 0, most: 0 },
    };
    const left: string[] = [];
    const worker = workerWith(
      async ({ id, urgent }) => {
        const counted = atOnce[urgent ? 'urgent' : 'patient'];
        counted.most = Math.max(counted.most, ++counted.now);
        await new Promise((resolve) => setTimeout(resolve, 5));
        counted.now -= 1;
        left.push(id);
        return { kind: 'delivered' };
      },
      { concurrency: 20, busy: () => busy },
    );
    worker.start();
    await eventually(() => left.length > 0);
    for (let each = 0; each < 10; each += 1) await put(`urgent-${each}`, { urgent: true });
    worker.wake();
    await eventually(() => left.filter((id) => id.startsWith('urgent')).length === 10);
    expect(atOnce.urgent.most).toBeGreaterThan(2);
    expect(left.filter((id) => id.startsWith('to-many')).length).toBeLessThan(30);
    expect(atOnce.patient.most).toBeLessThanOrEqual(4);
    busy = false;
    await eventually(() => left.length === 40);
    expect(atOnce.patient.most).toBeGreaterThan(4);
  });

  test('while people are answered, letters that hang keep no others waiting', async () => {
    for (let each = 0; each < 8; each += 1) await put(`to-many-${each}`);
    const left: string[] = [];
    const hangs = Promise.withResolvers<void>();
    const worker = workerWith(
      async ({ id }) => {
        if (id === 'to-many-0' || id === 'to-many-1') await hangs.promise;
        left.push(id);
        return { kind: 'delivered' };
      },
      { concurrency: 20, busy: () => true },
    );
    worker.start();
    await eventually(() => left.length === 6);
    hangs.resolve();
    await eventually(() => left.length === 8);
  });

  test('after an outage, urgent letters that no server takes are not the only ones that are tried', async () => {
    for (let each = 0; each < 20; each += 1) await put(`fine-${each}`);
    for (const id of ['bad-1', 'bad-2']) await put(id, { urgent: true });
    let left = 0;
    let isOut = true;
    const worker = workerWith(
      async ({ id }) => {
        if (isOut || id.startsWith('bad')) return { kind: 'later', error: '421', receiverDown: true };
        left += 1;
        return { kind: 'delivered' };
      },
      { pollMs: 5 },
    );
    worker.start();
    const minutes = async (many: number) => {
      for (let half = 0; half < many * 2; half += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        clock.pass(MINUTE / 2);
      }
    };
    await minutes(10);
    isOut = false;
    await minutes(20);
    expect(left).toBeGreaterThan(15);
  });

  test('frees the place of a delivery that never ends, and aborts it', async () => {
    await put('one');
    let told = false;
    const worker = workerWith(
      (_entry, signal) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        return new Promise(() => {});
      },
      { deliveryTimeoutMs: 30 },
    );
    await worker.runDue();
    expect(told).toBe(true);
    expect(await entry('one')).toMatchObject({ state: 'waiting', lastError: 'broken off: it took too long' });
  });

  test('tries again after an unexpected failure', async () => {
    await put('one');
    await workerWith(() => Promise.reject(new TypeError('a bug'))).runDue();
    expect(await entry('one')).toMatchObject({ state: 'waiting', lastError: 'a bug' });
    expect(log.written).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'a delivery failed unexpectedly' }),
    );
  });

  test('delivers each letter once when two workers share one outbox', async () => {
    for (let each = 0; each < 60; each += 1) await put(`letter-${each}`);
    const seen: string[] = [];
    const deliver: Deliver = async ({ id }) => {
      seen.push(id);
      return { kind: 'delivered' };
    };
    await Promise.all([workerWith(deliver).runDue(), workerWith(deliver).runDue()]);
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  test('survives a storage that fails for a moment', async () => {
    await put('one');
    let failures = 3;
    const outbox = {
      ...storage.outbox,
      claim: (...args: Parameters<Storage['outbox']['claim']>) =>
        failures-- > 0 ? Promise.reject(new Error('the disk is busy')) : storage.outbox.claim(...args),
    };
    workerWith(delivered, { outbox }).start();
    await eventually(async () => (await entry('one')).state === 'done');
  });
});

describe('an end that cannot be written down at once', () => {
  const away = () => new Problem('storage_unavailable', 'an election');
  /** The outbox, whose first calls to end a claim fail, before or after they are stored. */
  function failing(failures: number, when: 'before' | 'after' = 'before', error: () => Error = away) {
    let left = failures;
    const slow =
      <Args extends unknown[]>(end: (...args: Args) => Promise<boolean>) =>
      async (...args: Args): Promise<boolean> => {
        left -= 1;
        if (left >= 0 && when === 'before') throw error();
        const kept = await end(...args);
        if (left >= 0) throw error();
        return kept;
      };
    const { done, retry, failed } = storage.outbox;
    return { ...storage.outbox, done: slow(done), retry: slow(retry), failed: slow(failed) };
  }

  test.each<['before' | 'after', string, Deliver, object]>([
    ['before', 'a delivery', delivered, { state: 'done', attempts: 1 }],
    ['after', 'a delivery', delivered, { state: 'done', attempts: 1 }],
    ['before', 'another try', async () => ({ kind: 'later', error: '451' }), { state: 'waiting', lastError: '451' }],
    ['after', 'another try', async () => ({ kind: 'later', error: '451' }), { state: 'waiting', lastError: '451' }],
    ['before', 'a refusal', async () => ({ kind: 'never', error: '550' }), { state: 'failed', lastError: '550' }],
    ['after', 'a refusal', async () => ({ kind: 'never', error: '550' }), { state: 'failed', lastError: '550' }],
  ])('is written down when the storage is back (it failed %s %s)', async (when, _what, deliver, becomes) => {
    await put('one');
    let left = 0;
    const worker = workerWith(
      (...args) => {
        left += 1;
        return deliver(...args);
      },
      { outbox: failing(3, when) },
    );
    await worker.runDue();
    expect(await entry('one')).toMatchObject(becomes);
    expect((await entry('one')).leasedUntil).toBeUndefined();
    expect(left).toBe(1);
    const said = log.written.map(({ message }) => message);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^(delivered|not delivered|not delivered yet)$/);
  });

  test('is left to the next claimer at once if repeating cannot help', async () => {
    await put('one');
    await workerWith(delivered, { outbox: failing(1e9, 'before', () => new TypeError('a bug')) }).runDue();
    expect(log.written.map(({ message }) => message)).toEqual(['a delivery could not be recorded']);
    clock.pass(MINUTE);
    await workerWith(delivered).runDue();
    expect(await entry('one')).toMatchObject({ state: 'done', lostClaims: 1 });
  });

  /** The outbox behind a network that can be cut, and how often it was called in vain. */
  function cuttable() {
    const cut = { away: false, inVain: 0 };
    const behind =
      <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        if (!cut.away) return call(...args);
        cut.inVain += 1;
        throw away();
      };
    const { claim, prolong, done, retry, failed } = storage.outbox;
    const outbox = {
      claim: behind(claim),
      prolong: behind(prolong),
      done: behind(done),
      retry: behind(retry),
      failed: behind(failed),
    };
    return { cut, outbox };
  }

  test.each<[string, Delivery, object]>([
    ['a delivery', { kind: 'delivered' }, { state: 'done' }],
    ['another try', { kind: 'later', error: '451' }, { state: 'waiting', lastError: '451' }],
    ['a refusal', { kind: 'never', error: '550' }, { state: 'failed', lastError: '550' }],
  ])('costs no claim though the storage was away for longer than its lease (%s)', async (_what, result, becomes) => {
    await put('one');
    const [holder, other] = [cuttable(), cuttable()];
    const over = workerWith(
      async () => {
        holder.cut.away = true;
        other.cut.away = true;
        return result;
      },
      { outbox: holder.outbox },
    ).runDue();
    await eventually(() => holder.cut.inVain > 1);
    const taken: string[] = [];
    const others = workerWith(
      async ({ id }) => {
        taken.push(id);
        return { kind: 'delivered' };
      },
      { outbox: other.outbox },
    );
    await expect(others.runDue()).rejects.toThrow(); // it sees the outage, too
    clock.pass(HOUR);
    await expect(others.runDue()).rejects.toThrow();
    const inVain = holder.cut.inVain;
    await eventually(() => holder.cut.inVain > inVain); // it goes on trying after the end of the lease

    other.cut.away = false; // the storage is back, for the other node first
    await others.runDue();
    clock.pass(11_999);
    await others.runDue();
    expect(taken).toEqual([]);
    holder.cut.away = false;
    await over;
    const one = await entry('one');
    expect(one).toMatchObject({ ...becomes, attempts: 1 });
    expect(one).not.toHaveProperty('lostClaims');
    expect(one.leasedUntil).toBeUndefined();
  });

  test('counts as lost if its node died, a moment after the storage is back', async () => {
    await put('one');
    const dead = cuttable();
    void workerWith(() => new Promise(() => {}), { outbox: dead.outbox }).runDue();
    await eventually(async () => (await entry('one')).leasedUntil !== undefined);
    const { cut, outbox } = cuttable();
    const next = workerWith(delivered, { outbox });
    cut.away = true;
    await expect(next.runDue()).rejects.toThrow();
    clock.pass(MINUTE);
    await expect(next.runDue()).rejects.toThrow();
    cut.away = false;
    await next.runDue();
    await put('new');
    expect((await entry('one')).state).toBe('waiting');
    clock.pass(12_000);
    await next.runDue();
    expect(await entry('one')).toMatchObject({ state: 'done', attempts: 2, lostClaims: 1 });
    expect(await entry('new')).toMatchObject({ state: 'done', attempts: 1 });
  });

  test('while the storage fails every 12 seconds after an outage, what is new leaves at once, and what a dead node held waits', async () => {
    await put('old');
    const dead = cuttable();
    void workerWith(() => new Promise(() => {}), { outbox: dead.outbox }).runDue();
    await eventually(async () => (await entry('old')).leasedUntil !== undefined);
    const { cut, outbox } = cuttable();
    const worker = workerWith(delivered, { outbox });
    const failsOnce = async () => {
      cut.away = true;
      await expect(worker.runDue()).rejects.toThrow();
      cut.away = false;
    };
    await failsOnce();
    clock.pass(MINUTE);
    await failsOnce();
    for (let blip = 0; blip < 5; blip += 1) {
      await put(`new ${blip}`);
      await worker.runDue();
      expect(await entry(`new ${blip}`)).toMatchObject({ state: 'done', attempts: 1 });
      expect(await entry('old')).toMatchObject({ state: 'waiting', attempts: 1 });
      clock.pass(11_999);
      await failsOnce();
    }
    await worker.runDue();
    clock.pass(12_000);
    await worker.runDue();
    expect(await entry('old')).toMatchObject({ state: 'done', attempts: 2, lostClaims: 1 });
  });

  test('after a short time away nothing waits: it ended no lease', async () => {
    const { cut, outbox } = cuttable();
    const worker = workerWith(delivered, { outbox });
    cut.away = true;
    await expect(worker.runDue()).rejects.toThrow();
    clock.pass(19_000);
    await expect(worker.runDue()).rejects.toThrow();
    await put('new');
    cut.away = false;
    await worker.runDue();
    expect(await entry('new')).toMatchObject({ state: 'done' });
  });

  test('is told before it is written down, as soon as the storage is back', async () => {
    await put('one');
    const told: [string, boolean, string][] = [];
    let failures = 3;
    const tellFailed: OutboxWorkerOptions['tellFailed'] = async ({ id }, refused, error) => {
      failures -= 1;
      if (failures >= 0) throw away();
      expect((await entry('one')).state).toBe('waiting');
      told.push([id, refused, error]);
    };
    await workerWith(async () => ({ kind: 'never', error: '550' }), { tellFailed }).runDue();
    expect(told).toEqual([['one', true, '550']]);
    expect(await entry('one')).toMatchObject({ state: 'failed', lastError: '550', attempts: 1 });
    expect(log.written.map(({ message }) => message)).toEqual(['not delivered']);
  });

  test('that cannot be told for another reason than an outage is written down all the same', async () => {
    await put('one');
    const tellFailed = () => Promise.reject(new TypeError('a bug'));
    await workerWith(async () => ({ kind: 'never', error: '550' }), { tellFailed }).runDue();
    expect(await entry('one')).toMatchObject({ state: 'failed' });
    expect(log.written.map(({ message }) => message)).toEqual([
      'it could not be told that this was not delivered',
      'not delivered',
    ]);
  });

  test('that could not be told before this node ends is told by the next', async () => {
    await put('one');
    const told: string[] = [];
    const refused: Deliver = async () => ({ kind: 'never', error: '550' });
    let tries = 0;
    const ending = workerWith(refused, {
      tellFailed: async () => {
        tries += 1;
        throw away();
      },
    });
    ending.start();
    await eventually(() => tries > 0);
    await ending.stop(20);
    expect(await entry('one')).toMatchObject({ state: 'waiting' });
    clock.pass(MINUTE);
    const tellFailed: OutboxWorkerOptions['tellFailed'] = async ({ id }) => {
      told.push(id);
    };
    await workerWith(refused, { tellFailed }).runDue();
    expect([told, (await entry('one')).state]).toEqual([['one'], 'failed']);
  });

  test('does not delay the end of the process', async () => {
    await put('one');
    const worker = workerWith(delivered, { outbox: failing(1e9) });
    worker.start();
    await eventually(async () => (await entry('one')).leasedUntil !== undefined);
    const told = performance.now();
    await worker.stop(20);
    expect(performance.now() - told).toBeLessThan(3000);
    await eventually(() => log.written.some(({ message }) => message === 'a delivery could not be recorded'));
  });
});

describe('a receiver that is down', () => {
  const down: Deliver = async () => ({ kind: 'later', error: 'ECONNREFUSED', receiverDown: true });

  test('is tried with one letter at a time, ever less often, and never less than twice a minute', async () => {
    for (let each = 0; each < 20; each += 1) await put(`letter-${String(each).padStart(2, '0')}`);
    let tries = 0;
    const worker = workerWith((...args) => {
      tries += 1;
      return down(...args);
    });
    worker.start();
    await eventually(() => tries === 5); // those that went out together
    const perMinute: number[] = [];
    for (let minute = 0; minute < 4; minute += 1) {
      const before = tries;
      for (let second = 0; second < 60; second += 1) {
        clock.pass(1000);
        worker.wake();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      perMinute.push(tries - before);
    }
    expect(perMinute[0]).toBeLessThan(8);
    expect(perMinute.at(-1)).toBe(2);
  });

  test('is tried again on time though the clock was set back meanwhile', async () => {
    await put('one');
    let up = false;
    let ticked = 0;
    const worker = workerWith((...args) => (up ? delivered(...args) : down(...args)), { elapsed: () => ticked });
    worker.start();
    await eventually(async () => (await entry('one')).lastError !== undefined);
    up = true;
    clock.pass(-HOUR);
    await put('two'); // due now
    ticked += 1000;
    worker.wake();
    await eventually(async () => (await entry('two')).state === 'done');
  });

  test('gets everything within a minute of being up again, however long it was down', async () => {
    await put('old');
    let up = false;
    const worker = workerWith((...args) => (up ? delivered(...args) : down(...args)));
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await worker.runDue();
      clock.pass(72_000);
    }
    up = true;
    await worker.runDue();
    expect(await entry('old')).toMatchObject({ state: 'done' });
  });
});

describe('a worker that dies', () => {
  test('in the middle of a delivery: its lease ends and another takes over', async () => {
    await put('one');
    const dead = workerWith(() => new Promise(() => {})); // claimed, and then nothing more
    void dead.runDue();
    await eventually(async () => (await entry('one')).leasedUntil !== undefined);

    const next = workerWith(delivered);
    await next.runDue();
    expect((await entry('one')).state).toBe('waiting'); // it may still be on its way
    clock.pass(2 * MINUTE + 1);
    await next.runDue();
    expect(await entry('one')).toMatchObject({ state: 'done', attempts: 2 });
  });

  test('twice under one entry: no third node tries it, the others are delivered, and by hand it goes on', async () => {
    await put('poison');
    await put('other');
    const tried: string[] = [];
    const deadly: Deliver = ({ id }) => {
      tried.push(id);
      return id === 'poison' ? new Promise(() => {}) : Promise.resolve({ kind: 'delivered' });
    };
    for (let node = 1; node <= 2; node += 1) {
      void workerWith(deadly).runDue(); // dies
      await eventually(() => tried.filter((id) => id === 'poison').length === node);
      clock.pass(2 * MINUTE + 1);
    }
    const aside: string[] = [];
    const third = workerWith(deadly, { hooks: { onSetAside: (kind) => aside.push(kind) } });
    await third.runDue();
    await third.runDue();
    expect(tried.filter((id) => id === 'poison')).toHaveLength(2);
    expect(await entry('other')).toMatchObject({ state: 'done' });
    expect(await entry('poison')).toMatchObject({ state: 'set-aside', payload: { sealedSecret: 's1.x' } });
    expect(aside).toEqual(['letter']);
    const said = log.written.filter(({ message }) => message.startsWith('set aside'));
    expect(said).toEqual([
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ id: 'poison' }) }),
    ]);

    await storage.outbox.tryAgain('poison', clock.now());
    await workerWith(delivered).runDue();
    expect(await entry('poison')).toMatchObject({ state: 'done' });
  });

  test('twice, with many at hand: what stood beside the deadly one is delivered, and no more than that one is set aside', async () => {
    const names = Array.from({ length: 30 }, (_, each) => `beside-${each}`);
    for (const id of [...names.slice(0, 15), 'poison', ...names.slice(15)]) await put(id);
    let deaths = 0;
    while ((await storage.outbox.backlog(clock.now())).waiting > 0 && deaths < 5) {
      let isDead = false;
      const most = { held: 0, now: 0 };
      // a process dies with all that it has at hand as soon as it begins with the deadly one
      const worker = workerWith(
        async ({ id, lostClaims }) => {
          if (lostClaims !== undefined) most.held = Math.max(most.held, ++most.now);
          if (id === 'poison') isDead = true;
          await new Promise((resolve) => setTimeout(resolve, 2));
          if (isDead) await new Promise(() => {});
          if (lostClaims !== undefined) most.now -= 1;
          return { kind: 'delivered' };
        },
        { concurrency: 40 },
      );
      worker.start();
      await eventually(async () => isDead || (await storage.outbox.backlog(clock.now())).waiting === 0);
      worker.suspect(); // claims nothing more
      expect(most.held).toBeLessThanOrEqual(1);
      if (isDead) deaths += 1;
      clock.pass(2 * MINUTE + 1);
    }
    expect(deaths).toBe(2);
    expect(await storage.outbox.list({ state: 'set-aside' }, undefined, 99)).toEqual([
      expect.objectContaining({ id: 'poison' }),
    ]);
    expect(await storage.outbox.list({ state: 'done' }, undefined, 99)).toHaveLength(30);
  });

  test('beside what lost a claim, holds one such entry even where it claims that anew or is asked from two sides', async () => {
    for (const id of ['a', 'b', 'c']) await put(id);
    const most = { held: 0, now: 0 };
    const ends: Record<string, (() => void)[]> = {};
    const worker = workerWith(async ({ id, lostClaims }) => {
      if (lostClaims !== undefined) most.held = Math.max(most.held, ++most.now);
      const { promise, resolve } = Promise.withResolvers<void>();
      ends[id] = [...(ends[id] ?? []), resolve];
      await promise;
      if (lostClaims !== undefined) most.now -= 1;
      return { kind: 'delivered' };
    });
    worker.start();
    await eventually(() => Object.keys(ends).length === 3);
    clock.pass(MINUTE); // the machine slept
    await eventually(() => ends.a?.length === 2);
    ends.a?.[0]?.(); // the delivery of before the sleep ends
    const due = worker.runDue();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(most.held).toBe(1);
    const ending = setInterval(() => {
      for (const each of Object.values(ends).flat()) each();
    }, 10);
    await due;
    await eventually(async () => (await storage.outbox.backlog(clock.now())).waiting === 0);
    clearInterval(ending);
    expect(most.held).toBe(1);
  });

  test('with entries of every kind at hand, twice: nothing of another kind is set aside', async () => {
    await put('poison');
    for (const kind of ['backchannel-logout', 'webhook'] as const)
      for (let each = 0; each < 5; each += 1)
        await storage.outbox.put({ id: `${kind}-${each}`, kind, payload: { clientId: 'a' }, createdAt: clock.now() });
    for (let deaths = 0; deaths < 2; deaths += 1) {
      const dead = Promise.withResolvers<void>();
      let isDead = false;
      const stuck = async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (isDead) await new Promise(() => {});
      };
      const workers = Object.values(
        createWorkers(
          {
            deliverEmail: () => {
              isDead = true;
              dead.resolve();
              return new Promise(() => {});
            },
            deliverBackchannelLogout: stuck,
            deliverWebhook: () => stuck().then(() => ({ kind: 'delivered' })),
          },
          { outbox: storage.outbox, now: clock.now, random: () => 0.5, log },
        ),
      );
      for (const worker of workers) worker.start();
      await dead.promise;
      for (const worker of workers) worker.suspect();
      stopAll.push(...workers.map((worker) => () => worker.stop(0)));
      clock.pass(2 * MINUTE + 1);
    }
    for (const kind of ['letter', 'backchannel-logout', 'webhook'] as const)
      await storage.outbox.claim(kind, clock.now(), clock.now() + 1, 99, { doubted: 0 });
    const aside = await storage.outbox.list({ state: 'set-aside' }, undefined, 99);
    expect(aside.map(({ id }) => id)).toEqual(['poison']);
  });

  test('leaves nothing to who delivers all that is due, of whatever kind', async () => {
    const kinds = ['letter', 'backchannel-logout', 'webhook'] as const;
    for (const kind of kinds)
      for (let each = 0; each < 3; each += 1)
        await storage.outbox.put({ id: `${kind}-${each}`, kind, payload: { clientId: 'a' }, createdAt: clock.now() });
    for (const kind of kinds) await storage.outbox.claim(kind, clock.now(), clock.now() + 1, 9);
    clock.pass(MINUTE);
    const most = { held: 0, now: 0 };
    const one = async () => {
      most.held = Math.max(most.held, ++most.now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      most.now -= 1;
      return { kind: 'delivered' } as const;
    };
    const workers = createWorkers(
      { deliverEmail: one, deliverWebhook: one, deliverBackchannelLogout: async () => void (await one()) },
      { outbox: storage.outbox, now: clock.now, random: () => 0.5, log },
    );
    await Promise.all(Object.values(workers).map((worker) => worker.runDue()));
    expect(await storage.outbox.list({ state: 'done' }, undefined, 99)).toHaveLength(9);
    expect(most.held).toBe(1);
  });

  test('of an exception that nobody caught: what is under way and fails keeps its lease, what arrives is recorded', async () => {
    for (const id of ['fails', 'arrives', 'stuck']) await put(id);
    const over = Promise.withResolvers<void>();
    const worker = workerWith(async ({ id }) => {
      await over.promise;
      if (id === 'stuck') return new Promise(() => {});
      return id === 'arrives' ? { kind: 'delivered' } : { kind: 'later', error: 'broken off' };
    });
    worker.start();
    await eventually(async () => (await entry('stuck')).leasedUntil !== undefined);
    worker.suspect();
    over.resolve();
    await put('new');
    await worker.stop(50);
    expect(await entry('arrives')).toMatchObject({ state: 'done' });
    for (const id of ['fails', 'stuck']) {
      expect(await entry(id)).toMatchObject({ state: 'waiting', leasedUntil: expect.any(Number) });
    }
    expect(await entry('new')).toMatchObject({ attempts: 0 });
    clock.pass(2 * MINUTE + 1);
    await workerWith(async () => ({ kind: 'later', error: '451' })).runDue();
    expect(await entry('fails')).toMatchObject({ state: 'waiting', lostClaims: 1 });
    expect(await entry('new')).not.toHaveProperty('lostClaims');
  });

  describe('has a lease of 45 seconds', () => {
    let ticks: (() => void)[];
    let every: { mockRestore(): void };
    beforeEach(() => {
      ticks = [];
      every = jest.spyOn(globalThis, 'setInterval').mockImplementation(((tick: () => void, ms: number) => {
        expect(ms).toBe(10_000);
        ticks.push(tick);
        return setTimeout(() => {}, 0);
      }) as typeof setInterval);
    });
    afterEach(() => every.mockRestore());
    const tenSeconds = () => {
      clock.pass(10_000);
      for (const tick of ticks) tick();
    };
    const lease = async () => ((await entry('one')).leasedUntil ?? 0) - clock.now();

    /** A worker with one entry under way, until it is told the result. */
    async function busy(more: Partial<OutboxWorkerOptions> = {}) {
      await put('one');
      const arrives = Promise.withResolvers<Delivery>();
      let mine = () => false;
      const worker = workerWith((_entry, _signal, stillOurs) => {
        mine = stillOurs;
        return arrives.promise;
      }, more);
      const over = worker.runDue();
      await eventually(() => mine());
      return { over, mine: () => mine(), arrives };
    }

    test('that is prolonged as long as an attempt takes', async () => {
      const { over, mine, arrives } = await busy();
      expect(await lease()).toBe(45_000);
      for (let tens = 0; tens < 8; tens += 1) {
        tenSeconds();
        await eventually(async () => (await lease()) === 45_000);
        expect(mine()).toBe(true);
      }
      arrives.resolve({ kind: 'delivered' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 1 });
    });

    test.each([
      ['before', 35_000],
      ['after', 45_000],
    ] as const)('whose prolongation fails %s it is stored: it ends the claim all the same', async (when, left) => {
      let calls = 0;
      const full = () => {
        throw new Error('ENOSPC: no space left on device');
      };
      const outbox: OutboxWorkerOptions['outbox'] = {
        ...storage.outbox,
        async prolong(...given) {
          if (when === 'after') await storage.outbox.prolong(...given);
          calls += 1;
          throw new Problem('storage_unavailable', 'an election');
        },
      };
      const { over, mine, arrives } = await busy({ outbox, log: { ...log, warn: full } });
      tenSeconds();
      await eventually(() => calls === 1);
      expect(await lease()).toBe(left);
      expect(mine()).toBe(true);
      arrives.resolve({ kind: 'delivered' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 1 });
    });

    test('that is prolonged after an answer was lost, whichever end of it is stored', async () => {
      let calls = 0;
      const outbox: OutboxWorkerOptions['outbox'] = {
        ...storage.outbox,
        async prolong(...given) {
          const prolonged = await storage.outbox.prolong(...given);
          calls += 1;
          if (calls === 1) throw new Problem('storage_unavailable', 'an election');
          return prolonged;
        },
      };
      const { over, mine, arrives } = await busy({ outbox });
      for (let tens = 0; tens < 4; tens += 1) {
        tenSeconds();
        await eventually(async () => (await lease()) === 45_000);
        await new Promise(setImmediate);
      }
      expect(mine()).toBe(true);
      arrives.resolve({ kind: 'delivered' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 1 });
    });

    test('that a node which hangs keeps no longer than an attempt and one lease, though its timer goes on', async () => {
      const { over, mine, arrives } = await busy();
      let tens = 0;
      for (; (await lease()) > 0 && tens < 100; tens += 1) {
        tenSeconds();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(tens * 10).toBeLessThanOrEqual(90 + 45 + 45);
      expect(mine()).toBe(false);
      await workerWith(delivered).runDue();
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 2, lostClaims: 1 });
      arrives.resolve({ kind: 'never', error: '550' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done' });
    });

    test('that is not prolonged in time, and is taken over', async () => {
      const { over, mine, arrives } = await busy();
      clock.pass(30_000);
      expect(mine()).toBe(false);
      clock.pass(15_000);
      await workerWith(delivered).runDue();
      tenSeconds(); // too late
      expect(mine()).toBe(false);
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 2, lostClaims: 1 });
      arrives.resolve({ kind: 'never', error: '550' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done' });
    });

    test('that is ours again if nobody took it over, once the storage has said so', async () => {
      let away = true;
      let calls = 0;
      const outbox: OutboxWorkerOptions['outbox'] = {
        ...storage.outbox,
        async prolong(...given) {
          calls += 1;
          if (away) throw new Problem('storage_unavailable', 'an election');
          return storage.outbox.prolong(...given);
        },
      };
      const { over, mine, arrives } = await busy({ outbox });
      for (let tens = 1; tens <= 6; tens += 1) {
        tenSeconds();
        await eventually(() => calls >= tens);
        await new Promise(setImmediate);
        expect(mine()).toBe(tens < 3);
      }
      away = false;
      tenSeconds();
      await eventually(() => mine());
      expect(await lease()).toBe(45_000);
      await workerWith(() => Promise.reject(new Error('taken over'))).runDue();
      arrives.resolve({ kind: 'delivered' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'done', attempts: 1 });
    });

    test('that another ended: it is no longer ours', async () => {
      const { over, mine, arrives } = await busy();
      await storage.outbox.retry('one', (await entry('one')).leasedUntil ?? 0, clock.now() + HOUR, 'ended');
      tenSeconds();
      await eventually(() => !mine());
      arrives.resolve({ kind: 'later', error: 'too late' });
      await over;
      expect(await entry('one')).toMatchObject({ state: 'waiting', lastError: 'ended' });
    });
  });
});

describe('a log that cannot be written', () => {
  test('keeps no worker from its work, and its fault reaches nobody', async () => {
    await put('one');
    let failures = 2;
    const outbox = {
      ...storage.outbox,
      claim: (...args: Parameters<Storage['outbox']['claim']>) =>
        failures-- > 0 ? Promise.reject(new Error('the disk is busy')) : storage.outbox.claim(...args),
    };
    const full = () => {
      throw new Error('ENOSPC: no space left on device');
    };
    const worker = workerWith(delivered, { outbox, log: { info: full, warn: full, error: full } });
    worker.start();
    await eventually(async () => (await entry('one')).state === 'done');
    await worker.stop(0);
  });
});

describe('stopping', () => {
  test.each<[string, Deliver]>([
    ['that does not answer', () => new Promise(() => {})],
    [
      'that breaks off when told',
      (_entry, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('told')))),
    ],
  ])('releases at once what it aborts at a receiver %s, without counting an attempt', async (_how, stuck) => {
    await put('one');
    for (let attempt = 1; attempt < 7; attempt += 1) {
      await workerWith(async () => ({ kind: 'later', error: '451 later' })).runDue();
      clock.pass((await entry('one')).nextAttemptAt - clock.now());
    }
    let stillMine = () => true;
    const retries: unknown[] = [];
    const worker = workerWith(
      (claimed, signal, stillOurs) => {
        stillMine = stillOurs;
        return stuck(claimed, signal, stillOurs);
      },
      { hooks: { onRetry: () => retries.push('retry') } },
    );
    worker.start();
    await eventually(async () => (await entry('one')).leasedUntil !== undefined);
    log.written.length = 0;
    await worker.stop(20);
    const { state, leasedUntil, nextAttemptAt } = await entry('one');
    expect({ state, leasedUntil, nextAttemptAt }).toEqual({
      state: 'waiting',
      leasedUntil: undefined,
      nextAttemptAt: clock.now(),
    });
    expect(stillMine()).toBe(false); // so that the last line of a letter is not sent any more
    expect(retries).toEqual([]);
    expect(log.written.map(({ level }) => level)).toEqual(['info']);
  });

  test('waits for what is under way and takes nothing new', async () => {
    for (const id of ['one', 'two']) await put(id);
    const release = Promise.withResolvers<void>();
    let started = 0;
    const worker = workerWith(
      async () => {
        started += 1;
        await release.promise;
        return { kind: 'delivered' };
      },
      { concurrency: 1 },
    );
    worker.start();
    await eventually(() => started === 1);
    const stopped = worker.stop(5000);
    release.resolve();
    await stopped;
    expect((await entry('one')).state).toBe('done');
    expect(await entry('two')).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  test('breaks off what takes longer than its grace, and the next start tries it soon', async () => {
    await put('one');
    let started = false;
    const worker = workerWith(() => {
      started = true;
      return new Promise(() => {});
    });
    worker.start();
    await eventually(() => started);
    const startedAt = performance.now();
    await worker.stop(50);
    expect(performance.now() - startedAt).toBeLessThan(3000); // it would take for ever
    const { state, leasedUntil, nextAttemptAt } = await entry('one');
    expect({ state, leasedUntil }).toEqual({ state: 'waiting', leasedUntil: undefined });
    expect(nextAttemptAt - clock.now()).toBeLessThanOrEqual(6000);
  });
});
