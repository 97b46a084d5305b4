/** Whether a node works on a storage is told by a lease of its own, whatever its jobs are busy with. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { nodeLease } from '../../src/domain/node-lease.ts';
import type { Storage } from '../../src/domain/ports.ts';
import { announcePresence } from '../../src/jobs/presence.ts';
import { openTestStorage } from '../support/storage.ts';
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
  const presence = announcePresence({
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
