/** What an institution or an application requires beyond a password, and pages for certain affiliations only. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectAccessible } from '../support/browser.ts';
import { until } from '../support/campus.ts';
import { enrolTotp, enterCode, follow, goodPassword, keepCodes, press, signIn, titleOf } from '../support/steps.ts';
import {
  active,
  atDesk,
  demoPassword,
  expectNoQuestion,
  expectSignedIn,
  expectSignedOut,
  open,
  proveByMail,
} from '../support/steps-sign-in.ts';
import { tellStories } from '../support/stories.ts';

tellStories('What the campus asks on top', (story) => {
  story(
    'a person without a second step, whose institution requires one, sets it up on the way, after an emailed code',
    'vives',
    async (scene) => {
      const { page, person, t } = scene;
      const look = async (title: string) => {
        expect(await titleOf(page)).toBe(title);
        await expectAccessible(page);
      };
      await open(page, scene, 'webmail');
      await look(t('signIn.title', { application: 'Webmail' }));
      await signIn(page, person.number, goodPassword);
      await look(t('account.send_code_title'));
      await press(page, 'send-code');
      await look(t('account.verify_title'));
      await enterCode(page, '2222-2222', 'verify');
      expect(await page.locator('#error').textContent()).toBe(t('account.refused_code_wrong'));
      await proveByMail(scene, page);
      await look(t('account.choose_title'));
      await enrolTotp(page);
      await look(t('account.codes_title'));
      await keepCodes(page);
      await expectSignedIn(page, scene, 'webmail');
      // the notice goes to both addresses; this is the institution's
      await until(
        async () => {
          await page.reload();
          const words = await page.locator('main').textContent();
          return words?.includes(t('mail.factor_added_subject')) ? true : undefined;
        },
        () => 'no notice at the institution’s address',
      );
      await expectNoQuestion(page, scene, 'kuLoket');
    },
    active,
  );

  story(
    'KU Loket steps up who signed in with a password only; once a second step is set up elsewhere, both are asked anew',
    'kuleuven',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      await open(page, scene, 'toledo');
      await signIn(page, person.number, goodPassword);
      await expectSignedIn(page, scene, 'toledo');
      await expectNoQuestion(page, scene, 'webmail');
      // no second step yet: at KU Loket the password is not asked again, a second step is set up
      await open(page, scene, 'kuLoket');
      expect(await titleOf(page)).toBe(t('account.send_code_title'));
      await expectAccessible(page);
      // one is set up in another browser: what knew only the password ends here
      const other = await elsewhere();
      await open(other, scene, 'kuLoket');
      await signIn(other, person.number, goodPassword);
      await proveByMail(scene, other);
      const app = await enrolTotp(other);
      expect(await titleOf(other)).toBe(t('account.codes_title'));
      await keepCodes(other);
      await expectSignedIn(other, scene, 'kuLoket');

      await expectSignedOut(page, scene, 'toledo');
      await open(page, scene, 'kuLoket');
      expect(await titleOf(page)).toBe(t('signIn.title', { application: 'KU Loket' }));
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(t('signIn.code_title'));
      await enterCode(page, await app.code(), 'verify');
      await expectSignedIn(page, scene, 'kuLoket');
      await expectNoQuestion(page, scene, 'toledo');
      await expectNoQuestion(page, scene, 'portal');
    },
    active,
  );

  story(
    'an application of others asks what it will learn: once, and a no is taken for a no',
    'kuleuven',
    async (scene) => {
      const { page, person, elsewhere, urls, t } = scene;
      await open(page, scene, 'mailbox');
      await signIn(page, person.number, goodPassword);
      const name = scene.language === 'nl' ? 'Persoonlijke mailbox' : 'Personal mailbox';
      expect(await titleOf(page)).toBe(t('signIn.consent_title', { application: name }));
      await expectAccessible(page);
      await press(page, 'cancel');
      expect(page.url()).toContain(`${urls.mailbox}/callback?`);
      expect(page.url()).toContain('error=access_denied');
      expect(await page.locator('h1').textContent()).toBe('You are not signed in');
      await expectAccessible(page);
      // signed in all the same, and free to think again
      await open(page, scene, 'mailbox');
      await press(page, 'consent');
      await expectSignedIn(page, scene, 'mailbox');
      await expectAccessible(page);

      const other = await elsewhere();
      await open(other, scene, 'toledo');
      await signIn(other, person.number, goodPassword);
      await expectNoQuestion(other, scene, 'mailbox');
    },
    active,
  );

  story('every room of the campus is fit for everyone, on a phone and at a desk', 'alum', async (scene) => {
    const { page, person, urls, elsewhere } = scene;
    const walk = async (visited: Page, ...addresses: string[]) => {
      for (const address of addresses) {
        await visited.goto(address);
        await expectAccessible(visited);
      }
    };
    if (scene.language === 'en') await atDesk(page);
    await walk(page, urls.toledo, urls.webmail, urls.kuLoket, urls.portal, urls.mailbox);
    await open(page, scene, 'toledo');
    await signIn(page, 'u0000001', demoPassword);
    await expectSignedIn(page, scene, 'toledo');
    await expectAccessible(page);
    await follow(page, '/courses/');
    await expectAccessible(page);
    await expectNoQuestion(page, scene, 'webmail');
    await follow(page, '/messages/');
    await expectAccessible(page);
    await expectNoQuestion(page, scene, 'portal');
    await expectAccessible(page); // no alumnus
    await walk(
      page,
      `${urls.mailbox}/addresses/${encodeURIComponent(person.personal_email)}`,
      `${urls.toledo}/nowhere`,
    );

    const alumnus = await elsewhere();
    if (scene.language === 'en') await atDesk(alumnus);
    await open(alumnus, scene, 'portal');
    await signIn(alumnus, 'q0234567', demoPassword);
    await expectSignedIn(alumnus, scene, 'portal');
    await expectAccessible(alumnus);
    await walk(alumnus, ...['gegevens', 'zoeken', 'lidkaart'].map((room) => urls.portal + room));
    expect(await alumnus.locator('main').textContent()).toContain('q0234567');
  });

  story(
    'an alumnus reads that KU Loket is not for him, instead of setting up the second step that it asks',
    'alum',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      const refused = t('signIn.refused_title', { application: 'KU Loket' });
      // with a password only, which tells nothing of the account
      await open(page, scene, 'kuLoket');
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(refused);
      expect(await page.locator('#open-to li').allTextContents()).toEqual([
        t('signIn.refused_role_student'),
        t('signIn.refused_role_staff'),
      ]);
      expect(await page.locator('main').textContent()).not.toContain(person.number);
      await expectAccessible(page);
      await press(page, 'cancel');
      expect(page.url()).toMatch(new RegExp(`^${scene.urls.kuLoket}.*error=access_denied`));
      expect(await page.locator('#sign-out').count()).toBe(0);
      // signed in at another application, with who he is; then as somebody who may
      const desk = await elsewhere();
      await atDesk(desk);
      await open(desk, scene, 'portal');
      await signIn(desk, person.number, goodPassword);
      await open(desk, scene, 'kuLoket');
      expect(await titleOf(desk)).toBe(refused);
      expect(await desk.locator('#who').textContent()).toContain(person.number);
      await expectAccessible(desk);
      await press(desk, 'start-over');
      expect(await titleOf(desk)).toBe(t('signIn.title', { application: 'KU Loket' }));
      await signIn(desk, person.number, goodPassword); // the same person after all
      expect(await titleOf(desk)).toBe(refused);
      await press(desk, 'cancel');
      expect(desk.url()).toContain('error=access_denied');
    },
    active,
  );
});
