/** A real browser for stories: Chromium with axe, and virtual authenticators for passkeys and security keys. */
import { createRequire } from 'node:module';
import { afterAll, describe, expect } from '@jest/globals';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import needs from './needs.cjs';

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

const judged = new Set<string>();

/**
 * Expects no fault of accessibility, and nothing wider than the screen, on the page as it stands. Each look of a page
 * (address, heading, language, a fault shown) is judged once a file. `PEDEL_PICTURES=FOLDER` keeps a picture of each.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const look = (await page.evaluate(
    `[location.pathname, document.documentElement.lang, document.title, document.querySelector('#error') ? 'with a fault' : '', innerWidth].join(' ')`,
  )) as string;
  if (judged.has(look)) return;
  judged.add(look);
  const tooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
  expect([...(await accessibilityFaults(page)), ...(tooWide ? [`${look} is wider than the screen`] : [])]).toEqual([]);
  const folder = process.env.PEDEL_PICTURES;
  if (folder === undefined) return;
  const name = look.replaceAll(/[^\p{L}\d]+/gu, '-').slice(0, 100);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
