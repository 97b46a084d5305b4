/** An import is planned, kept, and applied at most once, however often it is broken off. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { holdAccountsAfter } from '../support/held-accounts.ts';
import { type CommandLine, installation, openCommandLine } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

type Row = Record<string, string>;
const person = (index: number, change: Row = {}): Row => ({
  person: `p${index}`,
  number: `r${String(1_000_000 + index)}`,
  given_name: 'Wout',
  family_name: `Claes ${index}`,
  email: `p${index}@vives.be`,
  personal_email: `p${index}@example.org`,
  organisation: 'vives',
  role: 'student',
  until: '2027-10-31',
  ...change,
});
const csv = (rows: Row[]) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((each) => row[each] ?? ''))]
    .map((line) => line.join(','))
    .join('\n');
};
const people = (count: number, change: Row = {}) => Array.from({ length: count }, (_, index) => person(index, change));

async function run(...argv: string[]) {
  const { status, out, err } = await shell.run('people', ...argv);
  return { status, out, err };
}
async function importRows(rows: Row[], ...options: string[]) {
  const { status, out, err } = await run('import', shell.file('people.csv', csv(rows)), '--json', ...options);
  return { status, err, summary: out === '' ? undefined : JSON.parse(out) };
}
const resume = async (id: string, ...options: string[]) => {
  const { status, out, err } = await run('import', '--resume', id, '--json', ...options);
  return { status, err, summary: out === '' ? undefined : JSON.parse(out) };
};
const everybody = () => shell.withStorage(({ accounts }) => accounts.search('', undefined, 5000));
const listed = async () =>
  (await run('imports', '--json')).out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

function storedRecords(): number {
  const db = new DatabaseSync(join(shell.folder, 'pedel.db'), { readOnly: true });
  const found = db.prepare("SELECT count(*) AS count FROM protocol_records WHERE model = 'Import'").get();
  db.close();
  return Number(found?.count);
}

describe('a plan', () => {
  test('changes nothing until it is applied, and then does what it said, once', async () => {
    await importRows(people(3));
    const rows = [person(0, { given_name: 'Wouter' }), person(1), person(7)];
    const planned = await importRows(rows, '--dry-run');
    expect(planned.summary).toMatchObject({ dryRun: true, new: 1, changed: 1, unchanged: 1 });
    expect((await everybody()).map(({ givenName }) => givenName)).toEqual(['Wout', 'Wout', 'Wout']);
    const applied = await resume(planned.summary.id);
    expect(applied).toMatchObject({ status: 0, summary: { dryRun: false, new: 1, changed: 1, unchanged: 1 } });
    const after = await everybody();
    expect(after.map(({ givenName }) => givenName).sort()).toEqual(['Wout', 'Wout', 'Wout', 'Wouter']);
    expect((await resume(planned.summary.id)).status).toBe(0);
    expect(await everybody()).toEqual(after);
  });

  test('is listed with how far it got, and kept for 30 days', async () => {
    const { summary } = await importRows(people(1), '--dry-run');
    expect(await listed()).toMatchObject([{ id: summary.id, source: 'csv', state: 'planned' }]);
    await resume(summary.id);
    expect(await listed()).toMatchObject([{ state: 'applied', counts: { new: 1 } }]);
    shell.clock.now += 31 * 86_400_000;
    expect(await listed()).toEqual([]);
    expect(await resume(summary.id)).toMatchObject({ status: 1, err: expect.stringContaining('there is no import') });
  });

  test('that another import of its source overtook is not applied', async () => {
    const { summary } = await importRows(people(1), '--dry-run');
    await importRows([person(0, { given_name: 'Wouter' })]);
    const late = await resume(summary.id);
    expect(late).toMatchObject({ status: 1, err: expect.stringContaining('import the file again') });
    expect((await everybody()).map(({ givenName }) => givenName)).toEqual(['Wouter']);
    expect((await listed()).map(({ state }) => state)).toEqual(['applied', 'superseded']);
  });

  test('tells whom it took and who was refused all the same, because the account changed in between', async () => {
    const { summary } = await importRows(people(2), '--dry-run');
    await importRows([person(0, { person: 'else' })], '--source', 'hr');
    await shell.withStorage(async ({ accounts }) => {
      const found = await accounts.findByLogin('r1000000');
      if (found === undefined) throw new Error('nobody');
      await accounts.replace({ ...found, revision: 2, formerNumbers: ['r1000001'] }, 1);
    });
    const applied = await resume(summary.id);
    expect(applied).toMatchObject({ status: 2, summary: { refusedLater: 1 } });
    expect(applied.summary.refusals).toMatchObject([
      { person: 'p1', reason: expect.stringContaining('which was active, and never goes to anybody else') },
    ]);
  });

  test('sets the rows aside of whom the application refuses, with those that the plan refused, and keeps no others', async () => {
    const refused = join(shell.folder, 'refused.csv');
    await importRows([person(0, { person: 'else' })], '--source', 'hr');
    const rows = [person(0, { number: 'r1' }), person(1), person(1, { role: 'king' }), person(2), person(3)];
    const { summary } = await importRows([...rows, person(3, { role: 'staff' })], '--dry-run', '--refused', refused);
    const aside = () =>
      readFileSync(refused, 'utf8')
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((line) => line.replace(/^(p\d),.*?,(student|staff|king),2027-10-31,/, '$1 $2 '));
    expect(aside()).toEqual([
      expect.stringMatching(/^p0 student 2,"?number lacks digits/),
      'p1 student 3,',
      expect.stringMatching(/^p1 king 4,"?role must be one of/),
    ]);
    await shell.withStorage(async ({ accounts }) => {
      const found = await accounts.findByLogin('r1000000');
      if (found === undefined) throw new Error('nobody');
      await accounts.replace({ ...found, revision: 2, formerNumbers: ['r1000001', 'r1000003'] }, 1);
    });
    const applied = await resume(summary.id, '--refused', refused);
    expect(applied).toMatchObject({ status: 2, summary: { refused: 2, refusedLater: 2 } });
    const later = (what: string, number: string) =>
      expect.stringMatching(new RegExp(`^${what},"?number ${number} was a number of .*: give a new number"?$`));
    const expected = [
      expect.stringMatching(/^p0 student 2,/),
      later('p1 student 3', 'r1000001'),
      expect.stringMatching(/^p1 king 4,"?role must be one of/),
      later('p3 student 6', 'r1000003'),
      later('p3 staff 7', 'r1000003'),
    ];
    expect(aside()).toEqual(expected);
    await resume(summary.id, '--refused', refused); // applied before
    expect(aside()).toEqual(expected);
    // of both imports its record, its run, how far it got, its report and its refused rows, which are two parts of this one
    expect(storedRecords()).toBe(11);

    const mended = readFileSync(refused, 'utf8').replace('king', 'staff').replaceAll('r1000003', 'r1000009');
    const { out } = await run('import', shell.file('mended.csv', mended), '--json', '--partial');
    expect(JSON.parse(out)).toMatchObject({ new: 1, refused: 2 });
  });

  test('holds nothing of a person in the clear', async () => {
    await importRows(people(1), '--dry-run');
    const file = readFileSync(join(shell.folder, 'pedel.db'));
    for (const text of ['Claes', 'p0@example.org', 'r1000000']) expect(file.includes(text)).toBe(false);
  });

  test.each([
    [[], 'name a file, or an import'],
    [['x.csv', '--resume', 'x'], 'name a file, or an import'],
    [['--resume', 'none'], 'there is no import none'],
  ])('asks for what is missing: %s', async (argv, sentence) => {
    expect(await run('import', ...argv)).toMatchObject({ status: 1, err: expect.stringContaining(sentence) });
  });
});

describe('the report', () => {
  const rows = [
    person(0, { given_name: 'Wouter', phone: '+32 470' }),
    person(1, { ended_on: '2026-10-02', end: 'Discontinued' }),
    person(2, { role: 'king' }),
    person(9, { given_name: '=1+1' }),
  ];
  const report = async (name: string, ...options: string[]) => {
    await importRows(people(3));
    const file = join(shell.folder, name);
    await importRows(rows, '--dry-run', '--report', file, ...options);
    return readFileSync(file, 'utf8');
  };

  test('as text has a line for each person: outcome, each field from and to, the day access ends', async () => {
    const lines = (await report('r.txt')).trimEnd().split('\n');
    expect(lines).toEqual([
      'line 4: refused: role "king" must be one of student, staff, employee, faculty, alumnus, affiliate, member, guest (person p2)',
      'line 2: changed: given_name "Wout" → "Wouter"; phone "" → "+32 470"; access until 2027-10-31 (person p0)',
      'line 3: ends: affiliations.vives "student to 2027-10-31" → "student to 2027-10-31, ended on 2026-10-02, discontinued"; access until 2026-10-09 (person p1)',
      'line 5: new: invited; access until 2027-10-31 (person p9)',
    ]);
  });

  test('as CSV has a row for each changed field, and nothing that a spreadsheet would reckon', async () => {
    const lines = (await report('r.csv')).trimEnd().split('\r\n');
    expect(lines[0]).toBe('line,outcome,person,column,value,reason,field,from,to,access_ends,notes');
    expect(lines[2]).toBe('2,changed,p0,,,,given_name,Wout,Wouter,2027-10-31,');
    expect(lines[3]).toBe('2,changed,p0,,,,phone,,+32 470,2027-10-31,');
    expect(lines).toHaveLength(6);
  });

  test('as JSON lines holds the same, and an import that is kept gives it again', async () => {
    const text = await report('r.txt', '--report-format', 'jsonl');
    expect(text.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)))).toMatchObject([
      { outcome: 'refused', person: 'p2', line: 4 },
      { outcome: 'changed', changes: [{ field: 'given_name', from: 'Wout', to: 'Wouter' }, {}] },
      { outcome: 'ends', accessEnds: '2026-10-09' },
      { outcome: 'new' },
      undefined,
    ]);
    const [{ id }] = await listed();
    const again = join(shell.folder, 'again.jsonl');
    await resume(id, '--dry-run', '--report', again);
    expect(readFileSync(again, 'utf8')).toBe(text);
  });
});

describe('an import whose process is killed', () => {
  const COUNT = 700;
  const stored = () => {
    const db = new DatabaseSync(join(shell.folder, 'pedel.db'), { readOnly: true });
    try {
      return Number(db.prepare('SELECT count(*) AS count FROM accounts').get()?.count);
    } finally {
      db.close();
    }
  };
  /** What an account says, without what is drawn at random, and times. */
  const essence = ({ id: _id, auditKey: _key, effects, tickets, ...rest }: Account) =>
    JSON.parse(
      JSON.stringify({
        ...rest,
        tickets: tickets.map(({ sentTo }) => sentTo),
        effects: effects.map(({ kind }) => kind),
      })
        .replace(/"(createdAt|updated_at)":\d+/g, '"$1":0')
        .replace(/"mailedAt":\[\d+\]/g, '"mailedAt":[0]'),
    );
  const essences = async () =>
    (await everybody()).map(essence).sort((a, b) => (a.userNumbers[0] < b.userNumbers[0] ? -1 : 1));

  test('goes on where it was, and ends as if nothing had happened', async () => {
    const rows = people(COUNT, { until: '2099-10-31' });
    await importRows(rows);
    const undisturbed = await essences();
    shell.close();

    shell = openCommandLine();
    await run('imports'); // makes the database
    const release = holdAccountsAfter(join(shell.folder, 'pedel.db'), 300);
    const file = shell.file('people.csv', csv(rows));
    const child = spawn(join(installation, 'bin', 'pedel'), ['people', 'import', file], {
      env: { PATH: process.env.PATH, ...shell.environment },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (stored() === 0) await sleep(2);
    child.kill('SIGKILL');
    await ended;
    const left = stored();
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(COUNT);
    release();

    const [{ id, state }] = await listed();
    expect(state).toBe('applying'); // its last sign of life is a moment ago
    shell.clock.now = Date.now() + 60_000; // the lease of the dead process has run out
    expect(await listed()).toMatchObject([{ id, state: 'broken-off' }]);
    const resumed = await resume(id);
    expect(resumed).toMatchObject({ status: 0, summary: { new: COUNT, refused: 0, refusedLater: 0 } });
    expect(await essences()).toEqual(undisturbed);
  });
});
