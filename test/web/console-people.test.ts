/** The console's pages about people: who finds and sees whom, what an auditor sees of it, and that no secret is on them. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { headingOf, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
  const day = 86_400_000;
  await pedel.person('Zoë', [], {
    ...{ familyName: 'Vandermeulen', userNumbers: ['r0123456'], emails: ['zoe.vdm@student.vives.be'] },
    ...{ personalEmail: 'zoe.private@example.org', createdAt: Date.now() - 30 * day },
    affiliations: [
      { organisation: 'vives', role: 'student', source: 'sis', from: '2026-09-01', until: '2027-09-30' },
      { organisation: 'alum', role: 'alumnus', source: 'crm' },
    ],
    recoveryCodes: { macs: ['a', 'b'], createdAt: 1 },
  });
  await pedel.person('Elsewhere', [], {
    ...{ userNumbers: ['r0999999'] },
    affiliations: [{ organisation: 'kuleuven', role: 'student', source: 'sap' }],
  });
  const letter = { template: 'reset', to: 'zoe.private@example.org', sealedSecret: 'the-sealed-link' };
  await pedel.storage.outbox.put({
    ...{ id: 'l1', kind: 'letter', accountId: 'account-Zoë', payload: letter, createdAt: Date.now() },
  });
  const [claimed] = await pedel.storage.outbox.claim('letter', Date.now() + 1, Date.now() + 99, 1);
  await pedel.storage.outbox.failed('l1', claimed?.leasedUntil ?? 0, Date.now(), '550 5.1.1 <zoe.private@example.org>');
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function signedIn(role: RoleName, organisations: 'association' | string[] = ['vives']) {
  const name = `${role}${organisations}`;
  const login = await pedel.person(name);
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role, organisations }]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  const open = async (path: string) => (await browser.open(`${pedel.issuer}${path}`)).html;
  return { browser, open };
}
const zoe = `/admin/people/${encodeURIComponent('account-Zoë')}`;

test('people of the own organisation are found and shown, with sources and steps, and never a seed, a hash or an address whole', async () => {
  const { browser, open } = await signedIn('people-administrator');
  const list = await open('/admin/people?q=vanderm');
  expect(list).toMatch(/Zoë Vandermeulen[\s\S]*r0123456[\s\S]*Student \(VIVES[^)]*\), Alumnus[\s\S]*Active/);
  expect(await open('/admin/people?q=r0999999')).toContain('Nobody found');
  const page = await open(zoe);
  expect(headingOf(browser)).toBe('Zoë Vandermeulen');
  const desk = /href="(\/desk\/people\/[^"]+)"/.exec(page)?.[1] ?? '';
  expect(await open(desk)).toContain('Zoë Vandermeulen');
  for (const said of [
    'zoe.vdm@student.vives.be',
    'z•••@example.org',
    '1 authenticator app',
    '2 recovery codes',
    'sis',
    'crm',
  ])
    expect([said, page.includes(said)]).toEqual([said, true]);
  expect(page).toMatch(/<code>reset<\/code>[\s\S]*Given up[\s\S]*550 5\.1\.1/);
  const account = await pedel.storage.accounts.findById('account-Zoë');
  for (const secret of ['plain$', account?.totps[0]?.sealedSeed, account?.auditKey, 'the-sealed-link'])
    expect([secret, page.includes(secret ?? '-')]).toEqual([secret, false]);
  expect((await browser.open(`${pedel.issuer}/admin/people/account-Elsewhere`)).status).toBe(404);
  expect(await open(`${zoe}?lang=nl`)).toContain('2 herstelcodes');
});

test('an auditor finds nobody by the start of a name, and sees first signs of names, numbers and addresses', async () => {
  const { open } = await signedIn('auditor', 'association');
  expect(await open('/admin/people?q=vanderm')).toContain('Nobody found');
  expect(await open('/admin/people?q=r0123456')).toContain('Z. V.');
  const page = await open(zoe);
  for (const hidden of ['Vandermeulen', 'r0123456', 'zoe.vdm@', 'zoe.private'])
    expect([hidden, page.includes(hidden)]).toEqual([hidden, false]);
});

test('a suspension is said instead of what the account would be otherwise', async () => {
  const suspension = { kind: 'security' as const, reason: 'a secret reason', at: Date.now() };
  await pedel.person('Closed', [], {
    ...{ userNumbers: ['r0555555'], suspension },
    affiliations: [{ organisation: 'vives', role: 'student', source: 'sis' }],
  });
  const { open } = await signedIn('owner', 'association');
  const page = await open('/admin/people/account-Closed');
  expect(page).toContain('Closed because someone else may be able to sign in');
  expect(page).not.toContain('a secret reason');
});

test('two accounts are merged after the page has shown what comes of it, and that is undone; a number leads to the one that stays', async () => {
  const said = { family_name: 'P', 'affiliations.vives': '[{"organisation":"vives","role":"student"}]' };
  const entry = (key: string, number: string) => ({
    source: 'csv',
    key,
    fields: { ...said, number, numbers: number },
  });
  const student = { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] };
  await pedel.person('Keep', [], { ...student, userNumbers: ['r0000071'], feeds: [entry('k1', 'r0000071')] });
  await pedel.person('Gone', [], { ...student, userNumbers: ['r0000072'], feeds: [entry('k:2', 'r0000072')] });
  const { browser, open } = await signedIn('people-administrator', ['vives', 'alum']);
  const at = '/admin/people/account-Keep';
  expect(await open(at)).toContain(`href="${at}/merge"`);
  for (const [other, sentence] of [
    ['r0999999', 'No account of your organisations'],
    ['r0000071', 'That is the same account'],
    ['nobody <script>', 'No account of your organisations'],
  ] as const)
    expect(await open(`${at}/merge?${new URLSearchParams({ other })}`)).toContain(sentence);
  const plan = await open(`${at}/merge?other=r0000072`);
  expect(plan).toMatch(/Is merged into it[\s\S]*r0000072[\s\S]*csv:k:2/);
  const post = async (path: string, fields: Record<string, string>) =>
    browser.post(`${pedel.issuer}${path}`, new URLSearchParams(fields));
  expect((await post(`${at}/merge`, { other: 'r0000072', reason: ' ' })).html).toContain('Write a reason');
  expect((await pedel.storage.accounts.findById('account-Gone'))?.merged).toBeUndefined();
  const done = await post(`${at}/merge`, { other: 'r0000072', reason: 'enrolled twice' });
  expect(done.html).toMatch(/The two accounts are now one[\s\S]*r0000071, r0000072/);
  expect(await open('/admin/people/account-Gone')).toContain('r0000071, r0000072');
  expect(await open('/admin/people?q=r0000072')).toContain('Keep');
  const undo = `${at}/unmerge/account-Gone`;
  expect(await open(undo)).toContain('becomes a separate account again');
  expect((await post(undo, { reason: '' })).html).toContain('Write a reason');
  expect((await post(undo, { reason: 'two people' })).html).toContain('separate again');
  expect((await pedel.storage.accounts.findByLogin('r0000072'))?.id).toBe('account-Gone');
  // then what one entry gave is split off a merged one
  expect((await post(`${at}/merge`, { other: 'r0000072', reason: 'once more' })).html).toContain('are now one');
  const shown = await post(`${at}/split`, { action: 'show', entries: 'csv:k:2', reason: '' });
  expect(shown.html).toMatch(/The new account gets[\s\S]*r0000072[\s\S]*This account keeps[\s\S]*r0000071/);
  expect((await pedel.storage.accounts.findByLogin('r0000072'))?.id).toBe('account-Keep');
  for (const entries of ['csv:k1\ncsv:k:2', 'csv:other', ''])
    expect((await post(`${at}/split`, { action: 'split', entries, reason: 'x' })).status).toBe(422);
  const split = await post(`${at}/split`, { action: 'split', entries: 'csv:k:2', reason: 'two people' });
  expect(split.html).toContain('This is the new account');
  const fresh = (await pedel.storage.accounts.findByLogin('r0000072'))?.id ?? '';
  expect(fresh).not.toBe('account-Keep');
  // which is undone by merging both again; an account without number or address is known by its id
  expect((await post(`${at}/merge`, { other: fresh, reason: 'one after all' })).html).toContain('are now one');
  expect((await pedel.storage.accounts.findByLogin('r0000072'))?.id).toBe('account-Keep');
});

test('somebody who has not signed in lately merges nobody before signing in once more', async () => {
  const { browser } = await signedIn('people-administrator', ['vives', 'thomasmore']);
  const affiliations = [{ organisation: 'vives', role: 'student', source: 'csv' }];
  await pedel.person('Second', [], { userNumbers: ['r0000073'], affiliations });
  const later = Date.now() + 10 * 60_000;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => later);
  try {
    const asked = new URLSearchParams({ other: 'r0000073', reason: 'late' });
    const answer = await browser.post(`${pedel.issuer}/admin/people/account-Keep/merge`, asked);
    expect(answer.url).not.toContain('/admin/people');
  } finally {
    clock.mockRestore();
  }
  expect((await pedel.storage.accounts.findById('account-Second'))?.merged).toBeUndefined();
});
