/** Some three seconds, spent waiting: applications that hang or take long, beside one that is well. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { createWorkers, LOGOUTS_AT_ONCE } from '../../src/jobs/deliveries.ts';
import { createReceivers } from '../../src/jobs/receivers.ts';
import { openTestStorage } from '../support/storage.ts';
import { eventually, keepLog } from './support/quiet.ts';

let storage: Storage;
let stop: () => Promise<void>;
beforeEach(async () => {
  storage = await openTestStorage({ now: Date.now });
});
afterEach(async () => {
  await stop();
  await storage.close();
});

/** Eighty notices for each, those of the first application before all others; which arrived where, and the most at once. */
async function tell(applications: Record<string, () => Promise<unknown>>) {
  const told = new Map(Object.keys(applications).map((name) => [name, { calls: 0, arrived: 0, now: 0, most: 0 }]));
  let createdAt = Date.now() - 10_000;
  for (const clientId of Object.keys(applications))
    for (let each = 0; each < 80; each += 1)
      await storage.outbox.put({
        id: `${clientId}-${each}`,
        kind: 'backchannel-logout',
        payload: { clientId },
        createdAt: createdAt++,
      });
  const { logouts } = createWorkers(
    {
      deliverEmail: async () => ({ kind: 'delivered' }),
      deliverWebhook: async () => ({ kind: 'delivered' }),
      async deliverBackchannelLogout({ payload }) {
        const name = String(payload.clientId);
        const count = told.get(name) ?? { calls: 0, arrived: 0, now: 0, most: 0 };
        count.calls += 1;
        count.most = Math.max(count.most, ++count.now);
        try {
          await applications[name]?.();
          count.arrived += 1;
        } finally {
          count.now -= 1;
        }
      },
    },
    { outbox: storage.outbox, now: Date.now, random: () => 0.5, log: keepLog() },
  );
  stop = () => logouts.stop(0);
  const began = performance.now();
  logouts.start();
  await eventually(() => told.get('well')?.arrived === 80);
  return { told, tookMs: performance.now() - began };
}

const well = () => sleep(2);

describe('signing people out of many applications', () => {
  test('one that hangs keeps no place from the others: they are told while it is left alone', async () => {
    const hangs = () => sleep(600).then(() => Promise.reject(new Error('no answer')));
    const { told, tookMs } = await tell({ hangs, well });
    expect(told.get('hangs')?.calls).toBeLessThanOrEqual(LOGOUTS_AT_ONCE);
    expect(tookMs).toBeLessThan(2000); // eighty that hang, twenty at once, take 2.4 s
    await eventually(async () => (await storage.outbox.backlog(Date.now())).waiting === 80);
  });

  test('one that takes long has a few places, and the others the rest', async () => {
    const { told } = await tell({ slow: () => sleep(700), well });
    const slow = told.get('slow');
    expect(slow?.calls).toBeLessThanOrEqual(LOGOUTS_AT_ONCE + 2 * 5);
    await eventually(() => (slow?.arrived ?? 0) >= LOGOUTS_AT_ONCE);
  });
});

describe('a receiver', () => {
  const later = async () => ({ kind: 'later', error: 'down' }) as const;
  const delivered = async () => ({ kind: 'delivered' }) as const;

  test('that fails is left alone for longer and longer, tried one at a time, and has all places again once it is back', async () => {
    stop = async () => {};
    let now = 1_000_000;
    const receivers = createReceivers(() => now);
    const calls = async () => {
      let made = 0;
      const act = async () => {
        made += 1;
        await sleep(1);
        return later();
      };
      await Promise.all([1, 2, 3].map(() => receivers.attempt('a', act)));
      return made;
    };
    expect(await calls()).toBe(3);
    for (const pause of [5000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      now += pause - 1;
      expect(await calls()).toBe(0);
      now += 1;
      expect(await calls()).toBe(1);
    }
    now -= 3_600_000; // the clock was set back
    expect(await receivers.attempt('a', delivered)).toEqual({ kind: 'delivered' });
    expect(await calls()).toBe(3);
    expect(await receivers.attempt('b', delivered)).toEqual({ kind: 'delivered' });
  });

  test('whose attempt throws has failed', async () => {
    stop = async () => {};
    const receivers = createReceivers(() => 0);
    await expect(receivers.attempt('a', () => Promise.reject(new Error('odd')))).rejects.toThrow('odd');
    expect(await receivers.attempt('a', delivered)).toBeUndefined();
  });
});
