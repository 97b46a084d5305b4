/** Stories of one file: one campus; each story in Dutch and in English, with its own person and browser. */
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { createTranslations, type Translate } from '../../locales/index.ts';
import { describeInBrowser, visitor } from './browser.ts';
import { type Campus, startCampus } from './campus.ts';
import { newPerson, type Person } from './steps.ts';

export type Language = 'nl' | 'en';
type Organisation = Parameters<typeof newPerson>[0];
export type Scene = {
  campus: Campus;
  urls: Campus['urls'];
  /** fed in before the first story */
  person: Person;
  /** a phone that knows nothing yet, in the language of the story */
  page: Page;
  /** the same person at another browser */
  elsewhere(options?: BrowserContextOptions): Promise<Page>;
  language: Language;
  t: Translate;
};
/** By turns; `npm run test:languages` tells each story in the other one. */
const languageOf = (story: number): Language =>
  (story % 2 === 0) === (globalThis.pedelTests?.otherLanguage === true) ? 'en' : 'nl';

export type Story = (
  name: string,
  organisation: Organisation,
  play: (scene: Scene) => Promise<void>,
  more?: Record<string, string>,
) => void;

/**
 * `tell` is called once for each language. `options` hold for every browser of every story.
 * Each is told in one of the languages; the other comes with `npm run test:languages`.
 */
export function tellStories(
  title: string,
  tell: (story: Story, language: Language) => void,
  options: BrowserContextOptions = {},
): void {
  // a browser on a busy machine is late now and then; second-try.cjs names what passes only then
  jest.retryTimes(1, { logErrorsBeforeRetry: true });
  const translations = createTranslations();
  describeInBrowser(title, () => {
    let campus: Campus;
    const people: Person[] = [];

    // everybody at once: one import instead of one a story
    beforeAll(async () => {
      campus = await startCampus();
      await campus.feed(people);
    }, 240_000);
    afterAll(() => campus?.stop());

    describe.each(['nl', 'en'] as const)('in %s', (language) => {
      let stories = 0;
      const story: Story = (name, organisation, play, more = {}) => {
        stories += 1;
        if (language !== languageOf(stories)) return;
        const person = newPerson(organisation, language, more);
        people.push(person);
        test(name, async () => {
          const opened: { close(): Promise<void> }[] = [];
          const elsewhere = async (more: BrowserContextOptions = {}) => {
            const locale = language === 'nl' ? 'nl-BE' : 'en-GB';
            const { context, page } = await visitor({ locale, ...options, ...more });
            opened.push(context);
            return page;
          };
          const page = await elsewhere();
          try {
            await play({ campus, urls: campus.urls, person, page, elsewhere, language, t: translations(language) });
          } catch (error) {
            if (error instanceof Error) error.message += `\n\nat ${await whereIs(page)}`;
            throw error;
          } finally {
            for (const context of opened) await context.close();
          }
        }, 240_000);
      };
      tell(story, language);
    });
  });
}

/** What the visitor was looking at, for who reads about a story that failed. */
async function whereIs(page: Page): Promise<string> {
  const words = await page
    .locator('main')
    .textContent({ timeout: 500 })
    .catch(() => '');
  return `${page.url()}: ${words?.replace(/\s+/g, ' ').trim().slice(0, 600)}`;
}
