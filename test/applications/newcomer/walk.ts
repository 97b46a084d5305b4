/**
 * A newcomer at the console: an administrator of the demo in a Chromium, who registers products one after the other and knows
 * of each only what its connect page shows. Every click and every field filled in is counted.
 */
import type { Page } from 'playwright-core';
import { demoPassword } from '../../../demo/people.ts';
import { visitor } from '../../support/browser.ts';
import type { Campus } from '../../support/campus.ts';

/** Els Maes of the demo, who signs in to the products as well. */
export const NUMBER = 'u0000002';
export const EMAIL = 'els.maes@kuleuven.be';

/** What the connect page shows right after registering. */
export type Shown = {
  values: Record<string, string>;
  /** `when`: of several, which one is for whom */
  snippets: { file: string; when: string; text: string }[];
  notes: string[];
};
export type Walk = Awaited<ReturnType<typeof newcomer>>;

export async function newcomer({ urls }: Pick<Campus, 'urls'>) {
  const { page } = await visitor({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  let interactions = 0;

  async function click(selector: string): Promise<void> {
    interactions += 1;
    await page.click(selector);
    await page.waitForLoadState();
  }
  async function fill(selector: string, text: string): Promise<void> {
    interactions += 1;
    await page.fill(selector, text);
  }

  /** As the demo says where it prints whom to be. */
  async function signIn(): Promise<void> {
    await page.goto(`${urls.pedel}/admin?lang=en`);
    await page.fill('#login', NUMBER);
    await page.fill('#password', demoPassword);
    await page.click('#sign-in');
    await page.waitForSelector('#code');
    const codes = await (await fetch(`${urls.mailbox}/codes`)).text();
    const [, code = ''] = new RegExp(`id="code-${NUMBER}">(\\d{6})<`).exec(codes) ?? [];
    await page.fill('#code', code); // the page sends itself
    await page.waitForURL(`${urls.pedel}/admin*`);
  }
  await signIn();

  /** From the first page of the console to the connect page of a product, `answers` by the ids of the one question's fields. */
  async function register(preset: string, answers: Record<string, string>): Promise<Shown> {
    await page.goto(`${urls.pedel}/admin`);
    interactions = 0;
    await click('a[href="/admin/applications"]');
    await click('a[href="/admin/applications/new"]');
    await click(`a[href="/admin/applications/new/${preset}"]`);
    for (const [field, answer] of Object.entries(answers)) await fill(`#${field}`, answer);
    await click('#continue');
    await click('#register');
    await page.waitForSelector('#values');
    return shown(page);
  }

  return {
    page,
    click,
    register,
    /** Copies a snippet with its button, as one must do. */
    copy: (place = 0) => click(`button[data-copy="snippet-${place}"]`),
    /** Answers Pedel's pages, if any, until the browser is back at the product; gives permission where it is asked. */
    async consent(): Promise<void> {
      await page.waitForLoadState();
      if (new URL(page.url()).origin === urls.pedel && (await page.$('#consent')) !== null) await click('#consent');
    },
    interactions: () => interactions,
    /** Goes on counting from there: she turned to something else meanwhile. */
    goOnFrom(from: number) {
      interactions = from;
    },
  };
}

async function shown(page: Page): Promise<Shown> {
  const texts = (selector: string) => page.locator(selector).allTextContents();
  const figures = await page.locator('figure.code').all();
  const snippets = figures.map(async (figure) => {
    const caption = ((await figure.locator('figcaption > span').textContent()) ?? '').trim();
    const [, file = '', when = ''] = /^(.*?)(?:\s*\((.*)\))?$/s.exec(caption) ?? [];
    return { file, when, text: (await figure.locator('pre').textContent()) ?? '' };
  });
  const values = await Promise.all(
    (await page.locator('.copy').all()).map(async (each) => [
      ((await each.locator('.copy-name').textContent()) ?? '').trim(),
      (await each.locator('code').textContent()) ?? '',
    ]),
  );
  return {
    values: Object.fromEntries(values),
    snippets: await Promise.all(snippets),
    notes: await texts('p.notice.warn'),
  };
}
