/** What `pedel audit prune` gives up is signed first, and what stays is found out as before, from there on. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { HOUR, sign, tamper, verdict, write } from './audit-support.ts';
import { type CommandLine, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

describe('rule 28: what audit prune gives up', () => {
  const DAY = 24 * HOUR;
  /** Entries 1 to 6 are signed in twos and too old; 7 and 8 are signed and young; 9 and 10 are not signed. */
  async function grown() {
    shell.environment.PEDEL_AUDIT_RETAIN = 'P90D';
    for (const from of [1, 3, 5]) {
      await write(shell, from, from + 1);
      await sign(shell);
    }
    shell.clock.now += 91 * DAY;
    await write(shell, 7, 8, shell.clock.now);
    await sign(shell);
    await write(shell, 9, 10, shell.clock.now);
  }
  const prune = (...options: string[]) => shell.run('audit', 'prune', ...options);
  const there = () =>
    shell.withStorage(async ({ auditLog }) => (await auditLog.chained(undefined, 99)).map(({ chain }) => chain.seq));

  test('is signed first, deleted a day later, and what stays verifies from there on', async () => {
    await grown();
    const rehearsal = await prune('--dry-run');
    expect(rehearsal.out).toContain('would give up 6 entries of before');
    expect(await verdict(shell)).toMatchObject({ status: 0, checkpoints: 4 });
    const first = await prune('--json');
    expect(JSON.parse(first.out)).toMatchObject({ givenUp: 6, deleted: 0, faults: [] });
    expect(await verdict(shell)).toMatchObject({ status: 0, checkpoints: 5, pruned: { entries: 6, left: 6 } });
    expect((await prune()).out).toMatch(/^gave up 0 entries .*\ndeleted 0 entries/);
    shell.clock.now += DAY;
    expect((await prune()).out).toMatch(/\ndeleted 6 entries/);
    expect(await there()).toEqual([7, 8, 9, 10, 11]);
    const { pruned, ...told } = await verdict(shell);
    expect(told).toMatchObject({ status: 0, entries: 5, faults: [], unsigned: 1 });
    expect(pruned).toEqual({ entries: 6, left: 0, before: expect.any(Number) });
    expect((await shell.run('audit', 'verify')).out).toMatch(
      /it holds from 2026-10-02 11:00:00 on: 6 older entries given up/,
    );
    const [said] = await shell.withStorage(({ auditLog }) => auditLog.page({ action: 'audit.pruned' }, undefined, 9));
    expect(said).toMatchObject({ actor: { kind: 'command', id: 'audit prune' }, details: { entries: '6' } });
  });

  test.each([
    ['changed', `UPDATE audit_log SET entry = replace(entry, 'odd', 'eve') WHERE seq = 9`, ['changed 9']],
    [
      'changed where the log begins',
      `UPDATE audit_log SET entry = replace(entry, 'odd', 'eve') WHERE seq = 7`,
      ['changed 7'],
    ],
    ['removed where the log begins', 'DELETE FROM audit_log WHERE seq = 7', ['removed 7']],
    ['removed', 'DELETE FROM audit_log WHERE seq IN (8, 9)', ['removed 8-9']],
    [
      'swapped',
      `UPDATE audit_log SET seq = -seq WHERE seq IN (7, 9);
       UPDATE audit_log SET seq = CASE seq WHEN -7 THEN 9 ELSE 7 END WHERE seq < 0`,
      ['changed 7', 'changed 8', 'changed 9', 'changed 10'],
    ],
    ['cut off', 'DELETE FROM audit_log WHERE seq > 9', ['truncated 10']],
    ['gone altogether', 'DELETE FROM audit_log', ['truncated 7-10']],
    [
      'robbed of the checkpoint that gave up what is gone',
      'DELETE FROM audit_checkpoints WHERE number = 5',
      ['removed 1-6'],
    ],
    [
      'given a checkpoint that gives up more',
      `UPDATE audit_checkpoints SET checkpoint = replace(checkpoint, '"seq":6', '"seq":8') WHERE number = 5;
       DELETE FROM audit_log WHERE seq < 9`,
      ['checkpoint-unsigned 5', 'removed 1-8'],
    ],
  ])('leaves a log of which verify finds that it was %s', async (_, statement, expected) => {
    await grown();
    await prune();
    shell.clock.now += DAY;
    await prune();
    tamper(shell, statement);
    const { faults } = await verdict(shell);
    const told = faults.map(
      ({ kind, seq, number = seq, to = number }: { kind: string; seq: number; number?: number; to?: number }) =>
        number === to ? `${kind} ${number}` : `${kind} ${number}-${to}`,
    );
    expect(new Set(told)).toEqual(new Set(expected));
  });

  test.each([
    ['changed', `UPDATE audit_log SET entry = replace(entry, 'odd', 'eve') WHERE seq = 3`, 2, 3],
    ['removed', 'DELETE FROM audit_log WHERE seq = 4', 2, 5],
    ['dated back', `UPDATE audit_log SET at = 1, entry = json_set(entry, '$.at', 1) WHERE seq = 5`, 4, 5],
  ])('stops before an entry that somebody %s: it is evidence', async (_, statement, givenUp, seq) => {
    await grown();
    tamper(shell, statement);
    const { status, out } = await prune('--json');
    expect(JSON.parse(out)).toMatchObject({ givenUp, faults: [{ seq }] });
    expect(status).toBe(1);
    shell.clock.now += DAY;
    await prune();
    expect((await there())[0]).toBe(givenUp + 1);
    expect((await verdict(shell)).status).toBe(1);
  });

  test('does nothing on the word of a checkpoint that nobody signed', async () => {
    await grown();
    await prune();
    tamper(
      shell,
      `UPDATE audit_checkpoints SET checkpoint = replace(checkpoint, '"seq":6', '"seq":8') WHERE number = 5`,
    );
    shell.clock.now += DAY;
    await prune();
    expect((await there()).slice(0, 2)).toEqual([1, 2]);
  });

  test('keeps what was given up where the log is kept longer since, and all where nothing says how long', async () => {
    await grown();
    await prune();
    shell.clock.now += DAY;
    shell.environment.PEDEL_AUDIT_RETAIN = 'P7Y';
    expect((await prune()).out).toMatch(/\ndeleted 0 entries/);
    expect(await verdict(shell)).toMatchObject({ status: 0, pruned: { entries: 6, left: 6 } });
    delete shell.environment.PEDEL_AUDIT_RETAIN;
    const { status, err } = await prune();
    expect([status, err]).toEqual([1, expect.stringContaining('audit.retain is not set')]);
  });

  test('also covers what a version before the chain wrote', async () => {
    await write(shell, 1, 4);
    tamper(shell, 'UPDATE audit_log SET node = NULL, seq = NULL, hash = NULL');
    shell.clock.now += 2 * HOUR;
    await write(shell, 5, 5);
    await sign(shell);
    shell.clock.now += 91 * DAY;
    await write(shell, 6, 6, shell.clock.now);
    shell.environment.PEDEL_AUDIT_RETAIN = 'P90D';
    expect(JSON.parse((await prune('--json')).out)).toMatchObject({ givenUp: 5, deleted: 0 });
    expect(await verdict(shell)).toMatchObject({ status: 0, loose: 4, pruned: { entries: 5, left: 5 } });
    shell.clock.now += DAY;
    expect(JSON.parse((await prune('--json')).out)).toMatchObject({ givenUp: 0, deleted: 5 });
    expect(await verdict(shell)).toMatchObject({ status: 0, entries: 2, loose: 0, pruned: { entries: 5, left: 0 } });
  });
});
