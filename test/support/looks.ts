/** How a page looks in Chromium: wide and narrow, light and dark, in forced colours; `PEDEL_PICTURES=FOLDER` keeps pictures. */
import type { Page } from 'playwright-core';
import { accessibilityFaults } from './browser.ts';

const folder = process.env.PEDEL_PICTURES;

/** Runs in the page: what cannot be told in forced colours, where backgrounds and shadows go. */
const UNMARKED = `[...document.querySelectorAll('main :is(button, a.main, input:not([type=radio], [type=checkbox]), select, textarea, .notice), .rooms [aria-current]')]
  .filter((each) => each.checkVisibility() && !each.matches('.plain, .reveal'))
  .filter((each) => {
    const { borderTopWidth, borderTopStyle, outlineStyle } = getComputedStyle(each);
    return each.ariaCurrent === null ? borderTopStyle === 'none' || borderTopWidth === '0px' : outlineStyle === 'none';
  })
  .map((each) => each.outerHTML.slice(0, 100))`;

/** One line for each thing that is wrong with the page: axe on the English one, narrow and in forced colours the Dutch one. */
export async function faultsOf(page: Page, name: string, language: string): Promise<string[]> {
  const faults: string[] = [];
  const wrong = (...found: string[]) => faults.push(...found.map((each) => `${name}: ${each}`));
  if (language === 'en') wrong(...(await accessibilityFaults(page)));
  const isTooWide = () => page.evaluate('document.documentElement.scrollWidth > innerWidth');
  await page.setViewportSize({ width: 320, height: 800 });
  if (await isTooWide()) wrong('scrolls sideways');
  await keep(page, `${name}-phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
  if (await isTooWide()) wrong('scrolls sideways on a wide screen');
  await keep(page, name);
  if (language === 'nl') {
    await page.emulateMedia({ forcedColors: 'active' });
    wrong(...((await page.evaluate(UNMARKED)) as string[]));
    await keep(page, `${name}-forced`);
    // without the change of colours, which a picture would catch halfway
    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'dark', reducedMotion: 'reduce' });
    await keep(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  return faults;
}

async function keep(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  // `animations`: a colour on its way from light to dark is no fault of the page
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, caret: 'initial', animations: 'disabled' });
}
