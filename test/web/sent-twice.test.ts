/** A form that a browser sends twice (a double click without script), on the real protocol: one sign-in, which continues. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import { alumna, closeAll, PASSWORD, postTo, product } from '../attack/product.ts';
import { application } from '../oidc/support.ts';
import { until } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';

afterEach(closeAll);

const back = 'https://app.example/back';
const app = application('app', { redirect_uris: [back], pedel_first_party: true });
const request = { client_id: 'app', response_type: 'code', redirect_uri: back };
const newBrowser = () =>
  httpVisitor({ 'accept-language': 'en' }, { follow: (url) => url.startsWith('http://localhost') });

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

  const on = url.replace('/interaction/', '/auth/');
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
