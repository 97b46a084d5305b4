/**
 * Activation and a forgotten password in a real browser: accessible in both languages and themes, by keyboard, with the
 * meter.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { newRecoveryCodes } from '../../src/domain/factors/recovery-code.ts';
import { newTotpSeed } from '../../src/domain/factors/totp.ts';
import {
  alumna,
  BETTER,
  GOOD,
  invite,
  lastLetter,
  startActivation,
  stored,
  student,
  totpCode,
} from '../support/activation.ts';
import { authenticator, describeInBrowser, visitor } from '../support/browser.ts';
import { localized } from '../support/localized.ts';
import { faultsOf } from '../support/looks.ts';
import { closeAll } from '../support/web.ts';

afterEach(closeAll);

const applications = async () => [
  { id: 'toledo', name: localized('Toledo'), uri: 'https://toledo.example/' },
  { id: 'portal', name: localized('Alumniportaal', 'Alumni portal'), uri: 'https://portal.example/' },
];

/** Looks at a page: axe in light and dark, nothing wider than the screen, no script or policy complaint. */
function looker(page: Page) {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (line) => {
    if (line.text().includes('Content Security Policy')) faults.push(line.text());
  });
  return {
    faults,
    async look(name: string) {
      const language = (await page.getAttribute('html', 'lang')) ?? '';
      faults.push(...(await faultsOf(page, `activate-${language}-${name.replaceAll(' ', '-')}`, language)));
    },
  };
}

async function choose(page: Page, password: string) {
  await page.fill('#password', password);
  await page.fill('#password_again', password);
  await page.click('#set-password');
}

describeInBrowser('activation in a browser', () => {
  test.each(['nl', 'en'] as const)(
    'every page from number to done is accessible and fits a phone (%s)',
    async (language) => {
      const web = await startActivation({ applications });
      await web.storage.accounts.insert(alumna({ language }));
      await web.storage.accounts.insert(alumna({ id: 'active', userNumbers: ['q0000002'], activatedAt: 1 }));
      const { page } = await visitor({ locale: language });
      const { faults, look } = looker(page);
      const to = async (path: string, name: string) => {
        await page.goto(web.url + path);
        await look(name);
      };
      await to('/activate?number=q0000002', 'already active');
      await to('/activate?number=q9999999', 'unknown');
      await to('/activate?ticket=old', 'dead link');
      await to('/activate', 'number');
      await page.fill('#number', 'q0123456');
      await page.click('#send');
      await look('e-mail');
      await page.fill('#email', 'an.peeters@example.org');
      await page.click('#send-code');
      await look('code');
      await page.fill('#code', 'WRNG CDE2');
      await page.click('#verify');
      await page.waitForSelector('#error:focus');
      await look('code refused');
      await page.fill('#code', (await lastLetter(web, 'alumna')).code);
      await page.click('#verify');
      await look('password');
      await choose(page, 'Annelies Peeters 1');
      await page.waitForSelector('#error:focus');
      await look('password refused');
      await choose(page, GOOD);
      await look('offer');
      await page.click('#later');
      await page.waitForSelector('#applications');
      await look('done');
      expect(faults).toEqual([]);
    },
    240_000,
  );

  test('with a passkey where one is required, to the recovery codes and done', async () => {
    const web = await startActivation();
    const { link } = await invite(web);
    const { page } = await visitor({ locale: 'en' });
    const { faults, look } = looker(page);
    const device = await authenticator(page, 'passkey');
    await page.goto(web.url + link);
    await look('link');
    await page.click('#continue');
    await choose(page, GOOD);
    await look('choose');
    await page.click('#choose-passkey');
    await look('passkey');
    await page.click('#enrol');
    await page.waitForSelector('ol.codes');
    await look('codes');
    expect(await device.credentials()).toHaveLength(1);
    await page.click('#kept');
    await page.waitForSelector('.notice.right');
    expect(await stored(web, 'student')).toMatchObject({ activatedAt: web.clock.now, passkeys: { length: 1 } });
    const amr = ['pwd', expect.stringMatching(/^[hs]wk$/), 'mfa'];
    expect(web.started).toEqual([{ accountId: 'student', amr, epoch: 1, activatedAt: web.clock.now }]);
    expect(faults).toEqual([]);
  }, 240_000);

  test('the meter says while typing what the form would answer', async () => {
    const web = await startActivation();
    const { link } = await invite(web);
    const { page } = await visitor({ locale: 'en' });
    const { faults, look } = looker(page);
    await page.goto(`${web.url}${link}&lang=en`);
    await page.click('#continue');
    await page.locator('#password').pressSequentially('aaaaaaaaaaaaaa');
    await page.getByText('This password is too easy to guess.').waitFor();
    await look('weak');
    await page.fill('#password', GOOD);
    await page.getByText('This password is good.').waitFor();
    await page.click('[data-reveal] button >> nth=0');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    await look('good');
    expect(faults).toEqual([]);
  }, 240_000);

  test('a forgotten password, with authenticator or recovery code before it, in both languages', async () => {
    for (const language of ['nl', 'en'] as const) {
      const web = await startActivation({ applications });
      const seed = newTotpSeed(randomBytes);
      const { stored: recoveryCodes } = newRecoveryCodes(web.sealer, 'student', 1, randomBytes);
      const totps = [
        { id: 't', name: 'app', sealedSeed: web.sealer.seal(seed, 'student', 'totp'), lastStep: 0, createdAt: 1 },
      ];
      const password = { hash: 'plain$old', setAt: 1 };
      await web.storage.accounts.insert(student({ activatedAt: 1, password, totps, recoveryCodes, language }));
      const { page } = await visitor({ locale: language });
      const { faults, look } = looker(page);
      await page.goto(`${web.url}/forgotten`);
      await look('forgotten');
      await page.fill('#login', 'r0011111');
      await page.click('#send-link');
      await look('sent');
      await page.goto(web.url + (await lastLetter(web, 'student')).link);
      await look('reset link');
      await page.click('#continue');
      await page.goto(`${web.url}/reset?way=recovery`);
      await look('recovery code');
      await page.goto(`${web.url}/reset`);
      await look('code');
      await page.fill('#code', '000000'); // submits itself
      await page.waitForSelector('#error:focus');
      await page.fill('#code', totpCode(web, seed));
      await page.click('#verify');
      await look('new password');
      await choose(page, BETTER);
      await page.waitForSelector('.notice.right');
      await look('reset done');
      expect(faults).toEqual([]);
    }
  }, 240_000);

  test('a reset with a passkey', async () => {
    const web = await startActivation();
    const { link } = await invite(web);
    const { page } = await visitor({ locale: 'en' });
    const { faults, look } = looker(page);
    await authenticator(page, 'passkey');
    await page.goto(web.url + link);
    await page.click('#continue');
    await choose(page, GOOD);
    await page.click('#choose-passkey');
    await page.click('#enrol');
    await page.click('#kept');
    await page.goto(`${web.url}/forgotten`);
    await page.fill('#login', 'r0011111');
    await page.click('#send-link');
    await page.goto(web.url + (await lastLetter(web, 'student')).link);
    await page.click('#continue');
    await look('passkey asked');
    await page.click('#passkey');
    await page.waitForSelector('#password_again');
    await choose(page, BETTER);
    await page.waitForSelector('.notice.right');
    expect(web.started.at(-1)?.amr).toEqual(['pwd', expect.stringMatching(/^[hs]wk$/), 'user', 'mfa']);
    expect(faults).toEqual([]);
  }, 240_000);
});
