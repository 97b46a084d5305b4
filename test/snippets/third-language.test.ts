/** A language added as docs/translating.md says is on every page and in every email, and fits on a telephone. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { authenticatorApp, codeIn, linkIn } from '../support/campus.ts';
import { aPerson, type Person, type Product, SECRET, startProduct } from '../support/product.ts';
import { pseudo, pseudoLanguage, withPseudoLanguage } from '../support/pseudo-language.ts';
import {
  arriving,
  enterCode,
  goodPassword,
  otherPassword,
  press,
  setPassword,
  signIn,
  totpKey,
} from '../support/steps.ts';
import { snippet, substituted } from './documents.ts';

const language = pseudoLanguage;
/** at VIVES, which invites by link and asks for a second step; at the alumni office, with a code and without one */
const invited: Person = { ...aPerson('vives', 'never-active'), language };
const numbered: Person = { ...aPerson('alum', 'never-active'), language };
const ended: Person = { ...aPerson('kuleuven', 'ended'), language };
const guest: Person = { ...aPerson('vives'), language };

/** Small telephones are 360 wide. */
const viewport = { width: 360, height: 740 };
const back = 'https://app.example/back';

/** What stands on pages as somebody gave it: names, addresses, numbers of a configuration, a feed, a registration. */
const given = [
  /https?:\/\/[^\s)]+|[\w.+•-]+@[\w.-]+|localhost:\d+|www\.[\w.-]+/g,
  /Associatie KU Leuven|Kim Storm|Kim|KU Leuven Alumni|KU Leuven|Alumni KU Leuven|Hogeschool VIVES|VIVES University of Applied Sciences/g,
  /ICTS Helpdesk|Servicedesk VIVES|VIVES servicedesk|International Office (Brugge|Kortrijk)|Alumni Lovanienses/g,
  /Library|Chrome|Linux/g,
  /\b[a-z]\d{7}\b/gi,
  /\bCES?T\b/g, // of which ICU knows no other name
];

/** Runs in the page. */
const LOOK = `(() => {
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const texts = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement;
    // a code and initials are the same in every language, and some parts say themselves that they are in another
    if (parent.closest('script, style, noscript, code, svg, body [lang]') !== null || !shown(parent)) continue;
    if (node.previousSibling?.nodeName === 'WBR') texts.push(texts.pop() + node.data); // the rest of an address
    else texts.push(node.data);
  }
  for (const each of document.querySelectorAll('*'))
    for (const name of ['aria-label', 'alt', 'title', 'placeholder', 'data-show', 'data-hide', 'data-copied', 'data-cancelled', 'data-unsupported'])
      if (each.hasAttribute(name)) texts.push(each.getAttribute(name));
  const wide = [...document.querySelectorAll('body *')].filter((each) => shown(each)).filter((each) => {
    const { left, right } = each.getBoundingClientRect();
    const cut = each.matches('button, a, label, h1, h2, summary, p, li, dt, dd, td, select') && each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline';
    return cut || right > innerWidth + 0.5 || left < -0.5;
  });
  return {
    texts: texts.map((text) => text.replace(/\\s+/g, ' ').trim()).filter((text) => text !== ''),
    tooWide: [
      ...(document.documentElement.scrollWidth > innerWidth ? ['the page is ' + document.documentElement.scrollWidth + ' wide'] : []),
      ...wide.map((each) => each.outerHTML.slice(0, 120)),
    ],
  };
})()`;

