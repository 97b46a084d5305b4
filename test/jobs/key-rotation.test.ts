/** Key rotation on several nodes: a node that sleeps between two of its steps does no harm when it wakes. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SigningKeyRecord } from '../../src/domain/ports/signing-keys.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { ensureSigningKeys } from '../../src/domain/signing-keys/signing-key.ts';
import {
  type KeySchedule,
  NOT_YET,
  nextSteps,
  publishedKeys,
  signerOf,
  stateOf,
} from '../../src/domain/signing-keys/signing-key-schedule.ts';
import { type KeyRotationDeps, rotateKeys } from '../../src/jobs/key-rotation.ts';
import { backend } from '../support/backend.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const schedule: KeySchedule = { rotateMs: 90 * DAY, publishAheadMs: 24 * HOUR, keepMs: 8 * DAY };
const sealer = sealerUnder('a sealing secret of at least 32 characters');

let storage: Storage;
let now: number;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

let keysMade = 0;
/** No node needs a real one here. */
const makeKey: NonNullable<KeyRotationDeps['makeKey']> = async (alg, generation, _sealer, times) => {
  keysMade += 1;
  return { kid: `key ${keysMade}`, alg, generation, publicJwk: {}, sealedPrivateJwk: 'sealed', ...times };
};

type Used = KeyRotationDeps['storage'];
const node = (holder: string, over: Used = storage) =>
  rotateKeys({ storage: over, sealer, schedule, holder, now: () => now, makeKey });

/** First keys as of `now`, nothing else. */
async function begin(): Promise<void> {
  for (const { kid } of await storage.signingKeys.list()) await storage.signingKeys.remove(kid);
  for (const alg of ['ES256', 'RS256'] as const)
    await storage.signingKeys.insert(await makeKey(alg, 1, sealer, { createdAt: now, usedFrom: now }));
}

/** The same storage; before or after its call of that number (from 0) the caller sleeps until woken. */
function sleepingAt(wanted: number, when: 'before' | 'after') {
  let calls = 0;
  let wake = () => {};
  let fellAsleep = () => {};
  const awake = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const asleep = new Promise<void>((resolve) => {
    fellAsleep = resolve;
  });
  const sleep = () => {
    fellAsleep();
    return awake;
  };
  const port = <Name extends keyof Used>(name: Name) =>
    Object.fromEntries(
      Object.entries(storage[name]).map(([method, call]) => [
        method,
        async (...input: unknown[]) => {
          const here = calls === wanted;
          calls += 1;
          if (here && when === 'before') await sleep();
          const answer = await (call as (...given: unknown[]) => Promise<unknown>)(...input);
          if (here && when === 'after') await sleep();
          return answer;
        },
      ]),
    ) as unknown as Used[Name];
  const sleeping: Used = { leases: port('leases'), signingKeys: port('signingKeys') };
  return { sleeping, asleep, wake, calls: () => calls };
}

/** Checks what must hold at every moment; call `look` after each step. */
function watch() {
  const firstSeen = new Map<string, number>();
  const ends = new Map<string, number>();
  return async () => {
    const keys = await storage.signingKeys.list();
    const there = new Set(publishedKeys(keys, now).map(({ kid }) => kid));
    for (const kid of there) if (!firstSeen.has(kid)) firstSeen.set(kid, now);
    for (const alg of ['ES256', 'RS256'] as const) {
      const signer = signerOf(keys, alg, now) as SigningKeyRecord;
      if (signer.generation > 1)
        expect(now - (firstSeen.get(signer.kid) ?? now)).toBeGreaterThanOrEqual(schedule.publishAheadMs);
      const upcoming = keys.filter((key) => key.alg === alg && ['made', 'next'].includes(stateOf(key, keys, now)));
      expect(upcoming.length).toBeLessThanOrEqual(1);
    }
    for (const { kid, removedAt } of keys) {
      const before = ends.get(kid);
      if (before !== undefined) expect(removedAt).toBe(before);
      if (removedAt !== undefined) ends.set(kid, removedAt);
    }
    for (const [kid, end] of ends) if (now < end) expect(there).toContain(kid);
  };
}

/** When a node begins to do what, counted from the first keys' beginning. */
const tasks = [
  ['publishes the next keys', 89 * DAY],
  ['retires the last ones', 90 * DAY + HOUR],
  ['deletes those that have left', 90 * DAY + 15 * DAY + 2 * HOUR],
] as const;
/** For how long it sleeps, and whether there is no other node that would do its work. */
const sleeps: readonly (readonly [ms: number, alone: boolean])[] =
  backend === 'sqlite'
    ? [0, 2 * MINUTE, 26 * HOUR, 200 * DAY].flatMap((ms) => [[ms, false] as const, [ms, true] as const])
    : [[26 * HOUR, false]];

