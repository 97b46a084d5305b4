/** The page of an application that is not open to the person: why, whom to ask, and the ways on, in both languages. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { AccessLists } from '../../src/domain/clients/access-rule.ts';
import { localized } from '../support/localized.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { asRead, atLeuven, atVives, textOf, typePassword } from './people.ts';

afterEach(closeAll);

const openTo: AccessLists = {
  affiliations: ['student@vives', 'faculty'],
  organisations: ['alum'],
  groups: ['readers@kuleuven'],
  people: ['u7777777'],
};
const refused = { step: 'refused', because: 'not-open-to-person' } as const;
const toledo = { id: 'toledo', name: localized('Toledo'), firstParty: true, openTo };

async function house(change: Partial<Account> = {}, client: Partial<typeof toledo> & { contacts?: string[] } = {}) {
  const web = await startWeb();
  const account = atLeuven(change);
  await web.storage.accounts.insert(account);
  const session = { accountId: account.id, amr: ['pwd'], authTime: 1 };
  const path = web.begin({ session, asked: refused, client: { ...toledo, ...client } });
  const browser = browserOf(web);
  return { web, path, browser, page: async (language = 'en') => (await browser.get(`${path}?lang=${language}`)).body };
}

const listOf = (html: string, id: string) =>
  [...(new RegExp(`<ul id="${id}">(.*?)</ul>`, 's').exec(html)?.[1] ?? '').matchAll(/<li>(.*?)<\/li>/g)].map(
    ([, text]) => text,
  );

describe('who is signed in reads', () => {
  test('whom the application is for, who is signed in, and as what, in both languages', async () => {
    const { page } = await house();
    const english = await page();
    expect(textOf(english, 'title')).toBe('You do not have access to Toledo');
    expect(listOf(english, 'open-to')).toEqual([
      'students of VIVES',
      'academic staff',
      'everyone who is registered at KU Leuven Alumni',
      'members of certain groups',
      'people who were given access by name',
    ]);
    expect(textOf(english, 'who')).toBe('You are signed in as Annelies Peeters (u0000001), and registered as:');
    expect(listOf(english, 'registrations')).toEqual(['Staff, KU Leuven']);
    const dutch = await page('nl');
    expect(textOf(dutch, 'title')).toBe('Je hebt geen toegang tot Toledo');
    expect(listOf(dutch, 'open-to')).toEqual([
      'studenten van VIVES',
      'academisch personeel',
      'iedereen die ingeschreven is bij Alumni KU Leuven',
      'leden van bepaalde groepen',
      'wie persoonlijk toegang kreeg',
    ]);
    expect(listOf(dutch, 'registrations')).toEqual(['Personeelslid, KU Leuven']);
    // neither the names of groups nor those of people
    expect(english + dutch).not.toMatch(/readers|u7777777/);
  });

  test.each([
    [{ until: '2026-06-30' }, 'Your registration as student at VIVES ended on 30 June 2026.'],
    [
      { from: '2026-10-01' },
      'Your registration as student at VIVES begins on 1 October 2026. You have access from then on.',
    ],
  ])('what a registration has to do with it: %j', async (dates, sentence) => {
    const { page } = await house({
      affiliations: [
        { organisation: 'vives', role: 'student', source: 'csv', ...dates },
        { organisation: 'kuleuven', role: 'staff', source: 'csv' },
      ],
    });
    expect(textOf(await page(), 'dated')).toBe(sentence);
  });

  test('whom to ask: the people who run it, else the service desk', async () => {
    expect(await (await house()).page()).toContain('Contact the service desk.');
    const html = await (await house({}, { contacts: ['ask@toledo.example'] })).page();
    expect(html).toContain('<a href="mailto:ask@toledo.example">ask@toledo.example</a>');
    expect(html).not.toContain('Contact the service desk.');
    expect(html).toContain('helpdesk@icts.kuleuven.be'); // in the footer
  });

  test('no text of a registration as HTML', async () => {
    const odd = { openTo: { affiliations: ['<b>staff</b>'], organisations: ['<i>x</i>'] }, contacts: ['"><script>'] };
    expect(await (await house({}, odd as never)).page()).not.toMatch(/<b>|<i>|"><script>/);
  });
});

describe('the ways on', () => {
  test('lead back to the application, which gets access_denied', async () => {
    const { web, browser, path } = await house();
    const { status, location } = await browser.post(path, { action: 'cancel' });
    expect([status, location?.startsWith('https://toledo.example/')]).toEqual([303, true]);
    expect(web.ends).toEqual([expect.objectContaining({ error: 'access_denied' })]);
  });

  test('or to a sign-in as somebody else, for the same request', async () => {
    const { web, browser, path, page } = await house();
    const { account, code } = atVives(web);
    await web.storage.accounts.insert(account);
    await browser.post(path, { action: 'start-over' });
    expect(textOf(await page(), 'title')).toBe('Sign in to continue to Toledo');
    await typePassword(browser, path, 'r0011111');
    await browser.post(path, { action: 'verify', code: code() });
    expect(web.logins).toMatchObject([{ accountId: 'vives-1' }]);
  });

  test('no other form gets past the page', async () => {
    const { web, browser, path, page } = await house();
    for (const action of ['verify', 'passkey', 'consent', 'sign-in', 'send-code', '']) {
      await browser.post(path, { action, code: '000000', login: 'u0000001', password: 'wrong' });
      expect(textOf(await page(), 'title')).toBe('You do not have access to Toledo');
    }
    expect([web.logins, web.ends]).toEqual([[], []]);
  });

  test('the page that is open leads on as soon as the person may', async () => {
    const { web, browser, path } = await house();
    const account = await web.storage.accounts.findById('leuven-1');
    if (account === undefined) throw new Error('no account');
    const affiliations = [{ organisation: 'vives', role: 'student', source: 'csv' }];
    await web.storage.accounts.replace({ ...account, affiliations, revision: 2 }, 1);
    const { location } = await browser.get(path);
    expect(location).toContain('https://toledo.example/');
  });
});

describe('who has only typed a password', () => {
  const asksFactor = { secondFactor: 'application-requires', client: toledo } as const;

  test('is told, instead of being made to set up a factor, and learns nothing of the account', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven({ affiliations: [] }));
    const path = web.begin(asksFactor);
    const browser = browserOf(web);
    await typePassword(browser, path, 'u0000001');
    const { body } = await browser.get(`${path}?lang=en`);
    expect(textOf(body, 'title')).toBe('You do not have access to Toledo');
    expect(listOf(body, 'open-to')).toHaveLength(5);
    expect(body).not.toMatch(/Annelies|u0000001|id="registrations"|id="dated"/);
    expect(web.logins).toEqual([]);
    await browser.post(path, { action: 'cancel' });
    expect(web.ends).toEqual([expect.objectContaining({ error: 'access_denied' })]);
  });

  test('and has a factor, must prove it first', async () => {
    const web = await startWeb();
    const { account } = atVives(web, { affiliations: [{ organisation: 'kuleuven', role: 'staff', source: 'csv' }] });
    await web.storage.accounts.insert(account);
    const path = web.begin(asksFactor);
    const browser = browserOf(web);
    await typePassword(browser, path, 'r0011111');
    expect(textOf((await browser.get(`${path}?lang=en`)).body, 'title')).not.toContain('do not have access');
  });

  test('wrongly, sees the same page as everywhere', async () => {
    const pages = [];
    for (const client of [toledo, { ...toledo, openTo: undefined }]) {
      const web = await startWeb();
      await web.storage.accounts.insert(atLeuven());
      const path = web.begin({ ...asksFactor, client } as never);
      pages.push(asRead((await typePassword(browserOf(web), path, 'u0000001', 'wrong')).body));
    }
    expect(pages[0]).toBe(pages[1]);
  });
});
