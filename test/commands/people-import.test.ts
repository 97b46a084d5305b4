import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hash } from '@node-rs/argon2';
import type { Account } from '../../src/domain/account/account.ts';
import { recoveryAddressOf } from '../../src/domain/account/held-addresses.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import { openValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { erased } from '../../src/domain/lifecycle/erasure.ts';
import { openSealer } from '../../src/domain/sealing/lasting-key.ts';
import { ticketId } from '../../src/domain/tickets/ticket.ts';
import { type CommandLine, installation, openCommandLine, sealer, secret, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(() => shell.close());

/** The configuration of the installation, to be written elsewhere. */
const standardConfiguration = () =>
  readFileSync(join(installation, 'config', 'pedel.yaml'), 'utf8').replaceAll(
    ' logos/',
    ` ${join(installation, 'config', 'logos')}/`,
  );

type Row = Record<string, string>;
const wout: Row = {
  person: 'v1',
  number: 'r0011111',
  given_name: 'Wout',
  family_name: 'Claes',
  email: 'wout.claes@vives.be',
  personal_email: 'wout@example.org',
  language: 'nl',
  organisation: 'vives',
  role: 'student',
  from: '2026-09-21',
  until: '2027-10-31',
};
const sofia: Row = {
  person: 'a1',
  number: 'q0123456',
  given_name: 'Sofia',
  family_name: 'Marchetti',
  email: 'sofia.marchetti@alum.kuleuven.be',
  personal_email: 'sofia@example.org',
  language: 'en',
  organisation: 'alum',
  role: 'alumnus',
  from: '2016-07-01',
};

function csv(rows: Row[], columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]): string {
  const field = (value = '') => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return `${[columns, ...rows.map((row) => columns.map((column) => field(row[column])))].map((line) => line.join(',')).join('\n')}\n`;
}

async function importRows(rows: Row[], ...options: string[]) {
  return importText(csv(rows), ...options);
}
async function importText(text: string | Buffer, ...options: string[]) {
  const { status, out, err } = await shell.run(
    'people',
    'import',
    shell.file('people.csv', text),
    '--json',
    ...(options.includes('--without-credentials') ? [] : ['--with-credentials']),
    ...options.filter((each) => each !== '--without-credentials'),
  );
  const summary = out === '' ? undefined : JSON.parse(out);
  return {
    status,
    err,
    summary,
    refusals: (summary?.refusals ?? []) as { line: number; column?: string; reason: string; value?: string }[],
  };
}
/** Runs `bin/pedel` as a process: for standard input, and for imports that are slow inside the test runner. */
async function inItsOwnProcess(...argv: (string | { input: string })[]): Promise<{ status: number; out: string }> {
  const words = argv.filter((word) => typeof word === 'string');
  const child = spawn(join(installation, 'bin', 'pedel'), words, {
    env: { PATH: process.env.PATH, ...shell.environment },
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  for (const word of argv) if (typeof word === 'object') child.stdin.end(word.input);
  const status = await new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)));
  return { status, out };
}
const counts = (summary: Record<string, unknown>) => {
  const { new: fresh, changed, ends, reopens, unchanged, refused } = summary;
  return { new: fresh, changed, ends, reopens, unchanged, refused };
};
const nothing = { new: 0, changed: 0, ends: 0, reopens: 0, unchanged: 0, refused: 0 };

async function everybody(): Promise<Account[]> {
  return shell.withStorage(({ accounts }) => accounts.search('', undefined, 1000));
}
async function account(login: string): Promise<Account> {
  const found = await shell.withStorage(({ accounts }) => accounts.findByLogin(login));
  if (found === undefined) throw new Error(`nobody is ${login}`);
  return found;
}
const change = async (login: string, next: (account: Account) => Account) => {
  const { id } = await account(login);
  await shell.withStorage(({ accounts }) =>
    updateAccount(accounts, id, (read) => ({ outcome: undefined, account: next(read) })),
  );
};
const letters = ({ effects }: Account) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));

/** The account without its random parts: ids, tickets and sealed values. */
function essence({ id: _id, auditKey: _auditKey, effects, tickets, revision: _revision, ...rest }: Account) {
  return {
    ...rest,
    tickets: tickets.map(({ purpose, sentTo }) => ({ purpose, sentTo })),
    effects: effects.map(({ kind }) => kind),
  };
}

