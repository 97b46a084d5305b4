/** Every act of the bench can be done, so that a change of Pedel that the bench does not know is noticed here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActName, acts } from '../../bench/speed/acts.ts';
import { prepare } from '../../bench/speed/burst.ts';
import { endAll } from '../../bench/speed/children.ts';
import { type Subject, startLineup } from '../../bench/speed/lineup.ts';
import { overload } from '../../bench/speed/overload.ts';
import { familyOf, pssMib, readClock, spent } from '../../bench/speed/processor.ts';
import { openStorage } from '../../src/storage/open.ts';

const all = Object.keys(acts) as ActName[];
const folder = mkdtempSync(join(tmpdir(), 'pedel-bench-test-'));
let subjects: Subject[] = [];
beforeAll(async () => {
  subjects = await startLineup({
    root: fileURLToPath(new URL('../../', import.meta.url)),
    compare: undefined,
    baselines: ['memory', 'sqlite', 'http'],
    only: all,
    scenarios: false,
    folder,
    onStart: () => {},
    onProcess: async () => {},
  });
});
afterAll(async () => {
  await endAll();
  rmSync(folder, { recursive: true });
});
const systemOf = (name: string, on: 'normal' | 'no-hash' = 'normal') => {
  const system = subjects.find((each) => each.name === name)?.[on];
  if (system === undefined) throw new Error(`${name} was not started`);
  return system;
};

describe.each(['Pedel', 'memory', 'sqlite', 'http'])('%s', (name) => {
  test('does each act that it offers, and costs something', async () => {
    const subject = subjects.find((each) => each.name === name);
    const offered = all.filter((act) => subject?.offers(act));
    expect(offered.length).toBeGreaterThanOrEqual(2);
    for (const act of offered) {
      const { pid, target } = systemOf(name, acts[act].on);
      const ready = await prepare(act, target, 2);
      const before = readClock(pid);
      const { done, failed, failures, latencies } = await ready.run(1);
      ready.close();
      expect({ act, failed, failures }).toEqual({ act, failed: 0, failures: [] });
      expect(done).toBeGreaterThan(0);
      expect(latencies).toHaveLength(done);
      const { mainThreadUs, mainProcessUs, allUs } = spent(before, readClock(pid));
      expect(mainThreadUs).toBeGreaterThan(0);
      expect([mainProcessUs >= mainThreadUs, allUs >= mainProcessUs]).toEqual([true, true]);
    }
  });
});

test('without the hash nothing is hashed, and passwords that are wrong open', async () => {
  expect(familyOf(systemOf('Pedel', 'no-hash').pid)).toHaveLength(1);
  expect(familyOf(systemOf('Pedel').pid).length).toBeGreaterThan(1); // with its hashing processes
  const wrong = { ...systemOf('Pedel', 'no-hash').target, password: 'a wrong one' };
  const ready = await prepare('no-hash', wrong, 1);
  expect(await ready.run(1)).toMatchObject({ done: 1, failed: 0 });
  ready.close();
});

test('people sign in with the browser that they keep, and only the act that has new ones tells people of them', async () => {
  const told = async () => {
    const storage = await openStorage(`sqlite:${join(folder, 'Pedel-without-hash', 'pedel.db')}`, { now: Date.now });
    const letters = await storage.outbox.list({ kind: 'letter' }, undefined, 1000);
    await storage.close();
    return new Set(letters.map(({ accountId }) => accountId)).size;
  };
  const once = async (act: ActName) => {
    const ready = await prepare(act, systemOf('Pedel', 'no-hash').target, 1);
    expect(await ready.run(1)).toMatchObject({ done: 1, failed: 0 });
    ready.close();
  };
  const before = await told();
  await once('no-hash');
  await once('new-browser'); // whose letters follow after the answer, as those of the former would
  while ((await told()) === before) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await told()).toBe(before + 1);
});

test('a wrong password is a failure, with its reason', async () => {
  const ready = await prepare('password', { ...systemOf('Pedel').target, password: 'a wrong one' }, 1);
  const { done, failed, failures } = await ready.run(1);
  ready.close();
  expect([done, failed]).toEqual([0, 1]);
  expect(failures[0]).toMatch(/^422 at \/interaction\//);
});

test('those who come are signed in, refused or lost, and nobody twice', async () => {
  const { came, done, inTime, refused, lost, generatorShare } = await overload(systemOf('Pedel').target, 20, 1);
  expect(came).toBeGreaterThan(0);
  expect(done + Object.values(refused).reduce((sum, count) => sum + count, 0) + lost).toBe(came);
  expect(inTime).toBeLessThanOrEqual(done);
  expect(generatorShare).toBeGreaterThan(0);
  expect(generatorShare).toBeLessThan(1);
});

test('memory is that of all processes, and a start ends with the first answer', async () => {
  const memory = systemOf('memory');
  expect(pssMib(memory.pid)).toBeGreaterThan(20);
  const { pid } = memory;
  expect(await memory.again()).toBeGreaterThan(50);
  expect(memory.pid).not.toBe(pid);
});
