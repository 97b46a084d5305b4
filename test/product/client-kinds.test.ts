/** Each kind of application with openid-client against the running product: what it registers, requests and gets. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { aPerson, type Product, request, SECRET, signedIn, startProduct, tokensOf } from '../support/product.ts';

const kim = aPerson();
const back = 'https://app.example/back';
const scope = 'openid profile email';
const web = { client_secret: SECRET, redirect_uris: [back], pedel_first_party: true, scope };
const offline = { grant_types: ['authorization_code', 'refresh_token'], scope: 'openid email offline_access' };
const loopback = { client_id: 'native', application_type: 'native', redirect_uris: ['http://127.0.0.1/callback'] };
const hybrid = { grant_types: ['authorization_code', 'implicit'], response_types: ['code id_token'] };
const implicit = {
  client_id: 'implicit',
  redirect_uris: [back],
  grant_types: ['implicit'],
  response_types: ['id_token'],
};

let product: Product;
/** the applications' own keys; the first signs for who names no algorithm here */
const algorithms = ['ES256', 'PS256'] as const;
const keys = new Map<string, client.CryptoKey>();
beforeAll(async () => {
  const jwks: { keys: object[] } = { keys: [] };
  for (const alg of algorithms) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    keys.set(alg, privateKey);
    jwks.keys.push({ ...(await exportJWK(publicKey)), alg, use: 'sig', kid: alg });
  }
  const asserting = { token_endpoint_auth_method: 'private_key_jwt', jwks, redirect_uris: [back], scope };
  product = await startProduct({
    people: [kim],
    clients: [
      { ...web, client_id: 'web', pedel_require_pkce: true },
      {
        ...web,
        ...offline,
        client_id: 'roundcube',
        token_endpoint_auth_method: 'client_secret_post',
        pedel_first_party: false,
      },
      { ...asserting, client_id: 'asserting', pedel_first_party: true },
      {
        ...offline,
        client_id: 'spa',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://spa.example/back'],
        pedel_first_party: true,
      },
      { ...loopback, token_endpoint_auth_method: 'none' },
      { ...web, client_id: 'pushing', require_pushed_authorization_requests: true },
      { ...web, client_id: 'posted' },
      { ...web, ...hybrid, client_id: 'hybrid' },
      { ...implicit, token_endpoint_auth_method: 'none', pedel_first_party: true },
      { ...web, client_id: 'pairwise-one', subject_type: 'pairwise', redirect_uris: ['https://one.example/back'] },
      { ...web, client_id: 'pairwise-two', subject_type: 'pairwise', redirect_uris: ['https://two.example/back'] },
      { ...web, client_id: 'signed', userinfo_signed_response_alg: 'ES256' },
      ...algorithms.map((alg) => ({
        ...asserting,
        ...offline,
        client_id: `fapi-${alg}`,
        pedel_profile: 'fapi2',
        pedel_first_party: true,
        dpop_bound_access_tokens: true,
        require_pushed_authorization_requests: true,
        id_token_signed_response_alg: alg,
        token_endpoint_auth_signing_alg: alg,
      })),
    ],
  });
}, 240_000);
afterAll(() => product?.stop());

const asserting = (alg: string) => client.PrivateKeyJwt({ key: keys.get(alg) as client.CryptoKey, kid: alg });

