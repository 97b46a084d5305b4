/**
 * What an application may request of a sign-in (OpenID Connect Core 3.1.2.1), and the acr, amr and auth_time that it
 * gets.
 */
import { afterAll, expect } from '@jest/globals';
import { createTranslations } from '../../locales/index.ts';
import { type OwnApplication, startApplication } from '../support/application.ts';
import { expectAccessible } from '../support/browser.ts';
import type { Campus } from '../support/campus.ts';
import { enrolTotp, enterCode, goodPassword, keepCodes, press, signIn, titleOf } from '../support/steps.ts';
import { active, expectNoQuestion, proveByMail } from '../support/steps-sign-in.ts';
import { tellStories } from '../support/stories.ts';

const MFA = 'https://refeds.org/profile/mfa';
const SFA = 'https://refeds.org/profile/sfa';
const essential = (acr: string) => JSON.stringify({ id_token: { acr: { essential: true, values: [acr] } } });
const translations = createTranslations();

let started: Promise<OwnApplication> | undefined;
const applicationOf = (campus: Campus) => (started ??= startApplication(campus));
afterAll(async () => (await started)?.close());

tellStories('What an application asks of a sign-in', (story, language) => {
  story(
    'prompt=login and max_age ask for the password again, and auth_time is fresh; prompt=none never asks',
    'kuleuven',
    async (scene) => {
      const { page, person, campus, t } = scene;
      const application = await applicationOf(campus);
      const silent = await application.begin(page, { prompt: 'none' });
      expect([silent.isBack(), silent.error()]).toEqual([true, 'login_required']);

      const first = await application.begin(page);
      expect(await titleOf(page)).toBe(t('signIn.title', { application: 'Story' }));
      await signIn(page, person.number, goodPassword);
      const signedIn = await first.finish();
      expect(signedIn).toMatchObject({ amr: ['pwd'], acr: SFA });

      const quiet = await application.begin(page, { prompt: 'none' });
      expect((await quiet.finish()).auth_time).toBe(signedIn.auth_time);

      let authTime = Number(signedIn.auth_time);
      for (const asked of [{ prompt: 'login' }, { max_age: '1' }]) {
        await page.waitForTimeout(Math.max(0, (authTime + 2) * 1000 - Date.now()));
        const again = await application.begin(page, asked);
        expect(await titleOf(page)).toBe(t('signIn.again_title', { application: 'Story' }));
        await expectAccessible(page);
        await signIn(page, person.number, goodPassword);
        const claims = await again.finish();
        expect(claims.sub).toBe(signedIn.sub);
        expect(Number(claims.auth_time)).toBeGreaterThan(authTime);
        authTime = Number(claims.auth_time);
      }
    },
    active,
  );

  story(
    'login_hint is filled in, and ui_locales decides the language',
    'kuleuven',
    async (scene) => {
      const { page, person, campus } = scene;
      const application = await applicationOf(campus);
      const other = language === 'nl' ? 'en' : 'nl';
      const asked = await application.begin(page, { login_hint: person.number, ui_locales: `fr ${other}-BE` });
      expect(await titleOf(page)).toBe(translations(other)('signIn.title', { application: 'Story' }));
      expect(await page.inputValue('#login')).toBe(person.number);
      expect(await page.evaluate('document.activeElement.id')).toBe('password');
      await page.fill('#password', goodPassword);
      await press(page, 'sign-in');
      expect((await asked.finish()).sub).not.toContain(person.number);
    },
    active,
  );

  story(
    'an essential acr steps up a password’s session, or comes back unmet; what cannot be met is said at once',
    'kuleuven',
    async (scene) => {
      const { page, person, campus, t } = scene;
      const application = await applicationOf(campus);
      const nothingKnown = await application.begin(page, { claims: essential('urn:nobody:knows') });
      expect([nothingKnown.isBack(), nothingKnown.error()]).toEqual([true, 'unmet_authentication_requirements']);

      const plain = await application.begin(page);
      await signIn(page, person.number, goodPassword);
      const { auth_time: signedInAt } = await plain.finish();

      const declined = await application.begin(page, { claims: essential(MFA) });
      expect(await titleOf(page)).toBe(t('account.send_code_title'));
      await press(page, 'cancel');
      expect([declined.isBack(), declined.error()]).toEqual([true, 'unmet_authentication_requirements']);

      const accepted = await application.begin(page, { claims: essential(MFA) });
      await proveByMail(scene, page);
      const app = await enrolTotp(page);
      await keepCodes(page);
      const claims = await accepted.finish();
      expect(claims).toMatchObject({ acr: MFA, auth_time: signedInAt });
      expect(claims.amr).toEqual(expect.arrayContaining(['pwd', 'otp', 'mfa']));
      await expectNoQuestion(page, scene, 'kuLoket');

      await page.context().clearCookies();
      const later = await application.begin(page, { acr_values: `${MFA} ${SFA}` });
      await signIn(page, person.number, goodPassword);
      await enterCode(page, await app.code(), 'verify');
      expect(await later.finish()).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'] });
    },
    active,
  );

  story(
    'an address that was not registered is shown as a fault, never gone to',
    'kuleuven',
    async (scene) => {
      const { page, campus, t } = scene;
      await applicationOf(campus);
      const unregistered = await page.goto(
        `${campus.urls.pedel}/auth?client_id=story&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Flocalhost%3A9%2F`,
      );
      expect(unregistered?.status()).toBe(400);
      expect(await titleOf(page)).toBe(t('pages.error_protocol_title'));
      await expectAccessible(page);
    },
    active,
  );
});
