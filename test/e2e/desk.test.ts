/**
 * A call to the service desk, by keyboard alone: an agent signs in with a second step, finds the person, reads how the account
 * stands, checks who is asking, and gives a pass to which a colleague agrees. On the whole of Pedel in this process. About 20 s.
 */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { createTranslations } from '../../locales/index.ts';
import { describeInBrowser, visitor } from '../support/browser.ts';
import { startConsole, type TestConsole } from '../support/console.ts';

const translations = createTranslations();
const atVives = { affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] };
let pedel: TestConsole;
beforeAll(async () => {
  pedel = await startConsole();
  for (const [name, familyName] of [
    ['Tom', 'Claeys'],
    ['Ann', 'Maes'],
  ] as const) {
    await pedel.person(name, [], { ...atVives, familyName });
    await pedel.grant({ kind: 'person', id: `account-${name}` }, [{ role: 'desk', organisations: ['vives'] }]);
  }
});
afterAll(async () => {
  jest.useRealTimers();
  await pedel?.close();
});

/** Goes with the tabulator to what the selector names. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let n = 0; n < 60; n += 1) {
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) === true`)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the tabulator does not reach ${selector} on ${page.url()}`);
}
async function press(page: Page, selector: string): Promise<void> {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');
}
async function type(page: Page, selector: string, text: string): Promise<void> {
  await tabTo(page, selector);
  await page.keyboard.type(text);
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press('Enter')]);
  await page.waitForLoadState('load');
}
const words = async (page: Page, selector = 'main') =>
  ((await page.locator(selector).textContent()) ?? '').replace(/\s+/g, ' ').trim();

describeInBrowser('a call to the service desk', () => {
  test.each(['en', 'nl'] as const)(
    'leads by keyboard from the number to a pass that is shown once (%s)',
    async (language) => {
      const t = translations(language);
      const name = `Hanne${language}`;
      // a pass within the last day, so that a second one needs a colleague
      await pedel.person(name, [], {
        ...atVives,
        familyName: 'Goossens',
        claims: { birthdate: '2004-02-11' },
        desk: { acts: [{ kind: 'pass', at: Date.now() - 1000 }], requests: [], notes: [] },
      });
      const desk = async (agent: string, path: string) => {
        const { page } = await visitor({ viewport: { width: 1280, height: 900 }, locale: language });
        await pedel.signInOn(page, `${path}?lang=${language}`, agent);
        return page;
      };
      const tom = await desk('Tom', '/desk');
      expect(await words(tom, 'h1')).toBe(t('desk.find_title'));
      await type(tom, '#q', `u-${name}`);
      await press(tom, 'table a');
      expect(await words(tom, 'h1')).toBe(`${name} Goossens`);
      expect(await words(tom, '#state strong')).toBe(t('desk.now_active'));

      await type(tom, '#said-birth-date', '12/2/2004');
      expect(await words(tom, '#answer')).toBe(t('desk.check_wrong') + t('desk.check_wrong_what'));
      expect(await tom.evaluate(`document.activeElement.id`)).toBe('answer');
      expect(await words(tom)).not.toMatch(/2004/);
      await type(tom, '#said-birth-date', '11/2/2004');
      expect(await words(tom, '#answer')).toBe(t('desk.check_right') + t('desk.check_right_birth_date'));

      await press(tom, 'a[href$="/pass"]');
      expect(await words(tom)).toContain(t('desk.act_second'));
      await type(tom, '#reason', 'Ticket 4711: came with the student card');
      expect(await words(tom, '[role=status]')).toBe(t('desk.done_asked'));
      expect(await tom.locator('#approve, #show-pass').count()).toBe(0);

      const ann = await desk('Ann', '/desk');
      await press(ann, '.rooms a[href="/desk/approvals"]');
      expect(await words(ann)).toContain(
        t('desk.asked_line', { who: 'Tom Claeys', reason: 'Ticket 4711: came with the student card' }),
      );
      await press(ann, '#approve');
      expect(await words(ann, '[role=status]')).toBe(t('desk.done_approved'));
      expect(await ann.locator('#pass').count()).toBe(0);

      await tom.reload();
      await press(tom, '#show-pass');
      const code = await words(tom, '#pass');
      expect(code).toMatch(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/);
      const person = tom.url().replace(/\/requests\/.*/, '');
      await tom.goBack();
      expect(await tom.content()).not.toContain(code);
      await tom.goForward().catch(() => undefined); // Chromium asks whether to send the form again
      expect(await tom.content()).not.toContain(code);
      await tom.goto(person);
      expect(await words(tom)).toContain(t('operation.audit_desk_pass_given'));
      expect(await tom.content()).not.toContain(code);
      for (const page of [tom, ann]) await page.context().close();
    },
    120_000,
  );
});
