/** The account page on the real protocol: signing in, proving a factor before a change, and which sessions stay. */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, jest, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { createApp } from '../../src/app.ts';
import type { Account } from '../../src/domain/account/account.ts';
import type { Log } from '../../src/operation/log.ts';
import { setClock } from '../oidc/support.ts';
import { anAccount } from '../support/account.ts';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { configFor, openServer, SECRET } from '../support/in-process.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';
import { countingHashing } from '../support/web.ts';

const MINUTE = 60_000;
const PASSWORD = 'correct horse battery';
const NEW_PASSWORD = 'paperclip violin onions';
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const close of closings.splice(0)) await close();
});

/** All of Pedel in this process, and one alumna who is active. Her letters wait: no mail server answers. */
async function pedel(change: Partial<Account> = {}) {
  // the library asks the wall clock, so that is what is moved
  const clock = { now: Date.now() };
  const now = () => Date.now();
  const { server, address: issuer, close } = await openServer();
  const config = configFor(issuer);
  const storage = await openTestStorage({ now });
  const { hashing } = countingHashing();
  const silent = () => {};
  const log = { debug: silent, info: silent, warn: silent, error: silent } as unknown as Log;
  const app = await createApp({ config, storage, log, now, randomBytes, hashing });
  server.on('request', app.listener);
  closings.push(async () => {
    await close();
    await app.stop();
    await storage.close();
  });
  await storage.accounts.insert(
    anAccount({
      userNumbers: ['q0123456'],
      activatedAt: clock.now - 1000 * MINUTE,
      affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
      password: { hash: `plain$${PASSWORD}`, setAt: clock.now },
      language: 'en',
      ...change,
    }),
  );
  const stored = async () => (await storage.accounts.findById('account-1')) ?? anAccount();
  return {
    wait(minutes: number) {
      clock.now += minutes * MINUTE;
      setClock(clock.now);
    },
    issuer,
    stored,
    browser: () => httpVisitor({ 'accept-language': 'en' }),
    async mailedCode() {
      // dispatched in the background: in the account, or already in the outbox
      const letters = (await storage.outbox.byAccount('account-1', 50)).map(({ payload }) => payload);
      const effects = (await stored()).effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
      const all = JSON.stringify([...letters, ...effects]);
      const sealed = /"sealedSecret":"([^"]+)"/.exec(all)?.[1] ?? '';
      return JSON.parse(sealerUnder(SECRET).open(sealed, 'account-1', 'letter')).code as string;
    },
    totp: (seed: string) => generateSync({ secret: seed, epoch: Math.floor(Date.now() / 1000) }),
  };
}
const title = (browser: HttpVisitor) => /<h1 id="title">([^<]*)</.exec(browser.page().html)?.[1];
const path = (browser: HttpVisitor) => new URL(browser.page().url).pathname;

async function signIn(browser: HttpVisitor, url: string, password = PASSWORD) {
  await browser.open(url);
  return browser.press('sign-in', { login: 'q0123456', password });
}

test('signed in with a password, a first factor is set up, and this session counts as two factors from then on', async () => {
  const { issuer, browser: newBrowser, wait, mailedCode, totp, stored } = await pedel();
  const browser = newBrowser();
  await signIn(browser, `${issuer}/account/factors/add`);
  expect([path(browser), title(browser)]).toEqual(['/account/factors/add', 'Check that it is you']);
  await browser.press('send-code');
  await browser.press('verify', { code: await mailedCode() });
  await browser.press('choose-totp');
  const seed = /id="key">([^<]*)</.exec(browser.page().html)?.[1]?.replaceAll(' ', '') ?? '';
  await browser.press('enrol', { code: totp(seed) });
  expect(title(browser)).toBe('Save your recovery codes');
  await browser.press('kept');
  expect((await stored()).totps).toHaveLength(1);

  // proven a moment ago, so nothing is asked for the next one
  await browser.open(`${issuer}/account/factors/add`);
  expect(title(browser)).toBe('Choose your second step');

  // eleven minutes later it is asked again, and the way leads back to the page that was opened
  wait(11);
  await browser.open(`${issuer}/account/recovery-codes`);
  expect(path(browser)).toMatch(/^\/interaction\//);
  if (browser.page().html.includes('id="sign-in"'))
    await browser.press('sign-in', { login: 'q0123456', password: PASSWORD });
  await browser.press('verify', { code: totp(seed) });
  expect(browser.page().url).toBe(`${issuer}/account/recovery-codes`); // and nothing of the answer in the address
  expect(title(browser)).toBe('Recovery codes');
});

test('changing the password signs out the other browser and keeps this one', async () => {
  const { issuer, browser: newBrowser } = await pedel();
  const [here, there] = [newBrowser(), newBrowser()];
  for (const browser of [here, there]) {
    await signIn(browser, `${issuer}/account`);
    expect(title(browser)).toBe('Hello Annelies');
  }
  await here.open(`${issuer}/account/password`);
  await here.press('set-password', {
    current_password: PASSWORD,
    password: NEW_PASSWORD,
    password_again: NEW_PASSWORD,
  });
  expect([path(here), title(here)]).toEqual(['/account', 'Hello Annelies']);
  await here.open(`${issuer}/account`);
  expect(title(here)).toBe('Hello Annelies');
  await there.open(`${issuer}/account`);
  expect(path(there)).toMatch(/^\/interaction\//);
  await there.press('sign-in', { login: 'q0123456', password: PASSWORD });
  expect(path(there)).toMatch(/^\/interaction\//);
  await there.press('sign-in', { login: 'q0123456', password: NEW_PASSWORD });
  expect(title(there)).toBe('Hello Annelies');
});

test('signing out asks for the password again', async () => {
  const { issuer, browser: newBrowser } = await pedel();
  const browser = newBrowser();
  await signIn(browser, `${issuer}/account`);
  await browser.press('logout');
  expect(path(browser)).toBe('/session/end/success');
  await browser.open(`${issuer}/account`);
  expect(path(browser)).toMatch(/^\/interaction\//);
});

test('a factor removed keeps this browser signed in and ends the other', async () => {
  const sealer = sealerUnder(SECRET);
  const seed = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
  const totps = [
    { id: 't1', name: 'App', sealedSeed: sealer.seal(seed, 'account-1', 'totp'), lastStep: 0, createdAt: 1 },
  ];
  const { issuer, browser: newBrowser, wait, totp, stored } = await pedel({ totps });
  const [here, there] = [newBrowser(), newBrowser()];
  for (const browser of [there, here]) {
    await signIn(browser, `${issuer}/account`);
    await browser.press('verify', { code: totp(seed) });
    expect(title(browser)).toBe('Hello Annelies');
    wait(1); // a code is good once
  }
  await here.open(`${issuer}/account/factors/remove?factor=t1`);
  await here.press('remove');
  expect([path(here), title(here)]).toEqual(['/account/factors', 'Your second step']);
  expect((await stored()).totps).toEqual([]);
  await there.open(`${issuer}/account`);
  expect(path(there)).toMatch(/^\/interaction\//);
});
