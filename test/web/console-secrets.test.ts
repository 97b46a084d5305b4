/** The page of an application's secrets: shown once, in use, retired; and nobody gets more by sending a form again. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel.close();
});

async function register(id: string, change: Partial<ClientRecord> = {}): Promise<void> {
  const metadata = {
    client_name: 'Toledo',
    redirect_uris: ['https://toledo.example/back'],
    contacts: ['it@example.edu'],
  };
  const first = { id: 'first', hash: hashClientSecret('x'.repeat(40)), createdAt: Date.now() - 400 * DAY };
  const record = { id, revision: 1, metadata, secrets: [first], createdAt: 0, updatedAt: 0, ...change };
  expect(await pedel.storage.clients.put(record, 0)).toBe(true);
}
async function administrator(name: string, roles: Parameters<TestConsole['person']>[1] = ['owner']) {
  const login = await pedel.person(name, roles);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin`);
  await pedel.signIn(browser, login);
  return { browser, login };
}
/** A form that the browser sends, beside the page that it shows. */
async function postAs({ cookies }: HttpVisitor, path: string, fields: Record<string, string>): Promise<string> {
  const cookie = [...cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
  const headers = { cookie, 'sec-fetch-site': 'same-origin', 'accept-language': 'en' };
  return (await fetch(pedel.issuer + path, { method: 'POST', headers, body: new URLSearchParams(fields) })).text();
}
const secretsOf = async (id: string) => (await pedel.storage.clients.find(id))?.secrets ?? [];
const shownIn = (browser: HttpVisitor) => /<code id="secret"[^>]*>([^<]*)</.exec(browser.page().html)?.[1];
const audited = async (client: string) =>
  (await pedel.storage.auditLog.page({ client }, undefined, 99)).map(({ action, actor }) => `${action} ${actor.id}`);

test('a new secret is shown in the answer to its form, once: not on reload, not on the page, not in the log', async () => {
  await register('wiki');
  const { browser } = await administrator('Ada');
  await browser.open('/admin/applications/wiki/secrets');
  await browser.press('add', { name: 'New server', life: '90-days' });
  const secret = shownIn(browser) ?? '';
  expect(secret).toMatch(/^pedel_cs_[\w-]{43}$/);
  expect(browser.page().headers.get('cache-control')).toBe('no-store');
  const [made] = await secretsOf('wiki');
  expect(made).toMatchObject({
    hash: hashClientSecret(secret),
    name: 'New server',
    by: { kind: 'person', id: 'account-Ada' },
  });

  await browser.reload();
  expect(browser.page().html).toContain('The secret “New server” was added, and was shown');
  expect(browser.page().html).not.toContain(secret);
  await browser.open('/admin/applications/wiki/secrets');
  expect(browser.page().html).not.toContain(secret);
  expect(browser.page().html).toContain('Ada');
  expect(await secretsOf('wiki')).toHaveLength(2);
  expect(await audited('wiki')).toEqual(['client.secret-added account-Ada']);
  expect(JSON.stringify([pedel.logged, await pedel.storage.clients.find('wiki')])).not.toContain(secret.slice(9));
});

test('a double click makes one secret, and one of the two answers has it', async () => {
  await register('twice');
  const { browser } = await administrator('Bea');
  await browser.open('/admin/applications/twice/secrets');
  const once = /name="once" value="([^"]*)"/.exec(browser.page().html)?.[1] ?? '';
  const post = async () => {
    const html = await postAs(browser, '/admin/applications/twice/secrets', { once, name: 'x', life: 'none' });
    return html.includes('pedel_cs_') ? 'shown' : html.includes('was added, and was shown') ? 'was shown' : html;
  };
  expect((await Promise.all([post(), post(), post()])).sort()).toEqual(['shown', 'was shown', 'was shown']);
  expect(await secretsOf('twice')).toHaveLength(2);
});

test('one in use is retired only with the button that says so, also where it was first used since the page was opened', async () => {
  await register('used', {
    secrets: [
      { id: 'a', hash: 'h', createdAt: 0, name: 'Old' },
      { id: 'b', hash: 'h', createdAt: 0, name: 'New' },
    ],
  });
  const { browser } = await administrator('Cis');
  await browser.open('/admin/applications/used/secrets/a');
  expect(browser.page().html).not.toContain('Retire secret anyway');
  await pedel.storage.clientUses.note([{ client: 'used', of: 'a', hour: Date.now() - (Date.now() % HOUR) }]);
  await browser.press('retire');
  expect([browser.page().status, await secretsOf('used')]).toMatchObject([422, { length: 2 }]);
  expect(browser.page().html).toContain('It was used in the last 24 hours.');
  await browser.press('retire');
  expect(pathOf(browser)).toBe('/admin/applications/used/secrets?done=retired');
  expect((await secretsOf('used')).map(({ name }) => name)).toEqual(['New']);

  await browser.open('/admin/applications/used/secrets/b');
  expect(browser.page().html).toContain('It is the only secret that works.');
  await browser.press('rename', { name: 'Only one' });
  expect(browser.page().html).toContain('The name is saved.');
  expect(await audited('used')).toHaveLength(2);
});

