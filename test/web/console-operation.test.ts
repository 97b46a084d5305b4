/** The pages for those who run Pedel: what they tell, to whom, and that what they do is audited. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

let named = 0;
/** A browser in which somebody with this role is signed in. */
async function signedIn(role: RoleName) {
  named += 1;
  const login = await pedel.person(`${role}${named}`, [role]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  const open = async (path: string) => {
    await browser.open(`${pedel.issuer}${path}`);
    return browser.page().status;
  };
  return { browser, open, id: `account-${role}${named}` };
}
const actions = async (action: string) => pedel.storage.auditLog.page({ action }, undefined, 99);

test('an owner sees every page, in Dutch too; whoever has no business there is answered as if it did not exist', async () => {
  const owner = await signedIn('owner');
  const pages = {
    '/admin/audit': 'Audit log',
    '/admin/deliveries': 'Deliveries',
    '/admin/keys': 'Signing keys',
    '/admin/organisations': 'Organisations',
    '/admin/health': 'Health',
  };
  for (const [path, heading] of Object.entries(pages))
    expect([path, await owner.open(path), headingOf(owner.browser)]).toEqual([path, 200, heading]);
  expect(owner.browser.page().html).toContain('Nothing is wrong');
  const { html } = owner.browser.page();
  const named = html.match(/<th role="rowheader" scope="row">[^<]+<br><code class="quiet">[a-z-]+<\/code>/g) ?? [];
  expect([named.length > 10, named.length]).toEqual([true, pedel.app.jobs.runs().length]);
  await owner.open('/admin/health?lang=nl');
  expect(headingOf(owner.browser)).toBe('Toestand');
  const desk = await signedIn('desk');
  for (const path of ['/admin/deliveries', '/admin/keys', '/admin/health'])
    expect([path, await desk.open(path)]).toEqual([path, 404]);
  expect(desk.browser.page().html).not.toContain('href="/admin/keys"');
});

describe('the audit log', () => {
  test('is searched by person, actor, application, kind and days, page by page', async () => {
    const owner = await signedIn('owner');
    await pedel.person('Sought');
    const at = Date.UTC(2026, 0, 5, 12);
    const entry = {
      at,
      action: 'client.changed',
      actor: { kind: 'person', id: 'account-Sought' },
      client: 'wiki',
    } as const;
    for (let n = 0; n < 60; n += 1) await pedel.storage.auditLog.append({ id: `s${n}`, ...entry, at: at + n });
    await pedel.storage.auditLog.append({
      ...{ id: 'about', at, action: 'role.granted', actor: { kind: 'system' } },
      ...{ subject: 'account-Sought', details: { role: '<b>desk' } },
    });
    const rows = () => owner.browser.page().html.split('<tr role="row">').length - 2;
    await owner.open('/admin/audit?actor=u-sought');
    expect(rows()).toBe(50);
    expect(owner.browser.page().html).toContain('Sought Peeters · <span class="unbroken">u-sought</span>');
    const next = /href="([^"]+)">Older entries/.exec(owner.browser.page().html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    await owner.open(next);
    expect([rows(), owner.browser.page().html.includes('First page')]).toEqual([10, true]);
    await owner.open('/admin/audit?person=U-SOUGHT');
    expect(owner.browser.page().html).toContain(
      'Granted a role: <strong>Sought Peeters · <span class="unbroken">u-sought</span></strong>',
    );
    expect(owner.browser.page().html).toContain('role: &lt;b&gt;desk');
    await owner.open('/admin/audit?client=wiki&action=client.changed&from=2026-01-05&to=2026-01-05');
    expect(rows()).toBe(50);
    expect(owner.browser.page().html).toContain('<option value="client.changed" selected>Changed an application');
    await owner.open('/admin/audit?client=wiki&from=2026-01-06');
    // days are those of the pages: half past midnight in Brussels is the day before in UTC
    const early = Date.UTC(2026, 0, 7, 23, 30);
    await pedel.storage.auditLog.append({ id: 'early', ...entry, client: 'night', at: early });
    await owner.open('/admin/audit?client=night&from=2026-01-08&to=2026-01-08');
    expect(rows()).toBe(1);
    await owner.open('/admin/audit?client=night&to=2026-01-07');
    expect(rows()).toBeLessThan(1);
    await owner.open('/admin/audit?client=wiki&from=2026-01-06');
    expect(owner.browser.page().html).toContain('Nothing is found');
    expect(await owner.open('/admin/audit?from=5-1-2026')).toBe(400);
    expect(await owner.open(`/admin/audit?before=${encodeURIComponent("1.x'; DROP")}`)).toBe(200);
  });

  test('tells the desk its own acts and nothing else', async () => {
    const desk = await signedIn('desk');
    await pedel.storage.auditLog.append({
      ...{ id: `own ${desk.id}`, at: Date.now(), action: 'reset.mailed', subject: 'account-Other' },
      actor: { kind: 'person', id: desk.id },
    });
    await desk.open('/admin/audit?action=reset.mailed');
    expect(desk.browser.page().html).toContain('<td role="cell">Had a link for a new password mailed');
    await desk.open('/admin/audit?action=client.changed');
    expect(desk.browser.page().html).not.toContain('<td role="cell">Changed an application');
    expect(await desk.open('/admin/audit/export')).toBe(404);
    expect(await (await signedIn('owner')).open('/admin/audit/export')).toBe(200);
  });
});