describe('a first import', () => {
  test('makes an account of each person, with everything the row says', async () => {
    const row = {
      ...wout,
      other_numbers: 'm0011111; q0022222',
      phone: '+32 470 11 11 11',
      birthdate: '2006-03-14',
      gender: 'male',
      'address.locality': 'Kortrijk',
      'address.street_address': 'Doorniksesteenweg 145\nbus 3',
    };
    const { status, summary } = await importRows([row]);
    expect({ status, ...counts(summary) }).toEqual({ status: 0, ...nothing, new: 1 });
    expect(await account('m0011111')).toMatchObject({
      revision: 1,
      givenName: 'Wout',
      familyName: 'Claes',
      userNumbers: ['r0011111', 'm0011111', 'q0022222'],
      emails: ['wout.claes@vives.be'],
      personalEmail: 'wout@example.org',
      phone: '+32 470 11 11 11',
      language: 'nl',
      claims: {
        birthdate: '2006-03-14',
        gender: 'male',
        address: { locality: 'Kortrijk', street_address: 'Doorniksesteenweg 145\nbus 3' },
      },
      affiliations: [
        { organisation: 'vives', role: 'student', from: '2026-09-21', until: '2027-10-31', source: 'csv' },
      ],
      roles: [],
    });
    expect((await account('r0011111')).activatedAt).toBeUndefined();
    // 31 October 2027, end of day in Brussels (winter time)
    expect((await account('r0011111')).endsAt).toBe(Date.UTC(2027, 9, 31, 23));
  });

  test('invites where the organisation does, in the language of the person, with a link that opens a ticket', async () => {
    await importRows([wout, sofia]);
    const student = await account('r0011111');
    const [letter] = letters(student);
    expect(letter).toMatchObject({
      template: 'invitation',
      to: 'wout@example.org',
      language: 'nl',
      organisation: 'vives',
      givenName: 'Wout',
      data: { number: 'r0011111', organisation: 'vives' },
    });
    const { link } = JSON.parse(sealer.open(letter?.sealedSecret ?? '', student.id, 'letter')) as { link: string };
    const token = /^\/activate\?ticket=([A-Za-z0-9_-]{32})$/.exec(link)?.[1] ?? '';
    expect(student.tickets).toEqual([
      {
        id: ticketId(token),
        purpose: 'activation',
        createdAt: startOfTests,
        expiresAt: startOfTests + 14 * 86_400_000,
        tries: 0,
        sentTo: 'wout@example.org',
      },
    ]);
    expect(letters(await account('q0123456'))).toEqual([]);
    expect((await account('q0123456')).tickets).toEqual([]);
  });

  test('invites a person who begins next year once the account opens, by the first feed from then on, once', async () => {
    const later = { ...wout, from: '2027-09-21', until: '2028-10-31' };
    expect((await importRows([later])).status).toBe(0);
    expect(letters(await account('r0011111'))).toEqual([]);
    expect(counts((await importRows([later])).summary)).toEqual({ ...nothing, unchanged: 1 });
    shell.clock.now = Date.parse('2027-08-22T00:00:00+02:00'); // 30 days before
    expect(counts((await importRows([later], '--dry-run')).summary)).toEqual({ ...nothing, changed: 1 });
    expect(counts((await importRows([later])).summary)).toEqual({ ...nothing, changed: 1 });
    expect(counts((await importRows([later])).summary)).toEqual({ ...nothing, unchanged: 1 });
    expect(letters(await account('r0011111'))).toMatchObject([{ template: 'invitation', to: 'wout@example.org' }]);
  });

  test('takes any language, and an address whose domain has letters beyond ASCII, for what they are', async () => {
    const person = (index: number, change: Row) => ({
      ...wout,
      person: `l${index}`,
      number: `r000010${index}`,
      email: '',
      ...change,
    });
    const { status } = await importRows([
      person(1, { language: 'nl-BE' }),
      person(2, { language: 'en_US', personal_email: 'Ana@Bücher.example' }),
      person(3, { language: 'fr' }),
      person(4, { language: 'zh-Hant-TW' }),
    ]);
    expect(status).toBe(0);
    const languages = await Promise.all([1, 2, 3, 4].map(async (index) => (await account(`r000010${index}`)).language));
    expect(languages).toEqual(['nl', 'en', 'nl', 'nl']);
    expect((await account('r0000102')).personalEmail).toBe('Ana@xn--bcher-kva.example');
    // a source that says another language than before is heard
    await importRows([person(2, { language: 'fr', personal_email: 'Ana@bücher.example' })]);
    expect(await account('r0000102')).toMatchObject({ language: 'nl', personalEmail: 'Ana@xn--bcher-kva.example' });
  });

  test('takes from the source whether a telephone number is verified, of that number only', async () => {
    const verified = async () => (await account('r0011111')).claims.phone_number_verified;
    await importRows([{ ...wout, phone: '+32 470 11 11 11', phone_number_verified: 'TRUE' }]);
    expect(await verified()).toBe(true);
    await importRows([{ ...wout, phone: '+32 470 22 22 22' }]);
    expect(await verified()).toBeUndefined();
    expect((await importRows([{ ...wout, phone_number_verified: 'perhaps' }])).refusals).toMatchObject([
      { column: 'phone_number_verified' },
    ]);
  });

  test('writes an audit entry with the values sealed for the person', async () => {
    await importRows([wout]);
    const fed = await account('r0011111');
    const { effects, id } = fed;
    const [entry] = effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry] : []));
    expect(entry).toMatchObject({
      at: startOfTests,
      action: 'person.created',
      actor: { kind: 'command' },
      subject: id,
      details: { source: 'csv' },
    });
    expect(JSON.stringify(entry)).not.toContain('Claes');
    const own = await shell.withStorage(({ values }) => openSealer({ secret }, values, randomBytes));
    expect(openValues(own, fed, entry?.sealedValues ?? '')).toMatchObject({
      new: { familyName: 'Claes' },
    });
  });

  test('makes one account of all rows of a person, wherever they are in the file', async () => {
    const noor = { ...wout, person: 'n1', number: 'r0044444', other_numbers: 'q0345678', email: 'noor@vives.be' };
    await importRows([
      { ...noor },
      wout,
      { ...noor, organisation: 'alum', role: 'alumnus', from: '2021-07-01', until: '' },
    ]);
    expect(await everybody()).toHaveLength(2);
    const { affiliations, endsAt } = await account('q0345678');
    expect(affiliations.map(({ organisation, role }) => `${role}@${organisation}`)).toEqual([
      'alumnus@alum',
      'student@vives',
    ]);
    expect(endsAt).toBeUndefined();
  });

  test('accepts a password hash of another system; the account is active at once, and gets no invitation', async () => {
    const argon2id = await hash('correct horse battery', { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const bcrypt = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    const ssha = `{SSHA}${Buffer.alloc(28, 7).toString('base64')}`;
    const people = [argon2id, bcrypt, ssha].map((password_hash, index) => ({
      ...wout,
      person: `p${index}`,
      number: `r000000${index}`,
      email: `p${index}@vives.be`,
      password_hash,
    }));
    expect((await importRows(people)).status).toBe(0);
    for (const [index, { password_hash }] of people.entries()) {
      const made = await account(`r000000${index}`);
      expect(made).toMatchObject({
        activatedAt: startOfTests,
        password: { hash: password_hash, setAt: startOfTests },
        tickets: [],
      });
      expect(letters(made).map(({ template, to }) => [template, to])).toEqual([
        ['activated-by-feed', 'wout@example.org'],
        ['activated-by-feed', made.emails[0]],
      ]);
      expect(JSON.stringify(made.feeds)).not.toContain(password_hash);
    }
  });

  test('tells nobody of an account that a hash activates and that has ended', async () => {
    const password_hash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    await importRows([{ ...wout, from: '2019-09-21', until: '2020-01-31', password_hash }]);
    expect(letters(await account('r0011111'))).toEqual([]);
  });

  test.each([
    ['the password itself', 'welkom123'],
    ['a bcrypt cost that would stop every sign-in', '$2b$31$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'],
    ['a bcrypt cost that holds a process for a second', '$2b$13$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW'],
    [
      'an argon2id hash of more memory than a process may take',
      '$argon2id$v=19$m=300000,t=1,p=1$cGVkZWxkdW1teXNhbHQ$pPplPg2wI6FH6dLzv0kFr5WzLSFjFxmEHgnNo6BoQWA',
    ],
    [
      'an argon2id hash that holds a process for half a second',
      '$argon2id$v=19$m=262144,t=4,p=1$cGVkZWxkdW1teXNhbHQ$pPplPg2wI6FH6dLzv0kFr5WzLSFjFxmEHgnNo6BoQWA',
    ],
    [
      'an argon2id hash that takes gigabytes',
      '$argon2id$v=19$m=4194304,t=2,p=1$cGVkZWxkdW1teXNhbHQ$pPplPg2wI6FH6dLzv0kFr5WzLSFjFxmEHgnNo6BoQWA',
    ],
    ['half a PBKDF2', '{PBKDF2-SHA512}10000$GgHusdwLTbrAKx2ROv35bQ'],
    ['an {SSHA} without salt', `{SSHA}${Buffer.alloc(20, 7).toString('base64')}`],
  ])('refuses as a password hash %s, and never repeats it', async (_what, password_hash) => {
    const { status, refusals, err, summary } = await importRows([{ ...wout, password_hash }]);
    expect({ status, refusals }).toMatchObject({ status: 2, refusals: [{ line: 2, column: 'password_hash' }] });
    expect(err + JSON.stringify(summary)).not.toContain(password_hash);
  });

  test('takes no password hash unless it is asked to, and says how many there are', async () => {
    const password_hash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    const { status, summary } = await importRows([{ ...wout, password_hash }, sofia], '--without-credentials');
    expect({ status, summary }).toMatchObject({ status: 0, summary: { new: 2, hashesLeft: 1 } });
    const made = await account('r0011111');
    expect([made.activatedAt, made.password]).toEqual([undefined, undefined]);
    const { out } = await shell.run('people', 'import', shell.file('p.csv', csv([{ ...wout, password_hash }])));
    expect(out).toContain('1 password hash not taken: --with-credentials takes them');
  });

  test.each([
    ['unsalted SHA', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', '{SHA} has no salt'],
    ['NT', '8846f7eaee8fb117ad06bdd830b7586c', 'an NT hash'],
    ['DES', '{CRYPT}rEK1ecacw.7.c', 'a DES crypt'],
    ['a scheme that is not known', '{SASL}wout@EXAMPLE.EDU', 'of a scheme that is not known here: {SASL}'],
  ])('does not take a hash of %s, says so by name, and invites its person', async (_what, password_hash, reason) => {
    const { status, out, err } = await shell.run(
      'people',
      'import',
      shell.file('p.csv', csv([{ ...wout, password_hash }])),
    );
    expect({ status, err }).toEqual({
      status: 0,
      err: expect.stringContaining(`the person chooses a password: ${reason.startsWith('{') ? '' : 'it is '}${reason}`),
    });
    expect(out + err).not.toContain(password_hash);
    const made = await account('r0011111');
    expect([made.activatedAt, made.password]).toEqual([undefined, undefined]);
    expect(letters(made)).toMatchObject([{ template: 'invitation' }]);
  });

  test('says in the audit log how many hashes were refused, and nothing in a dry run', async () => {
    const audited = async () => {
      const { out } = await shell.run('audit', '--action', 'password-hash.refused', '--json');
      return out
        .trim()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    };
    const rows = [
      { ...wout, password_hash: 'welkom123' },
      { ...sofia, password_hash: '' },
    ];
    await importRows(rows, '--dry-run');
    expect(await audited()).toEqual([]);
    await importRows(rows);
    await importRows([{ ...wout, password_hash: '' }]);
    expect(await audited()).toMatchObject([
      { actor: { kind: 'command', id: 'unknown' }, details: { source: 'csv', rows: '1' } },
    ]);
  });
});

describe('running the same file again', () => {
  test('changes nothing and sends no email', async () => {
    const rows = [wout, sofia, { ...wout, person: 'n1', number: 'r0044444', email: 'n@vives.be', role: 'staff' }];
    await importRows(rows);
    const before = await everybody();
    shell.clock.now += 86_400_000;
    const { status, summary } = await importRows(rows);
    expect({ status, ...counts(summary) }).toEqual({ status: 0, ...nothing, unchanged: 3 });
    expect(await everybody()).toEqual(before);
  });

  test('keeps the time of the last change, which a changed value updates', async () => {
    const updatedAt = async () => (await account('r0011111')).claims.updated_at;
    await importRows([wout]);
    const first = Math.floor(shell.clock.now / 1000);
    shell.clock.now += 86_400_000;
    await importRows([wout]);
    expect(await updatedAt()).toBe(first);
    await importRows([{ ...wout, phone: '+32 470 22 22 22' }]);
    expect(await updatedAt()).toBe(first + 86_400);
  });

  test('changes nothing where a value was changed by somebody else meanwhile: the source still says the same', async () => {
    await importRows([wout]);
    await change('r0011111', (read) => ({
      ...read,
      phone: '+32 1',
      language: 'en',
      givenName: 'Woutje',
      affiliations: [],
    }));
    const { summary } = await importRows([wout]);
    expect(counts(summary)).toEqual({ ...nothing, unchanged: 1 });
    expect(await account('r0011111')).toMatchObject({
      phone: '+32 1',
      language: 'en',
      givenName: 'Woutje',
      affiliations: [],
    });
  });

  test('gives the same accounts whatever the order of the rows', async () => {
    const rows = [
      wout,
      sofia,
      { ...wout, organisation: 'alum', role: 'alumnus' },
      { ...wout, role: 'staff', email: 'claes@vives.be' },
      { ...wout, person: 'x1', number: 'r0000001', email: 'x1@vives.be' },
      { ...wout, person: 'x2', number: 'r0000001', email: 'x2@vives.be' }, // both claim one number
      { ...wout, person: 'y1', number: 'r0000003', email: 'y1@vives.be', phone: '+32 1234' },
      { ...wout, person: 'y1', number: 'r0000003', email: 'y1@vives.be', phone: '+32 5678' }, // contradiction
      { ...wout, person: 'z1', number: 'r0000004', email: 'z1@vives.be' },
      { ...wout, person: 'z1', number: 'r0000004', email: 'z1@vives.be', role: 'king' },
    ];
    const forwards = await importRows(rows);
    const first = (await everybody())
      .map(essence)
      .sort((a, b) => ((a.userNumbers[0] ?? '') < (b.userNumbers[0] ?? '') ? -1 : 1));
    shell.close();
    shell = openCommandLine();
    const backwards = await importRows([...rows].reverse());
    const second = (await everybody())
      .map(essence)
      .sort((a, b) => ((a.userNumbers[0] ?? '') < (b.userNumbers[0] ?? '') ? -1 : 1));
    expect(second).toEqual(first);
    expect(counts(backwards.summary)).toEqual(counts(forwards.summary));
    expect(first.map(({ userNumbers }) => userNumbers[0])).toEqual(['q0123456', 'r0000004', 'r0011111']);
  });

  test('twenty times at once makes each account once', async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      ...wout,
      person: `p${index}`,
      number: `r00000${10 + index}`,
      email: `p${index}@vives.be`,
    }));
    const file = shell.file('people.csv', csv(rows));
    const results = await Promise.all(Array.from({ length: 20 }, () => shell.run('people', 'import', file, '--json')));
    expect(results.map(({ status }) => status)).toEqual(Array(20).fill(0));
    const people = await everybody();
    expect(people).toHaveLength(30);
    expect(people.map(({ revision }) => revision)).toEqual(Array(30).fill(1));
    const made = results.reduce((sum, { out }) => sum + JSON.parse(out).new, 0);
    expect(made).toBe(30);
  });
});