test('adding and retiring ask for a sign-in of the last five minutes, and nothing typed is lost', async () => {
  await register('recent');
  const { browser, login } = await administrator('Dea');
  await browser.open('/admin/applications/recent/secrets');
  pedel.wait(6 * 60);
  await browser.press('add', { name: 'Later', life: 'none' });
  expect(await secretsOf('recent')).toHaveLength(1);
  await pedel.signIn(browser, login);
  expect(headingOf(browser)).toBe('Add secret');
  const path = '/admin/applications/recent/secrets';
  expect(browser.page().html).toContain(`<form method="post" action="${path}"`);
  const kept = browser.hiddenFields(pedel.issuer + path) ?? {};
  expect(await postAs(browser, path, kept)).toMatch(/<code id="secret"[^>]*>pedel_cs_/);
  expect((await secretsOf('recent'))[0]?.name).toBe('Later');
  pedel.wait(6 * 60);
  await browser.open('/admin/applications/recent/secrets/first');
  await browser.press('retire');
  expect(await secretsOf('recent')).toHaveLength(2);
});

test('an administrator gets no secret of a service that has a higher role', async () => {
  await register('robot');
  const { browser } = await administrator('Gil', ['client-administrator']);
  await browser.open('/admin/applications/robot/secrets');
  await pedel.grant({ kind: 'client', id: 'robot' }, ['owner']);
  await browser.press('add', { name: 'mine', life: 'none' });
  expect([browser.page().status, await secretsOf('robot')]).toMatchObject([403, { length: 1 }]);
});

test('what cannot be is said beside the form, with what was typed', async () => {
  await register('full', {
    secrets: ['a', 'b', 'c', 'd'].map((id) => ({ id, hash: 'h', createdAt: 0, name: id })),
  });
  const { browser } = await administrator('Eva');
  const page = '/admin/applications/full/secrets';
  await browser.open(page);
  await browser.press('add', { name: 'B', life: '2-years' });
  expect(browser.page().status).toBe(422);
  expect(browser.page().html).toContain('This name is taken.');
  expect(browser.page().html).toMatch(/value="2-years" selected/);
  await browser.press('add', { name: '<script>\u202e', life: '2-years' });
  expect(browser.page().html).toContain('Type a name.');
  await browser.press('add', { name: '<b>e</b>', life: '2-years' });
  expect(browser.page().html).toContain('&lt;b&gt;e&lt;/b&gt;');
  await browser.open(page);
  expect(browser.page().html).toContain('at most 5 secrets');
  expect(browser.page().html).not.toContain('id="add"');
  await register('public', { metadata: { token_endpoint_auth_method: 'none' }, secrets: [] });
  await browser.open('/admin/applications/public/secrets');
  expect(browser.page().html).toContain('No secret is needed');
  for (const wrong of ['full/secrets/zzz', 'full/secrets/a%00', 'nobody/secrets', 'full/secrets/../x'])
    expect([wrong, (await browser.open(`/admin/applications/${wrong}`)).status]).toEqual([wrong, 404]);
});

describeInBrowser('in a browser', () => {
  test.each(['nl', 'en'])('without script, wide and on a telephone, in light and dark: %s', async (language) => {
    const id = `shown-${language}`;
    const now = Date.now();
    await register(id, {
      secrets: [
        {
          id: 'new',
          hash: 'h',
          createdAt: now - 3 * DAY,
          name: 'Productie',
          expiresAt: now + 300 * DAY,
          by: { kind: 'command' },
        },
        {
          id: 'old',
          hash: 'h',
          createdAt: now - 80 * DAY,
          name: 'A very long name of a server in a cluster',
          expiresAt: now + 6 * DAY,
        },
        { id: 'over', hash: 'h', createdAt: now - 500 * DAY, name: 'Test', expiresAt: now - DAY },
        { id: 'none', hash: 'h', createdAt: now - 900 * DAY },
      ],
    });
    await pedel.storage.clientUses.note([{ client: id, of: 'old', hour: now - (now % HOUR) - 2 * HOUR }]);
    const { browser } = await administrator(`Fem${language}`);
    const { context, page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
    const host = new URL(pedel.issuer).hostname;
    await context.addCookies(
      [...browser.cookies].map(([key, value]) => {
        const [, name = '', path = '/'] = key.split(' ');
        return { name, value, path, domain: host };
      }),
    );
    const faults: string[] = [];
    const look = async (name: string) => {
      faults.push(...(await accessibilityFaults(page)));
      for (const width of [320, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, width]);
        const { PEDEL_SHOTS: shots } = process.env;
        if (shots !== undefined)
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.screenshot({ path: `${shots}/${name}-${language}-${width}-${colorScheme}.png`, fullPage: true });
          }
      }
    };
    await page.goto(`${pedel.issuer}/admin/applications/${id}/secrets?lang=${language}`);
    await look('list');
    await page.fill('#name', 'Reserve');
    await page.selectOption('#life', 'none');
    await page.press('#name', 'Enter');
    await page.waitForSelector('#secret');
    await look('added');
    await page.goto(`${pedel.issuer}/admin/applications/${id}/secrets/old`);
    await look('one');
    expect(faults).toEqual([]);
    await context.close();
  });
});
