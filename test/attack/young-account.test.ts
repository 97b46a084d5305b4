/** Rule 7: who may set up a first factor in the first seconds of an account, and what a first factor ends. */
import { afterEach, expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { application, secret as clientSecret } from '../oidc/support.ts';
import { until } from '../support/campus.ts';
import { type HttpVisitor, httpVisitor, type Visit } from '../support/http-visitor.ts';
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

test('the browser that activated is no new one at its next sign-in, another one is', async () => {
  const pedel = await product({ accounts: [neverActive(who.id, who.number)] });
  const eva = browser();
  await activate(eva, pedel, who);
  await eva.press('later');
  await eva.open(`${pedel.address}/session/end`);
  await eva.press('logout');
  await signIn(eva, pedel);
  const told = async () => (await pedel.lettersTo(who.id)).filter(({ template }) => template === 'new-browser').length;
  expect(await told()).toBe(0);
  await signIn(browser(), pedel);
  expect(await told()).toBe(2);
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

const webmail = application('webmail', {
  redirect_uris: ['https://webmail.example/back'],
  backchannel_logout_uri: 'https://webmail.example/out',
});
const toWebmail = { client_id: 'webmail', response_type: 'code', redirect_uri: 'https://webmail.example/back' };

/** Opens webmail for good and returns its refresh token. */
async function openWebmail(visitor: HttpVisitor, { signInUrl, address }: Pedel): Promise<string> {
  const follow = (url: string) => url.startsWith(address);
  const { url } = await visitor.open(signInUrl({ ...toWebmail, scope: 'openid offline_access', prompt: 'consent' }), {
    follow,
  });
  const code = new URL(url).searchParams.get('code') ?? '';
  const answer = await token(address, { grant_type: 'authorization_code', code, redirect_uri: toWebmail.redirect_uri });
  return ((await answer.json()) as { refresh_token: string }).refresh_token;
}

function token(address: string, fields: Record<string, string>): Promise<Response> {
  const client = { client_id: 'webmail', client_secret: clientSecret };
  return fetch(`${address}/token`, { method: 'POST', body: new URLSearchParams({ ...client, ...fields }) });
}

const keyOn = ({ html }: Visit) => /[A-Z2-7]{4}(?: [A-Z2-7]{4}){7}/.exec(html)?.[0].replaceAll(' ', '') ?? '';
const deviceOf = (visitor: HttpVisitor) =>
  [...visitor.cookies].flatMap(([key, value]) => (key.includes(' pedel_device ') ? [value.split('.')[1]] : []));

test.each(['/account/factors/add', 'on the way to an application'])(
  'rule 7: setting up the first factor (%s) ends what a thief signed in with the password; the owner’s browser stays',
  async (way) => {
    const pedel = await product({ accounts: [alumna(who.id, who.number)], clients: [webmail] });
    const { storage, address, signInUrl, mailed, stored } = pedel;
    const [eva, thief] = [browser(), browser()];
    const refreshTokens: string[] = [];
    for (const visitor of [eva, thief]) {
      await signIn(visitor, pedel);
      refreshTokens.push(await openWebmail(visitor, pedel));
    }

    await eva.open(way.startsWith('/') ? `${address}${way}` : signInUrl({ acr_values: MFA }));
    await eva.press('send-code');
    await eva.press('verify', { code: (await mailed(who.id)).code ?? '' });
    const secret = keyOn(await eva.press('choose-totp'));
    await eva.press('enrol', { code: generateSync({ secret }) });
    await eva.press('kept');
    expect((await stored(who.id)).credentialsEpoch).toBe(2);

    // hers goes on, stepped up, and in webmail too
    expect(new URL((await eva.open(signInUrl({ acr_values: MFA }))).url).pathname).toBe('/account');
    expect(await openWebmail(eva, pedel)).toBeTruthy();
    expect(deviceOf(eva)).toEqual(['2']);
    // the thief's is over, everywhere
    expect(new URL((await thief.open(`${address}/account`)).url).pathname).toMatch(/^\/interaction\//);
    expect(deviceOf(thief)).toEqual(['1']);
    for (const refresh_token of refreshTokens) {
      expect((await token(address, { grant_type: 'refresh_token', refresh_token })).status).toBe(400);
    }
    const notices = await until(
      async () => {
        const entries = (await storage.outbox.byAccount(who.id, 50)).filter(
          ({ kind }) => kind === 'backchannel-logout',
        );
        return entries.length > 0 ? entries : undefined;
      },
      () => 'webmail was not told',
    );
    expect(notices).toHaveLength(1);
    expect(await storage.protocolRecords.sessionsOf(who.id)).toHaveLength(1);
  },
);
