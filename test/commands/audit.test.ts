/** `pedel audit verify` finds what a writer of the database did to the log; `list` and `export` find and give what is asked. */
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chainHash } from '../../src/domain/audit/audit-chain.ts';
import type { AuditCheckpoint } from '../../src/domain/audit/audit-checkpoint.ts';
import { canonicalJson } from '../../src/domain/canonical-json.ts';
import { createSigner } from '../../src/use-cases/audit/checkpoint.ts';
import { sealerUnder } from '../support/sealer.ts';
import { HOUR, sign, tamper, verdict, write } from './audit-support.ts';
import { type CommandLine, openCommandLine, sealer, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

/** Ten entries: six before the second checkpoint, four behind it. */
async function filled() {
  await write(shell, 1, 3);
  const one = await sign(shell);
  await write(shell, 4, 6);
  const two = await sign(shell);
  await write(shell, 7, 10);
  return shell.file('server.log', `not JSON\n${one}Oct 01 12:00:00 host pedel[1]: ${two}`);
}

describe('rule 28: audit verify', () => {
  test('finds nothing where nothing was done, and says what is signed', async () => {
    const kept = await filled();
    const { last, ...told } = await verdict(shell, '--checkpoint', kept);
    expect(told).toEqual({
      ...{ status: 0, entries: 10, chains: 1, loose: 0, unsigned: 4, checkpoints: 2 },
      ...{ compared: 2, faultCount: 0, faults: [] },
    });
    expect(last).toEqual({ number: 2, at: startOfTests });
    const { out } = await shell.run('audit', 'verify');
    expect(out).toBe(
      '10 entries in 1 chain; 2 checkpoints, the last (2) of 2026-10-01 12:00:00; 4 entries not signed yet; ' +
        'not compared with checkpoints kept elsewhere (--checkpoint); no fault\n',
    );
  });

  test.each([
    ['changed', `UPDATE audit_log SET entry = replace(entry, 'odd', 'eve') WHERE seq = 5`, ['changed 5']],
    ['not JSON any more', `UPDATE audit_log SET entry = '{' WHERE seq = 5`, ['unreadable 5']],
    ['filed under another person', `UPDATE audit_log SET actor = 'x' WHERE seq = 8`, ['misfiled 8']],
    ['removed', 'DELETE FROM audit_log WHERE seq = 4', ['removed 4']],
    ['removed at the start', 'DELETE FROM audit_log WHERE seq < 3', ['removed 1-2']],
    ['removed where nothing is signed yet', 'DELETE FROM audit_log WHERE seq IN (8, 9)', ['removed 8-9']],
    [
      'swapped',
      `UPDATE audit_log SET seq = -seq WHERE seq IN (2, 5);
       UPDATE audit_log SET seq = CASE seq WHEN -2 THEN 5 ELSE 2 END WHERE seq < 0`,
      ['changed 2', 'changed 3', 'changed 5', 'changed 6'],
    ],
    ['cut off behind a checkpoint', 'DELETE FROM audit_log WHERE seq > 4', ['truncated 5-6']],
    ['gone altogether', 'DELETE FROM audit_log', ['truncated 1-6']],
    [
      'put in between',
      `UPDATE audit_log SET seq = seq + 100 WHERE seq > 4; UPDATE audit_log SET seq = seq - 99 WHERE seq > 100;
       INSERT INTO audit_log (id, at, action, entry, node, seq, hash) SELECT 'new', at, action, replace(entry, '"e4"', '"new"'), node, 5, hash
         FROM audit_log WHERE seq = 4`,
      ['rewritten 6', ...[5, 6, 7, 8, 9, 10, 11].map((seq) => `changed ${seq}`)],
    ],
    [
      'put in beside the chain, dated back',
      `INSERT INTO audit_log (id, at, action, entry) SELECT 'new', 5, action, replace(replace(entry, '"e4"', '"new"'), '"at":1790848800004', '"at":5') FROM audit_log WHERE seq = 4`,
      ['loose-changed'],
    ],
    [
      'changed, with its checkpoint',
      `UPDATE audit_checkpoints SET checkpoint = replace(checkpoint, '"seq":6', '"seq":5') WHERE number = 2`,
      ['checkpoint-unsigned 2'],
    ],
    ['robbed of a checkpoint', 'DELETE FROM audit_checkpoints WHERE number = 1', ['checkpoint-removed 1']],
    [
      'given a checkpoint that nobody signed',
      `INSERT INTO audit_checkpoints VALUES (900000000000, '{')`,
      ['checkpoint-removed 3-899999999999', 'checkpoint-unsigned 900000000000'],
    ],
  ])('finds that the log was %s', async (_, statement, expected) => {
    await filled();
    tamper(shell, statement);
    const { status, faults, faultCount } = await verdict(shell);
    const told = faults.map((fault: { kind: string; seq?: number; number?: number; to?: number }) => {
      const { kind, seq, number = seq, to = number } = fault;
      return kind === 'loose-changed' ? kind : `${kind} ${number === to ? number : `${number}-${to}`}`;
    });
    expect(new Set(told)).toEqual(new Set(expected));
    expect([status, faultCount]).toEqual([1, faults.length]);
    const { out } = await shell.run('audit', 'verify');
    expect(out.trimEnd().split('\n')).toHaveLength(faults.length + 1);
  });

  /** Computes the hashes anew, which needs no secret. */
  async function rewrite(change: (text: string) => string) {
    const all = await shell.withStorage(({ auditLog }) => auditLog.chained(undefined, 99));
    let hash = '';
    const statements = all.map(({ entry, chain }) => {
      const text = change(JSON.stringify(entry));
      hash = chainHash(JSON.parse(text), chain.node, chain.seq, hash);
      return `UPDATE audit_log SET entry = '${text}', actor = json_extract('${text}', '$.actor.id'), hash = '${hash}' WHERE seq = ${chain.seq}`;
    });
    tamper(shell, ...statements);
  }

  test('finds a chain that was written anew with right hashes, by each checkpoint', async () => {
    await filled();
    await rewrite((text) => text.replace('odd', 'someone'));
    const { faults } = await verdict(shell);
    expect(faults).toMatchObject([
      { kind: 'rewritten', seq: 3 },
      { kind: 'rewritten', seq: 6 },
    ]);
  });

  test('finds by checkpoints kept elsewhere that log and checkpoints were both cut off, or signed anew', async () => {
    const kept = await filled();
    tamper(shell, 'DELETE FROM audit_log WHERE seq > 3', 'DELETE FROM audit_checkpoints WHERE number = 2');
    expect(await verdict(shell)).toMatchObject({ status: 0, unsigned: 0 });
    const found = await verdict(shell, '--checkpoint', kept);
    expect(found).toMatchObject({ status: 1, compared: 2, faultCount: 2 });
    expect(found.faults).toMatchObject([
      { kind: 'checkpoint-removed', number: 2 },
      { kind: 'truncated', seq: 4, to: 6 },
    ]);
    await write(shell, 20, 20);
    await sign(shell);
    const { faults } = await verdict(shell, '--checkpoint', kept);
    expect(faults).toMatchObject([{ kind: 'checkpoint-replaced', number: 2 }, { kind: 'truncated' }]);
  });

  test.each([
    ['that has none', () => '{"level":"info"}\n', 'has no checkpoint'],
    [
      'that another installation signed',
      () => sign(shell, sealerUnder('another secret of thirty-two characters')),
      'line 1: this installation did not sign checkpoint 1',
    ],
  ])('refuses a file of checkpoints %s', async (_, content, because) => {
    await write(shell, 1, 1);
    const { status, out, err } = await shell.run(
      'audit',
      'verify',
      '--checkpoint',
      shell.file('kept', await content()),
    );
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain(because);
  });

  test('covers what a version before the chain wrote, and finds what is done to it', async () => {
    await write(shell, 1, 4);
    tamper(shell, 'UPDATE audit_log SET node = NULL, seq = NULL, hash = NULL');
    await write(shell, 5, 5);
    shell.clock.now += 2 * HOUR;
    await sign(shell);
    expect(await verdict(shell)).toMatchObject({ status: 0, entries: 5, loose: 4, unsigned: 0, faultCount: 0 });
    expect((await shell.run('audit', 'verify')).out).toContain('(4 of before the chain)');
    // a node of the version before goes on for a while
    const database = new DatabaseSync(join(shell.folder, 'pedel.db'));
    const entry = { id: 'late', at: startOfTests + HOUR + 5, action: 'x', actor: { kind: 'system' } };
    database
      .prepare('INSERT INTO audit_log (id, at, action, entry) VALUES (?, ?, ?, ?)')
      .run(entry.id, entry.at, entry.action, JSON.stringify(entry));
    expect(await verdict(shell)).toMatchObject({ status: 0, loose: 5, unsigned: 1 });
    shell.clock.now += 2 * HOUR;
    await sign(shell);
    expect(await verdict(shell)).toMatchObject({ status: 0, loose: 5, unsigned: 0 });
    for (const [id, found] of [
      ['late', 0],
      ['e2', 3],
    ] as const) {
      database.exec(`DELETE FROM audit_log WHERE id = '${id}'`);
      const { faults } = await verdict(shell);
      expect(faults.at(id === 'late' ? -1 : 0)).toMatchObject({ kind: 'loose-changed', found });
    }
    database.close();
  });

  test('an hourly checkpoint is signed once, and says where the log has become shorter', async () => {
    await write(shell, 1, 4);
    await shell.withStorage(async ({ auditLog }) => {
      const signers = [1, 2, 3].map(() => createSigner({ auditLog, sealer, now: () => shell.clock.now }));
      const first = await Promise.all(signers.map((each) => each.sign(HOUR)));
      expect(first.filter((each) => each !== undefined)).toHaveLength(1);
      expect(await signers[0]?.sign()).toBeUndefined(); // nothing was written since
      await auditLog.append({ id: 'x', at: 1, action: 'password.changed', actor: { kind: 'system' } });
      shell.clock.now += HOUR - 1;
      expect(await signers[1]?.sign(HOUR)).toBeUndefined();
      shell.clock.now += 1;
      expect(await signers[1]?.sign(HOUR)).toMatchObject({ checkpoint: { number: 2 }, shorter: [] });
      tamper(shell, 'DELETE FROM audit_log WHERE seq > 3');
      expect(await signers[0]?.sign()).toMatchObject({ checkpoint: { number: 3 }, shorter: [{ seq: 3 }] });
    });
  });
});

test('export gives lines that others can verify, of what was asked for', async () => {
  await filled();
  const { out } = await shell.run('audit', 'export');
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(10);
  let before = '';
  for (const { entry, chain } of lines) {
    const { node, seq, previousHash, hash } = chain;
    expect(previousHash).toBe(before);
    before = hash;
    expect(createHash('sha256').update(canonicalJson({ entry, node, previousHash, seq })).digest('base64url')).toBe(
      hash,
    );
  }
  const even = await shell.run(
    'audit',
    'export',
    '--actor',
    'even',
    '--from',
    '2026-10-01T10:00:00.003Z',
    '--to',
    '2026-10-01T10:00:00.009Z',
  );
  expect(
    even.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).entry.id),
  ).toEqual(['e4', 'e6', 'e8']);
});

test('list is what audit does by itself, and search its other name; checkpoints are what verify takes', async () => {
  const kept = await filled();
  const { out } = await shell.run('audit', '--actor', 'odd', '--to', '2026-10-01T10:00:00.006Z', '--json');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id),
  ).toEqual(['e5', 'e3', 'e1']);
  expect((await shell.run('audit', 'search', '--actor', 'odd', '--to', '2026-10-01T10:00:00.006Z', '--json')).out).toBe(
    out,
  );
  expect((await shell.run('audit', 'list', '--since', '2026-10-01T10:00:00.010Z', '--limit', '5')).out).toMatch(
    /^.*consent\.given.*by person even.*\n$/,
  );
  const printed = await shell.run('audit', 'checkpoints');
  const checkpoints: AuditCheckpoint[] = printed.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(checkpoints.map(({ number }) => number)).toEqual([1, 2]);
  appendFileSync(kept, printed.out);
  expect(await verdict(shell, '--checkpoint', kept)).toMatchObject({ status: 0, compared: 4 });
});
