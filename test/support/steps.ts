/** Steps of people on Pedel's pages, by the fixed ids, with the same words in every story. */
import type { Page } from 'playwright-core';
import { authenticatorApp, type Campus, codeIn, linkIn } from './campus.ts';

export type Person = Record<string, string> & {
  person: string;
  number: string;
  email: string;
  personal_email: string;
  language: 'nl' | 'en';
};
export type App = ReturnType<typeof authenticatorApp>;

/** Long enough for everyone, about nothing and nobody. */
export const goodPassword = 'seven brass lanterns wander';
export const otherPassword = 'quiet ferns under copper rain';

let people = 0;

/** One row of a feed: a new person of that organisation, whom no other story of this file uses. */
export function newPerson(organisation: 'kuleuven' | 'vives' | 'alum', language: 'nl' | 'en', more = {}): Person {
  people += 1;
  const digits = String(1_000_000 + people);
  const letter = organisation === 'alum' ? 'q' : 'r';
  const domain = organisation === 'alum' ? 'alum.kuleuven.be' : `${organisation}.be`;
  return {
    person: `story-${people}`,
    number: `${letter}${digits}`,
    given_name: 'Robin',
    family_name: `Storm ${people}`,
    email: `robin.storm${people}@${domain}`,
    personal_email: `robin.storm${people}@example.org`,
    language,
    organisation,
    role: organisation === 'alum' ? 'alumnus' : 'student',
    from: '2024-09-01',
    ...more,
  };
}

/** Presses the step's button and waits for the page that answers. */
export async function press(page: Page, action: string): Promise<void> {
  await arriving(page, () => page.locator(`main button[name=action][value="${action}"]`).click());
}

/** Follows a link of the page itself, by its address (as it stands or how it begins). */
export async function follow(page: Page, href: string): Promise<void> {
  await arriving(page, () => page.locator(`main a[href^="${href}"]`).first().click());
}

/** Whatever leads to another page (or the same one again): done when that has loaded. */
export async function arriving(page: Page, act: () => Promise<unknown>): Promise<void> {
  const loaded = page.waitForEvent('load');
  loaded.catch(() => {}); // what went wrong in `act` is said first
  await act();
  await loaded;
}

export async function titleOf(page: Page): Promise<string> {
  return (await page.locator('#title').textContent())?.trim() ?? '';
}

/** A code field sends itself on its last digit where scripts run (digits only, and not right after a refusal). */
export async function enterCode(page: Page, code: string, action: string): Promise<void> {
  const field = page.locator('#code');
  const sendsItself =
    /^[\d\s-]+$/.test(code) &&
    (await field.getAttribute('data-length')) === String(code.replace(/[\s-]/g, '').length) &&
    (await page.locator('#error').count()) === 0 &&
    (await page.evaluate(`matchMedia('(scripting: enabled)').matches`));
  await arriving(page, async () => {
    await field.fill(code);
    if (!sendsItself) await page.locator(`main button[name=action][value="${action}"]`).click();
  });
}

export async function signIn(page: Page, login: string, password: string): Promise<void> {
  await page.fill('#login', login);
  await page.fill('#password', password);
  await press(page, 'sign-in');
}

export async function setPassword(page: Page, password: string, again = password): Promise<void> {
  await page.fill('#password', password);
  await page.fill('#password_again', again);
  await press(page, 'set-password');
}

/** From the choice of a second step to the page after it; the app goes on giving codes. */
export async function enrolTotp(page: Page): Promise<App> {
  await press(page, 'choose-totp');
  const app = authenticatorApp(await totpKey(page));
  await enterCode(page, await app.code(), 'enrol');
  return app;
}

export async function totpKey(page: Page): Promise<string> {
  return (await page.locator('#key').textContent())?.replace(/\s/g, '') ?? '';
}

/** From the choice of a second step over a (virtual) authenticator to the page after it. */
export async function enrolPasskey(page: Page): Promise<void> {
  await press(page, 'choose-passkey');
  await press(page, 'enrol');
}

/** The ten recovery codes, kept. */
export async function keepCodes(page: Page): Promise<string[]> {
  const codes = await page.locator('ol.codes code').allInnerTexts();
  await press(page, 'kept');
  return codes;
}

/** Opens the invitation of an imported person, up to the page to choose a password. */
export async function openInvitation(campus: Campus, page: Page, person: Person): Promise<string> {
  const link = linkIn(await campus.letter(person.personal_email, /\/activate\?ticket=/));
  await page.goto(link);
  await press(page, 'continue');
  return link;
}

/** The whole activation by link with an authenticator app, for who is at VIVES and was fed in; ends signed in. */
export async function activateByLink(
  campus: Campus,
  page: Page,
  person: Person,
  password = goodPassword,
): Promise<{ app: App; codes: string[] }> {
  await openInvitation(campus, page, person);
  await setPassword(page, password);
  const app = await enrolTotp(page);
  return { app, codes: await keepCodes(page) };
}

/** A person with a user number at a browser. */
type AtNumber = { campus: Campus; person: Person; page: Page };

/** Asks for an activation code at the page of the number, also where one may be under way; ends where it is typed. */
export async function askForCode({ campus, person, page }: AtNumber, email = person.personal_email): Promise<void> {
  await page.goto(`${campus.urls.pedel}/activate?number=${person.number}&again=1`);
  await page.fill('#email', email);
  await press(page, 'send-code');
}

/** From nothing to the page where a password is chosen; returns the code. */
export async function openCode(at: AtNumber): Promise<string> {
  await askForCode(at);
  const code = codeIn(await at.campus.letter(at.person.personal_email, /./));
  await enterCode(at.page, code, 'verify');
  return code;
}

/** The whole activation by code, without a second step, for who is at the alumni office; ends signed in. */
export async function activateByCode(at: AtNumber, password = goodPassword): Promise<void> {
  await openCode(at);
  await setPassword(at.page, password);
  await press(at.page, 'later');
}

/** Asks for a new password; returns the link that was mailed for it. */
export async function askForReset({ campus, person, page }: AtNumber): Promise<string> {
  const before = (await campus.letters(person.personal_email)).length;
  await page.goto(`${campus.urls.pedel}/forgotten`);
  await page.fill('#login', person.number);
  await press(page, 'send-link');
  return linkIn(await campus.letter(person.personal_email, /\/reset\?ticket=/, before));
}

/** From nothing to what the link leads to: the second step, or the new password. */
export async function openReset(at: AtNumber): Promise<string> {
  const link = await askForReset(at);
  await at.page.goto(link);
  await press(at.page, 'continue');
  return link;
}
