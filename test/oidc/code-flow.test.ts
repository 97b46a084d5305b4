/** Each kind of client runs its flow as a relying party with openid-client. */
import { createServer } from 'node:http';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import * as client from 'openid-client';
import type { JsonValue } from '../../src/domain/json-value.ts';
import {
  answerIn,
  application,
  closeAll,
  type Kit,
  lifetimes,
  listening,
  redirectOf,
  secret,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

/** Code flow with PKCE, state and nonce; with PAR where the client wants it. */
async function signIn(kit: Kit, config: client.Configuration, more: Record<string, string> = {}, options = {}) {
  const { client_id: id } = config.clientMetadata();
  const verifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: redirectOf(id),
    scope: 'openid profile email',
    state: 'abc',
    nonce: 'xyz',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  };
  const url = more.pushed
    ? await client.buildAuthorizationUrlWithPAR(config, parameters, options)
    : client.buildAuthorizationUrl(config, parameters);
  const landed = await kit.land(visitor(), url);
  return client.authorizationCodeGrant(
    config,
    new URL(landed.url),
    { pkceCodeVerifier: verifier, expectedState: 'abc', expectedNonce: 'xyz' },
    undefined,
    options,
  );
}

async function keyPair(alg = 'ES256') {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'k1' } as JWK & Record<string, JsonValue> };
}

