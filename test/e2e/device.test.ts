/** A device without a keyboard: its code on a phone, what is compared there, and what the device gets (RFC 8628). */
import { expect } from '@jest/globals';
import { expectAccessible } from '../support/browser.ts';
import { arriving, goodPassword, press, signIn, titleOf } from '../support/steps.ts';
import { active } from '../support/steps-sign-in.ts';
import { tellStories } from '../support/stories.ts';

type Asked = { device_code: string; user_code: string; verification_uri: string; verification_uri_complete: string };

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

async function send<Answer>(url: string, fields: Record<string, string>): Promise<Answer> {
  const headers = { 'user-agent': 'Terminal of the test' };
  return (await (await fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields) })).json()) as Answer;
}
const ask = (pedel: string) => send<Asked>(`${pedel}/device/auth`, { client_id: 'terminal', scope: 'openid profile' });
const poll = (pedel: string, { device_code: code }: Asked) =>
  send<Record<string, string>>(`${pedel}/token`, {
    grant_type: deviceGrant,
    client_id: 'terminal',
    device_code: code,
  });

tellStories('A device', (story) => {
  story(
    'is signed in with its code, typed in small letters; the next one by its picture, with no question but the comparison',
    'kuleuven',
    async ({ page, urls, person, t }) => {
      const first = await ask(urls.pedel);
      expect(await poll(urls.pedel, first)).toMatchObject({ error: 'authorization_pending' });
      await page.goto(first.verification_uri);
      expect(await titleOf(page)).toBe(t('device.code_title'));
      await expectAccessible(page);
      await page.fill('#user_code', first.user_code.toLowerCase().replace('-', ' '));
      await press(page, 'go-on');
      expect(await titleOf(page)).toBe(t('device.confirm_title', { application: 'Terminal' }));
      expect(await page.locator('#agent').textContent()).toBe('Terminal of the test');
      expect(await page.locator('#who').count()).toBe(0);
      await expectAccessible(page);
      await arriving(page, () => page.locator('#continue').click());
      await signIn(page, person.number, goodPassword);
      expect(await titleOf(page)).toBe(t('device.done_title'));
      await expectAccessible(page);
      expect(await poll(urls.pedel, first)).toMatchObject({ scope: 'openid profile', id_token: expect.any(String) });

      const second = await ask(urls.pedel);
      await page.goto(second.verification_uri_complete);
      expect(await page.locator('#who').textContent()).toContain(person.number);
      await arriving(page, () => page.locator('#continue').click());
      expect(await titleOf(page)).toBe(t('device.done_title'));
      expect(await poll(urls.pedel, second)).toHaveProperty('access_token');
    },
    active,
  );

  story(
    'that somebody else asked for gets nothing where its person cancels, and by Back neither',
    'kuleuven',
    async ({ page, urls, t }) => {
      const asked = await ask(urls.pedel);
      await page.goto(asked.verification_uri_complete);
      await arriving(page, () => page.locator('#cancel').click());
      expect(await titleOf(page)).toBe(t('device.stopped_title'));
      await expectAccessible(page);
      await page.goto(asked.verification_uri_complete);
      expect(await page.locator('#error').textContent()).toContain(t('device.code_refused'));
      expect(await poll(urls.pedel, asked)).toMatchObject({ error: 'access_denied' });
    },
    active,
  );
});
