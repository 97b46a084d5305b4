/** A host in the same parent domain plants its own sign-in in this browser, which it can do with cookies bound to a path. */
import { afterEach, expect, test } from '@jest/globals';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { alumna, closeAll, PASSWORD, product, titleOf } from './product.ts';

afterEach(closeAll);

const browser = () => httpVisitor({ 'accept-language': 'en' });
const cookiesCalled = (who: HttpVisitor, name: string) => [...who.cookies].filter(([key]) => key.includes(` ${name}`));
const plant = (from: HttpVisitor, into: HttpVisitor, name: string) => {
  for (const [key, value] of cookiesCalled(from, name)) into.cookies.set(key, value);
};

test('who signs in at a planted sign-in is not signed in at the one who planted it', async () => {
  const { address, signInUrl } = await product({ accounts: [alumna('adam', 'q0000002')] });
  const eve = browser();
  await eve.open(signInUrl());
  const { url } = eve.page();
  const adam = browser();
  plant(eve, adam, 'pedel_interaction');
  await adam.open(url);
  await adam.press('sign-in', { login: 'q0000002', password: PASSWORD });

  const resumed = await eve.open(url.replace('/interaction/', '/auth/'));
  expect(resumed.status).toBe(400);
  expect(cookiesCalled(eve, 'pedel_session')).toEqual([]);
  expect(new URL((await eve.open(`${address}/account`)).url).pathname).toMatch(/^\/interaction\//);
});

test('nor does the one who planted it see or finish what was begun there: it belongs to the browser that typed', async () => {
  const { signInUrl } = await product({
    accounts: [
      alumna('adam', 'q0000002', {
        affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }],
      }),
    ],
  });
  const eve = browser();
  await eve.open(signInUrl());
  const { url } = eve.page();
  const adam = browser();
  plant(eve, adam, 'pedel_interaction');
  await adam.open(url);
  expect(titleOf(await adam.press('sign-in', { login: 'q0000002', password: PASSWORD }))).toBe('Check that it is you');
  expect((await eve.open(url)).status).toBe(400);
  expect(titleOf(await adam.open(url))).toBe('Check that it is you');
});

test('a sign-in that was finished elsewhere is not carried on in a browser into which it was planted', async () => {
  const { signInUrl, address } = await product({ accounts: [alumna('eve', 'q0000003')] });
  const eve = browser();
  await eve.open(signInUrl());
  const { url } = eve.page();
  const adam = browser();
  plant(eve, adam, 'pedel_resume');
  await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'sec-fetch-site': 'same-origin',
      cookie: cookiesCalled(eve, 'pedel_interaction')
        .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
        .join('; '),
    },
    body: new URLSearchParams({ action: 'sign-in', login: 'q0000003', password: PASSWORD }),
  });
  expect((await adam.open(url.replace('/interaction/', '/auth/'))).status).toBe(400);
  expect(new URL((await adam.open(`${address}/account`)).url).pathname).toMatch(/^\/interaction\//);
});

test('several tabs that sign in at once all arrive', async () => {
  const { signInUrl } = await product({ accounts: [alumna('adam', 'q0000002')] });
  const adam = browser();
  await adam.open(signInUrl());
  const first = adam.page().url;
  await adam.open(signInUrl());
  await adam.press('sign-in', { login: 'q0000002', password: PASSWORD });
  expect(new URL(adam.page().url).pathname).toBe('/account');
  await adam.open(first);
  await adam.press('sign-in', { login: 'q0000002', password: PASSWORD });
  expect(new URL(adam.page().url).pathname).toBe('/account');
});

test('rule 21: what binds a sign-in to its browser is a cookie that no neighbouring host can plant', async () => {
  const { signInUrl } = await product({ publicIssuer: 'https://pedel.example' });
  const anybody = browser();
  await anybody.open(signInUrl());
  const names = [...anybody.cookies.keys()].map((key) => key.split(' ').slice(1));
  expect(names).toContainEqual(['__Host-pedel_browser', '/']);
  expect(names).toContainEqual(['__Host-pedel_browser.sig', '/']);
});
