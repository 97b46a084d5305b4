/** The first page of the account: what is to be done, what is in order, and where to go. About 4 s with a browser. */
import { afterEach, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { anAccount } from '../support/account.ts';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { localized } from '../support/localized.ts';
import { stubSessions } from '../support/session-stub.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';

afterEach(closeAll);

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
const app = { id: 't1', name: 'My phone', sealedSeed: 's', lastStep: 0, createdAt: 0 };
const tenCodes = { macs: Array.from({ length: 10 }, String), createdAt: 1 };

/** Pedel with one person who is signed in on two browsers and may use five applications. */
async function signedIn(change: Partial<Account> = {}) {
  const stub = stubSessions();
  const web = await startWeb({
    sessions: stub.sessions,
    applications: async () =>
      ['Toledo', 'Webmail', '<b>KU</b> Loket', 'Bibliotheek', 'Nextcloud'].map((name, index) => ({
        id: `app-${index}`,
        name: localized(name),
        uri: `https://app-${index}.example/`,
      })),
    openSessions: {
      list: async () => [
        { uid: 'other', amr: [], clients: [], since: web.clock.now - 3 * 86_400_000, place: {} },
        {
          uid: 'mine',
          amr: [],
          clients: [],
          since: web.clock.now - 60_000,
          place: { agent: chrome, network: 'campus <i>Kortrijk</i>' },
        },
      ],
      end: async () => false,
      endOthers: async () => 0,
    },
  });
  const account = anAccount({
    activatedAt: 1,
    language: 'en',
    password: { hash: 'plain$x', setAt: web.clock.now },
    endsAt: web.clock.now + 290 * 86_400_000,
    ...change,
  });
  await web.storage.accounts.insert(account);
  stub.open.set('mine', { uid: 'mine', accountId: account.id, amr: ['pwd'], authTime: 1, epoch: 1 });
  const browser = browserOf(web);
  browser.cookies.set('stub', 'mine');
  return { web, browser };
}

const inText = (html: string) => html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');

test('security comes first: what to do, the password, the second step, the browsers', async () => {
  const { browser } = await signedIn();
  const { body } = await browser.get('/account?lang=en');
  const text = inText(body);
  expect(text).toContain('Security 1 thing to do Your password alone opens your account');
  expect(text).toContain(
    'Signed in on 2 browsers Last sign-in today 10:59, Chrome on Windows, campus &lt;i&gt;Kortrijk&lt;/i&gt;',
  );
  expect(body).toContain('href="/account/factors/add"');
  expect(body.indexOf('id="security"')).toBeLessThan(body.indexOf('id="applications"'));
  expect(inText((await browser.get('/account?lang=nl')).body)).toContain('Beveiliging 1 ding te doen');
});

test('it names the second steps and how many codes are left, and asks for nothing where all is in order', async () => {
  const few = await signedIn({ totps: [app], recoveryCodes: { macs: ['a', 'b'], createdAt: 1 } });
  const text = inText((await few.browser.get('/account')).body);
  expect(text).toContain('2 of 10 recovery codes left');
  expect(text).toContain('Second step My phone');
  const two = [app, { ...app, id: 't2', name: 'Tablet' }];
  const { body } = await (await signedIn({ totps: two, recoveryCodes: tenCodes })).browser.get('/account');
  expect(inText(body)).toContain('Security All in order');
  expect(body).not.toContain('id="advice"');
});

test('applications to open, the end in words and counted, and signing out', async () => {
  const { browser } = await signedIn();
  const { body } = await browser.get('/account');
  expect(body).toContain('href="https://app-0.example/"');
  expect(body).not.toContain('href="https://app-4.example/"');
  expect(inText(body)).toContain('All 5 applications');
  expect(body).not.toContain('<b>KU');
  expect(inText(body)).toContain('Your account ends on 8 July 2027 at midnight, in 290 days.');
  expect(inText(body)).toContain('Student at VIVES · r0011111');
  for (const path of [
    '/account',
    '/account/password',
    '/account/factors',
    '/account/sessions',
    '/account/applications',
  ])
    expect((await browser.get(path)).body).toContain('name="action" value="logout"');
});

describeInBrowser('the overview in a browser', () => {
  test('axe finds nothing, in both languages, light and dark, on a phone and wide', async () => {
    const { web } = await signedIn({ totps: [app], recoveryCodes: tenCodes });
    const { page, context } = await visitor({ locale: 'en' });
    await context.addCookies([{ name: 'stub', value: 'mine', url: web.url }]);
    const faults: string[] = [];
    for (const [width, lang] of [
      [390, 'nl'],
      [1280, 'en'],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${web.url}/account?lang=${lang}`);
      faults.push(...(await accessibilityFaults(page)));
      if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) faults.push(`${width} scrolls`);
    }
    expect(faults).toEqual([]);
  }, 60_000);
});
