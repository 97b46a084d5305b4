/** What an application may request of a sign-in, against the running product: claims, acr, max_age, prompt. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { MFA, SFA } from '../../src/domain/sign-in/acr.ts';
import { until } from '../support/campus.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { aPerson, type Product, request, SECRET, signedIn, startProduct, tokensOf } from '../support/product.ts';

const kim = aPerson();
const robin = aPerson();
const back = 'https://app.example/back';
const scope = 'openid profile email phone address eduperson';
const web = { client_secret: SECRET, redirect_uris: [back], pedel_first_party: true, scope };

let product: Product;
let application: client.Configuration;
beforeAll(async () => {
  product = await startProduct({
    people: [kim, robin],
    clients: [
      { ...web, client_id: 'web' },
      { ...web, client_id: 'strict', pedel_acr: MFA },
    ],
  });
  application = await product.application('web');
}, 240_000);
afterAll(() => product?.stop());

const essentialAcr = (...values: string[]) => JSON.stringify({ id_token: { acr: { essential: true, values } } });

/** Where the browser stands when nobody does anything: at the application with an answer, or before a page. */
async function lands(visitor: HttpVisitor, parameters: Record<string, string>) {
  const { url } = await request(application, { redirect_uri: back, ...parameters });
  const { url: landed, html } = await visitor.open(url.href);
  return { error: new URL(landed).searchParams.get('error'), code: landed.includes('code='), html };
}

describe('claims', () => {
  test('asked for one by one come where they were asked for', async () => {
    const claims = { userinfo: { given_name: { essential: true } }, id_token: { email: null } };
    const parameters = { redirect_uri: back, claims: JSON.stringify(claims) };
    const got = await tokensOf(product, product.visitor(), kim, application, parameters);
    expect(got.claims).toMatchObject({ email: kim.email });
    expect(got.claims).not.toHaveProperty('given_name');
    const userinfo = await client.fetchUserInfo(application, got.accessToken, got.claims.sub);
    expect(userinfo).toEqual({ sub: got.claims.sub, given_name: 'Kim' });
  });

  test('of scope eduperson tell the affiliation', async () => {
    const parameters = { redirect_uri: back, scope: 'openid eduperson' };
    const { claims, accessToken } = await tokensOf(product, product.visitor(), kim, application, parameters);
    expect(await client.fetchUserInfo(application, accessToken, claims.sub)).toMatchObject({
      eduperson_principal_name: `${kim.number}@kuleuven.be`,
      eduperson_scoped_affiliation: expect.arrayContaining(['staff@kuleuven.be']),
    });
  });
});

describe('strength', () => {
  test('that nothing here can reach is answered with unmet_authentication_requirements', async () => {
    const claims = essentialAcr('https://elsewhere.example/retina');
    expect(await lands(product.visitor(), { claims })).toMatchObject({ error: 'unmet_authentication_requirements' });
  });

  test('that the person declines is answered with unmet_authentication_requirements', async () => {
    const visitor = product.visitor();
    await lands(visitor, { claims: essentialAcr(MFA) });
    await visitor.press('sign-in', { login: robin.number, password: robin.password });
    const links = [...visitor.page().html.matchAll(/value="(cancel|send-code)"/g)].map(([, action]) => action);
    expect(links).toEqual(expect.arrayContaining(['cancel', 'send-code']));
    await visitor.press('cancel');
    expect(new URL(visitor.page().url).searchParams.get('error')).toBe('unmet_authentication_requirements');
  });

  test('that is only preferred does not refuse a person with one factor, and the answer says which', async () => {
    const parameters = { redirect_uri: back, acr_values: `${MFA} ${SFA}` };
    const { claims } = await tokensOf(product, product.visitor(), robin, application, parameters);
    expect([claims.acr, claims.amr]).toEqual([SFA, ['pwd']]);
  });

  test('demanded by one application steps up the session of another: only the second factor is asked', async () => {
    const visitor = product.visitor();
    const first = await tokensOf(product, visitor, kim, application, { redirect_uri: back });
    expect(first.claims.acr).toBe(SFA);

    // sets up an authenticator application on the way; the password is not asked again
    const strict = await product.application('strict');
    const { url, checks } = await request(strict, { redirect_uri: back });
    await visitor.open(url.href);
    expect(visitor.page().html).not.toContain('id="password"');
    const landed = await signedIn(product, visitor, visitor.page().url, kim);
    const raised = (await client.authorizationCodeGrant(strict, landed, checks)).claims();
    expect(raised).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'], sub: first.claims.sub });

    const again = await tokensOf(product, visitor, kim, application, { redirect_uri: back, claims: essentialAcr(MFA) });
    expect([again.claims.acr, again.claims.auth_time]).toEqual([MFA, raised?.auth_time]);
  }, 240_000);
});