describe('the code flow of', () => {
  test.each([
    ['client_secret_post', client.ClientSecretPost(secret)],
    ['client_secret_basic', client.ClientSecretBasic(secret)],
  ])('a confidential client with %s learns who signed in, and how', async (method, auth) => {
    const kit = await startOidc({ clients: [application('toledo', { token_endpoint_auth_method: method })] });
    const config = await kit.config('toledo', auth);
    const tokens = await signIn(kit, config);
    expect(tokens.claims()).toMatchObject({ sub: 'an', amr: ['pwd'], acr: 'https://refeds.org/profile/sfa' });
    const me = await client.fetchUserInfo(config, tokens.access_token, 'an');
    expect(me).toMatchObject({ name: 'Annelies Peeters', email: 'an.peeters@kuleuven.be', email_verified: true });
    const posted = await kit.post('/me', { access_token: tokens.access_token });
    expect(await posted.json()).toMatchObject({ sub: 'an' });
  });

  test('a client with a key of its own (private_key_jwt), RS256 and ES256', async () => {
    for (const alg of ['RS256', 'ES256']) {
      const { privateKey, jwk } = await keyPair(alg);
      const kit = await startOidc({
        clients: [application('toledo', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })],
      });
      const config = await kit.config('toledo', client.PrivateKeyJwt({ key: privateKey, kid: 'k1' }));
      expect((await signIn(kit, config)).claims()?.sub).toBe('an');
    }
  });

  test('a client whose keys stand at an address of its own, fetched only where that network is named', async () => {
    const { privateKey, jwk } = await keyPair();
    let fetched = 0;
    const address = await listening(
      createServer((_request, response) => {
        fetched += 1;
        response.end(JSON.stringify({ keys: [jwk] }));
      }),
    );
    const clients = [
      application('toledo', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${address}/jwks` }),
    ];
    const auth = client.PrivateKeyJwt({ key: privateKey, kid: 'k1' });
    const open = await startOidc({ clients });
    expect((await signIn(open, await open.config('toledo', auth))).claims()?.sub).toBe('an');
    expect(fetched).toBe(1);
    const closed = await startOidc({ clients, allowNetworks: [] });
    await expect(signIn(closed, await closed.config('toledo', auth))).rejects.toThrow();
    expect(fetched).toBe(1);
  });

  test('a pairwise client whose sector cannot be verified is not served', async () => {
    const sector = { subject_type: 'pairwise', sector_identifier_uri: 'https://127.0.0.1:9/sector.json' };
    const kit = await startOidc({ clients: [application('toledo', sector)], allowNetworks: [] });
    const { status, html } = await kit.land(visitor(), kit.authUrl({ client_id: 'toledo' }));
    expect([status, html]).toEqual([400, expect.stringContaining('sector_identifier_uri')]);
  });

  test('a public client must use PKCE and may be called from its own origin only', async () => {
    const kit = await startOidc({ clients: [application('spa', { token_endpoint_auth_method: 'none' })] });
    const config = await kit.config('spa', client.None());
    expect((await signIn(kit, config)).claims()?.sub).toBe('an');
    const without = await kit.authorize(visitor(), { client_id: 'spa' });
    expect(without).toMatchObject({ error: 'invalid_request', error_description: expect.stringContaining('PKCE') });

    const asked = (origin: string) => kit.post('/token', { client_id: 'spa', grant_type: 'refresh_token' }, { origin });
    expect((await asked('https://spa.example')).headers.get('access-control-allow-origin')).toBe('https://spa.example');
    const stranger = await asked('https://evil.example');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    expect(await stranger.json()).toMatchObject({ error: 'invalid_request' });
  });

  test('a confidential client may be called only from origins that are named for it', async () => {
    const kit = await startOidc({
      clients: [application('a'), application('b', { pedel_cors_origins: ['https://b.example'] })],
    });
    const asked = async (id: string) =>
      (await kit.post('/token', { client_id: id, client_secret: secret }, { origin: `https://${id}.example` })).headers;
    expect((await asked('a')).get('access-control-allow-origin')).toBeNull();
    expect((await asked('b')).get('access-control-allow-origin')).toBe('https://b.example');
  });

  test('a client that must use PKCE though it has a secret', async () => {
    const kit = await startOidc({ clients: [application('toledo', { pedel_require_pkce: true })] });
    expect(await kit.authorize(visitor(), { client_id: 'toledo' })).toMatchObject({ error: 'invalid_request' });
    expect((await signIn(kit, await kit.config('toledo'))).claims()?.sub).toBe('an');
  });

  describe('a client of which only pedel_profile says that it is FAPI 2.0', () => {
    async function bank(change: Record<string, JsonValue> = {}, options: object = {}) {
      const [{ privateKey, jwk }, rsa] = [await keyPair('PS256'), await keyPair('RS256')];
      const { token_endpoint_auth_method: _method, ...bare } = application('bank', { pedel_profile: 'fapi2' });
      const keys = [
        { ...jwk, kid: 'k1' },
        { ...rsa.jwk, kid: 'rsa' },
      ];
      const kit = await startOidc({ clients: [{ ...bare, client_id: 'bank', jwks: { keys }, ...change }], ...options });
      const asserting = (key: client.CryptoKey, kid: string) =>
        client.PrivateKeyJwt(
          { key, kid },
          {
            [client.modifyAssertion]: (_header, payload) => {
              payload.aud = kit.issuer;
            },
          },
        );
      const algorithms = { id_token_signed_response_alg: 'ES256', authorization_signed_response_alg: 'ES256' };
      const config = await kit.config('bank', asserting(privateKey, 'k1'), algorithms);
      const withRsa = await kit.config('bank', asserting(rsa.privateKey, 'rsa'), algorithms);
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
      return { kit, config, withRsa, DPoP, rsa };
    }

    test('pushes, asserts with PS256, proves possession of a key, and keeps its refresh token', async () => {
      const { kit, config, DPoP } = await bank();
      const scope = 'openid offline_access';
      const tokens = await signIn(kit, config, { pushed: 'yes', scope, prompt: 'consent' }, { DPoP });
      expect(tokens.token_type).toBe('dpop');
      expect(await client.fetchUserInfo(config, tokens.access_token, 'an', { DPoP })).toMatchObject({ sub: 'an' });
      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
      expect(refreshed.refresh_token).toBe(tokens.refresh_token);
    });

    test('is refused what was not pushed, bears no proof, has no PKCE or is asserted with RS256', async () => {
      const { kit, config, withRsa, DPoP } = await bank();
      expect(await kit.authorize(visitor(), { client_id: 'bank' })).toMatchObject({ error: 'invalid_request' });
      await expect(signIn(kit, config, { pushed: 'yes' })).rejects.toMatchObject({ error: 'invalid_grant' });
      await expect(signIn(kit, withRsa, { pushed: 'yes' }, { DPoP })).rejects.toMatchObject({ status: 401 });
      const parameters = { redirect_uri: redirectOf('bank'), scope: 'openid' };
      const pushed = client.buildAuthorizationUrlWithPAR(config, parameters);
      await expect(pushed).rejects.toMatchObject({ error_description: expect.stringContaining('PKCE') });
    });

    test('has no request object signed with RS256', async () => {
      const { kit, config, rsa } = await bank();
      const request = await new SignJWT({ client_id: 'bank', response_type: 'code', redirect_uri: redirectOf('bank') })
        .setProtectedHeader({ alg: 'RS256', kid: 'rsa' })
        .setIssuer('bank')
        .setAudience(kit.issuer)
        .setNotBefore('0s')
        .setExpirationTime('1m')
        .sign(rsa.privateKey);
      await expect(client.buildAuthorizationUrlWithPAR(config, { request })).rejects.toMatchObject({
        error: 'invalid_request_object',
      });
    });

    test('has codes that live 60 seconds, whatever the configuration says', async () => {
      const { kit, config, DPoP } = await bank({}, { lifetimes: { ...lifetimes, codeSeconds: 600 } });
      const put = jest.spyOn(kit.storage.protocolRecords, 'put');
      await signIn(kit, config, { pushed: 'yes' }, { DPoP });
      const expiries = put.mock.calls
        .filter(([model]) => model === 'AuthorizationCode')
        .map(([, , , expires]) => expires);
      expect(expiries.length).toBeGreaterThan(0);
      for (const expires of expiries) expect(Number(expires) - Date.now()).toBeLessThanOrEqual(60_000);
    });

    test('takes its answer as a JWT that Pedel signed, errors too (JARM)', async () => {
      const { kit, config, DPoP } = await bank({ response_modes: ['jwt'] });
      client.useJwtResponseMode(config);
      const tokens = await signIn(kit, config, { pushed: 'yes' }, { DPoP });
      expect(tokens.claims()?.sub).toBe('an');
      const url = await client.buildAuthorizationUrlWithPAR(
        config,
        {
          redirect_uri: redirectOf('bank'),
          scope: 'openid',
          state: 'abc',
          prompt: 'none',
          code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
          code_challenge_method: 'S256',
        },
        { DPoP },
      );
      const { response = '', ...others } = answerIn((await kit.land(visitor(), url)).url);
      const keys = createRemoteJWKSet(new URL('/jwks', kit.issuer));
      const { payload } = await jwtVerify(response, keys, {
        issuer: kit.issuer,
        audience: 'bank',
        algorithms: ['ES256'],
      });
      expect([payload.error, payload.state, others]).toEqual(['login_required', 'abc', {}]);
    });

    test.each<Record<string, JsonValue>>([
      { token_endpoint_auth_method: 'client_secret_post' },
      { token_endpoint_auth_method: 'none' },
      { dpop_bound_access_tokens: false },
      { require_pushed_authorization_requests: false },
      { id_token_signed_response_alg: 'RS256' },
      { token_endpoint_auth_signing_alg: 'RS256' },
      { response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] },
    ])('opens nothing where what was stored earlier contradicts it: %j', async (change) => {
      const { jwk } = await keyPair('PS256');
      const stored = application('bank', {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
        pedel_profile: 'fapi2',
        ...change,
      });
      const kit = await startOidc({ clients: [stored] });
      const { status, html } = await kit.land(visitor(), kit.authUrl({ client_id: 'bank' }));
      expect([status, html]).toEqual([400, expect.stringContaining('invalid_client_metadata')]);
      expect(html).toContain(Object.keys(change)[0]);
    });
  });

  test('clients registered for hybrid and implicit flows, and no others', async () => {
    const types = ['id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'];
    const kit = await startOidc({
      clients: [
        application('lti', { response_types: types, grant_types: ['implicit', 'authorization_code'] }),
        application('toledo'),
      ],
    });
    for (const response_type of types) {
      const answer = await kit.authorize(visitor(), { client_id: 'lti', response_type, nonce: 'n', state: 's' });
      expect(Object.keys(answer)).toEqual(
        expect.arrayContaining([
          ...(response_type.includes('id_token') ? ['id_token'] : []),
          ...(response_type.includes('code') ? ['code'] : []),
          ...(/(^| )token/.test(response_type) ? ['access_token'] : []),
        ]),
      );
    }
    const refused = await kit.authorize(visitor(), { client_id: 'toledo', response_type: 'id_token', nonce: 'n' });
    expect(refused).toMatchObject({ error: 'invalid_request' });
  });

  test('an implicit client on loopback http, registered as native', async () => {
    const redirect_uri = 'http://localhost:4711/back';
    const kit = await startOidc({
      clients: [
        application('dev', {
          application_type: 'native',
          redirect_uris: [redirect_uri],
          response_types: ['id_token'],
          grant_types: ['implicit'],
        }),
      ],
    });
    const answer = await kit.authorize(visitor(), {
      client_id: 'dev',
      response_type: 'id_token',
      nonce: 'n',
      redirect_uri,
    });
    expect(answer.id_token).toBeDefined();
  });

  test('a client that takes its answer by form_post', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { html } = await kit.land(
      visitor(),
      kit.authUrl({ client_id: 'toledo', response_mode: 'form_post', state: 's' }),
    );
    expect(html).toContain(`action="${redirectOf('toledo')}"`);
    expect(html).toMatch(/name="code" value="[^"]+"/);
  });

  test.each(['id_token', 'id_token token'])(
    'a client that takes no code and its answer by form_post, %s',
    async (response_type) => {
      const implicit = { response_types: [response_type], grant_types: ['implicit'] };
      const kit = await startOidc({ clients: [application('toledo', implicit)] });
      const asked = { client_id: 'toledo', response_type, response_mode: 'form_post', nonce: 'n', state: 's' };
      const { status, html } = await kit.land(visitor(), kit.authUrl(asked));
      expect([status, html]).toEqual([200, expect.stringMatching(/name="id_token" value="[^"]+"/)]);
      expect(html).toContain(`action="${redirectOf('toledo')}"`);
    },
  );

  test('a client that signs its requests, and one that must', async () => {
    const { privateKey, jwk } = await keyPair('ES256');
    const kit = await startOidc({
      clients: [
        application('toledo', {
          jwks: { keys: [jwk] },
          require_signed_request_object: true,
          request_object_signing_alg: 'ES256',
        }),
      ],
    });
    const request = await new SignJWT({
      client_id: 'toledo',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectOf('toledo'),
      state: 'signed',
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setIssuer('toledo')
      .setAudience(kit.issuer)
      .setExpirationTime('1m')
      .sign(privateKey);
    const bare = { client_id: 'toledo', scope: 'openid' };
    expect(await kit.authorize(visitor(), { ...bare, request })).toMatchObject({
      state: 'signed',
      code: expect.anything(),
    });
    expect(await kit.authorize(visitor(), bare)).toMatchObject({ error: 'invalid_request' });
    const tampered = `${request.slice(0, -4)}AAAA`;
    expect(await kit.authorize(visitor(), { ...bare, request: tampered })).toMatchObject({
      error: 'invalid_request_object',
    });
    const uri = { ...bare, request_uri: 'https://toledo.example/request' };
    expect(await kit.authorize(visitor(), uri)).toMatchObject({ error: 'request_uri_not_supported' });
  });

  test('a client with signed userinfo and one with ES256', async () => {
    const kit = await startOidc({
      clients: [
        application('toledo', { userinfo_signed_response_alg: 'ES256', id_token_signed_response_alg: 'ES256' }),
      ],
    });
    const { access_token: token, id_token: idToken } = await kit.tokens(visitor(), { client_id: 'toledo' });
    const keys = createRemoteJWKSet(new URL('/jwks', kit.issuer));
    const me = await kit.me(token);
    expect(me.headers.get('content-type')).toContain('application/jwt');
    const { payload } = await jwtVerify(await me.text(), keys, {
      issuer: kit.issuer,
      audience: 'toledo',
      algorithms: ['ES256'],
    });
    expect(payload.sub).toBe('an');
    await jwtVerify(idToken, keys, { algorithms: ['ES256'] });
  });

  test('RS256 signs where the registration names no algorithm', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { id_token: idToken } = await kit.tokens(visitor(), { client_id: 'toledo' });
    await jwtVerify(idToken, createRemoteJWKSet(new URL('/jwks', kit.issuer)), { algorithms: ['RS256'] });
  });

  test('pairwise clients see different subjects, the same for ever', async () => {
    const pairwise = (id: string) => application(id, { subject_type: 'pairwise' });
    const kit = await startOidc({ clients: [pairwise('a'), pairwise('b')] });
    const subject = async (id: string) => {
      const { access_token: token } = await kit.tokens(visitor(), { client_id: id });
      return ((await (await kit.me(token)).json()) as { sub: string }).sub;
    };
    const first = await subject('a');
    expect(first).not.toBe('an');
    expect(await subject('b')).not.toBe(first);
    const again = await startOidc({ clients: [], accounts: [], storage: kit.storage });
    const { access_token: token } = await again.tokens(visitor(), { client_id: 'a' });
    expect(await (await again.me(token)).json()).toEqual({ sub: first });
  });

  test('a shared secret is never used for signatures, in either direction', async () => {
    const kit = await startOidc({
      clients: [
        application('hs', { id_token_signed_response_alg: 'HS256' }),
        application('jwt', { token_endpoint_auth_method: 'client_secret_jwt' }),
      ],
    });
    for (const id of ['hs', 'jwt']) {
      const { html, status } = await kit.land(visitor(), kit.authUrl({ client_id: id }));
      expect([status, html]).toEqual([400, expect.stringContaining('invalid_client_metadata')]);
    }
  });
});
