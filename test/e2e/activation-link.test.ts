/** Journey B.1–4: a student of VIVES, from the invitation in the personal mailbox to Toledo, with a second step. */
import { expect } from '@jest/globals';
import { authenticator, expectAccessible } from '../support/browser.ts';
import { authenticatorApp, codeIn, linkIn } from '../support/campus.ts';
import {
  activateByLink,
  askForCode,
  enrolPasskey,
  enrolTotp,
  enterCode,
  follow,
  goodPassword,
  keepCodes,
  openInvitation,
  otherPassword,
  press,
  setPassword,
  signIn,
  titleOf,
  totpKey,
} from '../support/steps.ts';
import { tellStories } from '../support/stories.ts';

tellStories('Activating with the link of an invitation', (story) => {
  story(
    'a student sets up an authenticator app, keeps his codes, and Toledo asks nothing more',
    'vives',
    async (scene) => {
      const { campus, urls, person, page, t } = scene;
      const look = async (title: string) => {
        expect(await titleOf(page)).toBe(title);
        await expectAccessible(page);
      };
      const letter = await campus.letter(person.personal_email, /./);
      expect(letter.subject).toContain(person.number);
      expect(letter.text).toContain('+32 50 30 52 33');
      await page.goto(linkIn(letter));
      await look(t('activation.ticket_title'));
      expect(await page.locator('main').textContent()).toContain(person.number);
      await press(page, 'continue');
      await look(t('activation.password_title'));
      await setPassword(page, 'lanterns');
      expect(await page.locator('#error').textContent()).toBe(t('activation.password_too_short', { minimum: 12 }));
      await setPassword(page, goodPassword);
      await look(t('account.choose_title'));
      expect(await page.locator('#later').count()).toBe(0); // his institution asks for it
      await press(page, 'choose-totp');
      await look(t('account.totp_title'));
      const key = await totpKey(page);
      await enterCode(page, '000000', 'enrol');
      expect(await page.locator('#error').textContent()).toBe(t('account.refused_wrong_code'));
      await look(t('account.totp_title'));
      expect(await totpKey(page)).toBe(key); // his app has it already
      await enterCode(page, await authenticatorApp(key).code(), 'enrol');
      await look(t('account.codes_title'));
      expect(await keepCodes(page)).toHaveLength(10);
      await look(t('activation.done_title'));

      await follow(page, urls.toledo);
      await page.goto(`${urls.toledo}/login`);
      expect(page.url()).toBe(`${urls.toledo}/`);
      await page.goto(`${urls.kuLoket}/login`); // demands a second step: it was shown a moment ago
      expect(page.url()).toBe(`${urls.kuLoket}/`);
      await page.goto(`${urls.pedel}/account`);
      expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
    },
  );

  story('with a passkey he signs in afterwards without typing a password', 'vives', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    const device = await authenticator(page, 'passkey');
    await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await press(page, 'choose-passkey');
    expect(await titleOf(page)).toBe(t('account.passkey_title'));
    await expectAccessible(page);
    await press(page, 'enrol');
    expect(await device.credentials()).toHaveLength(1);
    await keepCodes(page);
    expect(await titleOf(page)).toBe(t('activation.done_title'));

    await page.context().clearCookies();
    await page.goto(`${urls.toledo}/login`);
    await page.waitForURL(`${urls.toledo}/`); // conditional UI: the virtual device answers at once
  });

  story('a security key without a PIN is his second step, never his only one', 'vives', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    await authenticator(page, 'key');
    await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await enrolPasskey(page);
    await keepCodes(page);
    await page.context().clearCookies();
    await page.goto(`${urls.toledo}/login`);
    await signIn(page, person.email, goodPassword);
    expect(await titleOf(page)).toBe(t('signIn.passkey_title'));
    await press(page, 'passkey');
    expect(page.url()).toBe(`${urls.toledo}/`);
  });

  story('opening the link spends nothing, however often and wherever', 'vives', async (scene) => {
    const { campus, person, page, elsewhere, t } = scene;
    const link = linkIn(await campus.letter(person.personal_email, /./));
    const scanner = await elsewhere();
    for (const visitor of [scanner, scanner, page, await elsewhere()]) {
      await visitor.goto(link);
      expect(await titleOf(visitor)).toBe(t('activation.ticket_title'));
    }
    await press(scanner, 'continue'); // even going on in one browser leaves the others alone
    await press(page, 'continue');
    await setPassword(page, goodPassword);
    await enrolTotp(page);
    await keepCodes(page);
    expect(await titleOf(page)).toBe(t('activation.done_title'));
  });

  story('whatever is closed in the middle, the link takes him up where he was', 'vives', async (scene) => {
    const { campus, person, page, elsewhere, t } = scene;
    const link = await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await press(page, 'choose-totp');
    const key = await totpKey(page);
    const again = await page.context().newPage();
    await page.close();
    await again.goto(link);
    await press(again, 'continue');
    expect(await titleOf(again)).toBe(t('account.totp_title'));
    expect(await totpKey(again)).toBe(key);

    // another browser starts again, with a password of its own
    const other = await elsewhere();
    await other.goto(link);
    await press(other, 'continue');
    expect(await titleOf(other)).toBe(t('activation.password_title'));
    expect(await other.locator('#elsewhere').textContent()).toBe(t('activation.password_elsewhere'));
    await expectAccessible(other);
    await setPassword(other, otherPassword);
    await enrolTotp(other);
    await keepCodes(other);
    await other.context().clearCookies();
    await other.goto(`${scene.urls.pedel}/account`);
    await signIn(other, person.number, otherPassword);
    expect(await titleOf(other)).toBe(t('signIn.code_title'));
  });

  story('before the second step he may still choose another password', 'vives', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await press(page, 'cancel');
    expect(await titleOf(page)).toBe(t('activation.password_title'));
    await expectAccessible(page);
    await setPassword(page, otherPassword);
    await enrolTotp(page);
    await keepCodes(page);
    await page.context().clearCookies();
    await page.goto(`${urls.pedel}/account`);
    await signIn(page, person.number, goodPassword);
    expect(await page.locator('#error').textContent()).toBe(t('signIn.wrong'));
    await signIn(page, person.number, otherPassword);
    expect(await titleOf(page)).toBe(t('signIn.code_title'));
  });

  story('recovery codes are shown until he has kept them, and then never again', 'vives', async (scene) => {
    const { campus, person, page, t } = scene;
    await openInvitation(campus, page, person);
    await setPassword(page, goodPassword);
    await enrolTotp(page);
    const shown = await page.locator('ol.codes code').allTextContents();
    await page.reload();
    expect(await page.locator('ol.codes code').allTextContents()).toEqual(shown);
    await page.goto(`${scene.urls.pedel}/activate`);
    expect(await keepCodes(page)).toEqual(shown);
    await page.goBack();
    expect(await page.locator('ol.codes code').count()).toBe(0);
    expect(await titleOf(page)).toBe(t('activation.done_title'));
  });

  story('a link that was used says so calmly, and what to do', 'vives', async (scene) => {
    const { campus, person, page, elsewhere, t } = scene;
    const link = linkIn(await campus.letter(person.personal_email, /./));
    await activateByLink(campus, page, person);
    const other = await elsewhere();
    await other.goto(link);
    expect([t('activation.dead_title'), t('activation.active_title')]).toContain(await titleOf(other));
    expect(await other.locator('#error').count()).toBe(0);
    expect(await other.locator('main a.main').count()).toBe(1);
    await expectAccessible(other);
    await other.goto(`${scene.urls.pedel}/activate?ticket=made-up`);
    expect(await titleOf(other)).toBe(t('activation.dead_title'));
    await expectAccessible(other);
  });

  story('an invitation that he lost is renewed with his number', 'vives', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    await campus.letter(person.personal_email, /./);
    await page.goto(`${urls.pedel}/activate?number=${person.number}`);
    expect(await titleOf(page)).toBe(t('activation.email_title'));
    await askForCode(scene);
    await enterCode(page, codeIn(await campus.letter(person.personal_email, /./, 1)), 'verify');
    await setPassword(page, goodPassword);
    await enrolTotp(page);
    await keepCodes(page);
    expect(await titleOf(page)).toBe(t('activation.done_title'));
  });

  story('a second tab that comes too late sees that it is done', 'vives', async (scene) => {
    const { campus, person, page, t } = scene;
    await openInvitation(campus, page, person);
    const tab = await page.context().newPage();
    await tab.goto(`${scene.urls.pedel}/activate`);
    expect(await titleOf(tab)).toBe(t('activation.password_title'));
    await setPassword(page, goodPassword);
    await enrolTotp(page);
    await keepCodes(page);
    await setPassword(tab, otherPassword);
    expect(await titleOf(tab)).toBe(t('activation.done_title'));
    // and the password is the one that was proven with the factor
    await page.context().clearCookies();
    await page.goto(`${scene.urls.pedel}/account`);
    await signIn(page, person.number, otherPassword);
    expect(await page.locator('#error').textContent()).toBe(t('signIn.wrong'));
  });
});
