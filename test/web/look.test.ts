/** All pages of signing in are accessible (no findings by axe), in light and dark, and usable without mouse or script. */
import { afterEach, expect, test } from '@jest/globals';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { faultsOf } from '../support/looks.ts';
import { closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atLeuven, atVives } from './people.ts';

afterEach(closeAll);

async function house() {
  const web = await startWeb();
  const passkey = { publicKey: 'x', signCount: 0, transports: [], keyType: 'hwk', createdAt: 0 } as const;
  const passkeys = [{ ...passkey, transports: [], id: 'p', name: 'Key', credentialId: 'abcdefgh' }];
  await web.storage.accounts.insert(atVives(web, { passkeys }).account);
  await web.storage.accounts.insert(atLeuven({ id: 'ended', endsAt: web.clock.now - 1 }));
  await web.storage.accounts.insert(atLeuven({ id: 'bare', userNumbers: ['u2'], emails: [] }));
  return web;
}

const proven = (web: RunningWeb, accountId: string) => ({
  secondFactor: 'request-requires' as const,
  pending: { proven: { accountId, epoch: 1, amr: ['pwd'], at: web.clock.now } },
});

const paths: [name: string, path: (web: RunningWeb) => string][] = [
  ['front page', () => '/'],
  ['password', (web) => web.begin()],
  ['code', (web) => web.begin(proven(web, 'vives-1'))],
  ['passkey', (web) => `${web.begin(proven(web, 'vives-1'))}?way=passkey`],
  ['recovery code', (web) => `${web.begin(proven(web, 'vives-1'))}?way=recovery`],
  ['enrol', (web) => web.begin(proven(web, 'bare'))],
  ['ended', (web) => web.begin(proven(web, 'ended'))],
  [
    'consent',
    (web) =>
      web.begin({
        prompt: 'consent',
        consent: { scopes: ['profile'], claims: [], resourceScopes: {}, shown: ['name'] },
      }),
  ],
  ['not found', () => '/nowhere'],
  ['bug', () => '/bug'],
  ['expired', () => '/interaction/gone'],
  ['protocol error', () => '/auth'],
  ['application that has expired', () => '/auth?expired=1'],
  ['application that waits for approval', () => '/auth?pending=dyn-8Zr1'],
  ['sign out', () => '/session/end'],
  ['signed out', () => '/session/end/success'],
  ['code of a device', () => '/device'],
  ['code of a device that does not work', () => '/device?user_code=AAAA-AAAA'],
  ['what a device asks', () => '/device?user_code=WXYZ-3479'],
  ['a device that is signed in', () => '/device/done'],
  ['a device that is not', () => '/device/stopped'],
];

