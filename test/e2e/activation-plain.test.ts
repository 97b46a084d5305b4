/** Activation in other ways: without script, without a mouse, with the back button, in the other language. */
import { expect } from '@jest/globals';
import { createTranslations } from '../../locales/index.ts';
import { expectAccessible } from '../support/browser.ts';
import { codeIn, linkIn } from '../support/campus.ts';
import {
  activateByCode,
  activateByLink,
  arriving,
  askForCode,
  enterCode,
  goodPassword,
  openCode,
  press,
  setPassword,
  signIn,
  titleOf,
} from '../support/steps.ts';
import { tellStories } from '../support/stories.ts';

tellStories('Activating another way', (story) => {
  story('an alumna without JavaScript comes from her number to her account', 'alum', async (scene) => {
    const { urls, person, t } = scene;
    const page = await scene.elsewhere({ javaScriptEnabled: false });
    await page.goto(`${urls.pedel}/activate`);
    await page.fill('#number', person.number);
    await press(page, 'send');
    expect(await titleOf(page)).toBe(t('activation.email_title'));
    await openCode({ ...scene, page });
    await setPassword(page, 'lanterns');
    // the meter as plain text
    expect(await page.locator('#strength-word').textContent()).toMatch(/\S/);
    expect(await page.locator('#advice li').count()).toBeGreaterThan(0);
    await setPassword(page, goodPassword);
    expect(await titleOf(page)).toBe(t('account.choose_title'));
    await press(page, 'later');
    expect(await titleOf(page)).toBe(t('activation.done_title'));
    await page.goto(`${urls.toledo}/login`);
    expect(page.url()).toBe(`${urls.toledo}/`);
  });

  story('a student without JavaScript comes from his invitation to Toledo', 'vives', async (scene) => {
    const { campus, urls, person, t } = scene;
    const page = await scene.elsewhere({ javaScriptEnabled: false });
    const { codes } = await activateByLink(campus, page, person);
    expect(codes).toHaveLength(10);
    expect(await titleOf(page)).toBe(t('activation.done_title'));
    await page.goto(`${urls.toledo}/login`);
    expect(page.url()).toBe(`${urls.toledo}/`);
  });

  story('without JavaScript a passkey is not promised, and an app is offered instead', 'vives', async (scene) => {
    const { campus, person, t } = scene;
    const page = await scene.elsewhere({ javaScriptEnabled: false });
    await page.goto(linkIn(await campus.letter(person.personal_email, /./)));
    await press(page, 'continue');
    await setPassword(page, goodPassword);
    await press(page, 'choose-passkey');
    expect(await page.locator('main').textContent()).toContain(t('account.passkey_no_script'));
    expect(await page.locator('#enrol').isVisible()).toBe(false);
    await press(page, 'choose-totp');
    expect(await titleOf(page)).toBe(t('account.totp_title'));
  });

  story('with Tab and Enter alone an alumna comes to the end', 'alum', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    /** tabs to it from the current focus; the focus must be visible there */
    const tabTo = async (selector: string) => {
      for (let tabs = 0; tabs < 40; tabs += 1) {
        if (await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`)) {
          expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
          return;
        }
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never comes to ${selector} at ${page.url()}`);
    };
    const type = async (id: string, text: string) => {
      await tabTo(`#${id}`);
      await page.keyboard.type(text);
    };
    const enter = () => arriving(page, () => page.keyboard.press('Enter'));
    await page.goto(`${urls.pedel}/activate`);
    // the field has the focus: she can type at once
    expect(await page.evaluate('document.activeElement.id')).toBe('number');
    await page.keyboard.type(person.number);
    await enter();
    await type('email', person.personal_email);
    await enter();
    await type('code', codeIn(await campus.letter(person.personal_email, /./)));
    await enter();
    await type('password', goodPassword);
    await tabTo('button.reveal[aria-controls="password"]');
    await page.keyboard.press('Enter');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    await type('password_again', goodPassword);
    await enter();
    expect(await titleOf(page)).toBe(t('account.choose_title'));
    await tabTo('#later');
    await enter();
    expect(await titleOf(page)).toBe(t('activation.done_title'));
    await tabTo('main a[href="/account"]');
    await enter();
    expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
  });

  story('the other language on every step keeps what is under way', 'alum', async (scene) => {
    const { campus, person, page, language } = scene;
    const translations = createTranslations();
    const other = translations(language === 'nl' ? 'en' : 'nl');
    const first = translations(language);
    const change = () => arriving(page, () => page.locator('nav.language a').click());
    const bothWays = async (title: Parameters<typeof first>[0]) => {
      expect(await titleOf(page)).toBe(first(title));
      await change();
      expect(await titleOf(page)).toBe(other(title));
      expect(await page.getAttribute('html', 'lang')).not.toBe(language);
      await expectAccessible(page);
      await change();
      expect(await titleOf(page)).toBe(first(title));
    };
    await page.goto(`${scene.urls.pedel}/activate?number=${person.number}`);
    await bothWays('activation.email_title');
    await askForCode(scene);
    await bothWays('activation.code_title');
    await enterCode(page, codeIn(await campus.letter(person.personal_email, /./)), 'verify');
    await bothWays('activation.password_title');
    await setPassword(page, goodPassword);
    await bothWays('account.choose_title');
    await change(); // and goes on in the other one
    await press(page, 'later');
    expect(await titleOf(page)).toBe(other('activation.done_title'));
  });

  story('after a refusal the switch of language keeps the step too', 'alum', async (scene) => {
    const { page, language } = scene;
    const other = createTranslations()(language === 'nl' ? 'en' : 'nl');
    await askForCode(scene);
    await enterCode(page, '2222-2222', 'verify');
    await arriving(page, () => page.locator('nav.language a').click());
    expect(await titleOf(page)).toBe(other('activation.code_title'));
    await enterCode(page, '2222-2222', 'verify');
    expect(await page.locator('#error').count()).toBe(1);
    await page.reload(); // asks for the page, and does not send the code again
    expect(await page.locator('#error').count()).toBe(0);
    expect(await titleOf(page)).toBe(other('activation.code_title'));
  });

  story('the back button never breaks it, and after the end it harms nothing', 'alum', async (scene) => {
    const { page, t } = scene;
    const code = await openCode(scene);
    await page.goBack();
    expect(await titleOf(page)).toBe(t('activation.code_title'));
    await enterCode(page, code, 'verify'); // the same code, for it is not spent before the end
    await setPassword(page, goodPassword, `${goodPassword}x`);
    await page.goBack();
    await page.goForward();
    await page.goto(`${scene.urls.pedel}/activate`);
    await setPassword(page, goodPassword);
    await press(page, 'later');
    expect(await titleOf(page)).toBe(t('activation.done_title'));
    for (let back = 0; back < 4; back += 1) {
      await page.goBack();
      expect((await page.request.get(page.url())).status()).toBeLessThan(500);
    }
    await page.goto(`${scene.urls.pedel}/activate`);
    expect(await titleOf(page)).toBe(t('activation.done_title'));
  });

  story('pressing twice is the same as pressing once', 'alum', async (scene) => {
    const { campus, person, page, t } = scene;
    await openCode(scene);
    await page.fill('#password', goodPassword);
    await page.fill('#password_again', goodPassword);
    await arriving(page, () => page.dblclick('#set-password'));
    await page.waitForFunction(`document.title.startsWith(${JSON.stringify(t('account.choose_title'))})`);
    await press(page, 'later');
    expect(await titleOf(page)).toBe(t('activation.done_title'));
    expect(await campus.letters(person.personal_email)).toHaveLength(1);
  });

  story(
    'pressing Enter after the last digit of a code that submits itself does not report a used code',
    'vives',
    async (scene) => {
      const { campus, urls, person, page, t } = scene;
      const { app } = await activateByLink(campus, page, person);
      await page.context().clearCookies();
      await page.goto(`${urls.pedel}/account`);
      await signIn(page, person.number, goodPassword);
      await page.focus('#code');
      await arriving(page, async () => {
        const sent = page.waitForRequest((request) => request.method() === 'POST');
        await page.keyboard.type(await app.code());
        await sent;
        await page.keyboard.press('Enter');
      });
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
    },
  );

  story('coming back after the end shows that the account is active', 'alum', async (scene) => {
    const { urls, page, t } = scene;
    await activateByCode(scene);
    await page.goto(`${urls.pedel}/activate?number=${scene.person.number}`);
    expect(await titleOf(page)).toBe(t('activation.active_title'));
  });
});
