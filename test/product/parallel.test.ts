/** Twenty requests at once with the same code, ticket or recovery code: one succeeds, on the running product. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { authenticatorApp, linkIn } from '../support/campus.ts';
import type { HttpVisitor, Visit } from '../support/http-visitor.ts';
import {
  aPerson,
  type Person,
  type Product,
  request,
  SECRET,
  signedIn,
  startProduct,
  tokensOf,
} from '../support/product.ts';

const AT_ONCE = 20;
const back = 'https://app.example/back';
const kim = aPerson();
const [withApp, withCodes] = [aPerson('vives'), aPerson('vives')];
const [newcomer, newStudent] = [aPerson('kuleuven', 'never-active'), aPerson('vives', 'never-active')];

let product: Product;
let application: client.Configuration;
beforeAll(async () => {
  product = await startProduct({
    people: [kim, withApp, withCodes, newcomer, newStudent],
    clients: [
      { client_id: 'web', client_secret: SECRET, redirect_uris: [back], pedel_first_party: true },
      {
        client_id: 'spa',
        token_endpoint_auth_method: 'none', // so that its refresh tokens rotate
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid offline_access',
        redirect_uris: [back],
        pedel_first_party: true,
      },
    ],
  });
  application = await product.application('web');
}, 240_000);
afterAll(() => product?.stop());

const together = <T>(act: (n: number) => Promise<T>) => Promise.all(Array.from({ length: AT_ONCE }, (_, n) => act(n)));
const isBack = ({ url }: Visit) => url.startsWith(`${back}?code=`);

/** Another tab of the same browser, where it stands. */
async function twinOf(visitor: HttpVisitor): Promise<HttpVisitor> {
  const twin = product.visitor();
  for (const [key, value] of visitor.cookies) twin.cookies.set(key, value);
  await twin.open(visitor.page().url);
  return twin;
}

const authorization = async () => (await request(application, { redirect_uri: back }, { pkce: false })).url;

/** Twenty browsers in which the password was right, one after the other, and a second factor is asked. */
async function atTheSecondStep(person: Person): Promise<HttpVisitor[]> {
  const visitors = Array.from({ length: AT_ONCE }, () => product.visitor());
  for (const visitor of visitors) {
    await visitor.open((await authorization()).href);
    await visitor.press('sign-in', { login: person.number, password: person.password });
  }
  return visitors;
}