describe('a changed file', () => {
  test('changes what its source says, and only that', async () => {
    await importRows([wout]);
    const { summary } = await importRows([
      { ...wout, given_name: 'Wouter', phone: '+32 470 22 22 22', until: '2028-10-31' },
    ]);
    expect(counts(summary)).toEqual({ ...nothing, changed: 1 });
    expect(await account('r0011111')).toMatchObject({
      givenName: 'Wouter',
      phone: '+32 470 22 22 22',
      endsAt: Date.UTC(2028, 9, 31, 23),
    });
  });

  test('ends an account after the grace days when studies stop, and reopens it when the person enrols again', async () => {
    await importRows([{ ...wout, password_hash: '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW' }]);
    const { id } = await account('r0011111');
    const stopped = { ...wout, ended_on: '2026-09-28', end_reason: 'studies stopped' };
    expect(counts((await importRows([stopped])).summary)).toEqual({ ...nothing, ends: 1 });
    expect((await account('r0011111')).endsAt).toBe(Date.UTC(2026, 9, 5, 22)); // 5 October, end of day, summer time
    expect((await account('r0011111')).effects.some(({ kind }) => kind === 'end-sessions')).toBe(false);

    const longAgo = await importRows([{ ...stopped, ended_on: '2026-09-01' }]);
    expect(counts(longAgo.summary)).toEqual({ ...nothing, ends: 1 });
    expect((await account('r0011111')).effects.filter(({ kind }) => kind === 'end-sessions')).toHaveLength(1);

    expect(counts((await importRows([wout])).summary)).toEqual({ ...nothing, reopens: 1 });
    expect(await account('r0011111')).toMatchObject({ id, endsAt: Date.UTC(2027, 9, 31, 23) });
  });

  test('replaces what this source says of a person at an organisation, and leaves other organisations and sources alone', async () => {
    await importRows([wout, { ...wout, role: 'staff' }, { ...wout, organisation: 'alum', role: 'alumnus' }]);
    await importRows([{ ...wout, person: 'h1', role: 'guest' }], '--source', 'hr');
    await importRows([{ ...wout, role: 'staff' }]);
    const roles = (await account('r0011111')).affiliations
      .map(({ organisation, role, source }) => `${role}@${organisation} ${source}`)
      .sort();
    expect(roles).toEqual(['alumnus@alum csv', 'guest@vives hr', 'staff@vives csv']);
  });

  test('removes nothing from a person when one of the rows was refused', async () => {
    const staff = { ...wout, role: 'staff', email: 'claes@vives.be', other_numbers: 'u0000001' };
    await importRows([wout, staff]);
    const before = await account('r0011111');
    const { status, summary } = await importRows([wout, { ...staff, from: 'yesterday' }]);
    expect({ status, ...counts(summary) }).toEqual({ status: 2, ...nothing, unchanged: 1, refused: 1 });
    expect(await account('r0011111')).toEqual(before);
  });

  test('frees numbers and addresses that the source no longer gives, so that another person in the file can have them', async () => {
    const jan = { ...wout, person: 'j1', number: 'r0000002', email: 'jan@vives.be' };
    await importRows([wout, jan]);
    const { status } = await importRows([
      { ...jan, person: 'j1', number: 'r0011111', email: 'jan@vives.be' },
      { ...wout, number: 'r0000009' },
    ]);
    expect(status).toBe(0);
    expect((await account('r0011111')).emails).toEqual(['jan@vives.be']);
    expect((await account('r0000009')).givenName).toBe('Wout');
    await expect(account('r0000002')).rejects.toThrow('nobody');
  });

  test('never gives a number that an activated account held to another person, in whatever feed and order', async () => {
    const jan = { ...wout, person: 'j1', number: 'r0000002', email: 'jan@vives.be', personal_email: 'jan@example.org' };
    await importRows([wout, jan]);
    await change('r0011111', (read) => ({ ...read, activatedAt: startOfTests }));
    const moved = [
      { ...jan, number: 'r0011111' },
      { ...wout, number: 'r0000009' },
    ];
    for (const rows of [moved, [...moved].reverse(), moved]) {
      for (const mode of [['--dry-run'], []]) {
        const { status, refusals } = await importRows(rows, ...mode);
        expect({ status, refusals }).toMatchObject({
          status: 2,
          refusals: [
            {
              column: 'number',
              reason: expect.stringContaining(
                'r0011111 was a number of the account of source "csv" (person v1), which was active',
              ),
            },
          ],
        });
      }
    }
    expect(await account('r0000009')).toMatchObject({ givenName: 'Wout', formerNumbers: ['r0011111'] });
    expect((await account('r0000002')).givenName).toBe('Wout');
    await expect(account('r0011111')).rejects.toThrow('nobody'); // taken, and yet no login
    const stranger = { ...sofia, number: 'r0011111', organisation: 'vives', email: '' };
    expect((await importRows([stranger])).refusals).toMatchObject([{ column: 'number' }]);
    // its own holder may have it back
    expect((await importRows([wout])).status).toBe(0);
    const again = await account('r0011111');
    expect([again.givenName, again.formerNumbers]).toEqual(['Wout', ['r0000009']]);
  });

  test('never gives a number or address of an erased account to anybody, and says so', async () => {
    await importRows([wout]);
    const sealing = await shell.withStorage(({ values }) => openSealer({ secret }, values, randomBytes));
    await change('r0011111', (read) => {
      const gone = erased(read, { rule: 'a rule', counts: {} }, { sealer: sealing, now: startOfTests });
      return gone.account ?? read;
    });
    for (const rows of [[wout], [{ ...sofia, number: 'r0011111', organisation: 'vives', email: '' }]])
      for (const mode of [['--dry-run'], []])
        expect((await importRows(rows, ...mode)).refusals).toMatchObject([
          { column: 'number', reason: expect.stringContaining('belonged to an account that was erased') },
        ]);
    await expect(account('r0011111')).rejects.toThrow('nobody');
  });

  test('invites again when a wrong address is corrected before activation, and the first link stops working', async () => {
    await importRows([wout]);
    const [first] = (await account('r0011111')).tickets;
    await importRows([{ ...wout, personal_email: 'wout.claes@example.org' }]);
    const { tickets, effects } = await account('r0011111');
    expect(tickets).toMatchObject([{ purpose: 'activation', sentTo: 'wout.claes@example.org' }]);
    expect(tickets[0]?.id).not.toBe(first?.id);
    expect(effects.filter(({ kind }) => kind === 'letter')).toHaveLength(2);
  });

  test('does not change the personal address of an active account: its owner is to confirm it', async () => {
    await importRows([wout]);
    await change('r0011111', (read) => ({ ...read, activatedAt: startOfTests }));
    const file = shell.file('new.csv', csv([{ ...wout, personal_email: 'stranger@example.org' }]));
    const { err, out } = await shell.run('people', 'import', file);
    expect(out + err).toContain('to be confirmed by its owner');
    const asked = letters(await account('r0011111')).filter(({ template }) => template === 'address-proposed');
    expect(asked.map(({ to, data }) => [to, data.newAddress])).toEqual([
      ['wout@example.org', 'stranger@example.org'],
      ['wout.claes@vives.be', 'stranger@example.org'],
    ]);
    expect(await account('r0011111')).toMatchObject({
      personalEmail: 'wout@example.org',
      proposedAddress: { address: 'stranger@example.org', source: 'csv' },
      tickets: [{ sentTo: 'wout@example.org' }],
    });
    expect(counts((await importRows([{ ...wout, personal_email: 'stranger@example.org' }])).summary)).toEqual({
      ...nothing,
      unchanged: 1,
    });
  });

  test('does not change the password of an account that was ever active', async () => {
    await importRows([wout]);
    await change('r0011111', (read) => ({ ...read, activatedAt: startOfTests, password: { hash: 'own', setAt: 0 } }));
    const { summary } = await importRows([
      { ...wout, password_hash: '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW' },
    ]);
    expect(counts(summary)).toEqual({ ...nothing, unchanged: 1 });
    expect((await account('r0011111')).password?.hash).toBe('own');
  });

  test('never touches an account with a role', async () => {
    await importRows([wout]);
    expect((await shell.run('people', 'grant', 'R0011111', 'admin')).status).toBe(0);
    const before = await account('r0011111');
    expect(counts((await importRows([wout])).summary)).toEqual({ ...nothing, unchanged: 1 });
    const { status, refusals } = await importRows([
      { ...wout, given_name: 'Mallory', personal_email: 'm@example.org' },
    ]);
    expect({ status, refusals }).toMatchObject({
      status: 2,
      refusals: [{ line: 2, reason: expect.stringContaining('role (client-administrator, people-administrator)') }],
    });
    expect(await account('r0011111')).toEqual(before);
  });
});

