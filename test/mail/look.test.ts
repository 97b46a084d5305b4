/**
 * How each email looks in Chromium: in both languages, on a desk and on a phone of 320 px, in light and in dark, also where what
 * others wrote is long. `PEDEL_PICTURES=FOLDER` keeps pictures. About 5 s, in one page of one Chromium; 40 s with pictures. A template
 * without data in support/letters.ts, and so without a look, is a type error.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTranslations } from '../../locales/index.ts';
import type { EmailTemplate } from '../../src/domain/account/emails.ts';
import { type Language, languageIds } from '../../src/domain/account/languages.ts';
import { contrast } from '../../src/domain/brand/brand-roles.ts';
import { createEmailRenderer } from '../../src/mail/render-email.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { about, aLetter, issuer, needs, organisations, render, sealer, templates } from './support/letters.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const folder = process.env.PEDEL_PICTURES;
const DESK = { width: 800, height: 600 };
const PHONE = { width: 320, height: 640 };

/** Rules about a whole page: the mail reader has headings and landmarks of its own, and shows the email inside of one. */
const OF_PAGES = ['bypass', 'landmark-one-main', 'page-has-heading-one', 'region'];
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

let page: Page;
beforeAll(async () => {
  ({ page } = await visitor());
});

const htmlOf = (template: EmailTemplate, language: Language, change: Parameters<typeof aLetter>[1] = {}) =>
  render(aLetter(template, { language, ...change }), about).html;

/** All of them below each other in one document, because axe takes longer to begin than to look. */
function together(letters: { template: EmailTemplate; html: string }[]): string {
  const [head = ''] = letters[0]?.html.split(/(?<=<body[^>]*>)/) ?? [];
  const bodies = letters.map(({ template, html }) => {
    const [, body = ''] = /<body[^>]*>([\s\S]*)<\/body>/.exec(html) ?? [];
    return `<div data-template="${template}">${body}</div>`;
  });
  return `${head}${bodies.join('')}</body></html>`;
}

/** One line for each thing that axe finds: which email, and where. */
async function axeFaults(options: object): Promise<string[]> {
  await page.evaluate(axe);
  return (await page.evaluate(`axe.run(document, ${JSON.stringify({ ...options, elementRef: true })}).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(({ element, html }) =>
      [element.closest('[data-template]')?.dataset.template, id, help, html.slice(0, 160)].join(' — '))))`)) as string[];
}

/** Runs in the page: what stands over the edge of the sheet, which hides what is wider, or of the screen. */
const TOO_WIDE = `(() => {
  const edge = Math.min(document.querySelector('.sheet').getBoundingClientRect().right, innerWidth) + 0.5;
  const text = document.createRange();
  return [...document.querySelectorAll('.sheet *, p')].filter((each) => {
    text.selectNodeContents(each);
    return [...text.getClientRects(), each.getBoundingClientRect()].some(({ right }) => right > edge);
  }).map((each) => each.outerHTML.slice(0, 160)).concat(
    document.documentElement.scrollWidth > innerWidth ? ['the email is wider than the screen'] : []);
})()`;

/** One line for each thing that is too wide, on a desk or on a phone. */
async function tooWide(html: string, name: string): Promise<string[]> {
  const faults: string[] = [];
  await page.setContent(html);
  for (const [viewport, suffix] of [
    [DESK, ''],
    [PHONE, '-phone'],
  ] as const) {
    await page.setViewportSize(viewport);
    faults.push(...((await page.evaluate(TOO_WIDE)) as string[]));
    if (folder === undefined) continue;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${folder}/email-${name}${suffix}-${colorScheme}.png`, fullPage: true });
    }
  }
  return faults.map((fault) => `${name}: ${fault}`);
}

/** Runs in the page: the colours of the button, and of the sheet on which it stands. */
const BUTTON = `(() => {
  const { color, backgroundColor, borderTopWidth, borderTopColor } = getComputedStyle(document.querySelector('a.brand'));
  const edge = borderTopWidth === '0px' ? backgroundColor : borderTopColor;
  return { color, backgroundColor, edge, sheet: getComputedStyle(document.querySelector('.sheet')).backgroundColor };
})()`;
type Button = { color: string; backgroundColor: string; edge: string; sheet: string };

/** A word that nothing in it lets a line break. */
const LONG = 'Vandenbroucke'.repeat(7);
/** Members whose value chooses a sentence, or is a day or a number. */
const CHOSEN = new Set(['organisation', 'role', 'how', 'because', 'act', 'left', 'most', 'happened', 'newPassword']);
const isDay = (value: string) => value === '' || /^\d{4}-\d\d-\d\d$/.test(value);

/** The template with words of others as long as they may be, and an address in place of the number. */
const longest = (template: EmailTemplate) => ({
  givenName: LONG,
  data: Object.fromEntries(
    Object.entries({ number: '', ...needs[template].data }).map(([member, value]) => [
      member,
      member === 'number'
        ? `annelies.${LONG.toLowerCase().slice(0, 50)}@student.kuleuven.be`
        : CHOSEN.has(member) || isDay(value)
          ? value
          : LONG,
    ]),
  ),
});

describeInBrowser('an email as its reader sees it', () => {
  test.each(languageIds)('has no fault of accessibility, in light and in dark, in %s', async (language) => {
    await page.setViewportSize(PHONE);
    await page.setContent(together(templates.map((template) => ({ template, html: htmlOf(template, language) }))));
    await page.emulateMedia({ colorScheme: 'light' });
    const disabled = Object.fromEntries(OF_PAGES.map((rule) => [rule, { enabled: false }]));
    const light = await axeFaults({ rules: disabled });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect([...light, ...(await axeFaults({ runOnly: OF_COLOURS }))]).toEqual([]);
  });

  test.each(['#00407a', '#c8102e', '#ffd400', '#0b1a10'])(
    'has a button that is seen and read where the colour is %s',
    async (colour) => {
      const coloured = organisations.map((each) => ({ ...each, colour }));
      const renderer = createEmailRenderer({
        sealer,
        issuer,
        organisations: coloured,
        translations: createTranslations(),
      });
      await page.setViewportSize(PHONE);
      await page.setContent(renderer(aLetter('invitation'), about).html);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { color, backgroundColor, edge, sheet } = (await page.evaluate(BUTTON)) as Button;
        expect([colorScheme, contrast(color, backgroundColor) >= 4.5]).toEqual([colorScheme, true]);
        expect([colorScheme, contrast(edge, sheet) >= 3]).toEqual([colorScheme, true]);
        if (folder !== undefined)
          await page.screenshot({
            path: `${folder}/email-colour-${colour.slice(1)}-${colorScheme}.png`,
            fullPage: true,
          });
      }
    },
  );

  test.each(languageIds)('fits a desk and a phone, in %s', async (language) => {
    const faults: string[] = [];
    for (const template of templates)
      faults.push(...(await tooWide(htmlOf(template, language), `${template}-${language}`)));
    expect(faults).toEqual([]);
  });

  test('fits them where what others wrote is long', async () => {
    const faults: string[] = [];
    for (const template of templates)
      faults.push(...(await tooWide(htmlOf(template, 'nl', longest(template)), `${template}-long`)));
    expect(faults).toEqual([]);
  });
});
