/** Journey A: an alumna with a q-number, from her number to an active account, with every branch on the way. */
import { expect } from '@jest/globals';
import { expectAccessible } from '../support/browser.ts';
import { codeIn, linkIn } from '../support/campus.ts';
import {
  activateByCode,
  askForCode,
  enrolTotp,
  enterCode,
  follow,
  goodPassword,
  keepCodes,
  openCode,
  press,
  setPassword,
  signIn,
  titleOf,
} from '../support/steps.ts';
import { tellStories } from '../support/stories.ts';

tellStories('Activating with a number, an address and a code', (story) => {
  story('an alumna ends signed in, and may leave the second step for later', 'alum', async (scene) => {
    const { campus, urls, person, page, t } = scene;
    const look = async (title: string) => {
      expect(await titleOf(page)).toBe(title);
      await expectAccessible(page);
    };
    await page.goto(`${urls.pedel}/activate`);
    await look(t('activation.number_title'));
    await page.fill('#number', ` ${person.number.toUpperCase()} `);
    await press(page, 'send');
    await look(t('activation.email_title'));
    await page.fill('#email', person.personal_email.toUpperCase());
    await press(page, 'send-code');
    await look(t('activation.code_title'));

    const letter = await campus.letter(person.personal_email, /./);
    expect(letter.subject).toBe(t('mail.activation_code_subject', { number: person.number }));
    expect(letter.from).toContain('helpdesk@icts.kuleuven.be');
    await enterCode(page, ` ${codeIn(letter).toLowerCase().replace('-', ' ')} `, 'verify');
    await look(t('activation.password_title'));
    await setPassword(page, goodPassword);
    await look(t('account.choose_title'));
    await press(page, 'later');
    await look(t('activation.done_title'));
    expect(await page.locator('main').textContent()).toContain(person.number);

    // signed in: the portal asks nothing
    await follow(page, urls.portal);
    await page.goto(`${urls.portal}login`);
    expect(page.url()).toContain(urls.portal);
    await page.goto(`${urls.pedel}/account`);
    expect(await titleOf(page)).toBe(t('account.overview_title', { name: 'Robin' }));
  });

  story('she may set up the second step that is offered, and keeps her recovery codes', 'alum', async (scene) => {
    const { page, t } = scene;
    await openCode(scene);
    await setPassword(page, goodPassword);
    const app = await enrolTotp(page);
    expect(await titleOf(page)).toBe(t('account.codes_title'));
    expect(await keepCodes(page)).toHaveLength(10);
    expect(await titleOf(page)).toBe(t('activation.done_title'));

    // a sign-in with the password alone asks for it from now on
    const other = await scene.elsewhere();
    await other.goto(`${scene.urls.pedel}/account`);
    await signIn(other, scene.person.number, goodPassword);
    expect(await titleOf(other)).toBe(t('signIn.code_title'));
    await enterCode(other, await app.code(), 'verify');
    expect(new URL(other.url()).pathname).toBe('/account');
  });

  story('an address that is not on file is answered the same, and nothing is mailed', 'alum', async (scene) => {
    const { campus, person, page, elsewhere } = scene;
    const stranger = 'somebody.else@example.org';
    await askForCode(scene, stranger);
    const answer = await page.locator('body').innerHTML();

    // asked again with the right one, from another browser: word for word the same page
    const other = await elsewhere();
    await askForCode({ ...scene, page: other });
    const nonce = / nonce="[^"]*"/g;
    expect((await other.locator('body').innerHTML()).replace(nonce, '')).toBe(answer.replace(nonce, ''));

    await campus.letter(person.personal_email, /./);
    expect(await campus.letters(person.personal_email)).toHaveLength(1);
    expect(await campus.letters(stranger)).toEqual([]);
  });

  story('with a code under way the number leads straight to it, from any browser', 'alum', async (scene) => {
    const { campus, urls, person, elsewhere, t } = scene;
    await askForCode(scene);
    const other = await elsewhere();
    await other.goto(`${urls.pedel}/activate?number=${person.number}`);
    expect(await titleOf(other)).toBe(t('activation.code_title'));
    await enterCode(other, codeIn(await campus.letter(person.personal_email, /./)), 'verify');
    expect(await titleOf(other)).toBe(t('activation.password_title'));
  });

  story('the link in the email leads on without typing the code', 'alum', async (scene) => {
    const { campus, person, elsewhere, t } = scene;
    await askForCode(scene);
    const other = await elsewhere();
    await other.goto(linkIn(await campus.letter(person.personal_email, /./)));
    await expectAccessible(other);
    await press(other, 'continue');
    expect(await titleOf(other)).toBe(t('activation.password_title'));
  });

  story('she has a new code sent, and the newest one counts', 'alum', async (scene) => {
    const { campus, person, page, t } = scene;
    await askForCode(scene);
    const first = codeIn(await campus.letter(person.personal_email, /./));
    await follow(page, '/activate?number=q'); // «send a new code»
    expect(await titleOf(page)).toBe(t('activation.email_title'));
    await page.fill('#email', person.personal_email);
    await press(page, 'send-code');
    const second = codeIn(await campus.letter(person.personal_email, /./, 1));
    expect(second).not.toBe(first);
    await enterCode(page, first, 'verify');
    expect(await page.locator('#error').textContent()).toBe(t('activation.code_refused'));
    await enterCode(page, second, 'verify');
    expect(await titleOf(page)).toBe(t('activation.password_title'));
  });

  story('ten wrong codes end a code; a new one helps', 'alum', async (scene) => {
    const { campus, person, page, t } = scene;
    await askForCode(scene);
    const right = codeIn(await campus.letter(person.personal_email, /./));
    const wrong = right === '2222-2222' ? '3333-3333' : '2222-2222';
    for (let tries = 0; tries < 10; tries += 1) await enterCode(page, wrong, 'verify');
    await expectAccessible(page);
    await enterCode(page, right, 'verify');
    expect(await page.locator('#error').textContent()).toBe(t('activation.code_refused'));

    await askForCode(scene);
    await enterCode(page, codeIn(await campus.letter(person.personal_email, /./, 1)), 'verify');
    expect(await titleOf(page)).toBe(t('activation.password_title'));
  });

  story('a field left empty is asked for, in a sentence beside it and at the top', 'alum', async (scene) => {
    const { urls, person, page, t } = scene;
    const withoutChecks = () => page.evaluate(`document.querySelector('main form').noValidate = true`);
    await page.goto(`${urls.pedel}/activate`);
    await withoutChecks();
    await press(page, 'send');
    expect(await page.locator('#error').textContent()).toBe(t('activation.number_missing'));
    expect(await page.evaluate('document.activeElement.id')).toBe('error');
    await expectAccessible(page);
    await page.fill('#number', person.number);
    await press(page, 'send');
    await withoutChecks();
    await press(page, 'send-code');
    expect(await page.locator('#error').textContent()).toBe(t('activation.email_missing'));
    expect(await page.locator('#email-error').textContent()).toBe(t('activation.email_missing_field'));
    await expectAccessible(page);
    await askForCode(scene);
    await withoutChecks();
    await press(page, 'verify');
    expect(await page.locator('#error').textContent()).toBe(t('activation.code_missing'));
    expect(await page.locator('#code-error').textContent()).toBe(t('pages.field_empty'));
  });

  story('a weak password is refused with the reason and what would help', 'alum', async (scene) => {
    const { person, page, t } = scene;
    await openCode(scene);
    const refused = async (password: string, again = password) => {
      await setPassword(page, password, again);
      expect(await titleOf(page)).toBe(t('activation.password_title'));
      expect(await page.inputValue('#password')).toBe('');
      await expectAccessible(page);
      return page.locator('#error').textContent();
    };
    expect(await refused('lanterns')).toBe(t('activation.password_too_short', { minimum: 15 }));
    expect(await refused('aaaaaaaaaaaaaaaaaaaa')).toBe(t('activation.password_guessable'));
    expect(await page.locator('#advice li').count()).toBeGreaterThan(0);
    expect(await refused(`${person.given_name} ${person.family_name} ${person.number}`)).toBe(
      t('activation.password_guessable'),
    );
    expect(await page.locator('#advice').textContent()).toContain(t('activation.warning_userInputs'));
    expect(await refused(goodPassword, `${goodPassword}s`)).toBe(t('activation.password_differs'));
    await setPassword(page, goodPassword);
    expect(await titleOf(page)).toBe(t('account.choose_title'));
  });

  story('the meter says while she types what the form would say', 'alum', async (scene) => {
    const { page, t } = scene;
    await openCode(scene);
    await page.fill('#password', 'lanterns');
    await page.getByText(t('activation.password_too_short', { minimum: 15 })).waitFor();
    await page.fill('#password', goodPassword);
    await page.getByText(t('activation.password_good')).waitFor();
    await expectAccessible(page);
  });

  story('closing the tab before the password is set loses nothing: the code works again', 'alum', async (scene) => {
    const { urls, person, page, elsewhere, t } = scene;
    const code = await openCode(scene);
    await page.context().close();
    const other = await elsewhere();
    await other.goto(`${urls.pedel}/activate?number=${person.number}`);
    await enterCode(other, code, 'verify');
    expect(await titleOf(other)).toBe(t('activation.password_title'));
    // and in the same browser the address alone leads back to the step that is due
    const tab = await other.context().newPage();
    await tab.goto(`${urls.pedel}/activate`);
    expect(await titleOf(tab)).toBe(t('activation.password_title'));
  });

  story('a number that is active already says so, and offers the ways on', 'alum', async (scene) => {
    const { campus, urls, person, elsewhere, t } = scene;
    await activateByCode(scene);
    const other = await elsewhere();
    await other.goto(`${urls.pedel}/activate?number=${person.number}`);
    expect(await titleOf(other)).toBe(t('activation.active_title'));
    await expectAccessible(other);
    const before = (await campus.letters(person.personal_email)).length;
    await press(other, 'send-link');
    expect(await titleOf(other)).toBe(t('activation.sent_title'));
    await campus.letter(person.personal_email, /\/reset\?ticket=/, before);

    await other.goBack();
    await follow(other, '/account/password');
    expect(other.url()).toContain('/interaction/'); // to sign in, and then to the change
    await signIn(other, person.number, goodPassword);
    expect(new URL(other.url()).pathname).toBe('/account/password');
  });

  story('an unknown number gives a message with a contact', 'alum', async ({ urls, page, t }) => {
    await page.goto(`${urls.pedel}/activate?number=q9999999`);
    expect(await titleOf(page)).toBe(t('activation.unknown_title'));
    const words = await page.locator('main').textContent();
    expect(words).toContain('q9999999');
    expect(words).toContain(t('activation.unknown_tomorrow'));
    expect(await page.locator('main a[href="mailto:info@alum.kuleuven.be"]').count()).toBe(1);
    await expectAccessible(page);
    await follow(page, '/activate?number=');
    expect(await titleOf(page)).toBe(t('activation.number_title'));
  });
});
