/**
 * A form that a browser sends twice (a double click without script), and a page that it opens again, on the real protocol:
 * one sign-in, which continues.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { alumna, closeAll, PASSWORD, postTo, product, titleOf } from '../attack/product.ts';
import { application } from '../oidc/support.ts';
import { until } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';

afterEach(closeAll);

const back = 'https://app.example/back';
const app = application('app', { redirect_uris: [back], client_uri: 'https://app.example/' });
const request = { client_id: 'app', response_type: 'code', redirect_uri: back };
const newBrowser = () =>
  httpVisitor(
    { accept: 'text/html', 'accept-language': 'en' },
    { follow: (url) => url.startsWith('http://localhost') },
  );

test('the same right code twice at once: both answers lead to the application, and one sign-in is in the audit', async () => {
  const seed = newTotpSeed(randomBytes);
  const { storage, stored, sealer, signInUrl } = await product({
    accounts: [alumna('an', 'q0000002')],
    clients: [app],
  });
  const totp = { id: 't', name: 'App', sealedSeed: sealer.seal(seed, 'an', 'totp'), lastStep: 0, createdAt: 1 };
  await storage.accounts.replace({ ...(await stored('an')), totps: [totp], revision: 2 }, 1);
  const browser = newBrowser();
  await browser.open(signInUrl(request));
  await browser.press('sign-in', { login: 'q0000002', password: PASSWORD });
  const { url } = browser.page();
  const fields = { action: 'verify', code: generateSync({ secret: seed }) };
  const answers = await Promise.all([postTo(browser, url, fields), postTo(browser, url, fields)]);

  const on = url.replace(/\/interaction\/([^/?]+).*/, '/auth/$1');
  const seen = answers.map(({ status, headers }) => [status, new URL(headers.get('location') ?? '', url).href]);
  expect(seen).toEqual([
    [303, on],
    [303, on],
  ]);
  // a browser follows the answer to the form that it sent last
  expect((await browser.open(on)).url).toMatch(/^https:\/\/app\.example\/back\?code=/);
  await until(
    async () => ((await stored('an')).effects.length === 0 ? true : undefined),
    () => 'not dispatched',
  );
  expect(await storage.auditLog.page({ action: 'sign-in' }, undefined, 10)).toHaveLength(1);
});

test('the very first form of a browser, twice at once: it goes on, whichever answer is followed', async () => {
  const { signInUrl } = await product({ accounts: [alumna('an', 'q0000002')], clients: [app] });
  const browser = newBrowser();
  await browser.open(signInUrl(request));
  const { url } = browser.page();
  const fields = { action: 'sign-in', login: 'q0000002', password: PASSWORD };
  const answers = await Promise.all([postTo(browser, url, fields), postTo(browser, url, fields)]);
  expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  expect((await browser.open(answers[1]?.headers.get('location') ?? '')).url).toMatch(/^https:\/\/app\.example\/back/);
});

test('a page of a sign-in that is finished, reloaded before the browser went on, leads on', async () => {
  const { signInUrl } = await product({ accounts: [alumna('an', 'q0000002')], clients: [app] });
  const browser = newBrowser();
  await browser.open(signInUrl(request));
  const { url } = browser.page();
  await postTo(browser, url, { action: 'sign-in', login: 'q0000002', password: PASSWORD });
  expect((await browser.open(url)).url).toMatch(/^https:\/\/app\.example\/back\?code=/);
});