describe(`${AT_ONCE} at once`, () => {
  test('exchanges of one code: at most one gets tokens, and they are dead afterwards', async () => {
    const landed = await signedIn(product, product.visitor(), await authorization(), kim);
    const body = {
      grant_type: 'authorization_code',
      code: landed.searchParams.get('code') ?? '',
      redirect_uri: back,
      client_id: 'web',
      client_secret: SECRET,
    };
    const answers = await together(async () => {
      const answer = await fetch(`${product.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) });
      return { status: answer.status, body: (await answer.json()) as { error?: string; access_token?: string } };
    });
    const won = answers.filter(({ status }) => status === 200);
    // none, where the second use ended the token set before the first one's answer was made
    expect(won.length).toBeLessThanOrEqual(1);
    const lost = answers.filter(({ status }) => status !== 200);
    expect(new Set(lost.map(({ status, body }) => `${status} ${body.error}`))).toEqual(new Set(['400 invalid_grant']));
    for (const { body } of won) {
      const me = await fetch(`${product.issuer}/me`, { headers: { authorization: `Bearer ${body.access_token}` } });
      expect(me.status).toBe(401);
    }
  }, 240_000);

  test('refreshes with one refresh token: one gets the next token, which works', async () => {
    const spa = await product.application('spa', client.None());
    const wanted = { redirect_uri: back, scope: 'openid offline_access', prompt: 'consent' };
    const { tokens } = await tokensOf(product, product.visitor(), kim, spa, wanted);
    const refreshed = await together(() =>
      client.refreshTokenGrant(spa, tokens.refresh_token ?? '').then(
        ({ refresh_token: next }) => next,
        ({ error }: client.ResponseBodyError) => ({ error }),
      ),
    );
    const next = refreshed.filter((each) => typeof each === 'string');
    expect(next).toHaveLength(1);
    expect(refreshed.filter((each) => typeof each !== 'string')).toEqual(
      Array(AT_ONCE - 1).fill({ error: 'invalid_grant' }),
    );
    expect((await client.refreshTokenGrant(spa, next[0] ?? '')).access_token).not.toBe('');
  }, 240_000);

  test('uses of one code of an authenticator application: one signs in', async () => {
    await signedIn(product, product.visitor(), await authorization(), withApp); // sets it up
    const visitors = await atTheSecondStep(withApp);
    const code = (await withApp.app?.code()) ?? '';
    const pages = await together(async (n) => visitors[n]?.press('verify', { code }) as Promise<Visit>);
    expect(pages.filter(isBack)).toHaveLength(1);
    expect(new Set(pages.filter((page) => !isBack(page)).map(({ status }) => status))).toEqual(new Set([422]));
  }, 240_000);

  test('uses of one recovery code: one signs in', async () => {
    await signedIn(product, product.visitor(), await authorization(), withCodes);
    const [code = ''] = withCodes.recoveryCodes ?? [];
    expect(code).not.toBe('');
    const visitors = await atTheSecondStep(withCodes);
    await together((n) => visitors[n]?.open('?way=recovery') as Promise<Visit>);
    const pages = await together((n) => visitors[n]?.press('verify', { code }) as Promise<Visit>);
    expect(pages.filter(isBack)).toHaveLength(1);
    expect(new Set(pages.filter((page) => !isBack(page)).map(({ status }) => status))).toEqual(new Set([422]));
  }, 240_000);

  test('passwords set with one activation link: one of them is the password', async () => {
    const link = linkIn(await product.letter(newcomer.personalEmail, /\/activate\?ticket=/));
    const visitors = await together(async () => {
      const visitor = product.visitor();
      await visitor.open(link);
      await visitor.press('continue');
      return visitor;
    });
    const passwordOf = (n: number) => `zeven fietsen langs de vaart ${n}`;
    const pages = await together(
      (n) =>
        visitors[n]?.press('set-password', {
          password: passwordOf(n),
          password_again: passwordOf(n),
        }) as Promise<Visit>,
    );
    const signedInPages = pages.filter(({ html }) => html.includes('value="later"'));
    expect(pages.map(({ status }) => status).every((status) => status < 500)).toBe(true);
    expect(signedInPages).toHaveLength(1);
    const winner = pages.findIndex(({ html }) => html.includes('value="later"'));
    newcomer.password = passwordOf(winner);
    expect((await signedIn(product, product.visitor(), await authorization(), newcomer)).href).toContain('code=');
    newcomer.password = passwordOf((winner + 1) % AT_ONCE);
    await expect(signedIn(product, product.visitor(), await authorization(), newcomer)).rejects.toThrow('refused');
  }, 240_000);

  test('last steps of one activation that needs a second factor: one account, one factor, one set of codes', async () => {
    const visitor = product.visitor();
    await visitor.open(linkIn(await product.letter(newStudent.personalEmail, /\/activate\?ticket=/)));
    await visitor.press('continue');
    await visitor.press('set-password', { password: newStudent.password, password_again: newStudent.password });
    await visitor.press('choose-totp');
    const key = /id="key">([^<]+)</.exec(visitor.page().html)?.[1]?.replaceAll(' ', '') ?? '';
    newStudent.app = authenticatorApp(key);
    const code = await newStudent.app.code();
    const tabs = await together(() => twinOf(visitor));
    const pages = await together((n) => tabs[n]?.press('enrol', { code }) as Promise<Visit>);

    expect(pages.map(({ status }) => status).every((status) => status < 500)).toBe(true);
    const sets = new Set(
      pages.map(({ html }) => [...html.matchAll(/<li><code>([^<]+)</g)].map(([, each]) => each).join()).filter(Boolean),
    );
    expect(sets.size).toBe(1);
    const shown = JSON.parse(await product.server.run('people', 'show', newStudent.number, '--json'));
    expect(shown).toMatchObject({ state: 'active', factors: [expect.any(String)], recoveryCodesLeft: 10 });
    expect((await signedIn(product, product.visitor(), await authorization(), newStudent)).href).toContain('code=');
  }, 240_000);
});
