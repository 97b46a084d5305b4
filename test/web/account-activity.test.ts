/** What happened to an account, told to its owner: sentences, failures, pages, and nothing of anybody else. About 3 s with a browser. */
import { afterEach, expect, test } from '@jest/globals';
import type { AuditEntry } from '../../src/domain/ports/audit-log.ts';
import { anAccount } from '../support/account.ts';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const PAGE = '/account/activity';
const DAY = 86_400_000;

type Written = Parameters<Awaited<ReturnType<typeof startWeb>>['storage']['auditLog']['append']>[0];

async function house() {
  const stub = stubSessions();
  const web = await startWeb({
    sessions: stub.sessions,
    networks: [{ name: 'campus <b>Kortrijk</b>', cidrs: ['10.1.0.0/16'], limits: {} }],
  });
  const account = anAccount({ activatedAt: 1, language: 'en' });
  await web.storage.accounts.insert(account);
  await web.storage.accounts.insert(anAccount({ id: 'other', userNumbers: ['r2'], emails: [] }));
  const metadata = { client_name: 'Toledo & co', 'client_name#nl': 'Toledo en co', redirect_uris: [] };
  await web.storage.clients.put({ id: 'toledo', revision: 1, secrets: [], createdAt: 1, updatedAt: 1, metadata }, 0);
  stub.open.set('mine', { uid: 'mine', accountId: account.id, amr: ['pwd'], authTime: 1, epoch: 1 });
  const browser = browserOf(web);
  browser.cookies.set('stub', 'mine');
  let count = 0;
  const happened = async (entry: Partial<AuditEntry>, ago = 0) => {
    count += 1;
    const actor = { kind: 'person', id: account.id } as const;
    const at = web.clock.now - ago;
    await web.storage.auditLog.append({ id: `e${count}`, at, actor, subject: account.id, ...entry } as Written);
  };
  return { web, browser, account, happened };
}

const inText = (html: string) =>
  html
    .replace(/^[\s\S]*<main/, '')
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ');

test('sign-ins, failures and changes are sentences with how, where and when, the newest day first', async () => {
  const { browser, happened } = await house();
  const failed = { place: 'sign-in', factor: 'password', outcome: 'wrong', browser: 'other', nth: '20' };
  await happened({ action: 'sign-in', client: 'toledo', network: '10.1.2.3', details: { amr: 'pwd', with: 'totp' } });
  await happened(
    { action: 'sign-in.failed', actor: { kind: 'anonymous' }, network: '203.0.113.9', details: failed },
    DAY,
  );
  await happened({ action: 'factor.added', details: { kind: 'totp', factor: 't1' } }, 2 * DAY);
  const { body } = await browser.get(`${PAGE}?lang=en`);
  const text = inText(body);
  expect(text).toContain(
    'today Signed in Toledo &amp; co · authenticator app · campus &lt;b&gt;Kortrijk&lt;/b&gt; 11:00',
  );
  expect(text).toContain(
    'yesterday A sign-in failed password · 20 times that day · browser that you never signed in with · network 203.0.113.9',
  );
  expect(text).toContain('19 September A second step was added');
  expect(text.indexOf('today')).toBeLessThan(text.indexOf('yesterday'));
  expect(inText((await browser.get(`${PAGE}?lang=nl`)).body)).toContain('vandaag Aangemeld Toledo en co');
});

test('who else acted is told, and what another version wrote has a sentence too', async () => {
  const { browser, happened } = await house();
  await happened({ action: 'role.granted', actor: { kind: 'person', id: 'other' }, details: { role: 'owner' } });
  await happened({ action: 'of.tomorrow', details: { what: '<i>' } });
  const text = inText((await browser.get(PAGE)).body);
  expect(text).toContain('You got a role in the administration by the administration');
  expect(text).toContain('Something in your account was changed');
});

test('what the service desk did, and which browser is trusted, is told in sentences for the person', async () => {
  const { browser, happened } = await house();
  const actor = { kind: 'person' as const, id: 'other', roles: ['desk vives'] };
  const checked = { fact: 'birth-date', verdict: 'wrong' };
  await happened({ action: 'desk.identity-checked', actor, details: checked });
  await happened({ action: 'desk.act-asked', actor, details: { act: 'pass' } });
  await happened({ action: 'account.suspended', actor, details: { kind: 'security', until: '' } });
  await happened({ action: 'browser.trusted' });
  const text = inText((await browser.get(`${PAGE}?lang=en`)).body);
  expect(text).toContain('The service desk checked who was asking birth date · wrong');
  expect(text).toContain('The service desk asked a colleague to agree to something Give a pass for 1 hour');
  expect(text).toContain('Your account was closed for a while by the service desk');
  expect(text).toContain('A browser was trusted');
  const dutch = inText((await browser.get(`${PAGE}?lang=nl`)).body);
  expect(dutch).toContain('De servicedesk ging na wie het vroeg geboortedatum · fout');
  expect(dutch).not.toMatch(/birth-date|verdict|other/);
});

test('nothing of anybody else, nothing older than 90 days, no legal hold, nothing sealed', async () => {
  const { browser, happened } = await house();
  await happened({ subject: 'other', action: 'password.changed' });
  await happened({ action: 'password.reset' }, 91 * DAY);
  await happened({ action: 'account.held', actor: { kind: 'person', id: 'other' } });
  const text = inText((await browser.get(PAGE)).body);
  expect(text).toContain('Nothing happened');
  await happened({ action: 'person.changed', sealedValues: 'sealed-values' });
  expect((await browser.get(PAGE)).body).not.toContain('sealed-values');
});

test('pages miss nothing and repeat nothing; a place that is none begins anew', async () => {
  const { browser, happened } = await house();
  for (let index = 0; index < 30; index += 1)
    await happened({ action: 'sign-in', client: `c-${index}-` }, index * 1000);
  const first = (await browser.get(PAGE)).body;
  const [, next = ''] = /href="([^"]*before=[^"]*)"/.exec(first) ?? [];
  const second = (await browser.get(next.replaceAll('&amp;', '&'))).body;
  const seen = `${first}${second}`;
  for (let index = 0; index < 30; index += 1) expect(seen.split(`c-${index}-`)).toHaveLength(2);
  expect(second).not.toContain('Older');
  expect((await browser.get(`${PAGE}?before=nonsense`)).body).toContain('c-0-');
  expect((await browser.get(`${PAGE}?before=${'1'.repeat(400)}`)).status).toBe(400);
});

test('who is not signed in is sent to sign in', async () => {
  const { web } = await house();
  expect((await browserOf(web).get(PAGE)).status).toBe(303);
});

describeInBrowser('activity in a browser', () => {
  test('axe finds nothing and nothing scrolls sideways, on a phone', async () => {
    const { web, happened } = await house();
    await happened({ action: 'sign-in', client: 'toledo', details: { amr: 'pwd', with: 'totp' } });
    await happened({ action: 'second-factor-refused', actor: { kind: 'anonymous' }, network: '2001:db8::1' });
    const { page, context } = await visitor();
    await context.addCookies([{ name: 'stub', value: 'mine', url: web.url }]);
    await page.goto(`${web.url}${PAGE}?lang=nl`);
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  }, 60_000);
});
