import { afterEach, describe, expect, test } from '@jest/globals';
import { createHashingPool } from '../../src/hashing/pool.ts';

let pool: ReturnType<typeof createHashingPool> | undefined;
afterEach(() => pool?.close());

describe('hashing in processes of its own', () => {
  test('hashes, verifies and wraps as the plain functions do', async () => {
    pool = createHashingPool({ processes: 2, queue: 10 });
    const hash = await pool.hash('geheim');
    expect(
      await Promise.all([pool.verify(hash, 'geheim'), pool.verify(hash, 'fout'), pool.verify(undefined, 'x')]),
    ).toEqual([
      { matches: true, outdated: false },
      { matches: false, outdated: false },
      { matches: false, outdated: false },
    ]);
  });

  test('rule 5: a full queue is said at once, with when to come back, and empties again', async () => {
    pool = createHashingPool({ processes: 1, queue: 3 });
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => pool?.hash('geheim')));
    const refused = asked.filter(({ status }) => status === 'rejected');
    expect(asked.length - refused.length).toBe(4);
    expect(refused[0]).toMatchObject({ reason: { code: 'busy', retryAfterSeconds: 3 } });
    expect(await pool.hash('geheim')).toMatch(/^\$argon2id/);
  });

  test('counts what it took on, whether the login was known or not', async () => {
    pool = createHashingPool({ processes: 1, queue: 3 });
    const hash = await pool.hash('geheim');
    await pool.verify(hash, 'fout');
    await pool.verify(undefined, 'fout');
    expect(pool.taken()).toEqual({ hash: 1, verify: 2, wrap: 0 });
  });

  test('what waits when it closes is refused, not forgotten', async () => {
    pool = createHashingPool({ processes: 1, queue: 3 });
    const asked = [pool.hash('a'), pool.hash('b')];
    const settled = Promise.allSettled(asked);
    await pool.close();
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });
});
