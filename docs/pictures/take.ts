/** Takes the README's pictures from the running demo: `npm run pictures`. Needs a Chromium. */
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { demoPassword } from '../../demo/people.ts';
import { linkIn, startCampus } from '../../test/support/campus.ts';
import needs from '../../test/support/needs.cjs';

if (needs.browser === undefined) throw new Error('no Chromium: install one, or name it in PEDEL_TEST_BROWSER');

const campus = await startCampus();
const browser = await chromium.launch({ executablePath: needs.browser, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const phone = await browser.newContext({
    viewport: { width: 390, height: 760 },
    deviceScaleFactor: 2,
    locale: 'en-GB',
  });
  const page = await phone.newPage();
  const take = (name: string, of: Page = page) =>
    of.screenshot({ path: fileURLToPath(new URL(`./${name}.png`, import.meta.url)) });

  await page.goto(`${campus.urls.toledo}/login`);
  await take('sign-in');
  // a student opens the invitation and comes to the second factor
  const invitation = await campus.letter('amara.okafor@example.org', /activate/i);
  await page.goto(linkIn(invitation));
  await page.click('#continue');
  await page.fill('#password', 'een fjord vol lampen 42');
  await page.fill('#password_again', 'een fjord vol lampen 42');
  await page.click('#set-password');
  await page.click('#choose-totp');
  await take('second-factor');

  const dark = await browser.newContext({
    viewport: { width: 390, height: 760 },
    deviceScaleFactor: 2,
    locale: 'nl-BE',
    colorScheme: 'dark',
  });
  const night = await dark.newPage();
  await night.goto(`${campus.urls.toledo}/login`);
  await take('sign-in-dark', night);

  // an owner registers an application in the console
  const desk = await browser.newContext({ viewport: { width: 1200, height: 900 }, locale: 'en-GB' });
  const console = await desk.newPage();
  await console.goto(`${campus.urls.pedel}/admin/applications/new/nextcloud?lang=en`);
  await console.fill('#login', 'u0000002');
  await console.fill('#password', demoPassword);
  await console.click('#sign-in');
  const codes = await (await desk.newPage()).goto(`${campus.urls.mailbox}/codes`);
  const [, code = ''] = /id="code-u0000002">(\d{6})</.exec((await codes?.text()) ?? '') ?? [];
  await console.fill('#code', code);
  await console.waitForSelector('#address');
  await console.goto(`${campus.urls.pedel}/admin/applications/new`);
  await take('console-catalogue', console);
  await console.click('a[href="/admin/applications/new/nextcloud"]');
  await console.fill('#address', 'https://cloud.example.edu');
  await console.click('#continue');
  await console.click('#register');
  await console.waitForSelector('#snippet-0');
  await take('console-connect', console);

  // an agent of the service desk looks somebody up, and checks who is asking
  const counter = await (
    await browser.newContext({ viewport: { width: 1200, height: 1450 }, locale: 'en-GB' })
  ).newPage();
  await counter.goto(`${campus.urls.pedel}/desk?lang=en`);
  await counter.fill('#login', 'u0000005');
  await counter.fill('#password', demoPassword);
  await counter.click('#sign-in');
  const shown = await (await desk.newPage()).goto(`${campus.urls.mailbox}/codes`);
  await counter.fill('#code', /id="code-u0000005">(\d{6})</.exec((await shown?.text()) ?? '')?.[1] ?? '');
  await counter.click('#verify');
  await counter.goto(`${campus.urls.pedel}/desk?q=goossens`);
  await counter.click('table a');
  await counter.fill('#said-birth-date', '11/2/2004');
  await counter.click('form:has(#said-birth-date) button');
  await counter.waitForSelector('#answer');
  await take('desk-person', counter);
} finally {
  await browser.close();
  await campus.stop();
}
