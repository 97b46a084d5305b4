/**
 * Applications register themselves (RFC 7591) and look after their registration (RFC 7592): within the terms of a token, as
 * pseudonyms, and not before an operator approves.
 */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import * as oidcClient from 'openid-client';
import { registrationAnswer } from '../../src/oidc/registration/registration-answer.ts';
import { applyClients } from '../../src/use-cases/clients/apply-clients.ts';
import { refuseClient } from '../../src/use-cases/registration/decide-registration.ts';
import { app, house } from './registration-support.ts';
import { answerIn, closeAll, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const verifier = 'a'.repeat(43);
const pkce = {
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};
type House = Awaited<ReturnType<typeof house>>;
const REDIRECT = 'https://app.lab.example/cb';

/** Signs in and answers with the tokens, or with what went wrong. */
async function signIn(
  kit: House,
  client: Record<string, unknown>,
  parameters: Record<string, string> = pkce,
): Promise<{ access_token?: string; id_token?: string; error?: string | undefined }> {
  const request = { client_id: String(client.client_id), redirect_uri: REDIRECT, ...parameters };
  const { code = '', error } = await kit.authorize(visitor(), request);
  if (code === '') return { error };
  const answer = await kit.exchange(request.client_id, code, {
    ...(client.client_secret === undefined ? {} : { client_secret: String(client.client_secret) }),
    redirect_uri: REDIRECT,
    ...(parameters.code_challenge === undefined ? {} : { code_verifier: verifier }),
  });
  return (await answer.json()) as { access_token?: string; id_token?: string; error?: string };
}

const subjectIn = (idToken = '..') => JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()).sub;

test('switched off there is no such endpoint, and discovery names none', async () => {
  const kit = await startOidc();
  for (const [method, path] of [
    ['POST', '/reg'],
    ['GET', '/reg/dyn-x'],
    ['PUT', '/reg/dyn-x'],
    ['DELETE', '/reg/x'],
  ])
    expect((await fetch(new URL(path ?? '', kit.issuer), { method: method ?? '' })).status).toBe(404);
  const discovery = await fetch(`${kit.issuer}/.well-known/openid-configuration`);
  expect(await discovery.text()).not.toContain('registration_endpoint');
});