describe('two sources', () => {
  const atHr = {
    ...wout,
    person: '4711',
    organisation: 'kuleuven',
    role: 'staff',
    number: 'u0000001',
    other_numbers: 'r0011111',
    email: 'wout.claes@kuleuven.be',
    personal_email: 'else@example.org',
    given_name: 'W.',
    birthdate: '',
  };

  test('are joined by a number that both say, and the report tells it', async () => {
    await importRows([wout]);
    const { id } = await account('r0011111');
    const report = join(shell.folder, 'report.jsonl');
    expect((await importRows([atHr], '--source', 'hr', '--report', report)).status).toBe(0);
    expect(await everybody()).toHaveLength(1);
    expect(await account('u0000001')).toMatchObject({
      id,
      givenName: 'Wout', // the second source did not change its value, so it only fills empty fields
      personalEmail: 'wout@example.org',
      userNumbers: ['r0011111', 'u0000001'],
      emails: ['wout.claes@vives.be', 'wout.claes@kuleuven.be'],
    });
    expect(readFileSync(report, 'utf8')).toContain(
      'joined with the account of source \\"csv\\" (person v1) by number r0011111',
    );
    // afterwards its changes take effect
    await importRows([{ ...atHr, given_name: 'Wouter' }], '--source', 'hr');
    expect((await account('u0000001')).givenName).toBe('Wouter');
  });

  test.each([
    [
      'only an address is shared',
      { number: 'u0000001', other_numbers: '', email: 'wout.claes@vives.be', organisation: 'vives' },
      'no number is shared',
    ],
    ['the dates of birth differ', { birthdate: '1950-01-01' }, 'another date of birth'],
  ])('are not joined where %s', async (_what, difference, reason) => {
    await importRows([{ ...wout, birthdate: '2006-03-14' }]);
    const before = await everybody();
    const { status, refusals } = await importRows([{ ...atHr, ...difference }], '--source', 'hr');
    expect({ status, refusals }).toMatchObject({
      status: 2,
      refusals: [{ line: 2, reason: expect.stringContaining(reason) }],
    });
    expect(await everybody()).toEqual(before);
  });

  test('are not joined by a number that the other source does not say itself', async () => {
    await importRows([wout]);
    await change('r0011111', (read) => ({ ...read, userNumbers: [...read.userNumbers, 's0000005'] }));
    const { refusals } = await importRows([{ ...atHr, number: 's0000005', other_numbers: '' }], '--source', 'hr');
    expect(refusals).toMatchObject([{ reason: expect.stringContaining('no source confirms that number') }]);
  });

  test('are not joined where the numbers belong to two accounts, or the account has a role', async () => {
    await importRows([wout, sofia]);
    const both = await importRows([{ ...atHr, other_numbers: 'r0011111;q0123456' }], '--source', 'hr');
    expect(both.refusals).toMatchObject([
      {
        reason: expect.stringContaining(
          'belong to the account of source "csv" (person a1), and others to the account of source "csv" (person v1)',
        ),
      },
    ]);
    await shell.run('people', 'grant', 'r0011111', 'helpdesk');
    const withRole = await importRows([atHr], '--source', 'hr');
    expect(withRole.refusals).toMatchObject([{ reason: expect.stringContaining('role') }]);
  });

  test('two people of one source do not share a number: both are refused, whichever stands first', async () => {
    const { refusals, summary } = await importRows([wout, { ...sofia, other_numbers: 'r0011111' }]);
    expect(counts(summary)).toEqual({ ...nothing, refused: 2 });
    expect(refusals.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([expect.stringContaining('person a1'), expect.stringContaining('person v1')]),
    );
    await importRows([wout]);
    const later = await importRows([sofia, { ...wout, person: 'v2', email: 'v2@vives.be' }]);
    expect(later.refusals).toMatchObject([{ line: 3, reason: expect.stringContaining('person v1 of this source') }]);
  });
});

