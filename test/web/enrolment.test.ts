/** Enrolment in a real browser: passkeys and security keys, each page in both languages and themes, and without script. */
import { afterEach, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Page } from 'playwright-core';
import type { Account } from '../../src/domain/account/account.ts';
import { anAccount } from '../support/account.ts';
import { accessibilityFaults, authenticator, describeInBrowser, visitor } from '../support/browser.ts';
import { stubSessions } from '../support/session-stub.ts';
import { closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const ADD = '/account/factors/add';

async function signedIn(change: Partial<Account> = {}, options: Parameters<typeof visitor>[0] = {}) {
  const stub = stubSessions();
  const web = await startWeb({ sessions: stub.sessions });
  const now = web.clock.now;
  const account = anAccount({
    activatedAt: now - 60_000,
    affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
    password: { hash: 'plain$x', setAt: now },
    language: 'en',
    ...change,
  });
  await web.storage.accounts.insert(account);
  const authTime = Math.floor(now / 1000) - 60;
  // opened by the activation: it may set up a first factor (rule 7)
  const opened = account.activatedAt === undefined ? {} : { activatedAt: account.activatedAt };
  stub.open.set('mine', { uid: 'uid', accountId: account.id, amr: ['pwd'], authTime, epoch: 1, ...opened });
  const { page, context } = await visitor(options);
  await context.addCookies([{ name: 'stub', value: 'mine', url: web.url }]);
  return {
    web,
    stub,
    page,
    open: (path: string) => page.goto(web.url + path),
    stored: async () => (await web.storage.accounts.findById(account.id)) ?? account,
    close: () => context.close(),
  };
}
const heading = (page: Page) => page.locator('#title').textContent();

describeInBrowser('a passkey', () => {
  test('of this device is made, stored, and goes on to the recovery codes', async () => {
    const { page, open, stored, stub, close } = await signedIn();
    const device = await authenticator(page, 'passkey');
    await open(ADD);
    await page.click('#choose-passkey');
    await page.click('#enrol');
    await page.waitForURL('**/account/recovery-codes');
    const [credential] = await device.credentials();
    const { passkeys, recoveryCodes } = await stored();
    expect(passkeys).toHaveLength(1);
    expect(passkeys[0]?.credentialId).toBe(Buffer.from(credential?.credentialId ?? '', 'base64').toString('base64url'));
    expect(passkeys[0]?.name).toBe('Passkey');
    // the virtual authenticator says who made it
    expect(passkeys[0]).toMatchObject({
      aaguid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      attestationFormat: 'none',
      backupEligible: passkeys[0]?.keyType === 'swk',
      backedUp: false,
      uvInitialized: true,
    });
    expect(recoveryCodes?.macs).toHaveLength(10);
    expect(stub.open.get('mine')?.amr).toEqual(['pwd', passkeys[0]?.keyType, 'mfa']);
    await page.click('#kept');
    expect(await heading(page)).toBe('Your second step');

    // the same device again: the browser refuses, and the page says what would help
    await page.click('#add');
    await page.click('#choose-passkey');
    await page.click('#enrol');
    await page.locator('[data-webauthn-message]').waitFor({ state: 'visible' });
    expect(await page.locator('[data-webauthn-message]').textContent()).toContain('this passkey is already set up');
    expect((await stored()).passkeys).toHaveLength(1);
    await close();
  });

  test('on a security key without PIN is taken, too', async () => {
    const { page, open, stored, close } = await signedIn();
    await authenticator(page, 'key');
    await open(ADD);
    await page.click('#choose-passkey');
    await page.click('#enrol');
    await page.waitForURL('**/account/recovery-codes');
    expect((await stored()).passkeys[0]).toMatchObject({
      keyType: 'hwk',
      transports: ['usb'],
      backupEligible: false,
      backedUp: false,
      uvInitialized: false,
    });
    await close();
  });

  test('made for another challenge is refused, and one that another account holds as well', async () => {
    const { page, open, stored, web, close } = await signedIn();
    await authenticator(page, 'passkey');
    await open(ADD);
    await page.click('#choose-passkey');
    await page.waitForLoadState('domcontentloaded'); // deferred scripts have run by then
    await page.evaluate(`
      const form = document.querySelector('form[data-webauthn]');
      const options = JSON.parse(form.dataset.options);
      SimpleWebAuthnBrowser.startRegistration({ optionsJSON: { ...options, challenge: 'b3RoZXI' } })
        .then((answer) => { form.elements.passkey.value = JSON.stringify(answer); form.dataset.answered = 'yes'; form.requestSubmit(form.querySelector('#enrol')); });
    `);
    await page.locator('#error').waitFor();
    expect(await page.locator('#error').textContent()).toContain('was not accepted');
    expect((await stored()).passkeys).toEqual([]);

    // the credential is registered under another account between the challenge and the answer
    await page.route(`${web.url}${ADD}`, async (route, request) => {
      const answer = new URLSearchParams(request.postData() ?? '').get('passkey');
      if (request.method() === 'POST' && answer) {
        const factor = { ...factorOf(JSON.parse(answer).id) };
        await web.storage.accounts.insert(
          anAccount({ id: 'other', userNumbers: ['r0099999'], emails: [], passkeys: [factor] }),
        );
      }
      await route.continue();
    });
    await open(ADD);
    await page.click('#enrol');
    await page.locator('#error').waitFor();
    expect(await page.locator('#error').textContent()).toContain('is already set up');
    expect((await stored()).passkeys).toEqual([]);
    await close();
  });

  const factorOf = (credentialId: string) => ({
    id: 'f',
    name: 'f',
    credentialId,
    publicKey: 'k',
    signCount: 0,
    transports: [],
    keyType: 'hwk' as const,
    createdAt: 0,
  });
});

describeInBrowser('without script', () => {
  test('the passkey page says so and leads to an application, which works from the first page to the codes', async () => {
    const { page, open, web, stored, close } = await signedIn({}, { javaScriptEnabled: false });
    await open(ADD);
    await page.click('#choose-passkey');
    expect(await page.locator('noscript').textContent()).toContain('need JavaScript');
    expect(await page.locator('#enrol').isVisible()).toBe(false);
    await page.click('#choose-totp');
    const key = (await page.locator('#key').textContent())?.replaceAll(' ', '') ?? '';
    await page.fill('#code', generateSync({ secret: key, epoch: Math.floor(web.clock.now / 1000) }));
    await page.click('#enrol');
    expect(await heading(page)).toBe('Save your recovery codes');
    const download = await page.locator('#download').getAttribute('href');
    expect(decodeURIComponent(download ?? '')).toMatch(/^data:text\/plain[^,]*,Recovery codes of r0011111/);
    await page.click('#kept');
    expect((await stored()).totps).toHaveLength(1);
    await close();
  });
});

describeInBrowser('every page of the account and of enrolment', () => {
  test.each(['nl', 'en'])(
    'has nothing that axe objects to and nothing too wide for a phone, in %s',
    async (language) => {
      const faults: string[] = [];
      const { page, open, web, close } = await signedIn({
        activatedAt: 1,
        endsAt: Date.UTC(2026, 9, 1),
        language: language === 'nl' ? 'nl' : 'en',
      });
      const look = async () => {
        await page.waitForLoadState(); // what was pressed may just have brought the next page
        for (const width of [390, 1280]) {
          await page.setViewportSize({ width, height: 844 });
          if (((await page.evaluate('document.documentElement.scrollWidth')) as number) > width)
            faults.push(`${page.url()} is wider than ${width}`);
          faults.push(...(await accessibilityFaults(page)));
        }
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
      };
      for (const path of ['/account', '/account/password', '/account/factors', ADD]) {
        await open(path);
        await look();
      }
      await page.click('#send-code');
      await look();
      const { effects } = (await web.storage.accounts.findById('account-1')) ?? anAccount();
      const [letter] = effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []));
      await page.fill('#code', 'WRONG222');
      await page.click('#verify');
      await look();
      await page.fill('#code', JSON.parse(web.sealer.open(letter?.sealedSecret ?? '', 'account-1', 'letter')).code);
      await page.click('#verify');
      await look(); // choose
      await page.click('#choose-passkey');
      await look();
      await page.click('#choose-totp');
      await look();
      const key = (await page.locator('#key').textContent())?.replaceAll(' ', '') ?? '';
      // the code submits itself on its last digit
      await page.fill('#code', generateSync({ secret: key, epoch: Math.floor(web.clock.now / 1000) }));
      await page.waitForURL('**/account/recovery-codes');
      await look();
      await page.click('#kept');
      await look(); // the list, with a factor
      await page.locator('.cards a').first().click();
      await look(); // remove?
      await open('/account/recovery-codes');
      await look();
      expect(faults).toEqual([]);
      await close();
    },
    240_000, // a dozen pages, each at two widths in both themes
  );
});
