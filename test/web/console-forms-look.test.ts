/**
 * What the console answers to its forms, in Chromium on the whole of Pedel: faults at their fields, previews, what is shown once,
 * pages that confirm. Looked at as the pages in console-look.test.ts; `PEDEL_PICTURES=FOLDER` keeps pictures. About 60 s.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import { faultsOf } from '../support/looks.ts';

let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole({ dynamicRegistration: { enabled: true, approval: 'required', pendingDays: 30 } });
  pedel.wait(0); // its clock stands still: a busy machine would be asked who it is after five minutes
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const newKey = () => pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey);
const NEXTCLOUD = '/admin/applications/new/nextcloud?address=https://cloud.example.edu&check=1';
const PROGRAMME = '/admin/applications/new/openid-client?callback=https://app.example.edu/callback&check=1';

/** Fills the form of this button and sends it, also where the browser would ask for more first: `fields` by name. */
async function send(page: Page, button: string, fields: Record<string, string> = {}): Promise<void> {
  const filling = `(() => {
    const button = document.getElementById(${JSON.stringify(button)});
    const { form } = button;
    form.noValidate = true;
    for (const [name, value] of Object.entries(${JSON.stringify(fields)})) form.elements.namedItem(name).value = value;
    form.requestSubmit(button);
  })()`;
  await Promise.all([page.waitForNavigation(), page.evaluate(filling)]);
}

/** Somebody new who has signed in. `look` notes what is wrong with a page that shows `holds`. */
async function administrator(language: 'en' | 'nl') {
  const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
  owners += 1;
  await pedel.person(`Olga${owners}`, ['owner']);
  await pedel.signInOn(page, '/admin', `Olga${owners}`);
  const faults: string[] = [];
  const at = (path: string) => page.goto(`${pedel.issuer}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
  async function look(what: string, holds: string): Promise<void> {
    if ((await page.$(`main ${holds}, #error`)) === null) faults.push(`${what} does not show ${holds}`);
    faults.push(...(await faultsOf(page, `forms-${language}-${what}`, language)));
  }
  /** The same of what the page at `path` answers to its form. */
  async function answer(what: string, holds: string, path: string, ...form: [button: string, Record<string, string>?]) {
    await at(path);
    await send(page, ...form);
    await look(what, holds);
  }
  return { page, faults, at, look, answer };
}
let owners = 0;

