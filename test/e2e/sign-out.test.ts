/** Signing out at one application signs out at the others by back-channel logout; declining changes nothing. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { expectAccessible } from '../support/browser.ts';
import { arriving, follow, goodPassword, press, signIn, titleOf } from '../support/steps.ts';
import {
  type Application,
  active,
  expectNoQuestion,
  expectSignedIn,
  expectSignedOut,
  open,
} from '../support/steps-sign-in.ts';
import { type Scene, tellStories } from '../support/stories.ts';

/** Signed in at Toledo with the password, and from there everywhere else. */
async function signedInEverywhere(scene: Scene, others: Application[]): Promise<void> {
  const { page, person } = scene;
  await open(page, scene, 'toledo');
  await signIn(page, person.number, goodPassword);
  await expectSignedIn(page, scene, 'toledo');
  for (const application of others) await expectNoQuestion(page, scene, application);
}

/** As the account page of a phone offers it. */
async function signOutByTheMenu(page: Page): Promise<void> {
  await page.locator('button.menu').click();
  await arriving(page, () => page.locator('#rooms button[value="logout"]').click());
}

tellStories('Signing out', (story) => {
  story(
    'at Toledo ends webmail and the portal too, without a question',
    'kuleuven',
    async (scene) => {
      const { page, urls, t } = scene;
      await signedInEverywhere(scene, ['webmail', 'portal']);
      await page.goto(urls.toledo);
      await arriving(page, () => page.locator('#sign-out').click());
      expect(page.url()).toContain(`${urls.toledo}/signed-out?state=`);
      expect(await page.locator('main').textContent()).toContain('signed out here and at the association');
      await expectAccessible(page);
      await expectSignedOut(page, scene, 'webmail');
      await expectSignedOut(page, scene, 'portal');
      await open(page, scene, 'toledo');
      expect(await titleOf(page)).toBe(t('signIn.title', { application: 'Toledo' }));
    },
    active,
  );

  story(
    'at an application of others only, where the confirmation is declined',
    'kuleuven',
    async (scene) => {
      const { page, urls, t } = scene;
      await signedInEverywhere(scene, ['webmail']);
      await open(page, scene, 'mailbox');
      await press(page, 'consent');
      await expectSignedIn(page, scene, 'mailbox');
      await arriving(page, () => page.locator('#sign-out').click());
      expect(page.url()).toContain(`${urls.pedel}/session/end`);
      expect(await titleOf(page)).toBe(t('pages.logout_title'));
      await expectAccessible(page);
      await follow(page, '/');
      expect(page.url()).toBe(`${urls.pedel}/`);
      await page.goto(urls.webmail);
      await expectSignedIn(page, scene, 'webmail');
      // the mailbox ended its own session, and comes back without a question
      await page.goto(urls.mailbox);
      expect(await page.locator('#sign-out').count()).toBe(0);
      await expectNoQuestion(page, scene, 'mailbox');
    },
    active,
  );

  story(
    'on the account page ends every application',
    'kuleuven',
    async (scene) => {
      const { page, urls, t } = scene;
      await signedInEverywhere(scene, ['webmail']);
      await page.goto(`${urls.pedel}/account`);
      await signOutByTheMenu(page);
      expect(await titleOf(page)).toBe(t('pages.logged_out_title'));
      await expectAccessible(page);
      await expectSignedOut(page, scene, 'toledo');
      await expectSignedOut(page, scene, 'webmail');
      await page.goto(`${urls.pedel}/account`);
      expect(page.url()).toContain('/interaction/');
      expect(await titleOf(page)).not.toBe(t('account.overview_title', { name: 'Robin' }));
    },
    active,
  );

  story(
    'at Pedel itself, which asks first and says so afterwards',
    'kuleuven',
    async (scene) => {
      const { page, urls, t } = scene;
      await signedInEverywhere(scene, []);
      await page.goto(`${urls.pedel}/session/end`);
      expect(await titleOf(page)).toBe(t('pages.logout_title'));
      await press(page, 'logout');
      expect(await titleOf(page)).toBe(t('pages.logged_out_title'));
      await expectAccessible(page);
      await expectSignedOut(page, scene, 'toledo');
    },
    active,
  );

  story(
    'in one browser leaves the other one signed in',
    'kuleuven',
    async (scene) => {
      const { page, person, elsewhere, urls } = scene;
      await signedInEverywhere(scene, []);
      const other = await elsewhere();
      await open(other, scene, 'toledo');
      await signIn(other, person.number, goodPassword);
      await page.goto(`${urls.pedel}/account`);
      await signOutByTheMenu(page);
      await expectSignedOut(page, scene, 'toledo');
      await other.goto(urls.toledo);
      await expectSignedIn(other, scene, 'toledo');
      await expectNoQuestion(other, scene, 'webmail');
    },
    active,
  );
});