describeInBrowser('look', () => {
  test.each(['nl', 'en'])(
    'axe finds nothing on any page, light and dark (%s)',
    async (locale) => {
      const web = await house();
      const { page } = await visitor({ locale });
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (line) => {
        if (line.text().includes('Content Security Policy')) faults.push(line.text());
      });
      for (const [name, path] of paths) {
        const answer = await page.goto(web.url + path(web));
        if (answer?.status() === 500 && name !== 'bug') faults.push(`${name} has an error of its own`);
        faults.push(...(await faultsOf(page, `signin-${locale}-${name.replaceAll(' ', '-')}`, locale)));
      }
      expect(faults).toEqual([]);
    },
    240_000,
  );

  test('a refusal has the focus, with script and without', async () => {
    for (const javaScriptEnabled of [true, false]) {
      const web = await house();
      const { page } = await visitor({ javaScriptEnabled });
      await page.goto(web.url + web.begin());
      await page.fill('#login', 'r1');
      await page.fill('#password', 'nothing');
      await page.click('#sign-in');
      await page.waitForSelector('#error:focus');
      if (javaScriptEnabled) expect(await accessibilityFaults(page)).toEqual([]);
    }
  });

  test('without script everything is there: no show button, no passkey button, and a note where a key is asked', async () => {
    const web = await house();
    const { page } = await visitor({ javaScriptEnabled: false, locale: 'en' });
    await page.goto(web.url + web.begin());
    expect(await page.locator('button:visible').allTextContents()).toEqual(['Sign in']);
    await page.goto(`${web.url}${web.begin(proven(web, 'vives-1'))}?way=passkey`);
    expect(await page.locator('noscript').textContent()).toContain('need JavaScript');
  });

  test('targets are 44 px, fields 16 px, the column 26 rem', async () => {
    const web = await house();
    const { page } = await visitor();
    await page.goto(web.url + web.begin());
    const small = (await page.evaluate(`[...document.querySelectorAll('a, button, input:not([type=hidden]), summary')]
      .filter((each) => each.offsetParent !== null && !each.classList.contains('reveal'))
      .filter((each) => each.getBoundingClientRect().height < 43.5)
      .map((each) => each.outerHTML)`)) as string[];
    expect(small).toEqual([]);
    expect(await page.evaluate(`getComputedStyle(document.getElementById('login')).fontSize`)).toBe('16px');
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await page.evaluate(`document.querySelector('form').getBoundingClientRect().width`)).toBeLessThanOrEqual(
      416,
    );
  });

  test('a field for a code has the edge and the ground of other fields', async () => {
    const web = await house();
    const { page } = await visitor();
    const drawn = (of: string) =>
      page.evaluate(`(({ borderTopColor, backgroundColor, marginBlockEnd }) =>
        [borderTopColor, backgroundColor, marginBlockEnd])(getComputedStyle(document.querySelector('${of}')))`);
    await page.goto(web.url + web.begin());
    await page.focus('#password');
    const other = await drawn('#login');
    await page.goto(web.url + web.begin(proven(web, 'vives-1')));
    await page.locator('#code').blur();
    expect(await drawn('#code')).toEqual(other);
  });

  test('in forced colours a select keeps its focus ring, and an error its icon', async () => {
    const web = await house();
    const { page } = await visitor({ forcedColors: 'active' });
    await page.goto(web.url + web.begin());
    await page.evaluate(
      `document.querySelector('#login').outerHTML = '<select id="login"><option>a</option></select>'`,
    );
    await page.focus('#password');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(`document.activeElement.id`)).toBe('login');
    expect(await page.evaluate(`getComputedStyle(document.activeElement).outline`)).toMatch(/solid 3px/);
    await page.goto(web.url + web.begin());
    await page.fill('#login', 'r1');
    await page.fill('#password', 'nothing');
    await page.click('#sign-in');
    await page.waitForSelector('#error');
    const icon = `getComputedStyle(document.getElementById('error'), '::before')`;
    expect(await page.evaluate(`${icon}.backgroundColor !== getComputedStyle(document.body).backgroundColor`)).toBe(
      true,
    );
  });

  test('a select has its arrow, facts stack by the width of their card, and no card loses its corners to a row', async () => {
    const web = await house();
    const { page } = await visitor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(web.url + web.begin());
    await page.evaluate(`document.querySelector('main').innerHTML = \`
      <select id="choice"><option>a</option></select>
      <section><dl class="facts"><dt>name</dt><dd>value</dd></dl></section>
      <section><dl class="facts"><dt>name</dt><dd>value</dd></dl></section>
      <ul class="rows"><li class="warn"><a href="/">a</a></li></ul>\`;
      document.querySelectorAll('section').forEach((each, index) => { each.style.width = ['20rem', '22rem'][index]; });`);
    const style = (of: string, what: string) =>
      page.evaluate(`getComputedStyle(document.querySelector('${of}')).${what}`);
    expect(await style('#choice', 'backgroundImage')).toContain('data:image/svg+xml');
    expect(await style('#choice', 'paddingInlineEnd')).toBe('40px');
    expect(String(await style('section:nth-of-type(1) dl', 'gridTemplateColumns')).split(' ')).toHaveLength(1);
    expect(String(await style('section:nth-of-type(2) dl', 'gridTemplateColumns')).split(' ')).toHaveLength(2);
    expect(await style('.rows li', 'borderEndEndRadius')).toBe('11px');
  });

  test('the password can be shown, and hides itself when sent; the code sends itself on its last digit', async () => {
    const web = await house();
    const { page } = await visitor();
    await page.goto(web.url + web.begin());
    await page.fill('#password', 'nothing');
    await page.click('.reveal');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
    await page.goto(web.url + web.begin(proven(web, 'vives-1')));
    await page.locator('#code').pressSequentially('123 456');
    await page.waitForSelector('#error');
  });
});
