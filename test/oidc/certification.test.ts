/** What the certification plans of the OpenID Foundation require, line by line. */
import { request } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { application, closeAll, MFA, person, SFA, secret, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const toledo = { client_id: 'toledo' };

describe('POST at the authorization and logout endpoints', () => {
  test('is answered with 303 to GET of the same parameters', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const url = new URL(kit.authUrl({ ...toledo, state: 'a b&c', scope: 'openid email' }));
    for (const path of ['/auth', '/session/end']) {
      const answer = await fetch(kit.issuer + path, { method: 'POST', body: url.searchParams, redirect: 'manual' });
      expect(answer.status).toBe(303);
      const location = new URL(answer.headers.get('location') ?? '', kit.issuer);
      expect([location.pathname, [...location.searchParams]]).toEqual([path, [...url.searchParams]]);
      // some in the address, some in the body
      const [body, query] = [new URLSearchParams({ scope: 'openid' }), new URLSearchParams({ state: 'a b&c' })];
      const mixed = await fetch(`${kit.issuer}${path}?${query}`, { method: 'POST', body, redirect: 'manual' });
      expect(mixed.headers.get('location')).toBe(`${path}?${body}&${query}`);
    }
  });

  test('works to the end', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const posted = await fetch(`${kit.issuer}/auth`, {
      method: 'POST',
      body: new URL(kit.authUrl(toledo)).searchParams,
      redirect: 'manual',
    });
    const { url } = await kit.land(visitor(), new URL(posted.headers.get('location') ?? '', kit.issuer));
    expect(url).toContain('code=');
  });

  test('beyond 8 KB is refused with 413, another content type with 400', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    // and with 414 where it stands in the address: it would be stored until it is answered
    for (const [length, status] of [
      [7000, 303],
      [8200, 414],
    ] as const)
      for (const path of ['/auth', '/AUTH', '/auth/']) {
        const url = kit.authUrl({ ...toledo, state: 'x'.repeat(length) }).replace('/auth?', `${path}?`);
        expect([path, (await fetch(url, { redirect: 'manual' })).status]).toEqual([path, status]);
      }
    const post = (body: string, type = 'application/x-www-form-urlencoded', path = '/auth') =>
      fetch(kit.issuer + path, { method: 'POST', body, headers: { 'content-type': type }, redirect: 'manual' });
    expect((await post(`state=${'x'.repeat(8100)}`)).status).toBe(303);
    expect((await post(`state=${'x'.repeat(8200)}`)).status).toBe(413);
    expect((await post('{}', 'application/json')).status).toBe(400);
    for (const path of ['/request', '/Request', '/request/'])
      expect((await post(`state=${'x'.repeat(20_000)}`, undefined, path)).status).toBe(413);
  });
});

