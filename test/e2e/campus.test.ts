/**
 * One sign-in for all applications of the campus: with a password and a code, a passkey, a security key, a recovery
 * code.
 */
import { expect } from '@jest/globals';
import { authenticator, expectAccessible } from '../support/browser.ts';
import { enterCode, follow, goodPassword, signIn, titleOf } from '../support/steps.ts';
import {
  active,
  expectNoQuestion,
  expectSignedIn,
  firstSignInWithApp,
  firstSignInWithPasskey,
  forgetEverything,
  open,
} from '../support/steps-sign-in.ts';
import { tellStories } from '../support/stories.ts';

tellStories('One sign-in for the whole campus', (story) => {
  story(
    'a number in capitals with spaces, the password and a code open Toledo; webmail, KU Loket and the portal ask nothing',
    'vives',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      await open(page, scene, 'toledo');
      expect(await titleOf(page)).toBe(t('signIn.title', { application: 'Toledo' }));
      const { number } = person;
      await signIn(page, ` ${number.slice(0, 4).toUpperCase()} ${number.slice(4)} `, goodPassword);
      expect(await titleOf(page)).toBe(t('signIn.code_title'));
      await enterCode(page, (await app.code()).replace(/(...)/, '$1 '), 'verify');
      await expectSignedIn(page, scene, 'toledo');
      for (const application of ['webmail', 'kuLoket', 'portal'] as const) {
        await expectNoQuestion(page, scene, application);
        await expectAccessible(page);
      }
    },
    active,
  );

  story(
    'the institution’s address does as well, and lands where the visitor wanted to be',
    'vives',
    async (scene) => {
      const { page, person, urls, elsewhere } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      await page.goto(`${urls.kuLoket}/my-data`);
      await signIn(page, person.email.toUpperCase(), goodPassword);
      await enterCode(page, await app.code(), 'verify');
      await page.waitForURL(`${urls.kuLoket}/my-data`);
      expect(await page.locator('main').textContent()).toContain(person.number);
      await expectAccessible(page);
    },
    active,
  );

  story(
    'a passkey alone: no password, no code, and KU Loket takes it for two factors',
    'vives',
    async (scene) => {
      const { page } = scene;
      await authenticator(page, 'passkey');
      await firstSignInWithPasskey(scene, page);
      await forgetEverything(page);
      // the browser offers it in the login field, and the virtual one answers by itself
      await open(page, scene, 'kuLoket');
      await expectSignedIn(page, scene, 'kuLoket');
      for (const application of ['toledo', 'webmail', 'portal'] as const) {
        await expectNoQuestion(page, scene, application);
      }
    },
    active,
  );

  story(
    'a passkey by the button, in a browser that offers nothing by itself',
    'vives',
    async (scene) => {
      const { page, t } = scene;
      await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false');
      await authenticator(page, 'passkey');
      await firstSignInWithPasskey(scene, page);
      await forgetEverything(page);
      await open(page, scene, 'toledo');
      expect(await page.locator('#passkey').textContent()).toBe(t('signIn.passkey_button'));
      await page.click('#passkey');
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story(
    'a security key after the password',
    'vives',
    async (scene) => {
      const { page, person, t } = scene;
      await authenticator(page, 'key');
      await firstSignInWithPasskey(scene, page);
      await forgetEverything(page);
      await open(page, scene, 'kuLoket');
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(t('signIn.passkey_title'));
      await expectAccessible(page);
      await page.click('#passkey');
      await expectSignedIn(page, scene, 'kuLoket');
    },
    active,
  );

  story(
    'a recovery code by “use another way”, once only, and its owner is told',
    'vives',
    async (scene) => {
      const { campus, page, person, elsewhere, t } = scene;
      const { codes } = await firstSignInWithApp(scene, await elsewhere());
      const [code = '', another = ''] = codes;
      await open(page, scene, 'toledo');
      await signIn(page, person.number, goodPassword);
      await follow(page, '?way=recovery');
      expect(await titleOf(page)).toBe(t('signIn.recovery_title'));
      await expectAccessible(page);
      await enterCode(page, code.toLowerCase().replace('-', ' '), 'verify');
      await expectSignedIn(page, scene, 'toledo');
      const notice = await campus.letter(person.personal_email, new RegExp(t('mail.recovery_code_used_subject')));
      expect(notice.text).toContain('9');

      const second = await elsewhere();
      await open(second, scene, 'toledo');
      await signIn(second, person.number, goodPassword);
      await follow(second, '?way=recovery');
      await enterCode(second, code, 'verify');
      expect(await second.locator('#error').textContent()).toBe(t('signIn.recovery_wrong'));
      await enterCode(second, another, 'verify');
      await expectSignedIn(second, scene, 'toledo');
    },
    active,
  );
});