/** Of each call; behind one is before the next, so a slow database need be asked for one of them only. */
const moments = backend === 'sqlite' ? (['before', 'after'] as const) : (['after'] as const);

describe('a node', () => {
  test.each(tasks)(
    'that sleeps anywhere while it %s harms nothing when it wakes, however late',
    async (_what, at) => {
      let stopped = 0;
      for (const [asleepFor, alone] of sleeps) {
        for (const when of moments) {
          for (let call = 0; ; call += 1) {
            await begin();
            const look = watch();
            const startedAt = now;
            for (const due of tasks.map(([, each]) => each).filter((each) => each < at)) {
              now = startedAt + due;
              await node('early');
              await look();
            }
            now = startedAt + at;
            const { sleeping, asleep, wake, calls } = sleepingAt(call, when);
            const slow = node('slow', sleeping);
            if ((await Promise.race([asleep.then(() => 'asleep'), slow.then(() => 'done')])) === 'done') {
              expect(calls()).toBe(call);
              now += DAY;
              break;
            }
            stopped += 1;
            await look();
            // meanwhile the others have no lease at first, then do all of it, and go on with it as time goes by
            const passing = [0, MINUTE + 1, 25 * HOUR, asleepFor - 1].filter((each) => !alone && each <= asleepFor);
            for (const passed of passing) {
              now = Math.max(now, startedAt + at + passed);
              await node('other');
              await look();
            }
            now = Math.max(now, startedAt + at + asleepFor);
            wake();
            await slow;
            await look();
            for (const further of [0, MINUTE + 1, 25 * HOUR, 100 * DAY]) {
              now += further;
              await node('other');
              await look();
            }
            expect(nextSteps(await storage.signingKeys.list(), schedule, now)).toEqual([]);
            now += DAY;
          }
        }
      }
      expect(stopped).toBeGreaterThanOrEqual(sleeps.length * moments.length * 6);
    },
    240_000,
  );

  test('counts the time ahead from when it saw the key, not from when it began to look', async () => {
    await begin();
    now += 89 * DAY;
    const { sleeping, asleep, wake } = sleepingAt(1, 'before'); // has its lease, and is about to read the keys
    const slow = node('slow', sleeping);
    await asleep;
    now += 26 * HOUR;
    // of a node that died right after
    const key = await makeKey('ES256', 2, sealer, { createdAt: now, usedFrom: NOT_YET });
    await storage.signingKeys.insert(key);
    wake();
    await slow;
    const found = (await storage.signingKeys.list()).find(({ kid }) => kid === key.kid);
    expect(found?.usedFrom).toBe(now + schedule.publishAheadMs);
  });

  test('does nothing while another is at it, and all of it when that one has died', async () => {
    await begin();
    now += 89 * DAY;
    const { sleeping, asleep } = sleepingAt(1, 'before');
    void node('dying', sleeping); // never wakes
    await asleep;
    expect(await node('other')).toBeUndefined();
    now += MINUTE;
    expect(await node('other')).toBe(4); // two made, two scheduled
  });

  test('of any number at once, all past the lease, each step is done and recorded once', async () => {
    await begin();
    now += 89 * DAY;
    const free: Storage['leases'] = { ...storage.leases, acquire: async () => 1, release: async () => {} };
    const done = await Promise.all(
      Array.from({ length: 10 }, (_, index) => node(`n${index}`, { ...storage, leases: free })),
    );
    expect(done.reduce<number>((sum, each) => sum + (each ?? 0), 0)).toBe(4);
    const actions = (await storage.auditLog.page({}, undefined, 100)).map(({ action }) => action).sort();
    expect(actions).toEqual([
      'signing-key.published',
      'signing-key.published',
      'signing-key.scheduled',
      'signing-key.scheduled',
    ]);
  });

  test('makes real keys, sealed for their own kid', async () => {
    await ensureSigningKeys(storage.signingKeys, sealer, now);
    now += 89 * DAY;
    await rotateKeys({ storage, sealer, schedule, holder: 'one', now: () => now });
    for (const { kid, sealedPrivateJwk } of await storage.signingKeys.list())
      expect(JSON.parse(sealer.open(sealedPrivateJwk, kid, 'signing-key'))).toHaveProperty('d');
  });
});
