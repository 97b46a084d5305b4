/** The account page: name, password, second step and language, and the proof that it asks for before a change. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTranslations } from '../../locales/index.ts';
import { authenticator, expectAccessible } from '../support/browser.ts';
import {
  arriving,
  enrolPasskey,
  enrolTotp,
  enterCode,
  follow,
  goodPassword,
  keepCodes,
  otherPassword,
  press,
  signIn,
  titleOf,
} from '../support/steps.ts';
import {
  active,
  atDesk,
  expectSignedIn,
  expectSignedOut,
  firstSignInWithApp,
  open,
  proveByMail,
} from '../support/steps-sign-in.ts';
import { type Scene, tellStories } from '../support/stories.ts';

const translations = createTranslations();

/** Opens a page of the account and signs in on the way. */
async function signInAt({ person, urls }: Scene, page: Page, path: string): Promise<void> {
  await page.goto(`${urls.pedel}${path}`);
  await signIn(page, person.number, goodPassword);
}
const doneOn = async (page: Page) => (await page.locator('p.notice.right').textContent())?.trim();
const factorsOn = (page: Page) => page.locator('ul.cards h2').allInnerTexts();

tellStories('The account page', (story, language) => {
  story(
    'without a session leads through the sign-in and back',
    'kuleuven',
    async (scene) => {
      const { page, person, urls, t } = scene;
      await signInAt(scene, page, '/account/password');
      expect(new URL(page.url()).pathname).toBe('/account/password');
      expect(await titleOf(page)).toBe(t('account.password_title'));
      await page.goto(`${urls.pedel}/account`);
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
      const words = await page.locator('main').textContent();
      for (const fact of [person.number, person.email, person.personal_email]) expect(words).toContain(fact);
      await expectAccessible(page);
      await atDesk(page);
      await expectAccessible(page);
      await page.goto(`${urls.pedel}/.well-known/change-password`);
      expect(await titleOf(page)).toBe(t('account.password_title'));
      // the meter speaks the page's language and says what the form would say
      await page.fill('#current_password', goodPassword);
      for (const [password, verdict] of [
        [goodPassword, t('account.password_same')],
        ['copper kettles hum in winter gardens', t('activation.password_good')],
      ] as const) {
        await page.fill('#password', password);
        await page.locator('#verdict', { hasText: verdict }).waitFor();
      }
    },
    active,
  );

  story(
    'changes the password: the old one is asked, every other browser is signed out, and both addresses hear of it',
    'kuleuven',
    async (scene) => {
      const { campus, page, person, elsewhere, urls, t } = scene;
      const other = await elsewhere();
      await open(other, scene, 'toledo');
      await signIn(other, person.number, goodPassword);
      await expectSignedIn(other, scene, 'toledo');
      await signInAt(scene, page, '/account/password');
      const change = async (current: string, password: string, again = password) => {
        await page.fill('#current_password', current);
        await page.fill('#password', password);
        await page.fill('#password_again', again);
        await press(page, 'set-password');
      };
      await change('not the one I have', otherPassword);
      expect(await page.locator('#error').textContent()).toBe(t('account.password_wrong'));
      await expectAccessible(page);
      await change(goodPassword, otherPassword, `${otherPassword}s`);
      expect(await page.locator('#error').textContent()).toBe(t('activation.password_differs'));
      await change(goodPassword, 'short');
      expect(await page.locator('#error').textContent()).toContain('15');
      await change(goodPassword, otherPassword);
      expect(await doneOn(page)).toBe(t('account.done_password'));
      await expectAccessible(page);

      await campus.letter(person.personal_email, new RegExp(t('mail.password_changed_subject')));
      await other.goto(`${urls.pedel}/account`);
      expect(other.url()).toContain('/interaction/');
      await expectSignedOut(other, scene, 'toledo');
      await open(other, scene, 'toledo');
      await signIn(other, person.number, goodPassword);
      expect(await other.locator('#error').textContent()).toBe(t('signIn.wrong'));
      await signIn(other, person.number, otherPassword);
      await expectSignedIn(other, scene, 'toledo');
      // here the person stayed signed in
      await page.goto(`${urls.pedel}/account`);
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
    },
    active,
  );

  story(
    'adds an app and a passkey, renames, and removes them again where none is required',
    'kuleuven',
    async (scene) => {
      const { campus, page, person, urls, t } = scene;
      const look = async (title: string) => {
        expect(await titleOf(page)).toBe(title);
        await expectAccessible(page);
      };
      if (language === 'en') await atDesk(page);
      await signInAt(scene, page, '/account/factors');
      await look(t('account.factors_title'));
      await follow(page, '/account/factors/add');
      await look(t('account.send_code_title'));
      await proveByMail(scene, page);
      await look(t('account.choose_title'));
      await enrolTotp(page);
      await look(t('account.codes_title'));
      await keepCodes(page);
      expect(await doneOn(page)).toBe(t('account.done_codes'));
      expect(await factorsOn(page)).toEqual([t('account.totp_name')]);
      await campus.letter(person.personal_email, new RegExp(t('mail.factor_added_subject')));

      // proven a moment ago, so the next one needs no more than itself
      await authenticator(page, 'passkey');
      await follow(page, '/account/factors/add');
      await enrolPasskey(page);
      expect(await doneOn(page)).toBe(t('account.done_added'));
      expect(await factorsOn(page)).toEqual([t('account.totp_name'), t('account.passkey_name')]);

      const [first] = await page.locator('ul.cards > li').all();
      await first?.locator('summary').click();
      await first?.locator('input[name=name]').fill('  The old phone ');
      await expectAccessible(page);
      await arriving(page, async () => first?.locator('button[value=rename]').click());
      expect(await doneOn(page)).toBe(t('account.done_renamed'));
      expect(await factorsOn(page)).toEqual(['The old phone', t('account.passkey_name')]);

      await follow(page, '/account/factors/remove');
      await look(t('account.remove_title', { name: 'The old phone' }));
      await press(page, 'remove');
      expect(await doneOn(page)).toBe(t('account.done_removed'));
      await follow(page, '/account/factors/remove');
      expect(await page.locator('main').textContent()).toContain(t('account.remove_means_last'));
      await press(page, 'remove');
      expect(await factorsOn(page)).toEqual([]);
      await campus.letter(person.personal_email, new RegExp(t('mail.factor_removed_subject')));
      await page.goto(`${urls.pedel}/account`);
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
    },
    active,
  );

  story(
    'is closed to a password’s session once a second step is set up elsewhere',
    'kuleuven',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      await signInAt(scene, page, '/account/factors');
      const other = await elsewhere();
      await signInAt(scene, other, '/account/factors/add');
      await proveByMail(scene, other);
      const app = await enrolTotp(other);
      await keepCodes(other);

      await follow(page, '/account/factors/add');
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(t('signIn.code_title'));
      await enterCode(page, await app.code(), 'verify');
      expect(new URL(page.url()).pathname).toBe('/account/factors/add');
      expect(await titleOf(page)).toBe(t('account.choose_title'));
    },
    active,
  );

  story(
    'never lets go of the last second step where one is required',
    'vives',
    async (scene) => {
      const { page, urls, t } = scene;
      await firstSignInWithApp(scene, page);
      await page.goto(`${urls.pedel}/account/factors`);
      expect(await page.locator('main').textContent()).toContain(t('account.factors_required'));
      await follow(page, '/account/factors/remove');
      expect(await page.locator('main').textContent()).toContain(t('account.remove_locked'));
      expect(await page.locator('#remove').count()).toBe(0);
      await expectAccessible(page);
    },
    active,
  );

  story(
    'makes new recovery codes, and the old ones stop working',
    'vives',
    async (scene) => {
      const { page, person, elsewhere, urls, t } = scene;
      const { codes } = await firstSignInWithApp(scene, page);
      await page.goto(`${urls.pedel}/account/recovery-codes`);
      expect(await titleOf(page)).toBe(t('account.renew_title'));
      await expectAccessible(page);
      await press(page, 'renew');
      const renewed = await keepCodes(page);
      expect(renewed).toHaveLength(10);
      expect(await doneOn(page)).toBe(t('account.done_codes'));

      const other = await elsewhere();
      await open(other, scene, 'toledo');
      await signIn(other, person.number, goodPassword);
      await follow(other, '?way=recovery');
      await enterCode(other, codes[0] ?? '', 'verify');
      expect(await other.locator('#error').textContent()).toBe(t('signIn.recovery_wrong'));
      await enterCode(other, renewed[0] ?? '', 'verify');
      await expectSignedIn(other, scene, 'toledo');
    },
    active,
  );

  story(
    'changes the language of pages at once',
    'kuleuven',
    async (scene) => {
      const { page, urls } = scene;
      const next = language === 'nl' ? 'en' : 'nl';
      const t = translations(next);
      await signInAt(scene, page, '/account');
      await page.selectOption('#language', next);
      await press(page, 'set-language');
      expect(await doneOn(page)).toBe(t('account.done_language'));
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
      await page.goto(`${urls.pedel}/account/password`);
      expect(await titleOf(page)).toBe(t('account.password_title'));
    },
    active,
  );
});
