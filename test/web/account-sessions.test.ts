/** The page of sessions on the account. Under 1 s. */
import { afterEach, expect, test } from '@jest/globals';
import { anAccount } from '../support/account.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const PAGE = '/account/sessions';
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

async function house() {
  const stub = stubSessions();
  const ended: string[] = [];
  const session = { amr: ['pwd'], clients: ['toledo', 'gone'] };
  const web = await startWeb({
    sessions: stub.sessions,
    openSessions: {
      list: async () => {
        const since = web.clock.now - 3_600_000;
        return [
          { ...session, uid: 'other', since: since - 86_400_000, usedAt: since, place: { agent: iphone } },
          { ...session, uid: 'mine', since, place: { agent: chrome, network: 'campus Kortrijk' } },
          { ...session, uid: 'odd', since: since - 40 * 86_400_000, place: { agent: '<b>x</b>' }, clients: [] },
        ];
      },
      end: async (accountId, uid) => ended.push(`${accountId} ${uid}`) > 0 && uid === 'other',
      endOthers: async (accountId, uid) => ended.push(`${accountId} all but ${uid}`),
    },
  });
  const account = anAccount({ activatedAt: 1, language: 'en' });
  await web.storage.accounts.insert(account);
  const metadata = { client_name: 'Toledo & co', redirect_uris: ['https://toledo.example/back'] };
  await web.storage.clients.put({ id: 'toledo', revision: 1, secrets: [], createdAt: 1, updatedAt: 1, metadata }, 0);
  stub.open.set('mine', { uid: 'mine', accountId: account.id, amr: ['pwd'], authTime: 1, epoch: 0 });
  const browser = browserOf(web);
  browser.cookies.set('stub', 'mine');
  return { web, account, browser, ended };
}

test('sessions are told in words, this one first, and end by one press', async () => {
  const { browser, account, ended } = await house();
  const { body } = await browser.get(PAGE);
  const text = body.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
  expect(text).toContain('Chrome on Windows This browser campus Kortrijk · since today 10:00 · Toledo &amp; co');
  expect(text).toContain('Safari on iOS since yesterday 10:00 · last used today 10:00 · Toledo &amp; co');
  expect(text).toContain('Unknown browser since 12 August 10:00');
  expect(body.indexOf('Chrome on Windows')).toBeLessThan(body.indexOf('Safari on iOS'));
  expect(body).not.toContain('<b>x');
  expect((await browser.post(PAGE, { action: 'end', session: 'other' })).location).toBe(`${PAGE}?done=session-ended`);
  expect((await browser.post(PAGE, { action: 'end', session: 'nobody’s' })).location).toBe(PAGE);
  expect((await browser.post(PAGE, { action: 'end', session: 'mine' })).location).toBe(PAGE);
  expect((await browser.post(PAGE, { action: 'end-others' })).location).toBe(`${PAGE}?done=others-ended`);
  expect(ended).toEqual([`${account.id} other`, `${account.id} nobody’s`, `${account.id} all but mine`]);
  expect((await browser.get(`${PAGE}?lang=nl`)).body).toContain('Waar je aangemeld bent');
});

test('without a session, or from another site, nothing is shown or ended', async () => {
  const { browser, web, ended } = await house();
  expect((await browserOf(web).get(PAGE)).status).toBe(303);
  await browserOf(web).post(PAGE, { action: 'end-others' });
  const elsewhere = { origin: 'https://evil.example' };
  expect((await browser.post(PAGE, { action: 'end-others' }, elsewhere)).status).toBe(403);
  expect(ended).toEqual([]);
});
