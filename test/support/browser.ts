/** A real browser for stories: Chromium with axe, and virtual authenticators for passkeys and security keys. */
import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import needs from './needs.cjs';
import type { newKey } from './security-key.ts';

const require = createRequire(import.meta.url);
const axePath = require.resolve('axe-core/axe.min.js');

/** Stories that need the browser; left out, and said so by the reporter, where there is none. */
export const describeInBrowser = needs.browser === undefined && process.env.CI !== 'true' ? describe.skip : describe;

let running: Promise<Browser> | undefined;

/** A fresh visitor: no cookies, nothing remembered. Closed with everything else at the end of the file. */
export async function visitor(options: BrowserContextOptions = {}): Promise<{ context: BrowserContext; page: Page }> {
  running ??= chromium.launch({
    ...(needs.browser === undefined ? {} : { executablePath: needs.browser }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const context = await (await running).newContext({ viewport: { width: 390, height: 844 }, ...options });
  context.setDefaultTimeout(20_000);
  return { context, page: await context.newPage() };
}

afterAll(async () => {
  await (await running)?.close();
  running = undefined;
});

/** A virtual authenticator: `passkey` verifies its user and keeps the key on the device, `key` is a security key without PIN. */
export async function authenticator(page: Page, kind: 'passkey' | 'key') {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: kind === 'passkey' ? 'internal' : 'usb',
      hasResidentKey: kind === 'passkey',
      hasUserVerification: kind === 'passkey',
      isUserVerified: kind === 'passkey',
      automaticPresenceSimulation: true,
    },
  });
  return {
    /** puts a key into it, as if it had been set up there */
    add: (credential: ReturnType<typeof newKey>['held']) =>
      session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    credentials: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    remove: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}

type Violation = { id: string; help: string; nodes: { html: string }[] };

/** What axe finds on the page as it stands (WCAG 2.2 AA and best practices), in light and in dark: one line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(`window.axe === undefined`).then(async (missing) => {
      // through the debugger, so that the page's content security policy stays as it is
      if (missing) await page.evaluate((await import('node:fs')).readFileSync(axePath, 'utf8'));
    });
    // only colours differ between the two
    const rules = colorScheme === 'light' ? '{}' : '{ runOnly: ["color-contrast", "link-in-text-block"] }';
    const violations = (await page.evaluate(
      `axe.run(document, ${rules}).then(({ violations }) => violations)`,
    )) as Violation[];
    for (const { id, help, nodes } of violations) {
      faults.push(
        `${colorScheme} ${new URL(page.url()).pathname} ${id}: ${help} — ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
      );
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  return faults;
}

/** Runs in the page: what makes this look another one. Identifiers in the path differ each time, and change nothing. */
const LOOK = `[
  location.pathname.replace(/[^/]{20,}/g, ':id'),
  document.documentElement.lang,
  document.title,
  innerWidth,
  [...new Set([...document.querySelectorAll('body, body *')].map((each) =>
    each.tagName + '.' + each.className + '[' + each.getAttributeNames().sort() + ']'))].sort().join(' '),
].join('\\n')`;

/** Whether this file is the first of the run to see such a look; `again` has it judged once more. */
function firstToSee(look: string): { first: boolean; again(): void } {
  const folder = process.env.PEDEL_TEST_RUN;
  if (folder === undefined) return { first: true, again: () => undefined };
  const mark = join(folder, createHash('sha256').update(look).digest('hex'));
  try {
    writeFileSync(mark, look, { flag: 'wx' });
    return { first: true, again: () => rmSync(mark, { force: true }) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { first: false, again: () => undefined };
  }
}

/**
 * Expects no fault of accessibility, and nothing wider than the screen, on the page as it stands. Each look of a page (its
 * address, heading, language, width and the kinds of elements on it) is judged once in a run of the tests: axe took more
 * processor time than all pages. `PEDEL_PICTURES=FOLDER` keeps a picture of each.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const look = (await page.evaluate(LOOK)) as string;
  const { first, again } = firstToSee(look);
  if (!first) return;
  const shown = look.split('\n').slice(0, 4).join(' ');
  const tooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  const faults = [...(await accessibilityFaults(page)), ...(tooWide ? [`${shown} is wider than the screen`] : [])];
  if (faults.length > 0) again(); // a second try must find them too
  expect(faults).toEqual([]);
  const folder = process.env.PEDEL_PICTURES;
  if (folder === undefined) return;
  const name = shown.replaceAll(/[^\p{L}\d]+/gu, '-').slice(0, 100);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // a hidden caret would leave style attributes behind, and pages are compared
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true, caret: 'initial' });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