describe('requests', () => {
  test('PKCE is required of public clients, of others only where they say so, and only S256', async () => {
    const kit = await startOidc({
      clients: [
        application('toledo'),
        application('spa', { token_endpoint_auth_method: 'none' }),
        application('strict', { pedel_require_pkce: true }),
      ],
    });
    const outcome = async (id: string, more = {}) =>
      Object.keys(await kit.authorize(visitor(), { client_id: id, ...more }))[0];
    const challenge = { code_challenge: 'x'.repeat(43) };
    expect(await outcome('toledo')).toBe('code');
    expect([await outcome('spa'), await outcome('strict')]).toEqual(['error', 'error']);
    expect(await outcome('spa', { ...challenge, code_challenge_method: 'S256' })).toBe('code');
    expect(await outcome('toledo', { ...challenge, code_challenge_method: 'plain' })).toBe('error');
  });

  test('a nonce is optional in the code flow and required where the ID token comes by the browser', async () => {
    const kit = await startOidc({ clients: [application('toledo', { response_types: ['code', 'id_token'] })] });
    expect(decodeJwt((await kit.tokens(visitor(), toledo)).id_token).nonce).toBeUndefined();
    expect(await kit.authorize(visitor(), { ...toledo, response_type: 'id_token' })).toMatchObject({
      error: 'invalid_request',
    });
  });

  test('login_hint, id_token_hint, display, claims_locales, ui_locales and unknown parameters break nothing', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    const { id_token } = await kit.tokens(browser, toledo);
    const more = {
      login_hint: 'x',
      id_token_hint: id_token,
      display: 'popup',
      claims_locales: 'se',
      ui_locales: 'se',
      extra: 'foobar',
    };
    await kit.tokens(browser, { ...toledo, ...more });
  });

  test('unregistered or missing redirect URIs get a page that names the fault, never a redirect', async () => {
    const kit = await startOidc({
      clients: [
        application('toledo', { redirect_uris: ['https://toledo.example/back', 'https://toledo.example/other'] }),
      ],
    });
    for (const redirect_uri of [
      'https://evil.example/',
      'https://toledo.example/back?foo=bar',
      'https://toledo.example/back/',
    ]) {
      const landed = await kit.land(visitor(), kit.authUrl({ ...toledo, redirect_uri }));
      expect([landed.url.startsWith(kit.issuer), landed.status]).toEqual([true, 400]);
      expect(landed.html).toContain('invalid_redirect_uri');
    }
    const without = new URL(kit.authUrl(toledo));
    without.searchParams.delete('redirect_uri');
    expect(await kit.land(visitor(), without)).toMatchObject({
      status: 400,
      html: expect.stringContaining('redirect_uri'),
    });
    const query = 'https://lemon.example/?openidconnectcallback=1';
    const lemon = await startOidc({ clients: [application('lemon', { redirect_uris: [query] })] });
    const { url } = await lemon.land(visitor(), lemon.authUrl({ client_id: 'lemon', redirect_uri: query }));
    expect(url).toMatch(/^https:\/\/lemon\.example\/\?openidconnectcallback=1&code=/);
  });

  test('an unsigned request object is refused, and so is a request_uri that is not pushed', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const request = `${encode({ alg: 'none' })}.${encode({ client_id: 'toledo', iss: 'toledo', aud: kit.issuer })}.`;
    expect(await kit.authorize(visitor(), { ...toledo, request })).toMatchObject({ error: 'invalid_request_object' });
  });
});

describe('claims', () => {
  const all = {
    middle_name: 'Maria',
    nickname: 'Lies',
    profile: 'https://example.org/an',
    picture: 'https://example.org/an.jpg',
    website: 'https://example.org/',
    gender: 'female',
    birthdate: '1990-02-03',
    zoneinfo: 'Europe/Brussels',
    updated_at: 1_700_000_000,
    address: { street_address: 'Naamsestraat 22', locality: 'Leuven', postal_code: '3000', country: 'BE' },
  };

  test('all fourteen of profile, email, phone and address are released when the record has them', async () => {
    const kit = await startOidc({
      clients: [application('toledo')],
      accounts: [person({ claims: all, phone: '+32 16 32 40 10' })],
    });
    const { access_token } = await kit.tokens(visitor(), { ...toledo, scope: 'openid profile email phone address' });
    expect(await (await kit.me(access_token)).json()).toEqual({
      sub: 'an',
      name: 'Annelies Peeters',
      given_name: 'Annelies',
      family_name: 'Peeters',
      preferred_username: 'u0000001',
      locale: 'nl',
      ...all,
      email: 'an.peeters@kuleuven.be',
      email_verified: true,
      phone_number: '+32 16 32 40 10',
      phone_number_verified: false,
    });
  });

  const fed = { name: 'Peeters Annelies', preferred_username: 'apeeters', locale: 'nl_BE' };
  test.each([
    ['goes before what is put together', 'nl', { ...fed, locale: 'nl-BE' }],
    ['does not hold against the language that the person chose', 'en', { ...fed, locale: 'en' }],
  ] as const)('what a source says of name, user name and locale %s', async (_, language, released) => {
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ claims: fed, language })] });
    const { access_token } = await kit.tokens(visitor(), { ...toledo, scope: 'openid profile' });
    expect(await (await kit.me(access_token)).json()).toMatchObject(released);
  });

  test('come only with their scope, and single ones by the claims parameter, into the place asked for', async () => {
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ claims: all })] });
    const claims = JSON.stringify({ userinfo: { nickname: { essential: true } }, id_token: { email: null } });
    const tokens = await kit.tokens(visitor(), { ...toledo, claims });
    expect(await (await kit.me(tokens.access_token)).json()).toEqual({ sub: 'an', nickname: 'Lies' });
    expect(decodeJwt(tokens.id_token)).toMatchObject({ email: 'an.peeters@kuleuven.be' });
    expect(decodeJwt(tokens.id_token).nickname).toBeUndefined();
  });

  test('stand in the ID token where no access token is given', async () => {
    const kit = await startOidc({ clients: [application('toledo', { response_types: ['id_token'] })] });
    const { id_token } = await kit.authorize(visitor(), {
      ...toledo,
      response_type: 'id_token',
      nonce: 'n',
      scope: 'openid email',
    });
    expect(decodeJwt(id_token ?? '')).toMatchObject({ email: 'an.peeters@kuleuven.be' });
  });

  test('of scope eduperson are released', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { access_token } = await kit.tokens(visitor(), { ...toledo, scope: 'openid eduperson' });
    expect(await (await kit.me(access_token)).json()).toMatchObject({
      eduperson_principal_name: 'u0000001@kuleuven.be',
      eduperson_scoped_affiliation: ['staff@kuleuven.be', 'employee@kuleuven.be', 'member@kuleuven.be'],
    });
  });

  test('a requested acr is answered', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { id_token } = await kit.tokens(visitor(), { ...toledo, acr_values: `${MFA} ${SFA}` });
    expect(decodeJwt(id_token).acr).toBe(SFA);
  });
});