describe('age and questions', () => {
  test('prompt=none is silent with a session, and login_required without one', async () => {
    const visitor = product.visitor();
    expect(await lands(visitor, { prompt: 'none' })).toMatchObject({ error: 'login_required' });
    await tokensOf(product, visitor, robin, application, { redirect_uri: back });
    expect(await lands(visitor, { prompt: 'none' })).toMatchObject({ error: null, code: true });
  });

  test('prompt=login and a max_age that has passed ask again, and auth_time is fresh', async () => {
    const visitor = product.visitor();
    const first = await tokensOf(product, visitor, robin, application, { redirect_uri: back });
    for (const more of [{ prompt: 'login' }, { max_age: '1' }]) {
      await new Promise((resolve) => setTimeout(resolve, 2100));
      expect((await lands(visitor, more as Record<string, string>)).html).toContain('id="password"');
      const again = await tokensOf(product, visitor, robin, application, { redirect_uri: back, ...more });
      expect(Number(again.claims.auth_time)).toBeGreaterThan(Number(first.claims.auth_time));
    }
  });

  test('login_hint is written down already, and ui_locales chooses the language', async () => {
    const { html } = await lands(product.visitor(), { login_hint: robin.email, ui_locales: 'nl' });
    expect(html).toContain(`value="${robin.email}"`);
    expect(html).toMatch(/<html[^>]* lang="nl"/);
  });

  test('an id_token_hint of another person is not answered with this session', async () => {
    const hint = (await tokensOf(product, product.visitor(), robin, application, { redirect_uri: back })).tokens
      .id_token;
    const visitor = product.visitor();
    await tokensOf(product, visitor, robin, application, { redirect_uri: back });
    expect(await lands(visitor, { prompt: 'none', id_token_hint: hint ?? '' })).toMatchObject({ code: true });
    const other = aPersonHint(hint ?? '');
    expect((await lands(visitor, { prompt: 'none', id_token_hint: other })).error).not.toBeNull();
  });
});

test('what an application was refused is listed within seconds, with what is registered', async () => {
  await lands(product.visitor(), { redirect_uri: `${back}/` });
  await new Promise((written) => setTimeout(written, 5_000)); // a node writes so often
  const listed = await until(
    async () => {
      const out = await product.server.run('clients', 'problems', 'web', '--json');
      return out.includes('redirect-uri-unregistered') ? out : undefined;
    },
    () => 'nothing is listed',
    30_000,
  );
  const [, line] = /^(.*"code":"redirect-uri-unregistered".*)$/m.exec(listed) ?? [];
  expect(JSON.parse(line ?? '{}')).toMatchObject({
    client_id: 'web',
    got: `${back}/`,
    registered: back,
    differs: ['slash'],
    count: 1,
    incident: expect.stringMatching(/^[0-9a-f]{10}$/),
  });
}, 60_000);

/** The same token with another payload: no longer what Pedel signed. */
function aPersonHint(idToken: string): string {
  const [header, payload = '', signature] = idToken.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'another' })).toString('base64url'), signature].join(
    '.',
  );
}
