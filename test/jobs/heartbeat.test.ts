/** A lease shows that a node works on a storage, however busy its jobs are. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { nodeLease } from '../../src/domain/installation/node-lease.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { Problem } from '../../src/domain/problem.ts';
import { startHeartbeat } from '../../src/jobs/heartbeat.ts';
import { openTestStorage } from '../support/storage.ts';
import { startIdleJobs } from './support/idle.ts';
import { eventually, keepLog, standingClock } from './support/quiet.ts';

let storage: Storage;
let clock: ReturnType<typeof standingClock>;
beforeEach(async () => {
  clock = standingClock();
  storage = await openTestStorage({ now: clock.now });
});
afterEach(() => storage.close());

const held = async () => {
  const { records } = await storage.archive.page('leases', clock.now(), undefined, 9);
  return records.filter(({ holder, heldUntil }) => holder !== undefined && heldUntil > clock.now());
};

test('it is there from the start to the end, is renewed meanwhile, and what is left of it is swept', async () => {
  const presence = startHeartbeat({
    leases: storage.leases,
    holder: 'one',
    now: clock.now,
    log: keepLog(),
    everyMs: 20,
  });
  await eventually(async () => (await held()).length === 1);
  for (const _ of [1, 2, 3]) {
    clock.pass(20_000);
    const until = clock.now() + 30_000;
    await eventually(async () => (await held())[0]?.heldUntil === until);
  }
  expect((await held()).map(({ name }) => name)).toEqual([nodeLease('one')]);
  expect(await storage.sweep(clock.now())).toBe(0);
  await presence.end();
  expect(await held()).toEqual([]);
  await storage.leases.acquire('effects', 'one', 1, 0);
  expect(await storage.sweep(clock.now())).toBe(1);
  expect((await storage.archive.counts()).leases).toBe(1);
});

test('reports a silent storage once, within seconds, and nothing after that', async () => {
  const log = keepLog();
  const silence = Promise.withResolvers<never>();
  const jobs = startIdleJobs({
    storage: { ...storage, leases: { ...storage.leases, acquire: () => silence.promise } },
    now: clock.now,
    log,
  });
  const endedAt = performance.now();
  await jobs.stop();
  expect(performance.now() - endedAt).toBeLessThan(8000);
  silence.reject(new Problem('storage_unavailable', 'too late'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(log.written.map(({ message }) => message)).toEqual(['a lease was not given back']);
});

test('goes on after a storage and a log that throw at once', async () => {
  let beats = 0;
  const broken = () => {
    throw new Error('ENOSPC: no space left on device');
  };
  const acquire = () => {
    beats += 1;
    return broken();
  };
  const presence = startHeartbeat({
    leases: { ...storage.leases, acquire },
    holder: 'one',
    now: clock.now,
    log: { info: broken, warn: broken, error: broken },
    everyMs: 5,
  });
  await eventually(() => beats > 2);
  await presence.end();
});