describe('discovery and keys', () => {
  test('say what is supported', async () => {
    const kit = await startOidc();
    const discovery = await (await fetch(`${kit.issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({
      issuer: kit.issuer,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      subject_types_supported: ['public', 'pairwise'],
      claims_parameter_supported: true,
      request_parameter_supported: true,
      request_uri_parameter_supported: false,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      acr_values_supported: [MFA, SFA],
      code_challenge_methods_supported: ['S256'],
      ui_locales_supported: ['nl', 'en'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'PS256', 'ES256']),
      pushed_authorization_request_endpoint: `${kit.issuer}/request`,
    });
    expect(JSON.stringify(discovery)).not.toMatch(/HS256|client_secret_jwt|registration_endpoint/);
  });

  test('endpoints follow the configured issuer, not the Host header', async () => {
    const kit = await startOidc();
    const body = await new Promise<string>((resolve, reject) => {
      const { port } = new URL(kit.issuer);
      request({ port, path: '/.well-known/openid-configuration', headers: { host: 'evil.example' } }, (response) => {
        let received = '';
        response.on('data', (chunk) => (received += chunk));
        response.on('end', () => resolve(received));
      })
        .on('error', reject)
        .end();
    });
    expect(body).not.toContain('evil.example');
    expect(JSON.parse(body).token_endpoint).toBe(`${kit.issuer}/token`);
  });

  test('ID tokens verify against the published keys, for RS256, PS256 and ES256', async () => {
    for (const alg of ['RS256', 'PS256', 'ES256']) {
      const kit = await startOidc({ clients: [application('toledo', { id_token_signed_response_alg: alg })] });
      const { id_token } = await kit.tokens(visitor(), toledo);
      const { protectedHeader } = await jwtVerify(id_token, createRemoteJWKSet(new URL('/jwks', kit.issuer)), {
        issuer: kit.issuer,
        audience: 'toledo',
      });
      expect(protectedHeader.alg).toBe(alg);
    }
  });
});

describe('refusals', () => {
  test('at the token endpoint are JSON with the standard error', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const cases: [Record<string, string>, number, string][] = [
      [
        { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://toledo.example/back' },
        400,
        'invalid_grant',
      ],
      [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
      [{ grant_type: 'refresh_token', refresh_token: 'x' }, 400, 'invalid_grant'],
    ];
    for (const [body, status, error] of cases) {
      const answer = await kit.post('/token', { client_id: 'toledo', client_secret: secret, ...body });
      expect([answer.status, await answer.json()]).toMatchObject([status, { error }]);
    }
    const wrong = await kit.post('/token', {
      client_id: 'toledo',
      client_secret: 'wrong',
      grant_type: 'refresh_token',
    });
    expect([wrong.status, await wrong.json()]).toMatchObject([401, { error: 'invalid_client' }]);
  });

  test('at userinfo are 401 with WWW-Authenticate', async () => {
    const kit = await startOidc();
    const answer = await kit.me('nonsense');
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringContaining('error="invalid_token"'),
    ]);
  });

  test('tell what came and what is registered, in the log, under the incident of the page', async () => {
    const spa = application('spa', { token_endpoint_auth_method: 'none', scope: 'openid email' });
    const kit = await startOidc({ clients: [application('toledo'), spa] });
    const refused = async (url: string) => {
      kit.logged.length = 0;
      const { html } = await kit.land(visitor(), url);
      const lines = kit.logged.map(({ fields }) => fields as Record<string, unknown>);
      expect(new Set(lines.map(({ incident }) => incident)).size).toBe(1);
      return { html, line: lines.at(-1) ?? {} };
    };
    const elsewhere = 'https://kim:pass@toledo.example/other?token=of-somebody#part';
    const wrong = await refused(kit.authUrl({ ...toledo, redirect_uri: elsewhere }));
    expect(wrong.line).toMatchObject({
      error: 'invalid_redirect_uri',
      client: 'toledo',
      asked: { redirect_uri: 'https://toledo.example/other?token=…', scope: 'openid', response_type: 'code' },
      registered: { redirect_uris: ['https://toledo.example/back'] },
    });
    expect(wrong.html).toContain(String(wrong.line.incident));
    expect(wrong.html).toContain('<p id="client">toledo</p>');
    expect(wrong.html).not.toContain('https://toledo.example/back');

    const unknown = await refused(kit.authUrl({ client_id: 'nobody-knows-it', redirect_uri: 'https://x.example/' }));
    expect(unknown.line).toMatchObject({ client: 'nobody-knows-it', asked: { redirect_uri: 'https://x.example/' } });
    expect(unknown.html).toContain('<p id="client"></p>');

    // without PKCE; the scope is not why
    const scope = await refused(kit.authUrl({ client_id: 'spa', scope: 'openid email more' }));
    expect(scope.line).toMatchObject({
      client: 'spa',
      asked: { scope: 'openid email more' },
      registered: { scope: 'openid email' },
    });
    const type = await refused(kit.authUrl({ ...toledo, response_type: 'id_token', nonce: 'n' }));
    expect(type.line).toMatchObject({ registered: { response_types: ['code'] } });
    const leaving = `${kit.issuer}/session/end?client_id=toledo&post_logout_redirect_uri=https://x.example/`;
    expect((await refused(leaving)).line).toMatchObject({
      asked: { post_logout_redirect_uri: 'https://x.example/' },
      registered: { post_logout_redirect_uris: [] },
    });

    kit.logged.length = 0;
    const authorization = `Basic ${Buffer.from('who-is-it:a-secret-of-somebody').toString('base64')}`;
    await kit.post('/token', { grant_type: 'password' }, { authorization });
    expect(kit.logged[0]?.fields).toMatchObject({ client: 'who-is-it', asked: { grant_type: 'password' } });
    expect(JSON.stringify(kit.logged)).not.toMatch(/of-somebody|pass@/);
  });

  test('on a page carry an incident that the log has, and no secret reaches the log', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { html } = await kit.land(
      visitor(),
      kit.authUrl({ ...toledo, redirect_uri: 'https://evil.example/', state: 'top secret' }),
    );
    const incident = /<p>([0-9a-f]{10})<\/p>/.exec(html)?.[1];
    expect(kit.logged.map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ incident, error: 'invalid_redirect_uri' }),
    );
    expect(JSON.stringify(kit.logged)).not.toContain('top secret');
  });
});
