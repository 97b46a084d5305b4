/** The console's pages about webhooks: a secret is shown once, a test call tells what came back, and each act is its own right's. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { RoleName } from '../../src/domain/roles/role.ts';
import { headingOf, pathOf, startConsole, type TestConsole } from '../support/console.ts';

let pedel: TestConsole;
let other: Server;
let hook: string;
const received: string[] = [];
beforeAll(async () => {
  pedel = await startConsole({ allowNetworks: ['127.0.0.0/8'] });
  other = createServer((request, response) => {
    received.push(String(request.headers['webhook-signature']));
    response.writeHead(request.url === '/gone' ? 410 : request.url === '/broken' ? 500 : 204).end();
  });
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  hook = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  for (const [id, organisation] of [
    ['wiki', 'vives'],
    ['mail', 'kuleuven'],
  ] as const)
    await pedel.storage.clients.put(
      {
        ...{ id, revision: 1, secrets: [], createdAt: 1, updatedAt: 1 },
        metadata: { client_name: id, redirect_uris: ['https://a.example/cb'], pedel_organisation: organisation },
      },
      0,
    );
});
afterAll(async () => {
  jest.useRealTimers();
  other.close();
  await pedel.close();
});

let named = 0;
async function signedIn(role: RoleName, organisations: 'association' | string[] = 'association') {
  named += 1;
  const name = `${role}${named}`;
  const login = await pedel.person(name, [], { emails: [`${name}@example.org`] });
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role, organisations }]);
  const browser = pedel.browser();
  await browser.open(`${pedel.issuer}/admin/webhooks`);
  await pedel.signIn(browser, login);
  return { browser, open: (path: string) => browser.open(`${pedel.issuer}${path}`), name };
}
const html = ({ browser }: Awaited<ReturnType<typeof signedIn>>) => browser.page().html;
const secretOn = (page: string) => /<code id="secret"[^>]*>([^<]+)</.exec(page)?.[1];
const stored = async () => (await pedel.storage.webhooks.list(undefined, 99)).at(-1);
const entries = async (action: string) => pedel.storage.auditLog.page({ action }, undefined, 99);
const fields = { url: '', events: '*', contact: 'crm@example.org', note: 'The CRM' };

async function added(by: Awaited<ReturnType<typeof signedIn>>, change: Record<string, string> = {}) {
  await by.open('/admin/webhooks/new');
  const page = await by.browser.press('add', { ...fields, url: `${hook}/ok`, ...change });
  const id = /href="\/admin\/webhooks\/([0-9a-f-]{36})"/.exec(page.html)?.[1];
  return { id: id ?? '', secret: secretOn(page.html) ?? '' };
}

describe('a webhook that is added', () => {
  test('shows its secret in that answer and in no other; the same form sent again makes no second one', async () => {
    const owner = await signedIn('owner');
    await owner.open('/admin/webhooks');
    expect(html(owner)).toContain('No other system hears anything yet');
    const { secret, id } = await added(owner);
    expect(secret).toMatch(/^whsec_/);
    const again = (await owner.browser.reload()).html;
    expect([secretOn(again), again.includes('its secret was shown then')]).toEqual([undefined, true]);
    expect(await pedel.storage.webhooks.list(undefined, 99)).toHaveLength(1);
    await owner.open(`/admin/webhooks/${id}`);
    expect([html(owner).includes(secret), headingOf(owner.browser)]).toEqual([false, new URL(hook).host]);
    await owner.open('/admin/webhooks');
    expect(html(owner)).toMatch(/The CRM[\s\S]*Association[\s\S]*<code>\*<[\s\S]*Enabled/);
    expect(await entries('webhook.added')).toMatchObject([{ actor: { id: `account-${owner.name}`, via: 'console' } }]);
  });

  test('and is faulty comes back with all that was typed, and every fault beside its field', async () => {
    const owner = await signedIn('owner');
    await owner.open('/admin/webhooks/new');
    const wrong = {
      client: '',
      url: 'https://u:p@crm.example',
      events: 'person.*\nnonsense',
      contact: 'nobody',
      note: 'x',
    };
    const page = (await owner.browser.press('add', wrong)).html;
    for (const sentence of ['Leave out the name and password', 'There is no type “nonsense”', 'Type one email address'])
      expect(page).toContain(sentence);
    for (const typed of ['value="https://u:p@crm.example"', '>person.*\nnonsense<', 'value="nobody"'])
      expect(page).toContain(typed);
  });

  test('needs a sign-in of the last five minutes; the form waits meanwhile', async () => {
    const owner = await signedIn('owner');
    await owner.open('/admin/webhooks/new');
    pedel.wait(600);
    const before = (await pedel.storage.webhooks.list(undefined, 99)).length;
    await owner.browser.press('add', { ...fields, url: 'https://late.example' });
    expect(pathOf(owner.browser)).toMatch(/^\/interaction\//);
    await pedel.signIn(owner.browser, `u-${owner.name.toLowerCase()}`);
    expect(headingOf(owner.browser)).toBe('Add a webhook');
    expect(await pedel.storage.webhooks.list(undefined, 99)).toHaveLength(before);
  });
});

test('the administrator of an application adds, sees and changes its webhooks, and no others', async () => {
  const owner = await signedIn('owner');
  const association = await added(owner);
  const elsewhere = await added(owner, { client: 'mail', events: 'client.*' });
  const administrator = await signedIn('client-administrator', ['vives']);
  await administrator.open('/admin/webhooks');
  expect(html(administrator)).toContain('No other system hears anything yet');
  for (const { id } of [association, elsewhere])
    expect((await administrator.open(`/admin/webhooks/${id}`)).status).toBe(404);
  for (const [client, sentence] of [
    ['', 'Only owners add a webhook of the association'],
    ['mail', 'You administer no application with this client ID'],
  ] as const) {
    await administrator.open('/admin/webhooks/new');
    const page = await administrator.browser.press('add', { ...fields, client, url: `${hook}/ok`, events: 'client.*' });
    expect([client, page.html.includes(sentence)]).toEqual([client, true]);
  }
  const { id } = await added(administrator, { client: 'wiki', events: 'client.*' });
  expect(await pedel.storage.webhooks.find(id)).toMatchObject({ client: 'wiki', events: ['client.*'] });
  await administrator.open(`/admin/webhooks?client=wiki`);
  expect(html(administrator)).toContain('Only those of wiki');
  const auditor = await signedIn('auditor');
  await auditor.open(`/admin/webhooks/${id}`);
  expect(html(auditor)).not.toContain('<button type="submit" name="action"');
});

describe('one webhook', () => {
  test('is tested: the page says what came back, and a private address that is not allowed is not reached', async () => {
    const owner = await signedIn('owner');
    const answers = [
      [`${hook}/ok`, 'It accepted the message, with status 204.'],
      [`${hook}/broken`, 'it answered 500'],
      [`${hook}/gone`, 'it is gone (410)'],
      ['https://192.168.1.1/', 'It did not answer.'],
    ] as const;
    for (const [url, sentence] of answers) {
      const { id } = await added(owner, { url });
      await owner.open(`/admin/webhooks/${id}`);
      const page = await owner.browser.press('test');
      expect([url, page.html.includes(sentence)]).toEqual([url, true]);
    }
    expect(received).toHaveLength(3);
    expect((await entries('webhook.tested')).length).toBe(4);
  });

  test('gets a new secret, is changed and switched; a page that is older than the last change changes nothing', async () => {
    const owner = await signedIn('owner');
    const { id, secret } = await added(owner);
    await owner.open(`/admin/webhooks/${id}`);
    const old = owner.browser.twin();
    await old.open(`${pedel.issuer}/admin/webhooks/${id}`);
    const rotated = secretOn((await owner.browser.press('rotate')).html);
    expect([rotated?.startsWith('whsec_'), rotated === secret]).toEqual([true, false]);
    const stale = await old.press('disable');
    expect([stale.status, stale.html.includes('Somebody changed this webhook meanwhile')]).toEqual([409, true]);
    await owner.open(`/admin/webhooks/${id}`);
    expect(html(owner)).toContain('The secret before it signs too until');
    await owner.browser.press('change', { ...fields, url: `${hook}/new`, events: 'role.*, person.*' });
    expect(html(owner)).toContain('The changes are saved.');
    await owner.browser.press('disable');
    expect(html(owner)).toContain('Somebody disabled it.');
    await owner.browser.press('enable');
    expect(await stored()).toBeDefined();
    expect(await pedel.storage.webhooks.find(id)).toMatchObject({
      ...{ revision: 5, state: 'enabled', url: `${hook}/new`, events: ['person.*', 'role.*'] },
    });
  });

  test('that was given up says why, and is enabled again; its end is asked once more and leaves nothing', async () => {
    const owner = await signedIn('owner');
    const { id } = await added(owner);
    const webhook = await pedel.storage.webhooks.find(id);
    if (webhook === undefined) throw new Error(id);
    const disabled = { at: Date.now(), because: 'gave-up' as const };
    await pedel.storage.webhooks.put({ ...webhook, revision: 2, state: 'disabled', disabled }, 1);
    await owner.open(`/admin/webhooks/${id}?lang=nl`);
    expect(html(owner)).toContain('Er kwam drie dagen niets aan.');
    await owner.open(`/admin/webhooks/${id}?lang=en`);
    await owner.browser.press('enable');
    expect(html(owner)).toContain('The webhook is enabled.');
    await owner.open(`/admin/webhooks/${id}/end`);
    expect(await pedel.storage.webhooks.find(id)).toBeDefined();
    await owner.browser.press('end');
    expect([pathOf(owner.browser), await pedel.storage.webhooks.find(id)]).toEqual([
      '/admin/webhooks?done=deleted',
      undefined,
    ]);
    expect((await owner.open(`/admin/webhooks/${id}`)).status).toBe(404);
  });
});