describe('a source of another organisation', () => {
  const hash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
  const sources = `
  - { id: vives, organisations: [vives], numbers: ['r#######'], credentials: true }
  - { id: leuven, organisations: [kuleuven], numbers: ['r00#####', 'u#######'], credentials: true }
  - { id: plain, organisations: [kuleuven], numbers: ['u#######'], domains: [staff.kuleuven.be] }
`;
  beforeEach(() => {
    const standard = standardConfiguration();
    shell.environment.PEDEL_CONFIG = shell.file('pedel.yaml', `${standard}${sources}`);
  });
  const leuven = {
    ...wout,
    person: '4711',
    other_numbers: 'u0000001',
    organisation: 'kuleuven',
    role: 'staff',
    email: 'wout@kuleuven.be',
    personal_email: 'thief@example.org',
  };
  const from = (source: string, rows: Row[]) => importRows(rows, '--source', source);

  test('gives no password and moves no address of a person who was never active', async () => {
    await from('vives', [wout]);
    const before = await account('r0011111');
    await from('leuven', [{ ...leuven, personal_email: '', password_hash: hash }]);
    await from('leuven', [{ ...leuven, personal_email: 'wout@example.org', given_name: 'Wout' }]); // what it has learnt
    await from('leuven', [{ ...leuven, given_name: 'Thief', password_hash: hash }]);
    const after = await account('r0011111');
    expect(after).toMatchObject({
      id: before.id,
      givenName: 'Wout',
      personalEmail: 'wout@example.org',
      emails: ['wout.claes@vives.be', 'wout@kuleuven.be'],
      heldAddresses: [{ address: 'wout@kuleuven.be' }],
      userNumbers: ['r0011111', 'u0000001'],
      tickets: [{ sentTo: 'wout@example.org' }],
    });
    expect([after.activatedAt, after.password]).toEqual([undefined, undefined]);
    const { out } = await shell.run('audit', '--action', 'password-hash.refused', '--json');
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({ details: { source: 'leuven', rows: '1' } });
    // with no address of its own, none from there becomes the one to which an activation goes
    await from('vives', [{ ...wout, personal_email: '', email: '' }]);
    await from('leuven', [{ ...leuven, personal_email: 'thief2@example.org' }]);
    const bare = await account('r0011111');
    expect([bare.personalEmail, bare.emails]).toEqual([undefined, ['wout@kuleuven.be']]);
    expect(recoveryAddressOf(bare, shell.clock.now)).toBeUndefined();
    // afterwards what it says of its own organisation still counts
    await from('leuven', [{ ...leuven, role: 'guest', given_name: 'W.' }]);
    const own = (await account('r0011111')).affiliations.filter(({ source }) => source === 'leuven');
    expect(own).toMatchObject([{ organisation: 'kuleuven', role: 'guest' }]);
  });

  test('may not name other organisations, numbers or domains than its own, nor give passwords unless configured', async () => {
    const plain = { ...leuven, person: 'x', number: 'u0000009', other_numbers: '', email: 'x@staff.kuleuven.be' };
    const { refusals } = await from('plain', [
      { ...plain, person: 'a', number: 'u0000001', organisation: 'vives', email: '' },
      { ...plain, person: 'b', number: 'r0000002', email: '' },
      { ...plain, person: 'c', number: 'u0000003', other_numbers: 'r0011111', email: '' },
      { ...plain, person: 'd', number: 'u0000004', email: 'd@kuleuven.be' },
      { ...plain, person: 'e', number: 'u0000005', email: 'd@vives.be' },
      { ...plain, person: 'f', number: 'u0000006', email: '', password_hash: hash },
      plain,
    ]);
    expect(refusals.map(({ line, column }) => [line, column])).toEqual([
      [2, 'organisation'],
      [3, 'number'],
      [4, 'other_numbers'],
      [5, 'email'],
      [6, 'email'],
      [7, 'password_hash'],
    ]);
    expect(await everybody()).toHaveLength(1);
  });

  test('adds an address to an active account that opens nothing for seven days, and the old ones are told', async () => {
    await from('vives', [{ ...wout, personal_email: '' }]);
    await change('r0011111', (read) => ({ ...read, activatedAt: startOfTests, effects: [] }));
    await from('leuven', [{ ...leuven, personal_email: '' }]);
    const joined = await account('r0011111');
    expect(letters(joined)).toMatchObject([
      { template: 'institution-address', to: 'wout.claes@vives.be', data: { newAddress: 'wout@kuleuven.be' } },
    ]);
    // and so for the source of the person itself: neither the old nor the new address gets a reset link at once
    await from('vives', [{ ...wout, personal_email: '', email: 'w.claes@vives.be' }]);
    const moved = await account('r0011111');
    expect(moved.emails).toEqual(['w.claes@vives.be', 'wout@kuleuven.be']);
    expect(letters(moved).at(-1)).toMatchObject({
      to: 'wout.claes@vives.be',
      data: { newAddress: 'w.claes@vives.be' },
    });
    expect(recoveryAddressOf(moved, shell.clock.now)).toBeUndefined();
    expect(recoveryAddressOf(moved, shell.clock.now + 7 * 86_400_000)).toBe('w.claes@vives.be');
  });

  test('that is not declared is refused whole, and the sentence names the remedy', async () => {
    const file = shell.file('people.csv', csv([wout]));
    expect(await shell.run('people', 'import', file, '--source', 'sapp')).toMatchObject({
      status: 1,
      err: expect.stringContaining('declares no source "sapp": use --source with one of csv, hr, demo, vives'),
    });
    const standard = standardConfiguration();
    shell.file('pedel.yaml', standard.slice(0, standard.indexOf('\nsources:')));
    expect(await shell.run('people', 'import', file)).toMatchObject({
      status: 1,
      err: expect.stringContaining('the configuration declares no sources, so nobody can be imported'),
    });
    expect(await everybody()).toEqual([]);
  });
});