describe('a web server', () => {
  test('with client_secret_basic and PKCE signs a person in and reads who it is', async () => {
    const application = await product.application('web');
    const { claims, accessToken } = await tokensOf(product, product.visitor(), kim, application, {
      redirect_uri: back,
      scope: 'openid profile email',
    });
    expect(claims).toMatchObject({ iss: product.issuer, aud: 'web', amr: ['pwd'] });
    const userinfo = await client.fetchUserInfo(application, accessToken, claims.sub);
    expect(userinfo).toMatchObject({ name: 'Kim Storm', email: kim.email, email_verified: true });
  });

  test('that demands PKCE of itself is refused without', async () => {
    const { url } = await request(await product.application('web'), { redirect_uri: back }, { pkce: false });
    const landed = await signedIn(product, product.visitor(), url, kim);
    expect(landed.searchParams.get('error')).toBe('invalid_request');
  });

  test('with client_secret_post, no PKCE and offline_access keeps one refresh token (Roundcube)', async () => {
    const application = await product.application('roundcube', client.ClientSecretPost(SECRET));
    const parameters = { redirect_uri: back, scope: 'openid email offline_access', prompt: 'consent' };
    const { tokens } = await tokensOf(product, product.visitor(), kim, application, parameters, { pkce: false });
    const refreshToken = tokens.refresh_token ?? '';
    for (let times = 0; times < 3; times += 1) {
      const refreshed = await client.refreshTokenGrant(application, refreshToken);
      expect([refreshed.access_token.length > 20, refreshed.refresh_token ?? refreshToken]).toEqual([
        true,
        refreshToken,
      ]);
    }
  });

  test('with a wrong secret gets invalid_client, and a right one afterwards is not worse off', async () => {
    const { url, checks } = await request(await product.application('web'), { redirect_uri: back });
    const landed = await signedIn(product, product.visitor(), url, kim);
    const wrong = await product.application('web', client.ClientSecretBasic(`${SECRET}!`));
    // the library sees the challenge (RFC 6749, 5.2) and reads no further
    await expect(client.authorizationCodeGrant(wrong, landed, checks)).rejects.toMatchObject({
      code: 'OAUTH_WWW_AUTHENTICATE_CHALLENGE',
      status: 401,
    });
    const answer = await fetch(`${product.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'web', client_secret: 'guessed' }),
    });
    expect(await answer.json()).toMatchObject({ error: 'invalid_client' });
    const right = await product.application('web');
    expect(await client.authorizationCodeGrant(right, landed, checks)).toHaveProperty('id_token');
  });

  test('with private_key_jwt', async () => {
    const application = await product.application('asserting', asserting('ES256'));
    const { claims } = await tokensOf(product, product.visitor(), kim, application, { redirect_uri: back });
    expect(claims.aud).toBe('asserting');
  });

  test('that must push its request is refused otherwise', async () => {
    const application = await product.application('pushing');
    const { url, parameters, checks } = await request(application, { redirect_uri: back });
    expect((await signedIn(product, product.visitor(), url, kim)).searchParams.get('error')).toBe('invalid_request');

    const pushed = await client.buildAuthorizationUrlWithPAR(application, parameters);
    expect([...pushed.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const landed = await signedIn(product, product.visitor(), pushed, kim);
    expect(await client.authorizationCodeGrant(application, landed, checks)).toHaveProperty('id_token');
  });

  test('that is answered by form_post', async () => {
    const application = await product.application('posted');
    const { url, checks } = await request(application, { redirect_uri: back, response_mode: 'form_post' });
    const visitor = product.visitor();
    await signedIn(product, visitor, url, kim);
    const body = new URLSearchParams(visitor.hiddenFields(back));
    const posted = new Request(back, { method: 'POST', body });
    expect(await client.authorizationCodeGrant(application, posted, checks)).toHaveProperty('id_token');
  });

  test('with the hybrid flow gets a code and a first ID token together', async () => {
    const application = await product.application('hybrid');
    client.useCodeIdTokenResponseType(application);
    const { url, checks } = await request(application, { redirect_uri: back });
    const landed = await signedIn(product, product.visitor(), url, kim);
    expect([...new URLSearchParams(landed.hash.slice(1)).keys()]).toEqual(expect.arrayContaining(['code', 'id_token']));
    const tokens = await client.authorizationCodeGrant(application, landed, checks);
    expect(tokens.claims()).toMatchObject({ aud: 'hybrid', nonce: checks.expectedNonce });
  });

  test('with the implicit flow gets an ID token that is signed with RS256, as nothing else was registered', async () => {
    const application = await product.application('implicit', client.None());
    client.useIdTokenResponseType(application);
    const { url, checks } = await request(application, { redirect_uri: back }, { pkce: false });
    const landed = await signedIn(product, product.visitor(), url, kim);
    const { expectedNonce, expectedState } = checks;
    const claims = await client.implicitAuthentication(application, landed, expectedNonce, { expectedState });
    expect(claims.aud).toBe('implicit');
    const [header = ''] = (new URLSearchParams(landed.hash.slice(1)).get('id_token') ?? '').split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg: 'RS256' });
  });

  test('with pairwise subjects knows a person by a name of its own, the same each time', async () => {
    const subjectAt = async (name: string) => {
      const application = await product.application(`pairwise-${name}`);
      const parameters = { redirect_uri: `https://${name}.example/back` };
      const { claims, accessToken } = await tokensOf(product, product.visitor(), kim, application, parameters);
      expect((await client.fetchUserInfo(application, accessToken, claims.sub)).sub).toBe(claims.sub);
      return claims.sub;
    };
    const { claims } = await tokensOf(product, product.visitor(), kim, await product.application('web'), {
      redirect_uri: back,
    });
    const [one, again, two] = [await subjectAt('one'), await subjectAt('one'), await subjectAt('two')];
    expect(one).toBe(again);
    expect(new Set([one, two, claims.sub]).size).toBe(3);
  });

  test('that wants it gets userinfo signed', async () => {
    const application = await product.application('signed', undefined, { userinfo_signed_response_alg: 'ES256' });
    const parameters = { redirect_uri: back, scope: 'openid email' };
    const { claims, accessToken } = await tokensOf(product, product.visitor(), kim, application, parameters);
    const raw = await fetch(`${product.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(raw.headers.get('content-type')).toContain('application/jwt');
    const userinfo = await client.fetchUserInfo(application, accessToken, claims.sub);
    expect(userinfo).toMatchObject({ email: kim.email, aud: 'signed' });
  });
});

describe('an application without a secret', () => {
  test('in a page of its own origin may call, another origin may not, and its refresh tokens rotate', async () => {
    const parameters = { redirect_uri: 'https://spa.example/back', scope: 'openid offline_access', prompt: 'consent' };
    const application = await product.application('spa', client.None());
    const { tokens } = await tokensOf(product, product.visitor(), kim, application, parameters);

    const preflight = (origin: string) =>
      fetch(`${product.issuer}/token`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'dpop' },
      });
    expect((await preflight('https://spa.example')).headers.get('access-control-allow-methods')).toContain('POST');
    const asks = (origin: string, refreshToken: string) =>
      fetch(`${product.issuer}/token`, {
        method: 'POST',
        headers: { origin },
        body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'spa', refresh_token: refreshToken }),
      });
    const refused = await asks('https://evil.example', tokens.refresh_token ?? '');
    expect(refused.headers.get('access-control-allow-origin')).toBeNull();
    expect(refused.status).toBe(400);
    const allowed = await asks('https://spa.example', tokens.refresh_token ?? '');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://spa.example');
    const rotated = (await allowed.json()) as { refresh_token: string };
    expect(rotated.refresh_token).not.toBe(tokens.refresh_token);
    // the old one within ten seconds: refused, and the family lives on (rule 16)
    expect((await asks('https://spa.example', tokens.refresh_token ?? '')).status).toBe(400);
    expect((await asks('https://spa.example', rotated.refresh_token)).status).toBe(200);
  });

  test('without PKCE is refused', async () => {
    const application = await product.application('spa', client.None());
    const { url } = await request(application, { redirect_uri: 'https://spa.example/back' }, { pkce: false });
    const landed = await signedIn(product, product.visitor(), url, kim);
    expect(landed.searchParams.get('error')).toBe('invalid_request');
  });

  test('on a computer comes back to whichever loopback port it found free, and asks each time', async () => {
    const application = await product.application('native', client.None());
    const visitor = product.visitor();
    for (const port of [40_123, 51_234]) {
      const parameters = { redirect_uri: `http://127.0.0.1:${port}/callback` };
      const { claims } = await tokensOf(product, visitor, kim, application, parameters);
      expect(claims.aud).toBe('native');
    }
    const { url } = await request(application, { redirect_uri: 'http://127.0.0.1:40123/elsewhere' });
    expect((await visitor.open(url.href)).status).toBe(400);
  });
});