test('what is refused for want of authority is in the log once an hour for each place, and a refused grant once as such', async () => {
  const auditor = await signedIn('auditor');
  const refusals = async () =>
    (await pedel.storage.auditLog.page({ actor: auditor.id }, undefined, 99))
      .filter(({ action }) => action.endsWith('.refused'))
      .map(({ action, details }) => `${action} ${details?.where ?? ''}`);
  for (const body of [{}, {}]) await auditor.browser.send(`${pedel.issuer}/admin/keys`, body);
  await auditor.browser.send(`${pedel.issuer}/admin/deliveries`, { id: 'x' });
  expect(auditor.browser.page().status).toBe(403);
  await auditor.browser.send(`${pedel.issuer}/admin/roles/new`, { kind: 'person', holder: 'u-x', role: 'desk' });
  expect((await refusals()).sort()).toEqual([
    'authority.refused POST /admin/deliveries',
    'authority.refused POST /admin/keys',
    'role.refused ',
  ]);
});

test('a delivery that is set aside says why and is tried again once, which is audited with who did it in which role', async () => {
  const { outbox } = pedel.storage;
  const now = Date.now();
  const payload = { webhook: 'crm', event: { type: 'client.created' } };
  await outbox.put({ id: 'w"1', kind: 'webhook', payload, createdAt: 1 });
  for (const round of [1, 2, 3]) await outbox.claim('webhook', now + round * 10, now + round * 10 + 1, 9);
  const [owner, other] = [await signedIn('owner'), await signedIn('owner')];
  for (const { open } of [owner, other]) await open('/admin/deliveries?kind=webhook&state=set-aside');
  expect(owner.browser.page().html).toMatch(/client\.created<br><code>crm<[\s\S]*two processes died/);
  await owner.browser.press('retry');
  expect(owner.browser.page().html).toContain('It is tried again now.');
  await other.browser.press('retry');
  expect(other.browser.page().html).toContain('It cannot be tried again');
  expect(await actions('outbox.tried-again')).toMatchObject([
    { actor: { kind: 'person', id: owner.id, roles: ['owner'], via: 'console' }, details: { entry: 'w"1' } },
  ]);
});

test('an email that waits is called by its name, in the language of the page; one of another version by its template', async () => {
  const { outbox } = pedel.storage;
  const createdAt = Date.now() + 86_400_000; // not due: what is tried meanwhile waits no more
  for (const template of ['webhook-disabled', 'of-later<b>'])
    await outbox.put({ id: template, kind: 'letter', payload: { template, to: 'ict@example.edu' }, createdAt });
  const { browser, open } = await signedIn('owner');
  for (const [language, name] of [
    ['en', 'A webhook was switched off'],
    ['nl', 'Een webhook is uitgeschakeld'],
  ]) {
    await open(`/admin/deliveries?lang=${language}`);
    const cells = [...browser.page().html.matchAll(/<td role="cell">([^<]*)</g)].map(([, text]) => text);
    expect(cells).toEqual(expect.arrayContaining([name, 'of-later&lt;b&gt;']));
    expect(browser.page().html).not.toContain('webhook-disabled');
  }
});

test('what was tried with which version is said in the language of the page', async () => {
  const { browser, open } = await signedIn('owner');
  await open('/admin/applications/new?lang=nl');
  expect(browser.page().html).toContain('Uitgeprobeerd, 1.9 met Flask');
  await open('/admin/applications/new/authlib?lang=en');
  expect(browser.page().html).toContain('1.9 with Flask');
});

test('commands in sentences are set as code', async () => {
  const { browser, open } = await signedIn('owner');
  for (const [path, code] of [
    ['keys', 'pedel keys rotate --help'],
    ['organisations', 'pedel config check'],
  ])
    for (const language of ['en', 'nl']) {
      await open(`/admin/${path}?lang=${language}`);
      expect(browser.page().html).toContain(`<code>${code}</code>`);
    }
});

test('no token is asked for while applications cannot register themselves, and it says how that is switched on', async () => {
  const { browser, open } = await signedIn('owner');
  for (const language of ['en', 'nl']) {
    await open(`/admin/registration?lang=${language}`);
    expect(browser.page().html).toContain('<code>dynamicRegistration: { enabled: true }</code>');
    expect(browser.page().html).not.toContain('id="make-token"');
  }
  expect(browser.page().html).not.toContain('Ze komen met een token');
  expect(browser.page().html).not.toContain('Wie er een heeft, registreert toepassingen');
  await open('/admin/registration?lang=en');
  expect(browser.page().html).not.toContain('They come with a token');
  expect(browser.page().html).toContain('What registered itself before, still waits here.');
});

test('keys are rotated only by an owner who has just signed in, and the entry says who', async () => {
  const owner = await signedIn('owner');
  const count = async () => (await pedel.storage.signingKeys.list()).length;
  const before = await count();
  await owner.open('/admin/keys');
  pedel.wait(600);
  await owner.browser.press('rotate');
  expect([pathOf(owner.browser), await count()]).toEqual([expect.stringMatching(/^\/interaction\//), before]);
  const fresh = await signedIn('owner');
  await fresh.open('/admin/keys');
  await fresh.browser.press('rotate');
  expect([pathOf(fresh.browser), (await count()) > before]).toEqual(['/admin/keys?done=rotated', true]);
  const published = (await actions('signing-key.published')).filter(({ actor }) => actor.id === fresh.id);
  expect(published).toHaveLength((await count()) - before);
});