describe('a broken file', () => {
  test('loses its bad rows, each with line, column and reason; the others go in', async () => {
    const rows: [Row, string][] = [
      [{ person: '' }, 'person'],
      [{ number: 'r123' }, 'number'],
      [{ number: '' }, 'number'],
      [{ other_numbers: 'r0000001;x' }, 'other_numbers'],
      [{ given_name: 'W\u0000out' }, 'given_name'],
      [{ given_name: 'Wo\u0007ut' }, 'given_name'],
      [{ given_name: 'Wout\nClaes' }, 'given_name'],
      [{ given_name: '\u202etuoW' }, 'given_name'],
      [{ given_name: 'x'.repeat(101) }, 'given_name'],
      [{ given_name: '', family_name: '' }, 'family_name'],
      [{ email: 'wout@example.org' }, 'email'],
      [{ email: 'wout@kuleuven.be' }, 'email'],
      [{ email: 'wout' }, 'email'],
      [{ personal_email: 'wout@' }, 'personal_email'],
      [{ phone: 'call me' }, 'phone'],
      [{ language: 'Dutch (Belgium)' }, 'language'],
      [{ organisation: 'oxford' }, 'organisation'],
      [{ role: 'king' }, 'role'],
      [{ from: '2026-02-30' }, 'from'],
      [{ until: '31/10/2026' }, 'until'],
      [{ from: '2026-10-01', until: '2026-09-01' }, 'until'],
      [{ birthdate: 'yesterday' }, 'birthdate'],
      [{ website: 'javascript:alert(1)' }, 'website'],
      [{ zoneinfo: 'Europe/Atlantis' }, 'zoneinfo'],
    ];
    const bad = rows.map(([difference], index) => ({
      ...wout,
      birthdate: '',
      website: '',
      zoneinfo: '',
      person: `b${index}`,
      number: `r10000${10 + index}`,
      email: `b${index}@vives.be`,
      ...difference,
    }));
    const good = [
      { ...sofia, given_name: '🎓 Šárka-Łucja', family_name: "O'Neil van den Bröck" },
      {
        ...sofia,
        person: 'a2',
        number: 'Q0000002',
        given_name: 'محمد',
        family_name: 'علی‌پور',
        email: ' Second@Alum.KULeuven.be ',
      },
    ];
    const { status, refusals, summary } = await importRows([...bad, ...good] as Row[]);
    expect({ status, ...counts(summary) }).toEqual({ status: 2, ...nothing, new: 2, refused: bad.length });
    expect(refusals.sort((a, b) => a.line - b.line).map(({ line, column }) => [line, column])).toEqual(
      lineNumbers(bad).map((line, index) => [line, rows[index]?.[1]]),
    );
    for (const { reason } of refusals) expect(reason).not.toBe('');
    expect((await account('q0123456')).givenName).toBe('🎓 Šárka-Łucja');
    expect(await account('q0000002')).toMatchObject({ familyName: 'علی‌پور', emails: ['second@alum.kuleuven.be'] });
  });

  /** The first line of each row: one of them has a line break in quotes. */
  function lineNumbers(rows: Row[]): number[] {
    let line = 2;
    return rows.map((row) => {
      const first = line;
      line += 1 + Object.values(row).join('').split('\n').length - 1;
      return first;
    });
  }

  test('with a field of ten megabytes loses that row only', async () => {
    const file = shell.file('people.csv', csv([{ ...wout, given_name: 'x'.repeat(10_000_000) }, sofia]));
    const { status, out } = await inItsOwnProcess('people', 'import', file, '--json');
    const { refusals, ...summary } = JSON.parse(out);
    expect({ status, ...counts(summary) }).toEqual({ status: 2, ...nothing, new: 1, refused: 1 });
    expect(refusals).toMatchObject([{ line: 2, column: 'given_name', reason: expect.stringContaining('too long') }]);
    expect(out.length).toBeLessThan(1000);
  });

  test('with rows of a wrong length or stray quotes loses those rows only', async () => {
    const text = csv([wout, sofia]);
    const [header, first, second] = text.trimEnd().split('\n') as [string, string, string];
    const { status, refusals } = await importText(
      [header, `${first},extra`, 'a,b', `"Wout" x${first}`, second, ''].join('\n'),
    );
    expect(status).toBe(2);
    expect(refusals.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect((await everybody()).map(({ givenName }) => givenName)).toEqual(['Sofia']);
  });

  test('with an unclosed quote imports the rows before it, and says where the quote opened', async () => {
    const text = csv([wout, sofia]);
    const [header, first, second] = text.trimEnd().split('\n') as [string, string, string];
    const { status, refusals } = await importText(
      [header, first, `"never closed,${second}`, second, second, ''].join('\n'),
    );
    expect({ status, refusals }).toMatchObject({
      status: 2,
      refusals: [{ line: 3, reason: expect.stringContaining('never closed') }],
    });
    expect((await everybody()).map(({ givenName }) => givenName)).toEqual(['Wout']);
  });

  test('in Latin-1 loses the rows with accents, and says what to do', async () => {
    const { refusals } = await importText(Buffer.from(csv([{ ...wout, given_name: 'Zoë' }, sofia]), 'latin1'));
    expect(refusals).toMatchObject([{ line: 2, column: 'given_name', reason: expect.stringContaining('UTF-8') }]);
  });

  test('with a byte order mark, CRLF and columns in another order is read', async () => {
    const text = `\uFEFF${csv([{ ...wout, 'address.street_address': 'Straat 1\nbus 2' }], [...Object.keys(wout), 'address.street_address'].reverse()).replaceAll('\n', '\r\n')}`;
    expect((await importText(text)).status).toBe(0);
    expect((await account('r0011111')).claims.address).toEqual({ street_address: 'Straat 1\nbus 2' });
  });

  test.each([
    ['an empty file', '', 'empty'],
    ['unknown and missing columns', 'person,number,naam\n', 'the column "naam" is unknown'],
    ['missing columns', 'person,number,naam\n', '"organisation", "role" are missing'],
    ['a column twice', `${Object.keys(wout).join(',')},role\n`, 'the column "role" is there twice'],
    [
      'a workbook',
      'PK\u0003\u0004\u0014\u0000',
      'a workbook of a spreadsheet (.xlsx, .ods) or a zip archive, not a CSV: open it, choose "Save as"',
    ],
  ])('with %s cannot be read at all: status 1', async (_what, text, reason) => {
    const { status, err } = await importText(text);
    expect({ status, err }).toEqual({ status: 1, err: expect.stringContaining(reason) });
  });

  test.each(['comma', 'semicolon', 'tab', 'sep=;', 'UTF-16LE', 'UTF-16BE', 'UTF-16 without mark'])(
    'written with %s is read as what it says, with the right lines',
    async (kind) => {
      const separators: Record<string, string> = { semicolon: ';', tab: '\t', 'sep=;': ';', 'UTF-16LE': '\t' };
      const separator = separators[kind] ?? ',';
      const rows = [
        { ...wout, other_numbers: 'r0000005;r0000006', family_name: 'Claës, Jr.' },
        { ...sofia, from: '2016-07-01 00:00:00' },
      ];
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))] as (keyof Row)[];
      const quoted = (value = '') => `"${value}"`;
      const lines = [
        columns.join(separator),
        ...rows.map((row: Row) => columns.map((each) => quoted(row[each])).join(separator)),
      ];
      const bad = columns.map((each) => quoted(each === 'person' ? 'x' : '')).join(separator);
      const text = `${kind === 'sep=;' ? 'sep=;\r\n' : ''}${[...lines, bad].join('\r\n')}\r\n`;
      const mark = kind === 'UTF-16 without mark' ? '' : '\uFEFF';
      const encoded = Buffer.from(mark + text, kind.startsWith('UTF-16') ? 'utf16le' : 'utf8');
      const { status, refusals } = await importText(kind === 'UTF-16BE' ? encoded.swap16() : encoded);
      const at = kind === 'sep=;' ? 5 : 4;
      expect({ status, lines: [...new Set(refusals.map(({ line }) => line))] }).toEqual({ status: 2, lines: [at] });
      expect(await account('r0000006')).toMatchObject({ familyName: 'Claës, Jr.', userNumbers: { length: 3 } });
      expect((await account('q0123456')).affiliations).toMatchObject([{ from: '2016-07-01' }]);
    },
  );

  test('names what a spreadsheet did to numbers and dates', async () => {
    const { refusals } = await importRows([
      { ...wout, phone: '3.2E+10' },
      { ...sofia, phone: '', from: '46286' },
    ]);
    expect(refusals.map(({ line, column, reason }) => [line, column, reason])).toEqual([
      [2, 'phone', expect.stringContaining('was made a number by a spreadsheet')],
      [3, 'from', expect.stringContaining('a spreadsheet keeps for a date')],
    ]);
  });

  test('with blank rows, or rows of separators alone, takes away what it no longer says all the same', async () => {
    const staff = { ...wout, role: 'staff' };
    await importRows([wout, staff]);
    const [header = '', first = ''] = csv([wout]).split('\n');
    const blank = ['', '   ', header.replace(/[^,]/g, ''), ',,', ' , , '];
    const { status, summary } = await importText([header, first, ...blank, ''].join('\n'));
    expect({ status, rows: summary.rows }).toEqual({ status: 0, rows: 1 });
    expect(summary.suspended).toBeUndefined();
    expect((await account('r0011111')).affiliations.map(({ role }) => role)).toEqual(['student']);
  });

  test('with a row of nobody takes nothing away, and says which line, for how many, in status and report', async () => {
    const staff = { ...wout, role: 'staff' };
    await importRows([wout, staff, sofia]);
    const report = join(shell.folder, 'report.jsonl');
    const file = shell.file('people.csv', csv([wout, { ...sofia, person: '' }, sofia]));
    const { status, out } = await shell.run('people', 'import', file, '--report', report);
    expect(status).toBe(3);
    expect(out).toContain('removals suspended for 1 person: line 3 does not say of whom');
    expect(readFileSync(report, 'utf8')).toContain('{"outcome":"suspended","lines":[3],"people":1}');
    const text = join(shell.folder, 'report.txt');
    await shell.run('people', 'import', file, '--report', text);
    expect(readFileSync(text, 'utf8')).toContain('removals suspended for 1 person: line 3 does not say of whom\n');
    expect((await account('r0011111')).affiliations).toHaveLength(2);
    const { summary } = await importText(csv([wout, { ...sofia, person: '' }, sofia]));
    expect(summary.suspended).toEqual({ lines: [3], people: 1 });
  });

  test('that does not exist or is a folder gives an error of one line, and status 1', async () => {
    expect(await shell.run('people', 'import', '/nowhere.csv')).toEqual({
      status: 1,
      out: '',
      err: 'pedel: /nowhere.csv: there is no such file\n',
    });
    expect(await shell.run('people', 'import', shell.folder)).toMatchObject({
      status: 1,
      err: expect.stringMatching(/^pedel: .*EISDIR\)\n$/),
    });
  });
});

