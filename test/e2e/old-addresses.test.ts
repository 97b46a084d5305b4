/** Old printed addresses lead to today's activation page, with the number and in the language that they contain. */
import { expect } from '@jest/globals';
import { createTranslations } from '../../locales/index.ts';
import { titleOf } from '../support/steps.ts';
import { tellStories } from '../support/stories.ts';

tellStories('Old printed addresses', (story, language) => {
  const old = language === 'nl' ? 'N' : 'E';

  story('the page of before leads to the first page', 'alum', async ({ urls, page, t }) => {
    await page.goto(`${urls.pedel}/activate.html`);
    expect(new URL(page.url()).pathname).toBe('/activate');
    expect(await titleOf(page)).toBe(t('activation.number_title'));
  });

  story('an address with a number leads to what that number needs', 'alum', async ({ urls, page, person, t }) => {
    await page.goto(`${urls.pedel}/persdb-bin/aw?lang=${old}&scherm=001&inet=${person.number}`);
    expect(new URL(page.url()).pathname).toBe('/activate');
    expect(await titleOf(page)).toBe(t('activation.email_title'));
    expect(await page.locator('main').textContent()).toContain(person.number);
  });

  story('its language counts for a browser of another one, and is remembered', 'alum', async (scene) => {
    const { urls, person, elsewhere, t } = scene;
    const page = await elsewhere({ locale: language === 'nl' ? 'en-GB' : 'nl-BE' });
    await page.goto(`${urls.pedel}/persdb-bin/aw?lang=${old}&scherm=001&inet=${person.number}`);
    expect(await titleOf(page)).toBe(t('activation.email_title'));
    await page.goto(`${urls.pedel}/activate`);
    expect(await titleOf(page)).toBe(t('activation.number_title'));
  });

  story('an address without a number asks for one', 'alum', async ({ urls, page, t }) => {
    await page.goto(`${urls.pedel}/persdb-bin/aw?lang=${old}&scherm=001`);
    expect(await titleOf(page)).toBe(t('activation.number_title'));
  });

  story('the short link of today names number and language as well', 'alum', async ({ urls, elsewhere, person }) => {
    const page = await elsewhere({ locale: 'fr-BE' });
    await page.goto(`${urls.pedel}/activate?number=${person.number.toUpperCase()}&lang=${language}`);
    expect(await titleOf(page)).toBe(createTranslations()(language)('activation.email_title'));
    expect(await page.getAttribute('html', 'lang')).toBe(language);
  });
});
