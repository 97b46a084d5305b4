/**
 * A host in the same parent domain plants what it began itself in this browser, which it can do with cookies bound to a
 * path: a sign-in, a reset, an activation, an enrolment.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type HttpVisitor, httpVisitor } from '../support/http-visitor.ts';
import { alumna, closeAll, neverActive, PASSWORD, postTo, product, titleOf } from './product.ts';

afterEach(closeAll);

const browser = () => httpVisitor({ 'accept-language': 'en' });
const cookiesCalled = (who: HttpVisitor, name: string) => [...who.cookies].filter(([key]) => key.includes(` ${name}`));
const NEW_PASSWORD = 'drie gele fietsen zwemmen traag';
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

  const resumed = await eve.open(url.replace(/\/interaction\/([^/?]+).*/, '/auth/$1'));
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
  expect((await adam.open(url.replace(/\/interaction\/([^/?]+).*/, '/auth/$1'))).status).toBe(400);
  expect(new URL((await adam.open(`${address}/account`)).url).pathname).toMatch(/^\/interaction\//);
});

test('several tabs that sign in at once all arrive: those that are looked at later, without a question', async () => {
  const { signInUrl } = await product({ accounts: [alumna('adam', 'q0000002')] });
  const adam = browser();
  await adam.open(signInUrl());
  const first = adam.page().url;
  const third = (await adam.open(signInUrl())).url;
  await adam.open(signInUrl());
  await adam.press('sign-in', { login: 'q0000002', password: PASSWORD });
  expect(new URL(adam.page().url).pathname).toBe('/account');
  await postTo(adam, third, { action: 'sign-in', login: 'q0000002', password: PASSWORD });
  expect(new URL((await adam.open(third)).url).pathname).toBe('/account');
  expect(new URL((await adam.open(first)).url).pathname).toBe('/account');
});

test('rule 21: what binds a sign-in to its browser is a cookie that no neighbouring host can plant', async () => {
  const { signInUrl } = await product({ publicIssuer: 'https://pedel.example' });
  const anybody = browser();
  await anybody.open(signInUrl());
  const names = [...anybody.cookies.keys()].map((key) => key.split(' ').slice(1));
  expect(names).toContainEqual(['__Host-pedel_browser', '/']);
  expect(names).toContainEqual(['__Host-pedel_browser.sig', '/']);
});

describe('rule 21: a cookie of a flow', () => {
  const newPassword = { action: 'set-password', password: NEW_PASSWORD, password_again: NEW_PASSWORD };

  /** Opens the mailed link of this person in this browser, up to the new password. */
  async function openLink(who: HttpVisitor, pedel: Awaited<ReturnType<typeof product>>, id: string, number: string) {
    const { address, mailed } = pedel;
    await who.open(`${address}/forgotten`);
    await who.press('send-link', { login: number });
    await who.open(`${address}${(await mailed(id)).link}`);
    return who.press('continue');
  }

  test.each([
    { flow: 'reset', eve: alumna('eve', 'q0000003') },
    { flow: 'activate', eve: neverActive('eve', 'q0000003') },
  ])('of a planted $flow is worth nothing in another browser: nobody ends as who planted it', async ({ flow, eve }) => {
    const pedel = await product({ accounts: [eve] });
    const [planter, adam] = [browser(), browser()];
    expect((await openLink(planter, pedel, 'eve', 'q0000003')).html).toContain('name="password_again"');
    plant(planter, adam, `pedel_${flow} `);
    expect(cookiesCalled(adam, `pedel_${flow} `)).toHaveLength(1);
    expect((await adam.open(`${pedel.address}/${flow}`)).html).not.toContain('q0000003');
    expect((await postTo(adam, `${pedel.address}/${flow}`, newPassword)).status).toBe(410);
    expect((await pedel.stored('eve')).password?.hash).toBe(eve.password?.hash);
    expect(cookiesCalled(adam, 'pedel_session')).toEqual([]);
    expect((await postTo(planter, `${pedel.address}/${flow}`, newPassword)).status).toBe(303);
  });

  test.each([
    { flow: 'reset', adam: alumna('adam', 'q0000002') },
    { flow: 'activate', adam: neverActive('adam', 'q0000002') },
  ])('of a planted $flow that stands before the right one does not shut it out', async ({ flow, adam }) => {
    const pedel = await product({ accounts: [adam] });
    const his = browser();
    const name = `pedel_${flow}`;
    // a value for a whole domain, older than ours: browsers send it first
    his.cookies.set(`localhost ${name} /`, 's1.garbage');
    expect((await openLink(his, pedel, 'adam', 'q0000002')).html).toContain('name="password_again"');
    await his.press('set-password', { password: NEW_PASSWORD, password_again: NEW_PASSWORD });
    expect((await pedel.stored('adam')).password?.hash).toContain(NEW_PASSWORD);
    expect(new URL((await his.open(`${pedel.address}/account`)).url).pathname).toBe('/account');
  });

  test('of an enrolment that stands before the right one does not shut it out', async () => {
    const pedel = await product({ accounts: [alumna('adam', 'q0000002')] });
    const adam = browser();
    await adam.open(pedel.signInUrl());
    await adam.press('sign-in', { login: 'q0000002', password: PASSWORD });
    adam.cookies.set('localhost pedel_enrolment /', 's1.garbage');
    await adam.open(`${pedel.address}/account/factors/add`);
    await adam.press('send-code');
    await adam.press('verify', { code: (await pedel.mailed('adam')).code ?? '' });
    expect(titleOf(adam.page())).toBe('Choose your second step');
  });
});