describe('the output of an import', () => {
  test('a dry run reports what the import then does, and changes nothing', async () => {
    await importRows([wout, sofia]);
    const before = await everybody();
    const jan = { ...wout, person: 'j1', number: 'r0011111', email: 'jan@vives.be' };
    const rows = [
      jan, // takes the number that the next row gives up
      { ...wout, number: 'r0000009' },
      { ...sofia, ended_on: '2026-09-01' },
      { ...sofia, person: 'a9', number: 'nine' },
    ];
    const rehearsed = await importRows(rows, '--dry-run');
    expect(await everybody()).toEqual(before);
    expect({ status: rehearsed.status, ...counts(rehearsed.summary) }).toEqual({
      status: 2,
      new: 1,
      changed: 1,
      ends: 1,
      reopens: 0,
      unchanged: 0,
      refused: 1,
    });
    const real = await importRows(rows);
    expect(counts(real.summary)).toEqual(counts(rehearsed.summary));
    expect(real.refusals).toEqual(rehearsed.refusals);
  });

  test('the report keeps every person and every refusal, and only its owner reads it', async () => {
    const report = join(shell.folder, 'report.jsonl');
    await importRows([wout, { ...sofia, role: 'king' }], '--report', report);
    const lines = readFileSync(report, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { outcome: 'refused', line: 3, column: 'role', value: 'king' },
      { outcome: 'new', person: 'v1', lines: [2], notes: ['invited'] },
    ]);
    expect(statSync(report).mode & 0o777).toBe(0o600);
  });

  test('is a summary, without the control characters of the file', async () => {
    const { status, out, err } = await shell.run(
      'people',
      'import',
      shell.file('x.csv', csv([wout, { ...sofia, role: '\u001b[31mking' }])),
    );
    expect(status).toBe(2);
    expect(out).toContain('people: 1 new, 0 changed, 0 ends, 0 reopens, 0 unchanged\nrefused: 1\n');
    expect(err).toContain('line 3: refused: role');
    expect(err).not.toContain('\u001b');
  });

  test('reads standard input', async () => {
    const { status, out } = await inItsOwnProcess('people', 'import', '-', { input: csv([wout]) });
    expect({ status, out }).toEqual({ status: 0, out: expect.stringContaining('1 new') });
  });
});
