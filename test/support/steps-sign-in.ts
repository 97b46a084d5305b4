/** Steps of people who have an account: sign in at the applications of the campus and manage their second step. */
import { expect } from '@jest/globals';
import { hashSync } from '@node-rs/argon2';
import type { Page } from 'playwright-core';
import { codeIn } from './campus.ts';
import { type App, enrolPasskey, enrolTotp, enterCode, goodPassword, keepCodes, press, signIn } from './steps.ts';
import type { Scene } from './stories.ts';

/** Columns of a feed for a person of another system who is active at once, with `goodPassword`. */
export const active = {
  password_hash: hashSync(goodPassword, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
};

/** Of everybody of the demo who is active from the start. */
export const demoPassword = 'the beadle carries a brass staff';

export type Application = 'toledo' | 'webmail' | 'kuLoket' | 'portal' | 'mailbox';

/** Starts a sign-in at an application, as its button does. */
export async function open(page: Page, { urls }: Pick<Scene, 'urls'>, application: Application): Promise<void> {
  await page.goto(`${urls[application].replace(/\/$/, '')}/login`);
}

/** Checks that the page is the application's and shows a signed-in person. */
export async function expectSignedIn(page: Page, { urls }: Pick<Scene, 'urls'>, application: Application) {
  await page.waitForURL(`${urls[application].replace(/\/$/, '')}/**`);
  expect(await page.locator('#sign-out').count()).toBe(1);
}

/** That an application lets the visitor in with no question in between. */
export async function expectNoQuestion(page: Page, scene: Pick<Scene, 'urls'>, application: Application) {
  await open(page, scene, application);
  expect(page.url()).toMatch(new RegExp(`^${scene.urls[application]}`));
  expect(await page.locator('#sign-out').count()).toBe(1);
}

/** That the application, asked again, knows nobody any more: told over the back channel, which takes a moment. */
export async function expectSignedOut(page: Page, { urls }: Pick<Scene, 'urls'>, application: Application) {
  const deadline = Date.now() + 10_000;
  do {
    await page.goto(urls[application]);
    if ((await page.locator('#sign-out').count()) === 0) return;
  } while (Date.now() < deadline);
  throw new Error(`still signed in at ${application}`);
}

/** From “check that it is you” to the choice of a second step (rule 7). */
export async function proveByMail({ campus, person }: Scene, page: Page): Promise<void> {
  const before = (await campus.letters(person.personal_email)).length;
  await press(page, 'send-code');
  const letter = await campus.letter(person.personal_email, /\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b/, before);
  await enterCode(page, codeIn(letter), 'verify');
}

/** An active person of VIVES, which requires a second step: the first sign-in, at Toledo, with an app set up on the way. */
export async function firstSignInWithApp(scene: Scene, page: Page): Promise<{ app: App; codes: string[] }> {
  await open(page, scene, 'toledo');
  await signIn(page, scene.person.number, goodPassword);
  await proveByMail(scene, page);
  const app = await enrolTotp(page);
  const codes = await keepCodes(page);
  await expectSignedIn(page, scene, 'toledo');
  return { app, codes };
}

/** The same with the authenticator that is plugged in. */
export async function firstSignInWithPasskey(scene: Scene, page: Page): Promise<string[]> {
  await open(page, scene, 'toledo');
  await signIn(page, scene.person.number, goodPassword);
  await proveByMail(scene, page);
  await enrolPasskey(page);
  const codes = await keepCodes(page);
  await expectSignedIn(page, scene, 'toledo');
  return codes;
}

/** As if the evening had come: nothing of any site is remembered; what is plugged in stays so. */
export async function forgetEverything(page: Page): Promise<void> {
  await page.context().clearCookies();
}

/** A wide screen instead of a phone's. */
export async function atDesk(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 800 });
}
