/** Takes the pictures of README and docs from the running demo: `npm run pictures`, `-- desk` those of docs/desk.md alone. Needs a Chromium. */
import { fileURLToPath } from 'node:url';
import { Argument } from 'commander';
import { chromium, type Page } from 'playwright-core';
import { demoPassword } from '../../demo/people.ts';
import { linkIn, startCampus } from '../../test/support/campus.ts';
import needs from '../../test/support/needs.cjs';
import { runner } from '../../test/support/runner.ts';

const [only] = runner(
  'pictures',
  'Takes the pictures of README and docs from the running demo, over those that are there.',
)
  .addArgument(new Argument('[only]', 'those of docs/desk.md alone').choices(['desk']))
  .parse().args;
if (needs.browser === undefined) throw new Error('no Chromium: install one, or name it in PEDEL_TEST_BROWSER');

const campus = await startCampus();
const browser = await chromium.launch({ executablePath: needs.browser, args: ['--no-sandbox', '--disable-gpu'] });
try {
  if (only === 'desk') await takeDesk();
  else await takeAll();
} finally {
  await browser.close();
  await campus.stop();
}

function take(of: Page, name: string) {
  return of.screenshot({ path: fileURLToPath(new URL(`./${name}.png`, import.meta.url)) });
}

async function takeAll(): Promise<void> {
  const phone = await browser.newContext({
    viewport: { width: 390, height: 760 },
    deviceScaleFactor: 2,
    locale: 'en-GB',
  });
  const page = await phone.newPage();

  await page.goto(`${campus.urls.toledo}/login`);
  await take(page, 'sign-in');
  // a student opens the invitation and comes to the second factor
  const invitation = await campus.letter('amara.okafor@example.org', /activate/i);
  await page.goto(linkIn(invitation));
  await page.click('#continue');
  await page.fill('#password', 'een fjord vol lampen 42');
  await page.fill('#password_again', 'een fjord vol lampen 42');
  await page.click('#set-password');
  await page.click('#choose-totp');
  await take(page, 'second-factor');

  const dark = await browser.newContext({
    viewport: { width: 390, height: 760 },
    deviceScaleFactor: 2,
    locale: 'nl-BE',
    colorScheme: 'dark',
  });
  const night = await dark.newPage();
  await night.goto(`${campus.urls.toledo}/login`);
  await take(night, 'sign-in-dark');

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
  await take(console, 'console-catalogue');
  await console.click('a[href="/admin/applications/new/nextcloud"]');
  await console.fill('#address', 'https://cloud.example.edu');
  await console.click('#continue');
  await console.click('#register');
  await console.waitForSelector('#snippet-0');
  await take(console, 'console-connect');

  await takeDesk();
}

/** A call to the service desk, in each language: who is found, how the account stands, the pass, and what waits for a colleague. */
async function takeDesk(): Promise<void> {
  await campus.run('roles', 'grant', 'u0000003', 'desk', '--organisation', 'vives');
  const agent = async (number: string) => {
    const page = await (
      await browser.newContext({ viewport: { width: 1200, height: 560 }, locale: 'en-GB' })
    ).newPage();
    await page.goto(`${campus.urls.pedel}/desk?lang=en`);
    await page.fill('#login', number);
    await page.fill('#password', demoPassword);
    await page.click('#sign-in');
    const shown = await (await page.context().newPage()).goto(`${campus.urls.mailbox}/codes`);
    const [, code = ''] = new RegExp(`id="code-${number}">(\\d{6})<`).exec((await shown?.text()) ?? '') ?? [];
    await page.fill('#code', code); // sends itself
    await page.waitForURL((url) => url.pathname === '/desk');
    return page;
  };
  const [tom, bart] = [await agent('u0000005'), await agent('u0000003')];
  const languages = ['en', 'nl'] as const;
  const tall = { width: 1200, height: 1100 };
  const low = { width: 1200, height: 560 };
  for (const language of languages) {
    await tom.setViewportSize(low);
    await tom.goto(`${campus.urls.pedel}/desk?q=r00&lang=${language}`);
    await take(tom, `desk-find-${language}`);
    await tom.click('table a:has-text("Hanne")');
    await tom.fill('#said-birth-date', '11/2/2004');
    await tom.click('form:has(#said-birth-date) button');
    await tom.waitForSelector('#answer');
    await tom.setViewportSize(tall);
    await tom.evaluate('scrollTo(0, 0)'); // the answer has the focus
    await take(tom, `desk-person-${language}`);
  }
  const hanne = new URL(tom.url()).pathname;
  await tom.setViewportSize(low);
  const reasons = { en: 'Ticket 4711: student card at the counter', nl: 'Ticket 4711: studentenkaart aan het loket' };
  // her password was set today, so that each pass waits for a colleague
  for (const language of languages) {
    await tom.goto(`${campus.urls.pedel}${hanne}/pass?lang=${language}`);
    await tom.fill('#reason', reasons[language]);
    await tom.click('#pass');
    await tom.waitForSelector('[role=status]');
    await bart.goto(`${campus.urls.pedel}/desk/approvals?lang=${language}`);
    await take(bart, `desk-approvals-${language}`);
    await bart.click('#approve');
    await bart.waitForSelector('[role=status]');
    await tom.reload();
    await tom.click('#show-pass');
    await tom.waitForSelector('p#pass');
    await take(tom, `desk-pass-${language}`);
  }
}
