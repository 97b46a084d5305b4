import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { type CommandLine, installation, openCommandLine, startOfTests } from './command-line.ts';

let shell: CommandLine;
beforeEach(async () => {
  shell = openCommandLine();
  await shell.withStorage(({ accounts }) =>
    accounts.insert(
      anAccount({
        userNumbers: ['u0000001', 'r0011111'],
        emails: ['annelies.peeters@kuleuven.be'],
        activatedAt: startOfTests - 1000,
        password: { hash: '$argon2id$the-hash', setAt: startOfTests },
        totps: [{ id: 't', name: 'telephone', sealedSeed: 'the-seed', lastStep: 0, createdAt: 0 }],
        recoveryCodes: { macs: ['the-mac'], createdAt: 0 },
        tickets: [
          {
            id: 'the-ticket',
            purpose: 'reset',
            codeMac: 'the-code',
            createdAt: 0,
            expiresAt: startOfTests + 1000,
            tries: 0,
          },
        ],
      }),
    ),
  );
});
afterEach(() => shell.close());

const roles = async () => (await shell.withStorage(({ accounts }) => accounts.findByLogin('u0000001')))?.roles;

test('grant grants a role once, by any number or address of the person, and the audit log shows it at once', async () => {
  expect(await shell.run('people', 'grant', ' R001 1111', 'owner')).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^Annelies Peeters \(u0000001\): owner now\nNo import changes this account/),
  });
  expect(await shell.run('people', 'grant', 'annelies.peeters@kuleuven.be', 'owner')).toMatchObject({
    status: 0,
    out: expect.stringContaining('unchanged'),
  });
  expect(await roles()).toEqual(['owner']);
  const { out } = await shell.run('audit', '--subject', 'u0000001', '--json');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    {
      at: '2026-10-01T10:00:00.000Z',
      action: 'role.granted',
      actor: { kind: 'command', id: 'unknown' },
      via: 'command',
      subject: 'account-1',
      details: { role: 'owner', organisations: 'association' },
    },
  ]);
});

test('revoke revokes that role and no other, also by the names of before', async () => {
  await shell.run('people', 'grant', 'u0000001', 'admin');
  await shell.run('people', 'grant', 'u0000001', 'helpdesk');
  expect(await roles()).toEqual(['client-administrator', 'people-administrator', 'desk']);
  expect(JSON.parse((await shell.run('people', 'revoke', 'u0000001', 'admin', '--json')).out)).toEqual({
    number: 'u0000001',
    roles: ['desk'],
    changed: true,
  });
  expect(await roles()).toEqual(['desk']);
  expect((await shell.run('people', 'revoke', 'u0000001', 'desk')).out).toContain('Imports change this account again.');
});

test('an unknown role and an unknown person give an error of one or two lines', async () => {
  expect(await shell.run('people', 'grant', 'u0000001', 'king')).toMatchObject({
    status: 1,
    err: expect.stringContaining('owner, admin, helpdesk, client-administrator'),
  });
  expect(await shell.run('people', 'grant', 'u0000009', 'owner')).toEqual({
    status: 1,
    out: '',
    err: 'pedel: no account has the number or address "u0000009"\n',
  });
});

test('show prints the state of an account, and no secret', async () => {
  const { out } = await shell.run('people', 'show', 'r0011111');
  expect(out).toMatch(/state +active/);
  expect(out).toMatch(/factors +telephone/);
  expect(out).toMatch(/openTickets +reset until 2026-10-01T10:00:01/);
  expect(out + (await shell.run('people', 'show', 'r0011111', '--json')).out).not.toMatch(
    /the-(hash|seed|mac|ticket|code)/,
  );
});

test('show says when and why access ends in the language that is asked, English without one', async () => {
  const affiliations = [{ organisation: 'vives', role: 'student', until: '2026-10-05', source: 'csv' }];
  const ending = anAccount({ id: 'ending', userNumbers: ['r0000005'], emails: [], activatedAt: 1, affiliations });
  await shell.withStorage(({ accounts }) => accounts.insert(withWindows(ending, organisations, startOfTests)));
  const end = async (...options: string[]) =>
    JSON.parse((await shell.run('people', 'show', 'r0000005', '--json', ...options)).out).end;
  const english = [
    expect.stringMatching(
      /^Your studies at .+ run until 5 October 2026\. Your account ends on 5 October 2026 at midnight, in 4 days\.$/,
    ),
  ];
  expect([await end()]).toEqual(english);
  expect([await end('--language', 'en')]).toEqual(english);
  expect(await end('--language', 'nl')).toMatch(
    /^Je studie aan .+ loopt tot en met 5 oktober 2026\. Je account eindigt op 5 oktober 2026 om middernacht, over 4 dagen\.$/,
  );
  expect((await shell.run('people', 'show', 'r0000005', '--language', 'nl')).out).toMatch(/^end +Je studie aan /m);
  expect(await shell.run('people', 'show', 'r0000005', '--language', 'fr')).toMatchObject({
    status: 1,
    err: expect.stringContaining('nl, en'),
  });
});

