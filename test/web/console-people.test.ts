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
  expect(await open('/admin/people?q=r0999999')).toContain('Nobody is found');
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
  expect(await open('/admin/people?q=vanderm')).toContain('Nobody is found');
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
  expect(page).toContain('Closed because somebody else may be able to sign in');
  expect(page).not.toContain('a secret reason');
});