describe('a sign-in page that is over', () => {
  const OVER = 'This sign-in is over';
  const foreign = application('survey', {
    redirect_uris: ['https://survey.example/back'],
    client_uri: 'https://survey.example/',
    initiate_login_uri: 'https://survey.example/login?from=us',
    pedel_first_party: false,
  });
  const bare = application('bare', { redirect_uris: [back] });
  const buttonOf = (html: string) => /href="([^"]*)"[^>]*id="go-on"|id="go-on"[^>]*href="([^"]*)"/.exec(html);
  const goOn = (html: string) => (buttonOf(html)?.[1] ?? buttonOf(html)?.[2] ?? '').replaceAll('&amp;', '&');
  const people = { accounts: [alumna('an', 'q0000002')], clients: [app, foreign, bare] };

  test('Back and bookmarks lead who is signed in on to the application, whatever its address was once for', async () => {
    const { address, signInUrl } = await product(people);
    const browser = newBrowser();
    const { url } = await browser.open(signInUrl(request));
    await browser.press('sign-in', { login: 'q0000002', password: PASSWORD });
    for (const path of [url, `${address}/interaction/of-last-year/app`]) {
      expect((await browser.open(path)).url).toBe('https://app.example/');
    }
    // to an application of others nobody is sent without having said so
    const other = await browser.open(`${address}/interaction/of-last-year/survey`);
    expect([other.status, titleOf(other)]).toEqual([400, OVER]);
    const start = new URL(goOn(other.html));
    expect([start.origin + start.pathname, Object.fromEntries(start.searchParams)]).toEqual([
      'https://survey.example/login',
      { from: 'us', iss: address },
    ]);
  });

  test('in another browser it names the application, and has one button', async () => {
    const { address, signInUrl } = await product(people);
    const { url } = await newBrowser().open(signInUrl(request));
    const forwarded = await newBrowser().open(url);
    expect([forwarded.status, titleOf(forwarded)]).toEqual([400, OVER]);
    expect(forwarded.html).toContain('Continue to app');
    expect(goOn(forwarded.html)).toBe('https://app.example/');
    const nowhere = await newBrowser().open(`${address}/interaction/x/bare`);
    expect(nowhere.html).toContain('Go back to bare and start again there.');
    expect(goOn(nowhere.html)).toContain('/auth?client_id=pedel');
    for (const path of ['/interaction/x', '/interaction/x/nobody', '/interaction/x/a%2fb', '/auth/x']) {
      const unknown = await newBrowser().open(address + path);
      expect([path, unknown.status, titleOf(unknown)]).toEqual([path, 400, OVER]);
    }
  });

  test('leads to the request of that application that waits in this browser, and to no other', async () => {
    const { address, signInUrl } = await product(people);
    const browser = newBrowser();
    const { url } = await browser.open(signInUrl(request));
    const old = await browser.open(`${address}/interaction/of-last-year/app`);
    expect(address + goOn(old.html)).toBe(url);
    expect(goOn((await browser.open(`${address}/interaction/of-last-year/bare`)).html)).toContain('/auth?');
    expect(goOn((await newBrowser().open(`${address}/interaction/of-last-year/app`)).html)).toBe(
      'https://app.example/',
    );
  });

  test('a sign-in that was finished while its session ended begins anew, and never runs in a circle', async () => {
    const { address, signInUrl, storage } = await product(people);
    const browser = newBrowser();
    await browser.open(signInUrl());
    await browser.press('sign-in', { login: 'q0000002', password: PASSWORD });
    const { url } = await browser.open(signInUrl({ ...request, prompt: 'login' }));
    await postTo(browser, url, { action: 'sign-in', login: 'q0000002', password: PASSWORD });
    for (const { record } of await storage.protocolRecords.sessionsOf('an')) {
      await storage.protocolRecords.destroySession(record.uid);
    }
    const again = await browser.open(url);
    expect([again.status, titleOf(again)]).toEqual([400, OVER]);
    expect(goOn(again.html)).toBe('https://app.example/');
    expect(again.url.startsWith(address)).toBe(true);
  });
});

test.each([
  ['made up', { id_token_hint: 'nonsense' }],
  ['for an address that is not registered', { client_id: 'app', post_logout_redirect_uri: 'https://evil.example/' }],
])('a sign-out that cannot be carried out (%s) still offers to sign out', async (_why, fields) => {
  const { address, signInUrl, storage } = await product({ accounts: [alumna('an', 'q0000002')], clients: [app] });
  const browser = newBrowser();
  await browser.open(signInUrl());
  await browser.press('sign-in', { login: 'q0000002', password: PASSWORD });
  const refused = await browser.open(`${address}/session/end?${new URLSearchParams(fields as Record<string, string>)}`);
  expect(refused.status).toBe(400);
  expect(refused.html).toContain('href="/session/end"');
  expect(titleOf(await browser.open('/session/end'))).toBe('Sign out?');
  await browser.press('logout');
  expect(await storage.protocolRecords.sessionsOf('an')).toEqual([]);
});