test('audit filters by action and time, newest first, up to the limit', async () => {
  for (const role of ['owner', 'auditor', 'helpdesk']) {
    await shell.run('people', 'grant', 'u0000001', role);
    shell.clock.now += 3_600_000;
  }
  const granted = async (...options: string[]) => (await shell.run('audit', ...options)).out.match(/role=\w+/g);
  expect(await granted()).toEqual(['role=desk', 'role=auditor', 'role=owner']);
  expect(await granted('--limit', '1')).toEqual(['role=desk']);
  expect(await granted('--since', '90m')).toEqual(['role=desk']);
  expect(await granted('--since', '2026-10-01T11:00Z')).toEqual(['role=desk', 'role=auditor']);
  expect(await granted('--action', 'role.revoked')).toBeNull();
  expect(await shell.run('audit', '--since', 'yesterday')).toMatchObject({
    status: 1,
    err: expect.stringContaining('span such as 24h'),
  });
});

test('--version prints that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(installation, 'package.json'), 'utf8'));
  expect(await shell.run('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
});

test('every command has a help text with its options', async () => {
  for (const command of [
    [],
    ['serve'],
    ['demo'],
    ['people'],
    ['people', 'import'],
    ['people', 'grant'],
    ['clients'],
    ['clients', 'apply'],
    ['audit'],
    ['config'],
    ['config', 'check'],
  ]) {
    const { status, out } = await shell.run(...command, '--help');
    expect({ command, status }).toEqual({ command, status: 0 });
    expect(out).toContain(`Usage: pedel${command.map((word) => ` ${word}`).join('')}`);
  }
  expect(await shell.run('peple')).toMatchObject({ status: 1, err: expect.stringContaining('Did you mean people?') });
});

test('pedel lifecycle recompute applies changed rules, asks before many close, and notes what was proven before', async () => {
  const many = Array.from({ length: 27 }, (_, index) => ({
    id: `a${index}`,
    activatedAt: 1,
    userNumbers: [`r00000${10 + index}`],
    emails: [],
    affiliations: [{ organisation: 'vives', role: 'student', source: 'csv', from: '2027-09-21' }],
  }));
  await shell.withStorage(async ({ accounts, auditLog }) => {
    for (const each of many) await accounts.insert(anAccount(each)); // as 0.2 stored them: open a year before
    const entry = { id: 'e1', at: 1, action: 'account.activated', actor: { kind: 'system' }, subject: 'a0' } as const;
    await auditLog.append(entry);
  });
  const find = (id: string) => shell.withStorage(({ accounts }) => accounts.findById(id));
  const run = (...options: string[]) => shell.run('lifecycle', 'recompute', ...options);
  const rehearsed = await run('--dry-run', '--json');
  expect(JSON.parse(rehearsed.out)).toEqual({
    accounts: 28,
    outdated: 28,
    changed: 28,
    closed: 27,
    opened: 0,
    losses: 27,
    alarms: [{ organisation: 'vives', losses: { lose: 27, allowed: 25 } }],
  });
  const asks = {
    status: 3,
    err: 'pedel: 27 open accounts would lose access (27 at vives, where 25 may without a question), so nothing was changed: if that is meant, go on with --allow-losses 27\n',
  };
  expect(rehearsed).toMatchObject(asks);
  expect(await run()).toMatchObject(asks);
  expect(await run('--allow-losses', '26')).toMatchObject({
    status: 3,
    err: expect.stringContaining(
      '--allow-losses 26 is not that number; if that is meant, go on with --allow-losses 27',
    ),
  });
  expect((await run('--allow-losses', '27', '--dry-run')).status).toBe(0);
  expect((await find('a1'))?.revision).toBe(1);
  expect(await run('--allow-losses', '27')).toMatchObject({ status: 0 });
  expect(await find('a0')).toMatchObject({ credentialsEpoch: 2, provenAddresses: ['annelies@example.org'] });
  const { windows, provenAddresses } = (await find('a1')) ?? {};
  expect([windows, provenAddresses]).toEqual([[{ from: Date.parse('2027-06-23T00:00:00+02:00') }], undefined]);
  expect(await run()).toMatchObject({
    status: 0,
    out: expect.stringContaining('28 accounts: 0 under other rules; 0 changed'),
  });
});

test('suspend closes an account at once, show says so, lift opens it; hold and release', async () => {
  const suspended = await shell.run('people', 'suspend', 'u0000001', '--kind', 'security', '--reason', 'a public list');
  expect(suspended).toMatchObject({ status: 0, out: expect.stringContaining('signed out everywhere') });
  const shown = JSON.parse((await shell.run('people', 'show', 'u0000001', '--json')).out);
  expect(shown).toMatchObject({ state: 'suspended', suspension: { kind: 'security', reason: 'a public list' } });
  expect(shown.openTickets).toEqual([]);
  const over = ['--kind', 'administrative', '--reason', 'x', '--until', '2026-09-30'];
  expect(await shell.run('people', 'suspend', 'u0000001', ...over)).toMatchObject({
    status: 1,
    err: expect.stringContaining('the day of --until has passed'),
  });
  expect(await shell.run('people', 'suspend', 'u0000001', '--kind', 'security')).toMatchObject({ status: 1 });
  expect(JSON.parse((await shell.run('people', 'lift', 'u0000001', '--reason', 'called', '--json')).out)).toEqual({
    account: 'account-1',
    outcome: 'lifted',
  });
  expect((await shell.run('people', 'lift', 'u0000001', '--reason', 'called')).out).toContain('unchanged');
  await shell.run('people', 'hold', 'u0000001', '--reason', 'court');
  expect((await shell.run('people', 'show', 'u0000001')).out).toMatch(/legalHold +court/);
  expect((await shell.run('people', 'release', 'u0000001')).out).toContain('no longer held');
});

test('merge, unmerge and split: a dry run changes nothing, and each says what came of it', async () => {
  const said = { number: 'q0000002', numbers: 'q0000002', given_name: 'Annelies', family_name: 'P' };
  const fields = { ...said, 'affiliations.vives': '[{"organisation":"vives","role":"staff"}]' };
  const affiliations = [{ organisation: 'vives', role: 'staff', source: 'csv' }];
  await shell.withStorage(({ accounts }) =>
    accounts.insert(
      anAccount({
        id: 'account-2',
        userNumbers: ['q0000002'],
        emails: [],
        affiliations,
        feeds: [{ source: 'csv', key: 'k:2', fields }],
      }),
    ),
  );
  const people = (...args: string[]) => shell.run('people', ...args, '--reason', 'enrolled twice');
  const dry = await people('merge', 'u0000001', 'q0000002', '--dry-run');
  expect(dry).toMatchObject({
    status: 0,
    out: expect.stringMatching(/comes along: q0000002\nentries: csv:k:2\n(?:.*\n)*nothing was changed/),
  });
  expect((await shell.run('people', 'show', 'q0000002', '--json')).out).toContain('account-2');
  expect(await people('merge', 'q0000002', 'u0000001')).toMatchObject({
    status: 1,
    err: expect.stringContaining('name it first'),
  });
  expect(await people('merge', 'u0000001', 'u0000001')).toMatchObject({ status: 1 });
  expect(await shell.run('people', 'merge', 'u0000001', 'q0000002')).toMatchObject({ status: 1 });
  expect(JSON.parse((await people('merge', 'u0000001', 'q0000002', '--json')).out)).toMatchObject({
    account: 'account-1',
    gone: 'account-2',
    numbers: ['q0000002'],
    dryRun: false,
  });
  const shown = async (number: string) => JSON.parse((await shell.run('people', 'show', number, '--json')).out);
  expect(await shown('q0000002')).toMatchObject({
    account: 'account-1',
    mergedFrom: ['account-2'],
    sources: ['csv:k:2'],
  });
  expect((await people('unmerge', 'u0000001')).status).toBe(1);
  expect((await people('unmerge', 'q0000002', '--dry-run')).out).toContain('nothing was changed');
  expect(await people('unmerge', 'q0000002')).toMatchObject({
    status: 0,
    out: expect.stringContaining('an account of its own again'),
  });
  expect(await shown('q0000002')).toMatchObject({ account: 'account-2' });
  // by id as well, which an account without number or address needs
  expect(await people('merge', 'account-1', 'account-2')).toMatchObject({ status: 0 });
  expect(await people('merge', 'account-1', 'account-3')).toMatchObject({ status: 1 });
  expect(await people('split', 'u0000001', '--entries', 'csv:k:2')).toMatchObject({
    status: 1,
    err: expect.stringContaining('nothing would be left'),
  });
  expect(await people('split', 'u0000001', '--entries', 'k:2')).toMatchObject({ status: 1 });
});
