/** A node whose clock is far ahead ends and deletes nothing, and says so. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { watchClock } from '../../src/jobs/clock.ts';
import { openTestStorage } from '../support/storage.ts';
import { startIdleJobs } from './support/idle.ts';
import { keepLog, standingClock } from './support/quiet.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const YEARS = 10 * 365 * DAY;

let storage: Storage;
let clock: ReturnType<typeof standingClock>;
let log: ReturnType<typeof keepLog>;
beforeEach(async () => {
  clock = standingClock();
  log = keepLog();
  storage = await openTestStorage({ now: clock.now });
});
afterEach(async () => {
  jest.useRealTimers();
  await storage.close();
});

describe('the clock of a node', () => {
  test.each<[number, string, boolean, boolean]>([
    [0, 'right', true, true],
    [30 * SECOND, 'right', true, true],
    [61 * SECOND, 'ahead', false, false],
    [YEARS, 'ahead', false, false],
    [-61 * SECOND, 'behind', true, true],
  ])('that is %i ms ahead of the database is %s', async (ahead, state, mayEnd, mayLease) => {
    const watched = watchClock({
      storage: { ...storage, clock: async () => clock.now() - ahead },
      now: clock.now,
      elapsed: () => 0,
      log,
    });
    expect([watched.mayEnd(), watched.mayLease()]).toEqual([false, false]);
    await watched.check();
    expect([watched.state(), watched.mayEnd(), watched.mayLease()]).toEqual([state, mayEnd, mayLease]);
    expect(watched.aheadMs()).toBe(ahead);
    expect(log.written.map(({ level }) => level)).toEqual(state === 'right' ? [] : ['error']);
    expect(watched.notice() === undefined).toBe(state === 'right');
  });

  test('of a database that answers slowly is not called wrong for that', async () => {
    const there = clock.now() + 45 * SECOND;
    const slow = async () => {
      clock.pass(90 * SECOND);
      return there;
    };
    const watched = watchClock({ storage: { ...storage, clock: slow }, now: clock.now, elapsed: () => 0, log });
    await watched.check();
    expect([watched.state(), watched.aheadMs()]).toEqual(['right', 0]);
  });

  /** Its own monotonic clock, as a process has. */
  function node() {
    let elapsed = 0;
    const watched = watchClock({ storage, now: clock.now, elapsed: () => elapsed, log });
    return {
      watched,
      async pass(ms: number, jump = 0) {
        elapsed += ms;
        clock.pass(ms + jump);
        await watched.check();
        return watched.state();
      },
    };
  }

  test('without one in the database is compared with the newest write: a jump is doubtful, through a restart too', async () => {
    const one = node();
    expect(await one.pass(0)).toBe('right');
    for (let hour = 0; hour < 30; hour += 1) expect(await one.pass(HOUR)).toBe('right');
    expect(await one.pass(HOUR, YEARS)).toBe('doubtful');
    expect(one.watched.mayEnd()).toBe(false);
    expect(one.watched.mayLease()).toBe(true);
    expect(await node().pass(0)).toBe('doubtful');
    expect(log.written.map(({ level }) => level)).toEqual(['error', 'error']);

    expect(await one.pass(HOUR, -YEARS)).toBe('right');
    expect(log.written.at(-1)).toMatchObject({ level: 'info' });
    expect(await node().pass(0)).toBe('right');
  });

  test('after days without a node is taken as right once a day has passed', async () => {
    expect(await node().pass(0)).toBe('right');
    clock.pass(3 * DAY);
    const next = node();
    expect(await next.pass(0)).toBe('doubtful');
    for (let hour = 0; hour < 23; hour += 1) expect(await next.pass(HOUR)).toBe('doubtful');
    expect(await next.pass(HOUR)).toBe('right');
    expect(await node().pass(0)).toBe('right');
  });

  test('that was set back says so once and is followed', async () => {
    const one = node();
    await one.pass(0);
    expect(await one.pass(HOUR, -DAY)).toBe('behind');
    expect(await one.pass(SECOND)).toBe('right');
  });

  test('is compared with the audit log where an earlier version left no time', async () => {
    await storage.auditLog.append({
      id: 'a',
      at: clock.now() - YEARS,
      action: 'sign-in',
      actor: { kind: 'system' },
    } as never);
    expect(await node().pass(0)).toBe('doubtful');
  });
});

describe('the jobs of a node ten years ahead', () => {
  const start = (clockOfDatabase: (() => Promise<number>) | undefined, deliver: () => void) =>
    startIdleJobs({
      storage: { ...storage, ...(clockOfDatabase === undefined ? {} : { clock: clockOfDatabase }) },
      deliverEmail: async () => {
        deliver();
        return { kind: 'delivered' };
      },
      endExpired: async () => {
        throw new Error('sessions were to be ended');
      },
      now: clock.now,
      log,
    });

  test.each(['database', 'newest write'])(
    '(by the %s) delete no record, end no session, give no email up',
    async (by) => {
      const { protocolRecords, outbox, attempts, archive, values } = storage;
      const right = clock.now();
      await values.replace('clock', String(right), undefined);
      await protocolRecords.put('RefreshToken', 'r', {}, right + 30 * DAY);
      await protocolRecords.saveSession({ key: 's', record: { uid: 's' }, expiresAt: right + HOUR, now: right });
      await attempts.take('a', right + HOUR, right);
      await outbox.put({ id: 'x', kind: 'letter', payload: {}, createdAt: right, expiresAt: right + HOUR });
      clock.pass(YEARS);
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance', 'Date'] });
      let delivered = 0;
      const jobs = start(by === 'database' ? async () => right : undefined, () => {
        delivered += 1;
      });
      for (let round = 0; round < 20; round += 1) await jest.advanceTimersByTimeAsync(10 * SECOND);
      jest.useRealTimers();
      await jobs.stop(0);
      expect(await archive.counts()).toMatchObject({ protocolRecords: 1, sessions: 1, attempts: 1, outbox: 1 });
      expect((await outbox.list({}, undefined, 9)).map(({ state }) => state)).toEqual(['waiting']);
      expect(delivered).toBe(0);
      expect(log.written.filter(({ level }) => level === 'error')).toEqual([
        expect.objectContaining({ message: expect.stringContaining('deletes') }),
      ]);
      expect(jobs.clock.notice()).toContain('the clock of this node');
    },
  );
});
