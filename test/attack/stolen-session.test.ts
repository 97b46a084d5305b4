/** What a thief may do who holds nothing but a stolen session cookie, and how its owner gets rid of the thief. About 4 s. */
import { afterEach, expect, test } from '@jest/globals';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { alumna, closeAll, PASSWORD, product, titleOf } from './product.ts';

afterEach(closeAll);

type Pedel = Awaited<ReturnType<typeof product>>;
const browser = () => httpVisitor({ 'accept-language': 'en' });
const factor = { id: 't1', name: 'Phone', sealedSeed: 's', lastStep: 0, createdAt: 1 };

async function signIn(visitor: HttpVisitor, { signInUrl }: Pedel) {
  await visitor.open(signInUrl());
  return visitor.press('sign-in', { login: 'q0000001', password: PASSWORD });
}

/** Where a page leads: `path` without what follows it. */
const pathOf = (visitor: HttpVisitor) => new URL(visitor.page().url).pathname;

test('“this was not me” puts out owner and thief at once, and the known password opens nothing', async () => {
  const pedel = await product({ accounts: [alumna('eva', 'q0000001')] });
  const [owner, thief] = [browser(), browser()];
  for (const each of [owner, thief]) {
    await signIn(each, pedel);
    expect(pathOf(each)).toBe('/account');
  }
  await owner.open(`${pedel.address}/account/activity`);
  const [, confirm = ''] = /href="(\/account\/activity\/not-me[^"]*)"/.exec(owner.page().html) ?? [];
  await owner.open(`${pedel.address}${confirm.replaceAll('&amp;', '&')}`);
  await owner.press('not-me');
  expect(titleOf(owner.page())).toBe('Your account is secured');
  for (const each of [owner, thief]) {
    await each.open(`${pedel.address}/account`);
    expect(pathOf(each)).toMatch(/^\/interaction\//);
  }
  await thief.press('sign-in', { login: 'q0000001', password: PASSWORD });
  expect(titleOf(thief.page())).toBe('Choose a new password first');
  await thief.open(`${pedel.address}/account/email`);
  expect(pathOf(thief)).toMatch(/^\/interaction\//);
  expect((await pedel.lettersTo('eva')).map(({ template }) => template)).toEqual(
    expect.arrayContaining(['new-browser', 'account-secured', 'desk-account-disowned']),
  );
});

test('a thief with the session of a person with a factor changes nothing that counts, and by “this was not me” ends only itself', async () => {
  const pedel = await product({ accounts: [alumna('eva', 'q0000001')] });
  const thief = browser();
  await signIn(thief, pedel);
  // the session is older than any step-up allows, and its person has a factor
  const account = await pedel.stored('eva');
  const { revision } = account;
  await pedel.storage.accounts.replace({ ...account, revision: revision + 1, totps: [factor] }, revision);
  for (const page of ['/account/factors/add', '/account/factors/remove?factor=t1', '/account/recovery-codes']) {
    await thief.open(`${pedel.address}${page}`);
    expect([page, pathOf(thief)]).toEqual([page, expect.stringMatching(/^\/(interaction\/|account$)/)]);
  }
  await thief.open(`${pedel.address}/account/activity`);
  const [, confirm = ''] = /href="(\/account\/activity\/not-me[^"]*)"/.exec(thief.page().html) ?? [];
  await thief.open(`${pedel.address}${confirm.replaceAll('&amp;', '&')}`);
  await thief.press('not-me');
  const after = await pedel.stored('eva');
  expect([after.totps, after.emails, after.personalEmail]).toEqual([[factor], account.emails, account.personalEmail]);
  await thief.open(`${pedel.address}/account`);
  expect(pathOf(thief)).toMatch(/^\/interaction\//);
});
