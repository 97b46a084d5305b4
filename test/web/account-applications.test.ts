/** The page of applications on the account: links, what each knows, and taking it back. About 1 s. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { anAccount } from '../support/account.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const NAME = 'Enquête <b>& co</b>';

async function house() {
  const stub = stubSessions();
  const withdrawn: string[] = [];
  const web = await startWeb({
    sessions: stub.sessions,
    withdraw: async (clientId, accountId) => {
      withdrawn.push(`${clientId} ${accountId}`);
      return false;
    },
  });
  const account = anAccount({ activatedAt: 1, language: 'en', givenName: 'An' });
  await web.storage.accounts.insert(account);
  const metadata = { client_name: NAME, scope: 'openid profile email', redirect_uris: ['https://survey.example/back'] };
  const record = { id: 'survey', revision: 1, secrets: [], createdAt: 1, updatedAt: 1, metadata };
  await web.storage.clients.put(record, 0);
  const consent = { clientId: 'survey', scopes: ['openid', 'profile'], claims: [], resourceScopes: {}, givenAt: 2 };
  await web.storage.consents.add({ ...consent, accountId: account.id });
  stub.open.set('mine', { uid: 'u', accountId: account.id, amr: ['pwd'], authTime: 1, epoch: 0 });
  const browser = browserOf(web);
  browser.cookies.set('stub', 'mine');
  return { web, account, browser, withdrawn };
}

const PAGE = '/account/applications';

describe('applications on the account', () => {
  test('name what each gets, as text, and lead to a page that says what taking it back means', async () => {
    const { browser, web, withdrawn, account } = await house();
    const { body } = await browser.get(PAGE);
    expect(body).toContain('your name and user number');
    expect(body).not.toContain('your email address</li>'); // registered, and never allowed
    expect(body).not.toContain('<b>&');
    expect(body).toContain('Enquête &lt;b&gt;&amp; co');
    const { body: asked } = await browser.get(`${PAGE}/withdraw?client=survey`);
    expect(asked).toContain('it asks for your permission again');
    expect(await web.storage.consents.find(account.id, 'survey')).toBeDefined();
    const done = await browser.post(`${PAGE}/withdraw`, { action: 'withdraw', client: 'survey' });
    expect(done.location).toBe(`${PAGE}?done=taken-back`);
    expect(withdrawn).toEqual([`survey ${account.id}`]);
    expect(await web.storage.consents.find(account.id, 'survey')).toBeUndefined();
    expect((await browser.get(`${PAGE}?done=taken-back`)).body).toContain('It is taken back');
    // the back button, and sent again
    expect((await browser.get(`${PAGE}/withdraw?client=survey`)).location).toBe(PAGE);
    expect((await browser.post(`${PAGE}/withdraw`, { action: 'withdraw', client: 'survey' })).location).toBe(PAGE);
  });

  test('in Dutch the page reads as such', async () => {
    const { browser } = await house();
    const { body } = await browser.get(`${PAGE}?lang=nl`);
    expect(body).toContain('Wat toepassingen over je weten');
    expect(body).toContain('Intrekken');
  });

  test('nothing is shown or taken back without a session, from another site, or of what is not there', async () => {
    const { browser, web, account } = await house();
    const stranger = browserOf(web);
    expect((await stranger.get(PAGE)).status).toBe(303);
    const sent = await stranger.post(`${PAGE}/withdraw`, { action: 'withdraw', client: 'survey' });
    expect(sent.status).toBe(303);
    const elsewhere = { origin: 'https://evil.example' };
    const forged = await browser.post(`${PAGE}/withdraw`, { action: 'withdraw', client: 'survey' }, elsewhere);
    expect(forged.status).toBe(403);
    expect((await browser.get(`${PAGE}/withdraw?client=%F0%9F%92%A9`)).location).toBe(PAGE);
    expect((await browser.get(`${PAGE}/withdraw?client=a%00b`)).status).toBe(400);
    expect(await web.storage.consents.find(account.id, 'survey')).toBeDefined();
  });
});
