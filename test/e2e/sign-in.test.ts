/** The pages of a sign-in: mistakes, languages, keyboard, tabs, browsers without script or cookies. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTranslations } from '../../locales/index.ts';
import { expectAccessible } from '../support/browser.ts';
import { enterCode, follow, goodPassword, press, signIn, titleOf } from '../support/steps.ts';
import {
  active,
  demoPassword,
  expectNoQuestion,
  expectSignedIn,
  firstSignInWithApp,
  open,
} from '../support/steps-sign-in.ts';
import { tellStories } from '../support/stories.ts';

const translations = createTranslations();

/** The text of the page, without the visitor's input and without values that differ on every page. */
async function wordsOf(page: Page): Promise<string> {
  return (await page.locator('main').innerHTML())
    .replace(/ value="[^"]*"/, '')
    .replace(/data-options="[^"]*"/, '')
    .replace(/interaction\/[\w-]+/g, 'interaction');
}

tellStories('Signing in', (story, language) => {
  story(
    'the application’s logo stands beside its name, and no page asks another host for anything',
    'kuleuven',
    async (scene) => {
      const { page, person, campus } = scene;
      const asked: string[] = [];
      page.on('request', (request) => {
        if (request.resourceType() !== 'document') asked.push(new URL(request.url()).origin);
      });
      await open(page, scene, 'toledo');
      const width = "document.querySelector('main img.application')?.naturalWidth";
      expect(await page.evaluate(width)).toBeGreaterThan(0);
      expect(new Set(asked)).toEqual(new Set([campus.urls.pedel]));
      await signIn(page, person.number, goodPassword);
      await page.goto(`${campus.urls.pedel}/session/end?client_id=toledo`);
      expect(await page.evaluate(width)).toBeGreaterThan(0);
    },
    active,
  );

  story(
    'a wrong password and an unknown login get the same page: what was typed stays, the password does not',
    'kuleuven',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      await open(page, scene, 'toledo');
      await signIn(page, person.number.toUpperCase(), 'not the password of anybody');
      expect(await page.locator('#error').textContent()).toBe(t('signIn.wrong'));
      expect(await page.evaluate('document.activeElement.id')).toBe('error');
      expect(await page.inputValue('#login')).toBe(person.number.toUpperCase());
      expect(await page.inputValue('#password')).toBe('');
      await expectAccessible(page);

      const other = await elsewhere();
      await open(other, scene, 'toledo');
      await signIn(other, 'r9999999', 'not the password of anybody');
      expect(await wordsOf(other)).toBe(await wordsOf(page));

      await page.fill('#password', goodPassword);
      await press(page, 'sign-in');
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story('an ended account says so, with a contact, only after its password', 'kuleuven', async (scene) => {
    const { page, t } = scene;
    await open(page, scene, 'toledo');
    await signIn(page, 'r0055555', goodPassword);
    expect(await page.locator('#error').textContent()).toBe(t('signIn.wrong'));
    await signIn(page, 'r0055555', demoPassword);
    expect(await titleOf(page)).toBe(t('signIn.ended_title'));
    expect(await page.locator('footer').textContent()).toContain('+32 50 30 52 33');
    await expectAccessible(page);
    await press(page, 'cancel');
    expect(page.url()).toContain('error=access_denied');
    expect(await page.locator('#sign-out').count()).toBe(0);
  });

  story(
    'the portal opens it in Dutch; a switch to English lasts to the end',
    'vives',
    async (scene) => {
      const { page, person, elsewhere } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      const [nl, en] = [translations('nl'), translations('en')];
      await open(page, scene, 'portal');
      expect(await titleOf(page)).toBe(nl('signIn.title', { application: 'Alumniportaal' }));
      await page.locator('nav.language a[lang=en]').click();
      await page.waitForURL('**lang=en');
      expect(await titleOf(page)).toBe(en('signIn.title', { application: 'Alumni portal' }));
      await signIn(page, person.number, 'not the password of anybody');
      expect(await page.locator('#error').textContent()).toBe(en('signIn.wrong'));
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(en('signIn.code_title'));
      expect(await page.getAttribute('html', 'lang')).toBe('en');
      await enterCode(page, await app.code(), 'verify');
      await expectSignedIn(page, scene, 'portal');
    },
    active,
  );

  story(
    'a wrong code says so beside its field; what was proven stays proven, and it can be left',
    'vives',
    async (scene) => {
      const { page, person, elsewhere, t } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      await open(page, scene, 'toledo');
      await signIn(page, person.number, goodPassword);
      await expectAccessible(page);
      await enterCode(page, '000000', 'verify');
      expect(await page.locator('#error').textContent()).toBe(t('signIn.code_wrong'));
      expect(await page.locator('#code-error').textContent()).toBe(t('signIn.code_wrong_field'));
      await expectAccessible(page);
      await page.reload();
      expect(await titleOf(page)).toBe(t('signIn.code_title'));
      await press(page, 'start-over');
      expect(await titleOf(page)).toBe(t('signIn.title', { application: 'Toledo' }));
      await signIn(page, person.number, goodPassword);
      await enterCode(page, await app.code(), 'verify');
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story(
    'with the keyboard alone, and Enter after a code that sends itself does no harm',
    'vives',
    async (scene) => {
      const { page, person, elsewhere } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      await open(page, scene, 'toledo');
      await page.waitForFunction('document.activeElement.id === "login"'); // autofocus comes a moment after the page
      await page.keyboard.type(person.number);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.id')).toBe('password');
      await page.keyboard.type(goodPassword);
      await page.keyboard.press('Enter');
      await page.waitForSelector('#code:focus');
      await page.keyboard.type(await app.code());
      await page.keyboard.press('Enter').catch(() => {});
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story(
    'a form that is sent twice signs in once',
    'kuleuven',
    async (scene) => {
      const { page, person } = scene;
      await open(page, scene, 'toledo');
      await page.fill('#login', person.number);
      await page.fill('#password', goodPassword);
      await page.dblclick('#sign-in', { noWaitAfter: true });
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story(
    'without JavaScript: number, password and code',
    'vives',
    async (scene) => {
      const { person, elsewhere, t } = scene;
      const { app } = await firstSignInWithApp(scene, await elsewhere());
      const page = await elsewhere({ javaScriptEnabled: false });
      await open(page, scene, 'kuLoket');
      expect(await page.locator('#passkey').isVisible()).toBe(false);
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(t('signIn.code_title'));
      await enterCode(page, await app.code(), 'verify');
      await expectSignedIn(page, scene, 'kuLoket');
    },
    active,
  );

  story(
    'the back button after a sign-in leads on to the application: nothing is asked again, and nothing is lost',
    'kuleuven',
    async (scene) => {
      const { page, person, urls } = scene;
      await page.goto(urls.toledo);
      await follow(page, '/login');
      await signIn(page, person.number, goodPassword);
      await expectSignedIn(page, scene, 'toledo');
      await page.goBack();
      expect(page.url()).toMatch(new RegExp(`^${urls.toledo}`));
      await expectSignedIn(page, scene, 'toledo');
    },
    active,
  );

  story(
    'a second tab that finishes first does not stop the first one',
    'kuleuven',
    async (scene) => {
      const { page, person } = scene;
      const second = await page.context().newPage();
      await open(page, scene, 'toledo');
      await open(second, scene, 'webmail');
      await signIn(second, person.number, goodPassword);
      await expectSignedIn(second, scene, 'webmail');
      await signIn(page, person.number, goodPassword);
      await expectSignedIn(page, scene, 'toledo');
      await second.reload();
      await expectSignedIn(second, scene, 'webmail');
      await expectNoQuestion(page, scene, 'portal');
    },
    active,
  );

  story('a browser without cookies gets a message that says so', 'kuleuven', async (scene) => {
    const { page, elsewhere, t } = scene;
    await open(page, scene, 'toledo');
    const other = await elsewhere();
    // forwarded: a browser that keeps cookies hears where the sign-in belongs
    await other.goto(page.url());
    expect(await titleOf(other)).toBe(t('signIn.over_title'));
    expect(await other.locator('#go-on').textContent()).toBe(t('signIn.over_go_on', { application: 'Toledo' }));
    await expectAccessible(other);
    // one that keeps none comes back from the test without them
    await other.context().clearCookies();
    await other.goto(`${page.url()}?cookies=tested`);
    expect(await titleOf(other)).toBe(t('pages.error_no_cookies_title'));
    await expectAccessible(other);
  });

  story('the ways around a sign-in lead where they say', 'kuleuven', async (scene) => {
    const { page, t, urls } = scene;
    await page.goto(`${urls.pedel}/`);
    await expectAccessible(page);
    await open(page, scene, 'toledo');
    await expectAccessible(page);
    await follow(page, '/forgotten');
    expect(await titleOf(page)).toBe(t('activation.forgotten_title'));
    await page.goBack();
    expect(await titleOf(page)).toBe(t('signIn.title', { application: 'Toledo' }));
    await follow(page, '/activate');
    expect(await titleOf(page)).toBe(t('activation.number_title'));
    expect(language).toBe(await page.getAttribute('html', 'lang'));
  });
});
