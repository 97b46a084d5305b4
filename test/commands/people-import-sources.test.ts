/** What a source is configured to be: full or partial feeds, its columns, days and encoding, and what stops an import. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CommandLine, installation, openCommandLine, startOfTests } from './command-line.ts';

const HASH = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const sources = `
  - { id: sap, organisations: [vives], numbers: ['r#######'], full: true, credentials: true }
  - { id: gone, organisations: [vives], numbers: ['q#######'], full: true, absent: withdrawn }
  - { id: midnight, organisations: [vives], numbers: ['s#######'], full: true, absent: expired }
  - id: old
    organisations: [vives]
    numbers: ['u#######']
    columns: { Stamnummer: person, inlog: number, voornaam: given_name, naam: family_name, rol: role, tot: until, opm: ignore }
    dates: dd/mm/yyyy
    encoding: windows-1252
  - id: ldap
    organisations: [vives]
    numbers: ['m#######']
    columns: { entryUUID: person, uid: number, givenName: given_name, sn: family_name, eduPersonAffiliation: role, mail: email }
`;

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
  const standard = readFileSync(join(installation, 'config', 'pedel.yaml'), 'utf8')
    .replaceAll(' logos/', ` ${join(installation, 'config', 'logos')}/`)
    .replace(/^ +student: \{ opens.*\n/gm, ''); // students end on their last day, as others do
  shell.environment.PEDEL_CONFIG = shell.file('pedel.yaml', `${standard}${sources}`);
});
afterEach(() => shell.close());

type Row = Record<string, string>;
const person = (index: number, change: Row = {}): Row => ({
  person: `p${index}`,
  number: `r${String(1_000_000 + index)}`,
  given_name: 'Wout',
  family_name: `Claes ${index}`,
  organisation: 'vives',
  role: 'student',
  until: '2027-10-31',
  ...change,
});
const people = (count: number, change: Row = {}) => Array.from({ length: count }, (_, index) => person(index, change));
const csv = (rows: Row[]) => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [columns, ...rows.map((row) => columns.map((each) => row[each] ?? ''))]
    .map((line) => line.join(','))
    .join('\n');
};

async function importText(text: string | Buffer, ...options: string[]) {
  const source = options.includes('--source') ? [] : ['--source', 'sap'];
  const file = shell.file('people.csv', text);
  const { status, out, err } = await shell.run(
    'people',
    'import',
    file,
    '--json',
    '--with-credentials',
    ...source,
    ...options,
  );
  return { status, err, summary: out === '' ? undefined : JSON.parse(out) };
}
const importRows = (rows: Row[], ...options: string[]) => importText(csv(rows), ...options);
const account = (login: string) => shell.withStorage(({ accounts }) => accounts.findByLogin(login));
const affiliation = async (login: string) => (await account(login))?.affiliations[0];

describe('a full feed', () => {
  test('ends whoever it names no more, with the days of grace, once; who comes back opens again', async () => {
    await importRows(people(3));
    const without = await importRows(people(2));
    expect(without).toMatchObject({ status: 0, summary: { ends: 1, unchanged: 2 } });
    expect(await affiliation('r1000002')).toMatchObject({ until: '2027-10-31', endedOn: '2026-10-01' });
    shell.clock.now += 3 * 86_400_000;
    expect((await importRows(people(2))).summary).toMatchObject({ ends: 0, changed: 0, unchanged: 2 });
    expect(await affiliation('r1000002')).toMatchObject({ endedOn: '2026-10-01' });
    shell.clock.now += 30 * 86_400_000;
    expect((await importRows(people(3))).summary).toMatchObject({ reopens: 1 });
    expect(await affiliation('r1000002')).toEqual(expect.not.objectContaining({ endedOn: expect.anything() }));
  });

  test.each([
    ['gone', 'q', { until: '2027-10-31', end: 'withdrawn', withdrawnAt: startOfTests }, startOfTests],
    ['midnight', 's', { until: '2026-10-01' }, Date.UTC(2026, 9, 1, 22)],
  ])('of source %s ends them as its `absent` says', async (source, letter, ends, endsAt) => {
    const rows = people(2).map((row) => ({ ...row, number: row.number?.replace('r', letter) ?? '' }));
    await importRows(rows, '--source', source);
    await importRows(rows.slice(0, 1), '--source', source);
    expect(await account(`${letter}1000001`)).toMatchObject({ affiliations: [ends], endsAt });
  });

  test('leaves alone whom another source gave, and with --partial everybody', async () => {
    await importRows(people(2));
    await importRows(
      [person(0, { person: 'x', number: 'u0000001', organisation: 'kuleuven', role: 'staff' })],
      '--source',
      'csv',
    );
    expect((await importRows(people(1), '--partial')).summary).toMatchObject({ ends: 0, unchanged: 1 });
    expect((await importRows(people(1))).summary).toMatchObject({ ends: 1 });
    expect(await affiliation('u0000001')).not.toHaveProperty('endedOn');
  });

  test('does not end whose row was refused', async () => {
    await importRows(people(3));
    const { status, summary } = await importRows([...people(2), person(2, { role: 'king' })]);
    expect({ status, summary }).toMatchObject({ status: 2, summary: { ends: 0, refused: 1 } });
    expect(await affiliation('r1000002')).not.toHaveProperty('endedOn');
  });

  test('ends nobody where a row does not say of whom it is, and says how many stayed because of it', async () => {
    await importRows(people(4));
    const report = join(shell.folder, 'r.jsonl');
    const { status, summary } = await importRows([...people(2), person(9, { person: '' })], '--report', report);
    expect({ status, summary }).toMatchObject({
      status: 3,
      summary: { ends: 0, suspended: { lines: [4], people: 2 } },
    });
    expect(readFileSync(report, 'utf8')).toContain('{"outcome":"suspended","lines":[4],"people":2}');
    expect(await affiliation('r1000003')).not.toHaveProperty('endedOn');
    // the metric pedel_import_removals_suspended reads it
    const latest = await shell.withStorage(({ values }) => values.get('import sap'));
    expect(JSON.parse(latest ?? '{}')).toMatchObject({ suspended: 2 });
  });
});

describe('the safeguard', () => {
  test('stops an import before its first write, and only that very number of losses goes on', async () => {
    await importRows(people(40, { password_hash: HASH }));
    const few = people(10).map((row) => ({ ...row, given_name: 'Wouter' }));
    const stopped = await importRows(few, '--partial', '--dry-run');
    expect(stopped).toMatchObject({ status: 0, summary: { losses: 0 } }); // a partial file takes nobody away
    const full = await importRows(few);
    expect(full).toMatchObject({
      status: 3,
      summary: { dryRun: true, losses: 30, alarms: [{ organisation: 'vives', losses: { lose: 30, allowed: 25 } }] },
      err: expect.stringMatching(/30 open accounts would lose access, so nothing was changed[\s\S]*--allow-losses 30/),
    });
    expect((await account('r1000000'))?.givenName).toBe('Wout');
    for (const number of ['29', '31']) expect((await importRows(few, '--allow-losses', number)).status).toBe(3);
    expect(await affiliation('r1000039')).not.toHaveProperty('endedOn');
    const { id } = full.summary;
    const { status } = await shell.run('people', 'import', '--resume', id, '--allow-losses', '30');
    expect(status).toBe(0);
    expect(await affiliation('r1000039')).toMatchObject({ endedOn: '2026-10-01' });
  });

  test('counts who would lose access within a month, or long before the end that was known, and nobody who was never active', async () => {
    await importRows(people(30, { password_hash: HASH, until: '2029-10-31' }), '--partial');
    const soon = await importRows(people(30, { until: '2026-10-15' }), '--partial');
    expect(soon).toMatchObject({ status: 3, summary: { losses: 30 } });
    const yearsEnd = await importRows(people(30, { until: '2027-10-31' }), '--partial');
    expect(yearsEnd).toMatchObject({ status: 3, summary: { losses: 30, ends: 30 } });
    const corrected = await importRows(people(30, { until: '2029-10-10' }), '--partial');
    expect(corrected).toMatchObject({ status: 0, summary: { losses: 0 } });
    await importRows(people(40, {}).slice(30), '--partial');
    const inactive = await importRows(people(40, { until: '2026-10-15' }).slice(30), '--partial');
    expect(inactive).toMatchObject({ status: 0, summary: { losses: 0 } });
  });

  test('allows the share of a large organisation, and no more', async () => {
    await importRows(people(700, { password_hash: HASH }));
    expect((await importRows(people(664), '--dry-run')).status).toBe(3); // 36 of 700 are more than 5 %
    expect(await importRows(people(665), '--dry-run')).toMatchObject({ status: 0, summary: { losses: 35 } });
  });

  test('stops a full feed that is much shorter than the last one', async () => {
    await importRows(people(40));
    const short = await importRows(people(30));
    expect(short).toMatchObject({
      status: 3,
      summary: { losses: 0, alarms: [{ organisation: 'vives', shrank: { people: 30, before: 40 } }] },
    });
    expect((await importRows(people(30), '--allow-losses', '0')).status).toBe(0);
    expect((await importRows(people(25))).status).toBe(0); // 30 were the last ones
    expect((await importRows(people(3), '--partial')).status).toBe(0);
    expect((await importRows(people(19))).status).toBe(3); // of the 25, not of the 3
  });

  test('stops a full feed that names nobody at all, however small the source', async () => {
    await importRows(people(2));
    expect(await importText(csv(people(1)).split('\n')[0] ?? '')).toMatchObject({
      status: 3,
      summary: { alarms: [{ shrank: { people: 0, before: 2 } }] },
    });
    expect(await affiliation('r1000001')).not.toHaveProperty('endedOn');
  });
});

test('columns, days and encoding are those that the source is configured with', async () => {
  const text =
    'stamnummer;inlog;voornaam;naam;rol;tot;opm\r\n1;U0000001;Zoë;Peeters;staff;31/10/2027;x\r\n2;U0000002;An;Maes;king;1/2/26;y\r\n';
  const { status, summary } = await importText(Buffer.from(text, 'latin1'), '--source', 'old');
  expect({ status, refusals: summary.refusals }).toMatchObject({
    status: 2,
    refusals: [
      { line: 3, column: 'rol', value: 'king' },
      { line: 3, column: 'tot', reason: expect.stringContaining('a year of two digits') },
    ],
  });
  expect(await account('u0000001')).toMatchObject({
    givenName: 'Zoë',
    affiliations: [{ organisation: 'vives', role: 'staff', until: '2027-10-31' }],
  });
});

test('JSON lines have one person a line, with a row for each of its affiliations', async () => {
  const person = {
    person: 17,
    number: 'r0000001',
    other_numbers: ['r0000002', 'r0000003'],
    given_name: 'Zoë',
    family_name: 'Peeters',
    phone: null,
    address: { locality: 'Brugge' },
    affiliations: [
      { role: 'student', until: '2027-10-31', end: 'completed' },
      { organisation: 'vives', role: 'staff' },
    ],
  };
  const { status, summary } = await importText(
    `\n${JSON.stringify(person)}\r\n{"person":"x","affiliations":[]}\n`,
    '--refused',
    join(shell.folder, 'refused.jsonl'),
  );
  expect({ status, rows: summary.rows, refusals: summary.refusals }).toMatchObject({
    status: 2,
    rows: 3,
    refusals: [{ line: 3, column: 'affiliations' }],
  });
  expect(await account('r0000003')).toMatchObject({
    givenName: 'Zoë',
    claims: { address: { locality: 'Brugge' } },
    affiliations: [{ role: 'staff' }, { role: 'student', until: '2027-10-31', end: 'completed' }],
  });
  expect(JSON.parse(readFileSync(join(shell.folder, 'refused.jsonl'), 'utf8'))).toMatchObject({ person: 'x', line: 3 });
});

test('a JSON line that is none is set aside as it was, with line and reason, and refused again until it is mended', async () => {
  const refused = join(shell.folder, 'refused.jsonl');
  const setAside = () =>
    readFileSync(refused, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const reason = expect.stringMatching(/^is no JSON.*: write each person/);
  await importText(`{"person":"x","affiliations":[]}\n{'person': 'y'}\n["z"]\n`, '--refused', refused);
  const expected = [
    { unread: "{'person': 'y'}", line: 2, reason },
    { unread: '["z"]', line: 3, reason },
  ];
  expect(setAside()).toEqual([expect.objectContaining({ person: 'x', line: 1 }), ...expected]);

  await importText(readFileSync(refused, 'utf8'), '--refused', refused);
  expect(setAside()).toEqual([expect.objectContaining({ person: 'x', line: 1 }), ...expected]);

  const mended = { person: 'y', number: 'r0000001', given_name: 'An', family_name: 'Maes' };
  const whole = JSON.stringify({ ...mended, affiliations: [{ organisation: 'vives', role: 'staff' }] });
  const text = readFileSync(refused, 'utf8').split('\n').with(1, whole).slice(1, 2).join('\n');
  expect((await importText(text)).summary).toMatchObject({ new: 1, refused: 0 });
});

test('LDIF has one entry a person, whose attributes are columns as the source says', async () => {
  const text = `version: 1

dn: ou=people,dc=vives,dc=be
objectClass: organizationalUnit

dn: uid=m0000001,ou=people,dc=vives,dc=be
entryUUID: 7d1e
uid: m0000001
uid: m0000002
givenName:: ${Buffer.from('Zoë').toString('base64')}
sn: Peeters van
  den Broeck
mail: zoe@vives.be
eduPersonAffiliation: staff
eduPersonAffiliation: alumnus
# not for us
userPassword: x

dn: uid=m3,ou=people,dc=vives,dc=be
entryUUID: 7d1f
uid: m3
sn: Maes
eduPersonAffiliation: staff
end: withdrawn
`;
  const refused = join(shell.folder, 'refused.ldif');
  const { status, summary } = await importText(text, '--source', 'ldap', '--refused', refused);
  expect({ status, refusals: summary.refusals }).toMatchObject({ status: 2, refusals: [{ line: 19, column: 'uid' }] });
  expect(await account('m0000002')).toMatchObject({
    givenName: 'Zoë',
    familyName: 'Peeters van den Broeck',
    emails: ['zoe@vives.be'],
    affiliations: [
      { organisation: 'vives', role: 'alumnus' },
      { organisation: 'vives', role: 'staff' },
    ],
  });
  const mended = readFileSync(refused, 'utf8')
    .replace('uid: m3', 'uid: m0000003')
    .replace('sn: Maes', 'sn: Maes\ngivenName: An');
  expect((await importText(mended, '--source', 'ldap')).summary).toMatchObject({ new: 1, refused: 0 });
  expect(await account('m0000003')).toMatchObject({ affiliations: [{ end: 'withdrawn' }], endsAt: shell.clock.now });
});

describe('the file of refused rows', () => {
  const refused = () => join(shell.folder, 'refused.csv');

  test('has the original columns, line and reason, every row of the same person, and goes in once it is mended', async () => {
    const rows = [
      person(0),
      person(1, { given_name: 'An "Anneke", dr.' }),
      person(1, { given_name: 'An "Anneke", dr.', role: 'king' }),
      person(2, { number: 'r1' }),
    ];
    const quoted = (value = '') => (/[",]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    const columns = Object.keys(person(0));
    const text = [columns, ...rows.map((row) => columns.map((each) => quoted(row[each])))]
      .map((line) => line.join(';'))
      .join('\n');
    await importText(text, '--refused', refused());
    const [header, ...lines] = readFileSync(refused(), 'utf8').trimEnd().split('\r\n');
    expect(header).toBe(`\uFEFF${columns.join(',')},line,reason`);
    expect(lines.map((line) => /,(\d),/.exec(line.slice(20))?.[1])).toEqual(['3', '4', '5']);
    expect(lines[0]).toMatch(/^p1,r1000001,"An ""Anneke"", dr\.",.*,3,$/);
    expect(lines[1]).toMatch(/,4,"?role must be one of student/);

    const mended = readFileSync(refused(), 'utf8').replace('king', 'staff').replace(',r1,', ',r1000002,');
    const { status, summary } = await importText(mended, '--partial');
    expect({ status, summary }).toMatchObject({ status: 0, summary: { new: 1, changed: 1, refused: 0 } });
    expect((await account('r1000001'))?.affiliations.map(({ role }) => role)).toEqual(['staff', 'student']);
    expect((await account('r1000002'))?.givenName).toBe('Wout');
  });

  test('has rows of another length whole, and they are refused again until they are mended', async () => {
    const columns = 'person,number,given_name,family_name,organisation,role,until';
    const rows = ['p2,r0000002,An,Maes, dr.,vives,student,2099-10-31', 'p3,r0000003,An,Maes,vives,student'];
    await importText([columns, ...rows].join('\n'), '--refused', refused());
    const text = readFileSync(refused(), 'utf8');
    expect(text.split('\r\n').map((line) => line.replace(/"has (\d).*/, '$1 cells'))).toEqual([
      `\uFEFF${columns},line,reason`,
      `${rows[0]},2,8 cells`,
      `${rows[1]},3,6 cells`,
      '',
    ]);
    const again = await importText(text, '--refused', refused());
    expect(again.summary).toMatchObject({ new: 0, refused: 2 });
    expect(readFileSync(refused(), 'utf8').replace('10 cells instead of 9', '8 cells instead of 7')).toBe(
      text.replace('has 6 cells instead of 7', 'has 8 cells instead of 9'),
    );
    const mended = text.replace('Maes, dr.', '"Maes, dr."').replace('student,3', 'student,,3');
    expect((await importText(mended)).summary).toMatchObject({ new: 2, refused: 0 });
    expect(await account('r0000002')).toMatchObject({
      familyName: 'Maes, dr.',
      affiliations: [{ until: '2099-10-31' }],
    });
  });

  test('has people who are refused only when they meet the accounts that are there, and keeps them with the import', async () => {
    await importRows(people(2));
    const { summary } = await importRows([...people(2), person(0, { person: 'other' })]);
    await shell.run('people', 'import', '--resume', summary.id, '--refused', refused());
    expect(readFileSync(refused(), 'utf8')).toMatch(/^other,r1000000,.*,4,.*number/m);
  });
});