describe('an application of FAPI 2.0', () => {
  test.each(algorithms)(
    'pushes, asserts and proves possession of a key, with %s; its refresh token stays',
    async (alg) => {
      const application = await product.application(`fapi-${alg}`, asserting(alg), {
        dpop_bound_access_tokens: true,
        id_token_signed_response_alg: alg,
      });
      const DPoP = client.getDPoPHandle(application, await client.randomDPoPKeyPair(alg));
      const wanted = { redirect_uri: back, scope: 'openid email offline_access', prompt: 'consent' };
      const { parameters, checks } = await request(application, wanted);
      const pushed = await client.buildAuthorizationUrlWithPAR(application, parameters, { DPoP });
      const landed = await signedIn(product, product.visitor(), pushed, kim);
      expect(landed.searchParams.get('iss')).toBe(product.issuer);
      const tokens = await client.authorizationCodeGrant(application, landed, checks, undefined, { DPoP });
      expect(tokens.token_type).toBe('dpop');
      const subject = tokens.claims()?.sub ?? '';
      const userinfo = await client.fetchUserInfo(application, tokens.access_token, subject, { DPoP });
      expect(userinfo.email).toBe(kim.email);
      const stolen = await fetch(`${product.issuer}/me`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(stolen.status).toBe(401);
      for (let times = 0; times < 2; times += 1) {
        const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token ?? '', undefined, { DPoP });
        expect(refreshed.refresh_token ?? tokens.refresh_token).toBe(tokens.refresh_token);
      }
      const other = client.getDPoPHandle(application, await client.randomDPoPKeyPair('ES256'));
      const refresh = client.refreshTokenGrant(application, tokens.refresh_token ?? '', undefined, { DPoP: other });
      await expect(refresh).resolves.toMatchObject({ token_type: 'dpop' }); // bound to the application's own credentials (RFC 9449, 5)
    },
  );
});
