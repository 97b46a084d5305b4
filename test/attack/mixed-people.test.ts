/** Two people in one sign-in: the rights of one must not pass to the other. */
import { afterEach, expect, test } from '@jest/globals';
import { httpVisitor } from '../support/http-visitor.ts';
import { activate, alumna, closeAll, MFA, neverActive, PASSWORD, postTo, product, titleOf } from './product.ts';

afterEach(closeAll);

test('rule 7: who may set up a factor for herself and then types the password of somebody else sets up none for him', async () => {
  // Eva has just activated her account, so that her session entitles to a first factor; Adam's password is known to her
  const pedel = await product({ accounts: [neverActive('eva', 'q0000001'), alumna('adam', 'q0000002')] });
  const { signInUrl, stored, storage } = pedel;
  const eva = httpVisitor({ 'accept-language': 'en' });
  await activate(eva, pedel, { id: 'eva', number: 'q0000001' });
  expect(titleOf(await eva.open(signInUrl({ acr_values: MFA })))).toBe('Choose your second step');
  await eva.press('choose-passkey');
  await eva.press('choose-totp');

  const { url } = eva.page();
  const answer = await postTo(eva, url, { action: 'sign-in', login: 'q0000002', password: PASSWORD });
  expect(answer.status).toBe(303);
  expect(titleOf(await eva.open(url))).toBe('Check that it is you');
  for (const action of ['choose-totp', 'choose-passkey', 'choose-again', 'enrol', 'kept']) {
    await postTo(eva, url, { action, code: '123456' });
    expect(titleOf(await eva.open(url))).toBe('Check that it is you');
  }
  expect((await stored('adam')).totps).toEqual([]);
  expect(await storage.outbox.byAccount('adam', 10)).toEqual([]);
});
