/** When too many passwords wait: who is turned away at the door, and that nothing is lost. */
import { afterEach, expect, test } from '@jest/globals';
import { counted } from '../support/activation.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atLeuven, atVives, typePassword } from './people.ts';

afterEach(closeAll);

test('a sign-in that would wait too long is refused before anything is read, counted or stored', async () => {
  const calls: Record<string, number> = {};
  const web = await startWeb();
  const { accounts, attempts } = web.storage;
  const busy = await startWeb({ accounts: counted(accounts, calls), attempts: counted(attempts, calls) });
  await accounts.insert(atLeuven());
  busy.hashingCalls.full = ['others'];
  const browser = browserOf(busy);
  const path = busy.begin();
  let loaded = 0;
  const get = busy.open.get.bind(busy.open);
  busy.open.get = (uid) => {
    loaded += 1;
    return get(uid);
  };
  for (let n = 0; n < 30; n += 1) {
    const refused = await typePassword(browser, path, 'u0000001');
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '12']);
  }
  expect([calls, loaded, busy.hashingCalls.verify, busy.proofs]).toEqual([{}, 0, 0, []]);
  busy.hashingCalls.full = [];
  expect((await typePassword(browser, path, 'u0000001')).status).toBe(303);
});

test('the page goes back to the sign-in by itself, without script, and the login is still there; the password is not', async () => {
  const web = await startWeb();
  web.hashingCalls.full = ['others'];
  const browser = browserOf(web);
  const path = web.begin();
  await browser.get('/?lang=en');
  const refused = await typePassword(browser, path, 'lies.claes@kuleuven.be', 'a secret');
  expect(refused.headers.get('Refresh')).toBe(`12; url=${path}`);
  expect(refused.body).toContain('In 12 seconds this page goes back to your sign-in by itself.');
  expect(refused.body).toContain(`href="${path}"`);
  expect(refused.body).not.toContain('a secret');
  const again = await browser.get(path);
  expect(again.body).toContain('value="lies.claes@kuleuven.be"');
  // of this sign-in, and in this browser only
  expect((await browser.get(web.begin())).body).not.toContain('lies.claes');
  expect((await browserOf(web).get(path)).body).not.toContain('lies.claes');
});

test('in Dutch it says the same', async () => {
  const web = await startWeb();
  web.hashingCalls.full = ['others'];
  const browser = browserOf(web);
  const refused = await typePassword(browser, web.begin(), 'u0000001');
  expect(refused.body).toContain('Over 12 seconden keer je vanzelf terug naar je aanmelding.');
});

test('a queue that filled up after the door gives the try back, and shows the same page', async () => {
  const web = await startWeb();
  await web.storage.accounts.insert(atLeuven());
  web.hashingCalls.busy = true;
  const path = web.begin();
  for (let n = 0; n < 12; n += 1) {
    const refused = await typePassword(browserOf(web), path, 'u0000001');
    expect([refused.status, refused.headers.get('Refresh')]).toEqual([503, `5; url=${path}`]);
  }
  web.hashingCalls.busy = false;
  expect((await typePassword(browserOf(web), web.begin(), 'u0000001')).status).toBe(303);
});

test('a browser that signed in before has room of its own, and a made-up cookie none', async () => {
  const web = await startWeb();
  await web.storage.accounts.insert(atLeuven());
  const owner = browserOf(web);
  await typePassword(owner, web.begin(), 'u0000001');
  web.hashingCalls.full = ['others'];
  expect((await typePassword(owner, web.begin(), 'u0000001')).status).toBe(303);
  expect(web.hashingCalls.lanes.at(-1)).toBe('known');
  const stranger = browserOf(web);
  stranger.cookies.set('pedel_device', 'leuven-1.1.madeup.AAAA');
  expect((await typePassword(stranger, web.begin(), 'u0000001')).status).toBe(503);
  web.hashingCalls.full = ['known', 'others'];
  expect((await typePassword(owner, web.begin(), 'u0000001')).status).toBe(503);
});

test('whoever is half-way through goes on: the second factor, cancelling, and a new start', async () => {
  const web = await startWeb();
  const { account, code } = atVives(web);
  await web.storage.accounts.insert(account);
  const browser = browserOf(web);
  const path = web.begin();
  await typePassword(browser, path, 'r0011111');
  web.hashingCalls.full = ['known', 'others', 'slowed'];
  expect((await browser.post(path, { code: code(), action: 'verify' })).status).toBe(303);
  expect(web.logins).toHaveLength(1);
  for (const action of ['cancel', 'start-over'])
    expect((await browserOf(web).post(web.begin(), { action })).status).toBe(303);
});

test('who begins in a browser of which nothing is known waits before typing a password; the address is the same afterwards', async () => {
  const web = await startWeb();
  await web.storage.accounts.insert(atLeuven());
  const owner = browserOf(web);
  await typePassword(owner, web.begin(), 'u0000001');
  web.hashingCalls.full = ['others'];
  const begin = '/auth?client_id=toledo&state=a%3Bb';
  const stranger = browserOf(web);
  const refused = await stranger.get(`${begin}&lang=en`);
  expect([refused.status, refused.headers.get('Retry-After'), refused.headers.get('Refresh')]).toEqual([
    503,
    '12',
    '12',
  ]);
  expect(refused.body).toContain('In 12 seconds this page tries by itself to go on to the sign-in.');
  expect(refused.body).toContain('href="/auth?client_id=toledo&amp;state=a%3Bb&amp;lang=en"');
  // neither a known browser, nor one with a session, nor a silent request, which wants no page, nor one that was pushed: it
  // would be gone by then
  const pushed = '/auth?client_id=toledo&request_uri=urn:ietf:params:oauth:request_uri:x';
  expect((await stranger.get(pushed)).status).not.toBe(503);
  expect((await owner.get(begin)).status).not.toBe(503);
  expect((await stranger.get(`${begin}&prompt=none`)).status).not.toBe(503);
  stranger.cookies.set('pedel_session', 'x');
  expect((await stranger.get(begin)).status).not.toBe(503);
  web.hashingCalls.full = [];
  expect((await browserOf(web).get(begin)).status).not.toBe(503);
});

test('a browser that signed in before waits before typing a password only where its own room is full', async () => {
  const web = await startWeb();
  await web.storage.accounts.insert(atLeuven());
  const owner = browserOf(web);
  await typePassword(owner, web.begin(), 'u0000001');
  owner.cookies.delete('pedel_session');
  web.hashingCalls.full = ['others', 'slowed'];
  expect((await owner.get('/auth?client_id=toledo')).status).not.toBe(503);
  web.hashingCalls.full = ['known'];
  expect((await owner.get('/auth?client_id=toledo')).status).toBe(503);
  expect((await browserOf(web).get('/auth?client_id=toledo')).status).not.toBe(503);
});

test('rule 2: who has a passkey begins at once, however many passwords wait', async () => {
  const web = await startWeb();
  web.hashingCalls.full = ['known', 'others', 'slowed'];
  for (const begin of ['/auth', '/auth?client_id=toledo&state=a%3Bb', '/auth?client_id=toledo&way=in']) {
    const waiting = await browserOf(web).get(begin);
    const [, href = ''] = /id="passkey" href="([^"]*)"/.exec(waiting.body) ?? [];
    const path = href.replaceAll('&amp;', '&');
    expect([waiting.status, path]).toEqual([503, `${begin}${begin.includes('?') ? '&' : '?'}way=passkey`]);
    expect((await browserOf(web).get(path)).status).not.toBe(503);
  }
  expect((await browserOf(web).get('/auth?way=passkeys&way=code')).status).toBe(503);
});
