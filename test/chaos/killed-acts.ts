/**
 * An administrator's act is broken off by kill -9 between any two of its writes: nothing of it has happened, or all of it with
 * its one entry of the audit log, and the same request again brings it to its end.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Place } from '../support/backend.ts';
import { acts, isChained, prepare, recover, run, stateOf } from './client-acts.ts';

const dying = fileURLToPath(new URL('dying.ts', import.meta.url));
/** Processes at once; one of them mostly loads its modules. */
const AT_ONCE = 3;
/** No act has so many writes: a test that goes on counting is wrong. */
const MOST = 60;

type Ended = { killed: true } | { killed: false; writes: number; outcome: unknown };

function broken(uri: string, act: string, write: number): Promise<Ended> {
  const words = ['--disable-warning=ExperimentalWarning', dying, uri, act, String(write)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, (error, stdout, stderr) => {
      if (error?.signal === 'SIGKILL') resolve({ killed: true });
      else if (error !== null) reject(new Error(`${act}, write ${write}: ${error.message}\n${stderr}`));
      else resolve({ killed: false, ...JSON.parse(stdout) });
    });
  });
}

export function killedActs(newPlace: () => Place): void {
  const opened = async <T>({ uri }: Place, use: (storage: Storage) => Promise<T>): Promise<T> => {
    const storage = await openStorage(uri, { now: Date.now });
    try {
      return await use(storage);
    } finally {
      await storage.close();
    }
  };

  /** Both states, from a process that nobody kills. */
  async function beforeAndAfter(act: string) {
    const place = newPlace();
    const { outcome, ...states } = await opened(place, async (storage) => {
      await prepare(act, storage);
      const before = await stateOf(storage);
      const ended = await run(act, storage);
      await recover(storage);
      return { before, outcome: ended, after: await stateOf(storage) };
    });
    await place.remove();
    expect([outcome]).not.toEqual([expect.objectContaining({ faults: expect.anything() })]);
    expect(states.after.entries).toHaveLength(states.before.entries.length + 1);
    expect(states.after).not.toEqual(states.before);
    return states;
  }

  type States = Awaited<ReturnType<typeof beforeAndAfter>>;

  /** @returns whether the act came to its end before that write, and whether what was left had already happened */
  async function brokenAt(act: string, write: number, { before, after }: States) {
    const place = newPlace();
    const ended = await broken(place.uri, act, write);
    const happened = await opened(place, async (storage) => {
      await recover(storage);
      const left = await stateOf(storage);
      const entered = left.entries.length > before.entries.length;
      const consents = acts[act]?.clears === true && !entered ? { consents: left.consents } : {};
      expect({ act, write, left }).toEqual({ act, write, left: { ...(entered ? after : before), ...consents } });
      if (!ended.killed) expect(left).toEqual(after);
      expect(await isChained(storage)).toBe(true);
      await run(act, storage); // the same request again
      await recover(storage);
      expect({ act, write, left: await stateOf(storage) }).toEqual({ act, write, left: after });
      return entered;
    });
    await place.remove();
    return { ended: !ended.killed, happened };
  }

  test.each(Object.keys(acts))('%s', async (act) => {
    const states = await beforeAndAfter(act);
    const found: { ended: boolean; happened: boolean }[] = [];
    for (let write = 1; !found.some(({ ended }) => ended); write += AT_ONCE) {
      expect(write).toBeLessThan(MOST);
      const some = Array.from({ length: AT_ONCE }, (_, more) => brokenAt(act, write + more, states));
      found.push(...(await Promise.all(some)));
    }
    // it was broken off before it had happened, and came to its end
    const killed = found.filter(({ ended }) => !ended);
    expect(killed.filter(({ happened }) => !happened).length).toBeGreaterThan(0);
    console.info(`${act}: broken off before each of ${killed.length} writes`);
  });
}
