/** Journey B.6: a forgotten password, from the same answer for everyone to a new password and the end of other sessions. */
import { expect } from '@jest/globals';
import { authenticator, expectAccessible } from '../support/browser.ts';
import { linkIn, until } from '../support/campus.ts';
import {
  activateByCode,
  activateByLink,
  askForReset,
  enrolPasskey,
  enterCode,
  follow,
  goodPassword,
  keepCodes,
  openInvitation,
  openReset,
  otherPassword,
  press,
  setPassword,
  signIn,
  titleOf,
} from '../support/steps.ts';
import { tellStories } from '../support/stories.ts';

tellStories('A forgotten password', (story) => {
  story(
    'is replaced after the second step; the old one is dead and everything else is signed out',
    'vives',
    async (scene) => {
      const { campus, urls, person, elsewhere, t } = scene;
      const { app } = await activateByLink(campus, scene.page, person);
      await scene.page.goto(`${urls.toledo}/login`);
      expect(scene.page.url()).toBe(`${urls.toledo}/`);

      const page = await elsewhere();
      const look = async (title: string) => {
        expect(await titleOf(page)).toBe(title);
        await expectAccessible(page);
      };
      await page.goto(`${urls.pedel}/forgotten`);
      await look(t('activation.forgotten_title'));
      await page.fill('#login', ` ${person.email.toUpperCase()} `);
      await press(page, 'send-link');
      await look(t('activation.sent_title'));
      const letter = await campus.letter(person.personal_email, /\/reset\?ticket=/);
      expect(letter.subject).toContain(person.number);
      await page.goto(linkIn(letter));
      await look(t('activation.reset_title'));
      await press(page, 'continue');
      await look(t('signIn.code_title'));
      await enterCode(page, '000000', 'verify');
      await look(t('signIn.code_title'));
      expect(await page.locator('#error').textContent()).toMatch(/\S/);
      await enterCode(page, await app.code(), 'verify');
      await look(t('activation.reset_title'));
      await setPassword(page, goodPassword, otherPassword);
      expect(await page.locator('#error').textContent()).toBe(t('activation.password_differs'));
      await setPassword(page, otherPassword);
      await look(t('activation.reset_done_title'));
      await follow(page, urls.toledo); // signed in, with both factors
      await page.goto(`${urls.kuLoket}/login`);
      expect(page.url()).toBe(`${urls.kuLoket}/`);

      // the first browser: signed out at Pedel from that second on, and at Toledo as soon as it was told
      await scene.page.goto(`${urls.pedel}/account`);
      expect(scene.page.url()).toContain('/interaction/');
      await until(
        async () => {
          await scene.page.goto(urls.toledo);
          return (await scene.page.locator('#sign-in').count()) > 0 ? true : undefined;
        },
        () => 'Toledo still shows the courses of the old session',
      );
      await scene.page.goto(`${urls.toledo}/login`);
      await signIn(scene.page, person.number, goodPassword);
      expect(await scene.page.locator('#error').textContent()).toBe(t('signIn.wrong'));
      await signIn(scene.page, person.number, otherPassword);
      expect(await titleOf(scene.page)).toBe(t('signIn.code_title'));

      // both addresses hear of it
      for (const address of [person.personal_email, person.email]) {
        const notice = await campus.letter(address, new RegExp(t('mail.password_changed_subject')));
        expect(notice.text).toContain(`${urls.pedel}/not-me?ticket=`);
        expect(notice.text).not.toMatch(/\/reset\?ticket=/);
      }
    },
  );

  story('an unknown login gets the same answer, and no email', 'alum', async (scene) => {
    const { campus, urls, person, page, elsewhere } = scene;
    await activateByCode(scene);
    await page.context().clearCookies();
    const before = (await campus.letters(person.personal_email)).length;
    const answerTo = async (login: string) => {
      const other = await elsewhere();
      await other.goto(`${urls.pedel}/forgotten`);
      await other.fill('#login', login);
      await press(other, 'send-link');
      return `${other.url()} ${await other.locator('body').innerHTML()}`.replaceAll(/ nonce="[^"]*"/g, '');
    };
    const unknown = await answerTo('q9999999');
    expect(await answerTo('nobody.at.all@kuleuven.be')).toBe(unknown);
    expect(await answerTo(person.number)).toBe(unknown);
    await campus.letter(person.personal_email, /\/reset\?ticket=/, before);
    expect(await campus.letters('nobody.at.all@kuleuven.be')).toEqual([]);
  });

  story('without a second step the link leads straight to the new password', 'alum', async (scene) => {
    const { urls, elsewhere, t } = scene;
    await activateByCode(scene);
    const page = await elsewhere();
    await openReset({ ...scene, page });
    expect(await titleOf(page)).toBe(t('activation.reset_title'));
    await setPassword(page, otherPassword);
    expect(await titleOf(page)).toBe(t('activation.reset_done_title'));
    await page.goto(`${urls.pedel}/account`);
    expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
  });

  story('a recovery code serves as the second step, once', 'vives', async (scene) => {
    const { campus, person, elsewhere, t } = scene;
    const { codes } = await activateByLink(campus, scene.page, person);
    const page = await elsewhere();
    await openReset({ ...scene, page });
    await follow(page, '?way=recovery');
    expect(await titleOf(page)).toBe(t('signIn.recovery_title'));
    await expectAccessible(page);
    await enterCode(page, (codes[0] ?? '').toLowerCase().replace('-', ' '), 'verify');
    await setPassword(page, otherPassword);
    expect(await titleOf(page)).toBe(t('activation.reset_done_title'));

    const again = await elsewhere();
    await openReset({ ...scene, page: again });
    await follow(again, '?way=recovery');
    await enterCode(again, codes[0] ?? '', 'verify');
    expect(await titleOf(again)).toBe(t('signIn.recovery_title'));
    expect(await again.locator('#error').textContent()).toMatch(/\S/);
  });

  story('a passkey serves as the second step', 'vives', async (scene) => {
    const { campus, page, person, t } = scene;
    await authenticator(page, 'passkey');
    await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await enrolPasskey(page);
    await keepCodes(page);
    await page.context().clearCookies();
    await openReset(scene);
    expect(await titleOf(page)).toBe(t('signIn.passkey_title'));
    await expectAccessible(page);
    await press(page, 'passkey');
    await setPassword(page, otherPassword);
    expect(await titleOf(page)).toBe(t('activation.reset_done_title'));
  });

  story('opening the link spends nothing; using it does, and says so calmly', 'alum', async (scene) => {
    const { page, elsewhere, t } = scene;
    await activateByCode(scene);
    const link = await askForReset(scene);
    for (const visitor of [await elsewhere(), page, page]) {
      await visitor.goto(link);
      expect(await titleOf(visitor)).toBe(t('activation.reset_title'));
    }
    await press(page, 'continue');
    await setPassword(page, otherPassword);
    const other = await elsewhere();
    await other.goto(link);
    expect(await titleOf(other)).toBe(t('activation.reset_dead_title'));
    expect(await other.locator('#error').count()).toBe(0);
    await expectAccessible(other);
    await follow(other, '/forgotten');
    expect(await titleOf(other)).toBe(t('activation.forgotten_title'));
  });

  story('closing it midway changes nothing: the old password and the link still work', 'alum', async (scene) => {
    const { urls, person, elsewhere, t } = scene;
    await activateByCode(scene);
    const page = await elsewhere();
    const link = await openReset({ ...scene, page });
    await page.context().close();
    const other = await elsewhere();
    await other.goto(`${urls.pedel}/account`);
    await signIn(other, person.number, goodPassword);
    expect(await titleOf(other)).toBe(t('account.overview_title', { name: 'Robin' }));
    await other.goto(link);
    await press(other, 'continue');
    await setPassword(other, otherPassword);
    expect(await titleOf(other)).toBe(t('activation.reset_done_title'));
  });

  story('a person on the way to Toledo arrives there', 'alum', async (scene) => {
    const { campus, urls, person, elsewhere } = scene;
    await activateByCode(scene);
    const page = await elsewhere();
    await page.goto(`${urls.toledo}/login`);
    await follow(page, '/forgotten');
    await page.fill('#login', person.number);
    await press(page, 'send-link');
    await page.goto(linkIn(await campus.letter(person.personal_email, /\/reset\?ticket=/)));
    await press(page, 'continue');
    await setPassword(page, otherPassword);
    expect(page.url()).toBe(`${urls.toledo}/`);
  });

  story('an account that was never activated gets an activation code instead', 'alum', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    await page.goto(`${urls.pedel}/forgotten`);
    await page.fill('#login', person.number);
    await press(page, 'send-link');
    expect(await titleOf(page)).toBe(t('activation.sent_title'));
    const letter = await campus.letter(person.personal_email, /./);
    expect(letter.subject).toContain(person.number);
    await page.goto(linkIn(letter));
    await press(page, 'continue');
    expect(await titleOf(page)).toBe(t('activation.password_title'));
  });

  story(
    'without JavaScript it goes the same way, and the well-known address leads to the change',
    'alum',
    async (scene) => {
      const { urls, person, elsewhere, t } = scene;
      await activateByCode(scene);
      const page = await elsewhere({ javaScriptEnabled: false });
      await openReset({ ...scene, page });
      await setPassword(page, otherPassword);
      expect(await titleOf(page)).toBe(t('activation.reset_done_title'));
      await page.goto(`${urls.pedel}/.well-known/change-password`);
      expect(new URL(page.url()).pathname).toBe('/account/password');
      expect(await page.locator('main').textContent()).toMatch(/\S/);
      expect(person.number).toMatch(/^q/);
    },
  );
});