describeInBrowser('answers to forms look well', () => {
  test.each(['en', 'nl'] as const)(
    'of applications (%s)',
    async (language) => {
      const { page, at, look, answer, faults } = await administrator(language);
      const [byKey, bySecret] = [`app-${language}`, `cloud-${language}`];
      const of = (id: string, tab: string) => `/admin/applications/${id}/${tab}`;

      await answer('asks-wrong', '.fault', '/admin/applications/new/nextcloud', 'continue', { address: 'ftp://cloud' });
      await answer('register-no-contact', '.fault', NEXTCLOUD, 'register', { set_contacts: ' ' });
      await answer('register-refused', '.danger', NEXTCLOUD, 'register', {
        set_redirect_uris: 'http://cloud.example.edu/#here',
        set_contacts: 'it@example.edu',
      });
      await answer('registered-secret', '.notice', NEXTCLOUD, 'register', {
        client_id: bySecret,
        set_contacts: 'it@example.edu',
      });
      await at(PROGRAMME);
      await look('register-by-key', '.choices');
      await send(page, 'register', { keys: 'not a key', set_contacts: 'it@example.edu' });
      await look('register-no-key', '.fault');
      await send(page, 'register', { keys: newKey(), client_id: byKey });
      await look('registered-key', '.notice');

      await answer('key-refused', '.fault', of(byKey, 'secrets'), 'add-key', { keys: 'not a key' });
      await send(page, 'add-key', { keys: newKey() });
      await look('key-added', '.notice');
      await page.click('main .table th a');
      await look('key', '.danger');
      await send(page, 'remove');
      await look('key-removed', '.notice');
      await page.click('main .table th a');
      await look('key-only', 'section');
      await answer('to-secret', '.versions', of(byKey, 'keys'), 'preview', { proof: 'secret' });
      await at(of(bySecret, 'keys'));
      await look('proof', '.choices');
      await send(page, 'preview', { jwks_uri: 'http://app.example.edu/jwks' });
      await look('proof-refused', '.fault');
      await send(page, 'preview', { jwks_uri: '', keys: newKey() });
      await look('to-key', '.versions');

      await answer('secret-refused', '.fault', of(bySecret, 'secrets'), 'add', { name: ' ' });
      await send(page, 'add', { name: 'test server' });
      await look('secret-added', '.fresh');
      await at(of(bySecret, 'secrets'));
      await page.click('main .table th a');
      await look('secret', '.danger');

      await answer('settings-refused', '.fault', of(bySecret, 'settings'), 'save', {
        redirect_uris: 'http://cloud.example.edu/#here',
      });
      await answer('settings-saved', '.notice', of(bySecret, 'settings'), 'save', {
        client_name: 'Cloud of everybody',
      });
      await send(page, 'save', { client_name: 'Another cloud', revision: '1' });
      await look('settings-stale', '.versions');
      await answer('settings-warned', '.notice.warn', of(bySecret, 'settings'), 'save', {
        logo_uri: 'https://10.0.0.1/logo.svg',
      });
      await answer('release-preview', 'table', of(bySecret, 'release'), 'show', { as: 'self' });
      await send(page, 'preview', { pedel_bundle: 'pseudonymous' });
      await look('release-draft', 'table');
      await send(page, 'show', { number: 'nobody' });
      await look('release-unknown', '.fault');
      await answer('access-refused', '.fault', of(bySecret, 'access'), 'save', { who: 'some', affiliations: 'nobody' });
      await answer('access-warned', '.notice.warn', of(bySecret, 'access'), 'save', {
        who: 'some',
        people: 'u-nobody-yet',
      });
      await at(of(bySecret, 'history'));
      await look('history', 'section');
      await send(page, 'restore-1', { to: '99' });
      await look('history-unknown', '#error');
      await send(page, 'restore-1');
      await look('history-restored', '.notice');
      await answer('end-refused', '.fault', of(bySecret, 'end'), 'delete', { typed: 'something else' });
      expect(faults).toEqual([]);
    },
    400_000,
  );

  test.each(['en', 'nl'] as const)(
    'of the other rooms (%s)',
    async (language) => {
      const { page, at, look, answer, faults } = await administrator(language);
      await pedel.person(`Colleague-${language}`);

      await answer('role-refused', '.fault', '/admin/roles/new', 'grant', { holder: 'nobody' });
      await answer('role-granted', '.notice', '/admin/roles/new', 'grant', {
        holder: `u-colleague-${language}`,
        role: 'auditor',
        where: 'association',
      });
      await page.click('main .table a[href^="/admin/roles/"]');
      await look('role-revoke', '#revoke');
      await answer('token-refused', '.fault', '/admin/registration', 'make-token', { hosts: 'x y', uses: '0' });
      await send(page, 'make-token', { hosts: 'app.example.edu', uses: '1', days: '30', note: 'For the library' });
      await look('token-made', '.notice');
      await answer('webhook-refused', '.fault', '/admin/webhooks/new', 'add', { url: 'http://x' });
      await send(page, 'add', { url: 'https://receiver.example.edu/hook', contact: 'it@example.edu' });
      await look('webhook-made', '.notice');
      await page.click('.fresh p a');
      await page.click('main a[href$="/end"]');
      await look('webhook-end', '#end');

      await answer('source-token-made', '.fresh', '/admin/sources/hr', 'make');
      await at('/admin/sources/hr');
      await look('source-token', '.known');
      await send(page, 'release', { people: 'many' });
      await look('source-release-refused', '.fault');

      // who has to prove again who it is
      pedel.wait(600);
      await at('/admin/webhooks/new');
      await send(page, 'add', { url: 'https://late.example.edu/hook', contact: 'it@example.edu' });
      await page.waitForSelector('#code, #password');
      faults.push(...(await faultsOf(page, `forms-${language}-prove-again`, language)));
      expect(faults).toEqual([]);
    },
    400_000,
  );
});