describeInBrowser('a third language', () => {
  let installation: ReturnType<typeof withPseudoLanguage>;
  let product: Product;
  beforeAll(async () => {
    const line = substituted(snippet('docs/translating.md: Another language: ts'), {
      // in letters of its own, so that a date in English is seen
      'fr-BE': 'el-GR',
      fr: language,
      Français: pseudo('Pseudo'),
    });
    installation = withPseudoLanguage(line);
    product = await startProduct({
      command: installation.command,
      people: [invited, numbered, ended, guest],
      clients: [{ client_id: 'library', client_name: 'Library', client_secret: SECRET, redirect_uris: [back] }],
    });
  }, 240_000);
  afterAll(async () => {
    await product?.stop();
    installation?.remove();
  });

  const faults: string[] = [];
  const seen = new Set<string>();
  /** Judges the page as it stands. */
  async function look(page: Page, name: string): Promise<void> {
    await page.waitForLoadState('load'); // with its style sheets, also on a busy machine
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    const { texts, tooWide } = (await page.evaluate(LOOK)) as { texts: string[]; tooWide: string[] };
    // letters that the language lacks were not translated
    const untranslated = texts.filter((text) =>
      /[A-Za-z]{2}/.test(given.reduce((rest, each) => rest.replace(each, ''), text)),
    );
    faults.push(
      ...untranslated.map((text) => `${name} says: ${text}`),
      ...tooWide.map((each) => `${name} is too wide: ${each}`),
    );
    seen.add(name);
  }

  async function lookAtEmail(page: Page, html: string, name: string): Promise<void> {
    await page.goto('about:blank'); // Pedel's pages take no styles but their own
    await page.setContent(html);
    await look(page, name);
  }

  async function aVisitor(): Promise<Page> {
    const { page } = await visitor({ viewport });
    await page.goto(`${product.issuer}/?lang=${language}`);
    return page;
  }
  const authorization = (more = '') =>
    `${product.issuer}/auth?client_id=library&response_type=code&redirect_uri=${encodeURIComponent(back)}&scope=openid%20profile%20email&nonce=n&state=s${more}`;

  test('is spoken from the invitation to the second step, on a page that holds it', async () => {
    const page = await aVisitor();
    await look(page, 'home');
    expect(await page.locator('nav.language a').allInnerTexts()).toEqual(['Nederlands', 'English']);
    const letter = await product.letter(invited.personalEmail, /\/activate\?ticket=/);
    const link = linkIn(letter);
    await lookAtEmail(page, letter.html, 'email');
    await page.goto(link);
    await look(page, 'invitation');
    await press(page, 'continue');
    await setPassword(page, 'lanterns');
    await look(page, 'password refused');
    await page.locator('#password').pressSequentially('lanterns'); // the meter
    await page.waitForSelector('#verdict:not([hidden])');
    await look(page, 'password weighed');
    await setPassword(page, goodPassword);
    await look(page, 'choice of a second step');
    await press(page, 'choose-passkey');
    await look(page, 'passkey');
    await press(page, 'choose-totp');
    await page.locator('details summary').first().click();
    await look(page, 'authenticator app');
    const app = authenticatorApp(await totpKey(page));
    await enterCode(page, '000000', 'enrol');
    await look(page, 'authenticator app refused');
    await enterCode(page, await app.code(), 'enrol');
    await look(page, 'recovery codes');
    await press(page, 'kept');
    await look(page, 'activated');

    await page.goto(`${product.issuer}/account`);
    await look(page, 'account');
    for (const path of ['password', 'factors', 'recovery-codes', 'factors/add'])
      await page.goto(`${product.issuer}/account/${path}`).then(() => look(page, `account ${path}`));
    await page.goto(`${product.issuer}/account/factors`);
    await page.locator('summary').first().click();
    await look(page, 'account factor renamed');
    await arriving(page, () => page.locator('a[href*="/account/factors/remove"]').click());
    await look(page, 'account factor removed');
    await page.goto(`${product.issuer}/account?done=language`);
    await look(page, 'account, done');

    await page.goto(authorization());
    await look(page, 'consent');
    await page.goto(`${product.issuer}/session/end`);
    await look(page, 'sign-out');
    await press(page, 'logout');
    await look(page, 'signed out');

    await page.goto(authorization());
    await look(page, 'sign-in');
    await signIn(page, invited.number, 'wrong');
    await look(page, 'sign-in refused');
    await signIn(page, invited.number, goodPassword);
    await look(page, 'second factor');
    await arriving(page, () => page.locator('a[href="?way=recovery"]').click());
    await look(page, 'recovery code');
    await page.context().close();
  }, 240_000);

  test('is spoken with a number and a code, to who forgot the password, and where something is wrong', async () => {
    const page = await aVisitor();
    const { issuer } = product;
    await page.goto(`${issuer}/activate`);
    await look(page, 'activation');
    await page.fill('#number', 'q7654321');
    await press(page, 'send');
    await look(page, 'activation of an unknown number');
    await page.goto(`${issuer}/activate?number=${numbered.number}`);
    await look(page, 'activation, e-mail address');
    await page.fill('#email', numbered.personalEmail);
    await press(page, 'send-code');
    await look(page, 'activation, code');
    const code = codeIn(await product.letter(numbered.personalEmail, /[2-9A-Z]{4}-[2-9A-Z]{4}/));
    await enterCode(page, '2222-2222', 'verify');
    await look(page, 'activation, code refused');
    await enterCode(page, code, 'verify');
    await look(page, 'activation, password');
    await setPassword(page, goodPassword);
    await look(page, 'second step offered');
    await press(page, 'later');
    await look(page, 'activated without');
    await page.goto(`${issuer}/activate?number=${numbered.number}`);
    await look(page, 'active already');

    await page.context().clearCookies({ name: /session/ });
    await page.goto(`${issuer}/forgotten`);
    await look(page, 'forgotten');
    await page.fill('#login', numbered.number);
    await press(page, 'send-link');
    await look(page, 'forgotten, sent');
    const reset = await product.letter(numbered.personalEmail, /\/reset\?ticket=/);
    const link = linkIn(reset);
    await page.goto(link);
    await look(page, 'reset');
    await press(page, 'continue');
    await look(page, 'reset, password');
    await setPassword(page, otherPassword);
    await look(page, 'reset, done');
    await page.goto(link);
    await look(page, 'reset, dead');
    await page.goto(`${issuer}/activate?ticket=nothing`);
    await look(page, 'activation, dead');
    const notice = await product.letter(numbered.personalEmail, /\/not-me\?ticket=/);
    await lookAtEmail(page, notice.html, 'email about a new password');

    await page.context().clearCookies({ name: /session/ });
    await page.goto(authorization());
    await signIn(page, guest.number, guest.password);
    await look(page, 'code to be mailed');
    await press(page, 'send-code');
    await look(page, 'code mailed');
    await page.context().clearCookies({ name: /session|interaction/ });
    await page.goto(authorization());
    await signIn(page, ended.number, ended.password);
    await look(page, 'ended');

    await page.goto(`${issuer}/nowhere`);
    await look(page, 'missing');
    await page.goto(`${issuer}/interaction/gone`);
    await look(page, 'expired');
    await page.goto(`${issuer}/auth?client_id=library&redirect_uri=https://elsewhere.example`);
    await look(page, 'refused to an application');
    await page.context().close();
  }, 240_000);

  test('leaves no word as it was, and fits', () => {
    expect(seen.size).toBeGreaterThan(40);
    expect(faults).toEqual([]);
  });

  test('is in the references once they are made anew', async () => {
    const lines = snippet('docs/translating.md: Another language: sh');
    await promisify(execFile)('sh', ['-ec', lines], { cwd: installation.folder });
    const written = (file: string) => readFileSync(join(installation.folder, file), 'utf8');
    expect(written('docs/client-metadata.md')).toContain(`client_name#${language}`);
    expect(written('config/README.md')).toContain(`texts by language (nl, en, ${language})`);
  }, 60_000);

  test('needs no other line: types hold in sources and tests', async () => {
    const compiler = join(installation.folder, 'node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)(process.execPath, [compiler, '--noEmit'], {
      cwd: installation.folder,
    });
    expect(stdout).toBe('');
  }, 120_000);
});