describe('an application that registers itself', () => {
  test('is told its whole registration, with secrets of which only hashes are stored', async () => {
    const kit = await house();
    const token = await kit.token();
    const { status, headers, body } = await kit.register(token, app);
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { client_id: id, client_secret: secret, registration_access_token: access, ...told } = body;
    expect(told).toMatchObject({
      ...app,
      client_secret_expires_at: 0,
      client_id_issued_at: expect.any(Number),
      registration_client_uri: `${kit.issuer}/reg/${id}`,
      registration_state: 'pending',
      scope: 'openid eduperson',
      subject_type: 'pairwise',
      grant_types: ['authorization_code'],
    });
    expect(JSON.stringify(told)).not.toContain('pedel_');
    expect([id, secret, access]).toEqual([
      expect.stringMatching(/^dyn-[\w-]{22}$/),
      expect.stringMatching(/^pedel_cs_[\w-]{43}$/),
      expect.stringMatching(/^pedel_rat_[\w-]{43}$/),
    ]);
    const stored = await kit.storage.clients.find(String(id));
    expect(stored?.metadata).toMatchObject({ pedel_require_pkce: true, subject_type: 'pairwise' });
    expect(stored?.origin).toMatchObject({ kind: 'registration', organisation: 'kuleuven' });
    const audited = await kit.audited();
    expect(audited).toMatchObject([
      { action: 'client.registered', client: id, details: { organisation: 'kuleuven', state: 'pending' } },
    ]);
    const everywhere = JSON.stringify([stored, audited, kit.logged]);
    for (const value of [token, secret, access]) expect(everywhere).not.toContain(String(value));
    const discovery = await fetch(`${kit.issuer}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({ registration_endpoint: `${kit.issuer}/reg` });
  });

  test('lets nobody sign in until an operator approves; then it does, with PKCE, as a pseudonym, without names', async () => {
    const kit = await house();
    const token = await kit.token({ uses: 2 });
    const { body: client } = await kit.register(token, { ...app, client_name: 'Call 070/123' });
    const id = String(client.client_id);
    const page = await kit.land(visitor(), kit.authUrl({ client_id: id, redirect_uri: REDIRECT, ...pkce }));
    expect(page.status).toBe(400);
    expect(page.html).toContain(`<h1 id="title">invalid_client</h1>`);
    expect(page.html).toContain(`<p id="pending">${id}</p>`);
    expect(page.html).not.toContain('070/123'); // a stranger's text
    expect(await (await kit.exchange(id, 'x', { client_secret: String(client.client_secret) })).json()).toMatchObject({
      error: 'invalid_client',
    });
    const leave = new URL('/session/end', kit.issuer);
    leave.search = String(new URLSearchParams({ client_id: id, post_logout_redirect_uri: REDIRECT }));
    expect((await kit.land(visitor(), leave)).html).toContain('invalid_client');
    const refusals = kit.logged.filter(({ message }) => message === 'a protocol request was refused');
    expect(refusals.map(({ fields }) => (fields as { because?: string }).because)).toEqual(
      refusals.map(() => 'application-pending'),
    );
    expect(kit.logged.some(({ message }) => message === 'an application could not prove who it is')).toBe(false);

    expect(await kit.approve(id)).toMatchObject({ kind: 'approved' });
    expect(await kit.approve(id)).toEqual({ kind: 'not-pending' });
    expect(await signIn(kit, client, {})).toEqual({ error: 'invalid_request' });
    const tokens = await signIn(kit, client);
    const { body: other } = await kit.register(token, { ...app, redirect_uris: [REDIRECT, `${REDIRECT}2`] });
    await kit.approve(other.client_id);
    expect(subjectIn(tokens.id_token)).toMatch(/^[\w-]{20,}$/);
    expect(subjectIn(tokens.id_token)).not.toBe('an');
    const told = (await (await kit.me(tokens.access_token ?? '')).json()) as object;
    expect(Object.keys(told)).toEqual(['sub']);
    expect((await kit.audited()).map(({ action }) => action)).toContain('client.approved');
    expect((await kit.storage.clients.find(id))?.validUntil).toBeUndefined();
  });

  test('gets the same answer for a token that is unknown, revoked, expired or used up, or none at all', async () => {
    const kit = await house();
    setClock(Date.now());
    const revoked = await kit.token();
    const [first] = await kit.storage.initialAccessTokens.list(undefined, 1);
    await kit.storage.initialAccessTokens.revoke(first?.id ?? '');
    const used = await kit.token({ uses: 1 });
    expect((await kit.register(used, app)).status).toBe(201);
    const expiring = await kit.token({ days: 1 });
    setClock(Date.now() + 86_400_000);
    const answers = [];
    for (const token of [revoked, used, expiring, 'pedel_iat_unknown', undefined, 'ÿ'.normalize('NFD').slice(0, 1)])
      answers.push(await kit.register(token, app));
    for (const { status, body, headers } of answers) {
      expect([status, body]).toEqual([401, answers[0]?.body]);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer realm=".*", error="invalid_token"/);
    }
    expect(answers[0]?.body.error).toBe('invalid_token');
  });

  test('of a hundred that register at once with a token of three uses, three are registered', async () => {
    const kit = await house();
    const token = await kit.token({ uses: 3 });
    const answers = await Promise.all(Array.from({ length: 100 }, () => kit.register(token, app)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.every(({ status }) => [201, 401, 429].includes(status))).toBe(true);
    expect(await kit.storage.clients.list(undefined, 9)).toHaveLength(3);
  });

  test('works at once only where both its token and the configuration say so', async () => {
    const strict = await house('required');
    const free = { approval: 'none', uses: 1 } as const;
    expect((await strict.register(await strict.token(free), app)).body.registration_state).toBe('pending');
    const kit = await house('by-token');
    expect((await kit.register(await kit.token(), app)).body.registration_state).toBe('pending');
    const { body } = await kit.register(await kit.token({ ...free, pkce: 'optional' }), app);
    expect(body.registration_state).toBe('approved');
    expect(await signIn(kit, body, {})).toMatchObject({ id_token: expect.any(String) });
  });

  test('is refused by an operator, or by time: then it is gone, with an audit entry, and its token opens nothing', async () => {
    setClock(Date.UTC(2027, 1, 1));
    const kit = await house();
    const { body: client } = await kit.register(await kit.token(), app);
    const id = String(client.client_id);
    const deps = {
      clients: kit.storage.clients,
      now: () => Date.now(),
      randomBytes,
      actor: { kind: 'system' } as const,
    };
    expect(await refuseClient(id, 'pending-too-long', deps)).toEqual({ kind: 'not-pending' });
    setClock(Date.now() + 30 * 86_400_000);
    expect(await kit.approve(id)).toEqual({ kind: 'expired' });
    expect((await kit.send('GET', `/reg/${id}`, String(client.registration_access_token))).status).toBe(401);
    expect(await refuseClient(id, 'pending-too-long', deps)).toEqual({ kind: 'refused' });
    expect(await refuseClient(id, 'operator', deps)).toEqual({ kind: 'unknown' });
    expect((await kit.audited()).at(-1)).toMatchObject({ action: 'client.refused', client: id });
  });
});

describe('a registration', () => {
  test('has every fault named at once, as ASCII, and costs no use', async () => {
    const kit = await house();
    const token = await kit.token({ uses: 1 });
    const { status, body } = await kit.register(token, {
      client_id: 'toledo',
      pedel_first_party: true,
      pedel_made_up: 1,
      redirect_uris: ['https://evil.example/cb', 'https://app.lab.example/cb#x'],
      jwks_uri: 'https://10.0.0.1/jwks',
      scope: 'openid email',
      subject_type: 'public',
      grant_types: ['authorization_code', 'implicit'],
      response_types: ['code', 'id_token'],
      client_name: 'Lab\u202e app',
      'client_name#nl': 'ë'.repeat(101),
    });
    expect([status, body.error]).toEqual([400, 'invalid_client_metadata']);
    const description = String(body.error_description);
    expect(description).toMatch(/^[\x20-\x7e]+$/);
    for (const named of [
      'client_id: leave it out: only an operator sets it',
      'pedel_first_party: leave it out: only an operator sets it',
      'pedel_made_up: leave it out: only an operator sets it',
      'redirect_uris https://evil.example/cb: give one on app.lab.example',
      'redirect_uris https://app.lab.example/cb#x: remove the #',
      'jwks_uri https://10.0.0.1/jwks: give one on app.lab.example',
      'scope: remove email',
      'subject_type: give pairwise',
      'grant_types: give only authorization_code and refresh_token',
      'response_types: give only',
      'client_name: leave out line breaks',
      'client_name#nl: shorten it',
    ])
      expect(description).toContain(named);
    expect(JSON.stringify(kit.logged)).not.toContain('evil');
    expect((await kit.register(token, app)).status).toBe(201);
  });

  test.each<[what: string, change: object, terms: object, expected: string]>([
    ['another kind', { token_endpoint_auth_method: 'none' }, {}, 'it is of the kind spa'],
    [
      'an application on a device',
      { application_type: 'native', redirect_uris: ['edu.evil:/cb'] },
      {},
      'of the kind native',
    ],
    [
      'a scheme of another host',
      { application_type: 'native', redirect_uris: ['edu.evil:/cb'] },
      { kinds: ['native'] },
      'edu.evil:/cb: give one on',
    ],
    [
      'the host above a wildcard',
      { redirect_uris: ['https://lab.example/cb'] },
      { hosts: ['*.lab.example'] },
      'give one on *.lab.example',
    ],
    [
      'a host that ends alike',
      { redirect_uris: ['https://evillab.example/cb'] },
      { hosts: ['*.lab.example'] },
      'give one on',
    ],
    ['a user before the host', { redirect_uris: ['https://app.lab.example@evil.example/'] }, {}, 'give one on'],
    [
      'an unusable key',
      {
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }] },
      },
      {},
      'jwks',
    ],
    ['a secret in its keys', { jwks: { keys: [{ kty: 'oct', k: 'AA' }] } }, {}, 'only public keys'],
    [
      'an algorithm that needs the secret',
      { id_token_signed_response_alg: 'HS256' },
      {},
      'id_token_signed_response_alg HS256',
    ],
    ['an unsigned ID token', { id_token_signed_response_alg: 'none' }, {}, 'id_token_signed_response_alg none'],
    ['no address', { redirect_uris: [] }, {}, 'redirect_uris []: give at least one'],
  ])('with %s is refused', async (_, change, terms, expected) => {
    const kit = await house();
    const { status, body } = await kit.register(await kit.token(terms), { ...app, ...change });
    expect([status, body.error_description]).toEqual([400, expect.stringContaining(expected)]);
    expect(await kit.storage.clients.list(undefined, 9)).toEqual([]);
  });

  test.each<[what: string, body: string, headers: object, status: number]>([
    ['no JSON', '{', {}, 400],
    ['a list', '[]', {}, 400],
    ['nothing', 'null', {}, 400],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['ten megabytes', `{"client_name":"${'x'.repeat(10_000_000)}"}`, {}, 413],
    ['endless depth', `{"jwks":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, {}, 400],
    ['a null byte', '{"client_name":"\\u0000"}', {}, 400],
    ['a prototype', '{"__proto__":{"x":1},"constructor":{},"redirect_uris":["https://app.lab.example/cb"]}', {}, 201],
  ])('that is %s is answered with JSON and a status', async (_, body, headers, status) => {
    const kit = await house();
    const answer = await kit.register(await kit.token(), body, headers).catch((error: unknown) => error);
    if (answer instanceof Error && status === 413) return; // the connection was closed before all of it was sent
    expect(answer).toMatchObject({ status, body: expect.anything() });
  });

  test('that is compressed is refused before it is unpacked, and other methods are', async () => {
    const kit = await house();
    const token = await kit.token();
    const answer = await fetch(`${kit.issuer}/reg`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync('{}'),
    });
    expect(answer.status).toBe(400);
    const { status, headers } = await kit.send('GET', '/reg', token);
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  test('of many by one token, or with tokens that open nothing from one network, is put off; a right token is not', async () => {
    const kit = await house();
    const [busy, calm] = [await kit.token(), await kit.token()];
    for (let tried = 0; tried < 100; tried += 1)
      expect((await kit.register(busy, { ...app, scope: 'email' })).status).toBe(400);
    const put = await kit.register(busy, app);
    expect([put.status, Number(put.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    for (let tried = 0; tried < 100; tried += 1) await kit.register('wrong', app);
    expect((await kit.register('wrong', app)).status).toBe(429);
    expect((await kit.register(calm, app)).status).toBe(201);
  });

  test('that would store more than a network may is put off, and stores nothing', async () => {
    const kit = await house('required', { strangersMayStore: { network: 1500, client: 1e9 } });
    const token = await kit.token();
    expect((await kit.register(token, app)).status).toBe(201);
    expect((await kit.register(token, app)).status).toBe(429);
    expect(await kit.storage.clients.list(undefined, 9)).toHaveLength(1);
  });
});

describe('with its own token', () => {
  test('it reads, changes and deletes its registration; each change replaces the token', async () => {
    const kit = await house();
    const { body: made } = await kit.register(await kit.token(), app);
    const path = `/reg/${made.client_id}`;
    const before = String(made.registration_access_token);
    const { body: read } = await kit.send('GET', path, before);
    const { client_secret: _, client_secret_expires_at: __, ...rest } = made;
    expect(read).toEqual(rest);
    const said = (body: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(body).filter(([name]) => !/^registration_|issued_at|expires_at/.test(name)));
    const changed = await kit.send('PUT', path, before, { ...said(made), client_name: 'Lab', contacts: null });
    expect([changed.status, changed.body.client_name]).toEqual([200, 'Lab']);
    expect(changed.body.client_secret).toBeUndefined(); // it keeps the one that it has
    const after = String(changed.body.registration_access_token);
    expect(after).not.toBe(before);
    expect((await kit.send('GET', path, before)).status).toBe(401);
    expect((await kit.send('PUT', path, before, said(made))).status).toBe(401);
    await kit.approve(made.client_id);
    const tokens = await signIn(kit, made);
    expect((await kit.me(tokens.access_token ?? '')).status).toBe(200);
    expect((await kit.send('DELETE', path, after)).status).toBe(204);
    expect((await kit.me(tokens.access_token ?? '')).status).toBe(401);
    for (const method of ['GET', 'DELETE']) expect((await kit.send(method, path, after)).status).toBe(401);
    const actions = (await kit.audited()).filter(({ client }) => client === made.client_id).map(({ action }) => action);
    expect(actions.filter((action) => action.startsWith('client.'))).toEqual([
      'client.registered',
      'client.changed',
      'client.approved',
      'client.removed',
    ]);
  });

  test('where its secrets have expired, a change brings a new one; an end is told in seconds', async () => {
    const kit = await house();
    const { body: made } = await kit.register(await kit.token(), app);
    const stored = await kit.storage.clients.find(String(made.client_id));
    if (stored === undefined) throw new Error('it is registered');
    const end = stored.createdAt;
    const secrets = stored.secrets.map((secret) => ({ ...secret, expiresAt: end }));
    await kit.storage.clients.put({ ...stored, secrets, revision: stored.revision + 1 }, stored.revision);
    const said = Object.fromEntries(Object.entries(made).filter(([name]) => name in app || name === 'client_id'));
    const path = `/reg/${made.client_id}`;
    const { status, body } = await kit.send('PUT', path, String(made.registration_access_token), said);
    expect([status, body.client_secret_expires_at]).toEqual([200, 0]);
    expect(body.client_secret).toMatch(/^pedel_cs_/);
    expect(body.client_secret).not.toBe(made.client_secret);
    const told = registrationAnswer(
      { record: { ...stored, secrets }, accessToken: 'x', secret: String(made.client_secret) },
      'y',
    );
    expect(told).toMatchObject({ client_secret_expires_at: Math.floor(end / 1000) });
  });

  test('of twenty changes at once with one token, one is made', async () => {
    const kit = await house();
    const { body: made } = await kit.register(await kit.token(), app);
    const change = (n: number) =>
      kit.send('PUT', `/reg/${made.client_id}`, String(made.registration_access_token), {
        ...{ ...app, client_id: made.client_id, client_name: `Lab ${n}` },
      });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => change(n)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
    expect((await kit.storage.clients.find(String(made.client_id)))?.revision).toBe(2);
  });

  test('it opens no other registration, nor one that an operator registered, took over or switched off', async () => {
    const kit = await house('required', {
      clients: [{ client_id: 'toledo', redirect_uris: ['https://toledo.example/'] }],
    });
    const token = await kit.token();
    const [{ body: one }, { body: other }] = [await kit.register(token, app), await kit.register(token, app)];
    const access = String(one.registration_access_token);
    for (const id of [other.client_id, 'toledo', 'nobody', '%00', 'pedel'])
      for (const method of ['GET', 'DELETE'])
        expect([id, (await kit.send(method, `/reg/${id}`, access)).status]).toEqual([id, 401]);
    const off = await kit.storage.clients.find(String(other.client_id));
    const own = String(other.registration_access_token);
    expect((await kit.send('GET', `/reg/${other.client_id}`, own)).status).toBe(200);
    if (off !== undefined) await kit.storage.clients.put({ ...off, revision: 2, disabled: { at: 0 } }, 1);
    for (const method of ['GET', 'DELETE'])
      expect((await kit.send(method, `/reg/${other.client_id}`, own)).status).toBe(401);
    const file = [
      { client_id: String(one.client_id), client_name: 'Lab', redirect_uris: ['https://elsewhere.example/'] },
    ];
    const [applied] = await applyClients(file, {
      ...{ clients: kit.storage.clients, now: Date.now, randomBytes, dryRun: false, fetchLogo: undefined },
      judge: () => undefined,
      issuer: kit.issuer,
    });
    expect(applied).toMatchObject({ outcome: 'changed', members: expect.arrayContaining(['registration']) });
    const stored = await kit.storage.clients.find(String(one.client_id));
    expect([stored?.registration, stored?.validUntil, stored?.origin?.kind]).toEqual([
      undefined,
      undefined,
      'registration',
    ]);
    expect((await kit.send('GET', `/reg/${one.client_id}`, access)).status).toBe(401);
  });

  test('once it is approved it changes keys and paths, and neither its name, its hosts nor its scopes', async () => {
    const kit = await house();
    const token = await kit.token({ hosts: ['*.lab.example'], kinds: ['web', 'spa'] });
    const { body: made } = await kit.register(token, app);
    await kit.approve(made.client_id);
    let access = String(made.registration_access_token);
    const change = (more: object) =>
      kit.send('PUT', `/reg/${made.client_id}`, access, { ...app, client_id: made.client_id, ...more });
    for (const [more, named] of [
      [{ client_name: 'KU Leuven mail' }, 'client_name: leave it as it was approved'],
      [{ client_name: '' }, 'client_name: leave it as it was approved'],
      [{ 'client_name#nl': 'Mail' }, 'client_name#nl: leave it as it was approved'],
      [{ logo_uri: 'https://app.lab.example/logo.svg' }, 'logo_uri: leave it'],
      [{ redirect_uris: ['https://other.lab.example/cb'] }, 'give one on app.lab.example'],
      [{ grant_types: ['authorization_code', 'refresh_token'] }, 'scope: leave it as it was approved'],
      [{ token_endpoint_auth_method: 'none' }, 'it is of the kind spa'],
      [{ registration_access_token: access }, 'registration_access_token: leave it out'],
      [{ client_id: 'another' }, 'client_id: give the client_id of this registration'],
      [{ client_secret: 'a secret that is not its own, and long enough' }, 'client_secret: give the present one'],
      [{ pedel_require_pkce: false }, 'pedel_require_pkce: leave it out'],
    ] as const)
      expect(await change(more)).toMatchObject({
        status: 400,
        body: { error_description: expect.stringContaining(named) },
      });
    const { status, body } = await change({ redirect_uris: [`${REDIRECT}/new`], client_secret: made.client_secret });
    expect(status).toBe(200);
    access = String(body.registration_access_token);
    const answer = await kit.authorize(visitor(), {
      ...{ client_id: String(made.client_id), redirect_uri: `${REDIRECT}/new`, ...pkce },
    });
    expect(answer.code).toBeDefined();
    const stored = await kit.storage.clients.find(String(made.client_id));
    expect(stored?.metadata.pedel_require_pkce).toBe(true);
  });
});

test('openid-client registers itself, and signs people in once it is approved', async () => {
  const kit = await house('by-token', {});
  const token = await kit.token({ approval: 'none' });
  const configuration = await oidcClient.dynamicClientRegistration(
    new URL(kit.issuer),
    { redirect_uris: [REDIRECT], client_name: 'Lab app' },
    undefined,
    { initialAccessToken: token, execute: [oidcClient.allowInsecureRequests] },
  );
  const code = oidcClient.randomPKCECodeVerifier();
  const url = oidcClient.buildAuthorizationUrl(configuration, {
    redirect_uri: REDIRECT,
    scope: 'openid',
    code_challenge: await oidcClient.calculatePKCECodeChallenge(code),
    code_challenge_method: 'S256',
  });
  const landed = await kit.land(visitor(), url);
  expect(answerIn(landed.url).code).toBeDefined();
  const tokens = await oidcClient.authorizationCodeGrant(configuration, new URL(landed.url), {
    pkceCodeVerifier: code,
  });
  const sub = tokens.claims()?.sub ?? '';
  expect(await oidcClient.fetchUserInfo(configuration, tokens.access_token, sub)).toMatchObject({ sub });
});
