import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { judgePassword } from '../../src/domain/passwords/judge-password.ts';
import { createJudging } from '../../src/hashing/judging.ts';
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

  test('a crowd of strangers leaves the places of known browsers free, and these do not wait behind it', async () => {
    pool = createHashingPool({ processes: 1, queue: 20, servedWithinMs: 60_000 }); // also on a busy machine
    await pool.hash('geheim'); // the process has started
    const answered: string[] = [];
    const tasks = Array.from({ length: 30 }, () => pool?.verify(undefined, 'x').then(() => answered.push('others')));
    const slowed = Array.from({ length: 30 }, () => pool?.verify(undefined, 'x', 'slowed'));
    const known = pool.verify(undefined, 'x', 'known').then(() => answered.push('known'));
    const settled = await Promise.allSettled([known, ...tasks, ...slowed]);
    expect(settled.map(({ status }) => status).slice(0, 1)).toEqual(['fulfilled']);
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(9 + 10);
    expect(answered.indexOf('known')).toBeLessThanOrEqual(3);
  });

  test('rule 1: asks what work stored hashes take before a wrong password is answered, and measures it for nobody', async () => {
    let asked = 0;
    pool = createHashingPool({
      processes: 1,
      queue: 10,
      foreignWorks: async () => {
        asked += 1;
        return ['bcrypt 04', 'argon2id m=4096,t=3,p=1'];
      },
    });
    const hash = await pool.hash('geheim');
    expect(await pool.verify(hash, 'geheim')).toEqual({ matches: true, outdated: false });
    expect(asked).toBe(0); // the right one tells nothing new
    for (const stored of [hash, undefined]) {
      expect(await pool.verify(stored, 'fout')).toEqual({ matches: false, outdated: false });
    }
    expect([asked, pool.taken().verify]).toEqual([2, 3]);
  });

  test('counts what it took on, whether the login was known or not', async () => {
    pool = createHashingPool({ processes: 1, queue: 3 });
    const hash = await pool.hash('geheim');
    await pool.verify(hash, 'fout');
    await pool.verify(undefined, 'fout');
    expect(pool.taken()).toEqual({ hash: 1, verify: 2, wrap: 0 });
  });

  test('a process that cannot be started, or takes no message, fails its own caller only and is replaced', async () => {
    const faults = ['cannot start', 'is gone', 'takes nothing', 'throws'];
    pool = createHashingPool({
      processes: 1,
      queue: 10,
      fork: (file, options) => {
        const fault = faults.shift();
        if (fault === 'throws') throw new Error('spawn ENOMEM');
        const child = fork(file, options);
        if (fault === 'cannot start') setImmediate(() => child.emit('error', new Error('spawn EAGAIN')));
        if (fault === 'is gone') child.kill('SIGKILL');
        if (fault === 'takes nothing')
          child.send = () => {
            throw new Error('ERR_IPC_CHANNEL_CLOSED');
          };
        return child;
      },
    });
    for (let round = 0; round < 4; round += 1)
      await expect(pool.hash('geheim')).rejects.toMatchObject({ code: 'busy', retryAfterSeconds: expect.any(Number) });
    expect(await pool.hash('geheim')).toMatch(/^\$argon2id/);
    expect(pool.waiting()).toBe(0);
  });

  test('what waits when it closes is refused, not forgotten', async () => {
    pool = createHashingPool({ processes: 1, queue: 3 });
    const asked = [pool.hash('a'), pool.hash('b')];
    const settled = Promise.allSettled(asked);
    await pool.close();
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });
});

describe('judging in a process of its own', () => {
  const alone = { secondFactorRequired: false, words: ['Annelies'] };
  const judging = createJudging({ words: ['Arenberg', 'Toledo'], queue: 8 });
  const typingAs = (person: string) => ({ person, typing: true });
  afterAll(() => judging.close());

  test('says what the plain function says', async () => {
    for (const password of ['seven brass lanterns wander', 'Annelies Annelies', 'kort', 'x'.repeat(200)])
      expect(await judging.judge(password, alone, typingAs('annelies'))).toEqual(judgePassword(password, alone));
    expect(judging.taken()).toBe(4);
  });

  test('knows the words of the association', async () => {
    expect(await judging.judge('Arenberg Toledo 12', alone, typingAs('a'))).toMatchObject({
      ok: false,
      reason: 'guessable',
    });
  });

  test('rule 33: a person who types has three under way at once, with those sent half of the queue; a full one is said at once', async () => {
    const ask = (person: string, typing = true) =>
      judging.judge('seven brass lanterns wander', alone, { person, typing });
    const refused = async (asked: ReturnType<typeof ask>[]) =>
      (await Promise.allSettled(asked)).map(({ status }) => status === 'rejected');
    expect(await refused(['a', 'a', 'a', 'a', 'b'].map((person) => ask(person)))).toEqual([
      ...[false, false, false, true, false],
    ]);
    expect(await refused([...'aaaaa'].map((person) => ask(person, false)))).toEqual([
      ...[false, false, false, false, true],
    ]);
    expect(await refused([...'abcdefghij'].map((person) => ask(person)))).toEqual([...Array(9).fill(false), true]);
    await expect(ask('a')).resolves.toMatchObject({ ok: true });
  });

  test('whoever waits for many judgements lets others go first', async () => {
    const order: string[] = [];
    const ask = (person: string) =>
      judging.judge('kort', alone, { person, typing: false }).then(() => void order.push(person));
    await Promise.all(['a', 'a', 'a', 'a', 'b', 'c'].map(ask));
    expect(order.slice(0, 3)).toEqual(['a', 'b', 'a']);
  });

  test('rule 33: a judgement without end ends its process, and only that one', async () => {
    const impatient = createJudging({ limitMs: 1 }); // less than the process needs to start
    for (let time = 0; time < 2; time += 1)
      await expect(impatient.judge('kort', alone, typingAs('a'))).rejects.toMatchObject({ code: 'busy' });
    expect(impatient.waiting()).toBe(0);
    await impatient.close();
  });

  test('a process that had nothing to judge for a while is ended, and its memory free; the next judgement starts another', async () => {
    const ends: Promise<unknown>[] = [];
    const resting = createJudging({
      idleMs: 50,
      fork: (file, options) => {
        const child = fork(file, options);
        ends.push(once(child, 'exit'));
        return child;
      },
    });
    for (let started = 1; started <= 2; started += 1) {
      await resting.judge('kort', alone, typingAs('a'));
      expect(ends).toHaveLength(started);
      expect(await ends.at(-1)).toEqual([0, null]);
    }
    await resting.close();
  });

  test('what waits when it closes is refused, and so is what comes later', async () => {
    const settled = Promise.allSettled(['a', 'b'].map((person) => judging.judge('geheim', alone, typingAs(person))));
    await judging.close();
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(judging.judge('geheim', alone, typingAs('a'))).rejects.toMatchObject({ code: 'busy' });
  });
});
