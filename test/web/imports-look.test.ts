/**
 * Imports in Chromium, by hand: a file is chosen, planned and applied, in both languages; axe finds nothing in light and dark, and
 * nothing scrolls sideways on 320 px. `PEDEL_PICTURES=FOLDER` keeps pictures of each page. About 15 s.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Source } from '../../src/domain/feed/source.ts';
import { createImports } from '../../src/use-cases/import/imports.ts';
import { accessibilityFaults, describeInBrowser, visitor } from '../support/browser.ts';
import { PASSWORD, startConsole, type TestConsole } from '../support/console.ts';

const folder = process.env.PEDEL_PICTURES;
let pedel: TestConsole;
const source: Source = {
  ...{ id: 'student-system', organisations: ['vives'], numbers: ['r#######'], domains: ['vives.be'], full: true },
  ...{ credentials: true, identity: 'none', safeguard: { lose: 5, least: 1, shrink: 20 } },
};
const HEADER = 'person,number,given_name,family_name,email,role,until\n';
const row = (prefix: string, index: number, name = 'Wout', number = `r${prefix}00000${index}`) =>
  `${prefix}${index},${number},${name},Claes,${prefix}${index}@vives.be,student,2099-12-31\n`;

beforeAll(async () => {
  const guests = { ...source, id: 'guests', full: false, credentials: false };
  pedel = await startConsole({ sources: [source, guests] });
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

async function signedIn(page: Page, name: string): Promise<void> {
  const login = await pedel.person(name);
  await pedel.grant({ kind: 'person', id: `account-${name}` }, [
    { role: 'people-administrator', organisations: ['vives'] },
  ]);
  await page.goto(`${pedel.issuer}/admin/imports`);
  await page.fill('#login', login);
  await page.fill('#password', PASSWORD);
  await page.click('#sign-in');
  await page.fill('#code', await pedel.freshCode(name)); // sends itself
  await page.waitForURL((url) => url.pathname === '/admin/imports');
}

/** A large import as a process told of it a moment ago, or long ago with what stopped it. */
async function underWay(state: 'planning' | 'stopped'): Promise<string> {
  const { protocolRecords, values } = pedel.storage;
  const imports = createImports(protocolRecords, values, await pedel.opened(), Date.now);
  const id = `${state}-${randomUUID()}`;
  const told = { act: 'plan' as const, stage: 'importing' as const, done: 41_200, total: 100_000, by: 'account-Anen' };
  const fault = 'the file is empty: export it again';
  const ended = state === 'stopped' ? { ended: true as const, fault } : {};
  await imports.putRun({ id, source: 'student-system', startedAt: Date.now(), seenAt: Date.now(), ...told, ...ended });
  return id;
}

/** One line for each thing that is wrong with the page: axe on some of the English ones. */
async function faultsOf(page: Page, name: string, language: string): Promise<string[]> {
  const audited = ['new', 'alarm', 'wrong-number', 'applied', 'list', 'planning'].some((each) =>
    name.endsWith(`-${each}`),
  );
  const faults = language === 'en' && audited ? await accessibilityFaults(page) : [];
  await page.setViewportSize({ width: 320, height: 800 });
  if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) faults.push('scrolls sideways');
  await keep(page, `${name}-phone`);
  await page.setViewportSize({ width: 1280, height: 900 });
  await keep(page, name);
  if (language === 'nl') {
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await keep(page, `${name}-dark`);
    await page.emulateMedia({ colorScheme: 'light' });
  }
  return faults.map((each) => `${name}: ${each}`);
}

async function keep(page: Page, name: string): Promise<void> {
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true, caret: 'initial' });
}

describeInBrowser('imports', () => {
  test.each(['en', 'nl'] as const)(
    'by hand (%s)',
    async (language) => {
      const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
      await signedIn(page, `An${language}`);
      const prefix = language === 'en' ? '1' : '2';
      const faults: string[] = [];
      const look = async (name: string) =>
        faults.push(...(await faultsOf(page, `imports-${language}-${name}`, language)));
      async function upload(text: string) {
        await page.goto(`${pedel.issuer}/admin/imports/new/student-system?lang=${language}`);
        await page.setInputFiles('#file', { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
        await page.click('#plan');
        await page.waitForSelector('#apply, #error');
      }
      await page.goto(`${pedel.issuer}/admin/imports?lang=${language}`);
      await look('none');
      await page.goto(`${pedel.issuer}/admin/imports/new/student-system?lang=${language}`);
      await look('new');
      await upload('PK\u0003\u0004 a workbook');
      await look('unreadable');
      await upload(HEADER + [1, 2, 3, 4].map((index) => row(prefix, index)).join(''));
      await look('first');
      await page.click('#apply');
      await page.waitForSelector('.notice.right');
      for (const index of [2, 3, 4]) {
        const person = await pedel.storage.accounts.findByLogin(`r${prefix}00000${index}`);
        if (person === undefined) throw new Error('nobody');
        const next = { ...person, revision: person.revision + 1, activatedAt: 1 };
        await pedel.storage.accounts.replace(next, person.revision);
      }
      await upload(HEADER + row(prefix, 1, 'Wouter') + row(prefix, 5) + row(prefix, 6, 'Els', 'r12'));
      await look('alarm');
      await page.click('.chips a:nth-child(2)');
      await look('ends');
      await page.click('.chips a:last-child');
      await look('changed');
      await page.fill('#losses', '7');
      await page.click('#apply');
      await page.waitForSelector('#error');
      await look('wrong-number');
      await page.fill('#losses', '3');
      await page.click('#apply');
      await page.waitForSelector('.notice.right');
      await look('applied');
      await page.goto(`${pedel.issuer}/admin/imports?lang=${language}`);
      await look('list');
      for (const state of ['planning', 'stopped'] as const) {
        await page.goto(`${pedel.issuer}/admin/imports/${await underWay(state)}?lang=${language}`);
        await page.waitForSelector(state === 'planning' ? '#progress[data-refresh]' : '.notice.wrong');
        await look(state);
      }
      expect(faults).toEqual([]);
    },
    120_000,
  );
});
