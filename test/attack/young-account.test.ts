/** Rule 7 in the first seconds of an account: only the session of the activation may set up a factor. */
import { afterEach, expect, test } from '@jest/globals';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { activate, alumna, closeAll, MFA, neverActive, PASSWORD, product, titleOf } from './product.ts';

afterEach(closeAll);

const ASKED = 'Check that it is you';
const CHOOSE = 'Choose your second step';
const browser = () => httpVisitor({ 'accept-language': 'en' });
const who = { id: 'eva', number: 'q0000001' };
type Pedel = Awaited<ReturnType<typeof product>>;

async function signIn(visitor: HttpVisitor, { signInUrl }: Pedel): Promise<void> {
  await visitor.open(signInUrl());
  await visitor.press('sign-in', { login: who.number, password: PASSWORD });
  expect(new URL(visitor.page().url).pathname).toBe('/account');
}

/** Both ways to a first factor: on the account page, and on the way to an application that insists on one. */
async function wayToFactor(visitor: HttpVisitor, { signInUrl, address }: Pedel) {
  return [
    titleOf(await visitor.open(`${address}/account/factors/add`)),
    titleOf(await visitor.open(signInUrl({ acr_values: MFA }))),
  ];
}

test('the activation’s own session needs no mailed code, also after it went on to an application', async () => {
  const pedel = await product({ accounts: [neverActive(who.id, who.number)] });
  const eva = browser();
  await eva.open(pedel.signInUrl());
  expect(titleOf(await activate(eva, pedel, who))).toBe(CHOOSE);
  expect(await wayToFactor(eva, pedel)).toEqual([CHOOSE, CHOOSE]);
  await eva.open(`${pedel.address}/activate`);
  await eva.press('later');
  expect(new URL(eva.page().url).pathname).toBe('/account');
  expect(await wayToFactor(eva, pedel)).toEqual([CHOOSE, CHOOSE]);
});

test('the password in another browser, within the same second, is not enough', async () => {
  const pedel = await product({ accounts: [neverActive(who.id, who.number)] });
  await activate(browser(), pedel, who);
  const stranger = browser();
  await signIn(stranger, pedel);
  expect(await wayToFactor(stranger, pedel)).toEqual([ASKED, ASKED]);
});

test('nor is it in the browser that activated, once the activation’s session was signed out', async () => {
  const pedel = await product({ accounts: [neverActive(who.id, who.number)] });
  const shared = browser();
  await activate(shared, pedel, who);
  await shared.open(`${pedel.address}/session/end`);
  await shared.press('logout');
  await signIn(shared, pedel);
  expect(await wayToFactor(shared, pedel)).toEqual([ASKED, ASKED]);
  expect(titleOf(await shared.open(`${pedel.address}/activate`))).not.toBe(CHOOSE);
});

test('nor is it right after a feed made the account active', async () => {
  const pedel = await product({ accounts: [alumna(who.id, who.number, { activatedAt: Date.now() })] });
  const stranger = browser();
  await signIn(stranger, pedel);
  expect(await wayToFactor(stranger, pedel)).toEqual([ASKED, ASKED]);
});
