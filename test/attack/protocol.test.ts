/** Attacks on the protocol that try to get what is meant for another client: codes, redirects, keys. */
import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { answerIn, application, closeAll, redirectOf, secret, startOidc, visitor } from '../oidc/support.ts';

afterEach(closeAll);

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const errorOf = async (answer: Response) => [answer.status, ((await answer.json()) as { error?: string }).error];
const verifier = 'v'.repeat(43);

describe('a code', () => {
  test('of one application opens nothing for another, nor for its owner at another address', async () => {
    const kit = await startOidc({ clients: [application('toledo'), application('thief')] });
    const codeFor = async (change = {}) =>
      (await kit.authorize(visitor(), { client_id: 'toledo', ...change })).code ?? 'none';
    const thief = await kit.exchange('thief', await codeFor(), { redirect_uri: redirectOf('toledo') });
    expect(await errorOf(thief)).toEqual([400, 'invalid_grant']);
    const elsewhere = await kit.exchange('toledo', await codeFor(), { redirect_uri: 'https://thief.example/back' });
    expect(await errorOf(elsewhere)).toEqual([400, 'invalid_grant']);
  });

  test('asked for with PKCE needs the verifier, one asked for without takes none, and plain is no method', async () => {
    const spa = application('spa', { token_endpoint_auth_method: 'none' });
    const kit = await startOidc({ clients: [application('toledo'), spa] });
    const { createHash } = await import('node:crypto');
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const asked = { client_id: 'toledo', code_challenge: challenge, code_challenge_method: 'S256' };
    const first = (await kit.authorize(visitor(), asked)).code ?? 'none';
    expect(await errorOf(await kit.exchange('toledo', first))).toEqual([400, 'invalid_grant']);
    const second = (await kit.authorize(visitor(), asked)).code ?? 'none';
    const wrong = await kit.exchange('toledo', second, { code_verifier: 'w'.repeat(43) });
    expect(await errorOf(wrong)).toEqual([400, 'invalid_grant']);
    const without = (await kit.authorize(visitor(), { client_id: 'toledo' })).code ?? 'none';
    const downgraded = await kit.exchange('toledo', without, { code_verifier: verifier });
    expect(await errorOf(downgraded)).toEqual([400, 'invalid_grant']);
    expect(await kit.authorize(visitor(), { client_id: 'spa' })).toMatchObject({ error: 'invalid_request' });
    const plain = { client_id: 'spa', code_challenge: verifier, code_challenge_method: 'plain' };
    expect(await kit.authorize(visitor(), plain)).toMatchObject({ error: 'invalid_request' });
  });
});

test.each([
  'https://toledo.example/back/',
  'https://toledo.example/back?x=1',
  'https://toledo.example/back#x',
  'https://toledo.example/Back',
  'https://toledo.example/%62ack',
  'https://toledo.example:444/back',
  'https://toledo.example@thief.example/back',
  'https://toledo.example.thief.example/back',
  'https://toledo.example/back/../../thief',
  'https://thief.example\\@toledo.example/back',
  'http://toledo.example/back',
  'javascript:alert(1)',
])('no one is redirected to %s, which is not registered', async (redirectUri) => {
  const kit = await startOidc({ clients: [application('toledo')] });
  const answer = await fetch(kit.authUrl({ client_id: 'toledo', redirect_uri: redirectUri }), { redirect: 'manual' });
  expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
});

test('without consent of the person an application learns nothing in silence, however it asks', async () => {
  const kit = await startOidc({
    clients: [application('toledo'), application('stranger', { pedel_first_party: false })],
  });
  const browser = visitor();
  await kit.authorize(browser, { client_id: 'toledo' });
  for (const more of [{}, { scope: 'openid email' }, { claims: '{"id_token":{"email":null}}' }]) {
    const answer = await kit.authorize(browser, { client_id: 'stranger', prompt: 'none', ...more });
    expect(answer).toMatchObject({ error: 'consent_required' });
  }
});

test('request objects and assertions without a signature, or with one made from what is public, are refused', async () => {
  const keyed = application('keyed', {
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ kty: 'EC', crv: 'P-256', kid: 'k', x: 'A'.repeat(43), y: 'A'.repeat(43) }] },
  });
  const kit = await startOidc({ clients: [application('toledo'), keyed] });
  const seconds = Math.floor(Date.now() / 1000);
  const claims = {
    iss: 'toledo',
    aud: kit.issuer,
    client_id: 'toledo',
    scope: 'openid',
    iat: seconds,
    exp: seconds + 60,
  };
  const unsigned = `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
  const hs = `${encoded({ alg: 'HS256' })}.${encoded(claims)}`;
  const shared = `${hs}.${createHmac('sha256', secret).update(hs).digest('base64url')}`;
  for (const request of [unsigned, shared]) {
    const { error } = answerIn((await kit.land(visitor(), kit.authUrl({ client_id: 'toledo', request }))).url);
    expect(error).toBe('invalid_request_object');
  }
  const own = { iss: 'keyed', sub: 'keyed', aud: kit.issuer, jti: randomBytes(8).toString('hex'), exp: seconds + 60 };
  const jwks = await (await fetch(`${kit.issuer}/jwks`)).text();
  const confused = `${encoded({ alg: 'HS256', kid: 'k' })}.${encoded(own)}`;
  for (const assertion of [
    `${encoded({ alg: 'none' })}.${encoded(own)}.`,
    `${confused}.${createHmac('sha256', jwks).update(confused).digest('base64url')}`,
  ]) {
    const answer = await kit.post('/token', {
      grant_type: 'authorization_code',
      code: 'x',
      redirect_uri: redirectOf('keyed'),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
    expect(await errorOf(answer)).toEqual([401, 'invalid_client']);
  }
});

test('our own pages, as an application, get neither code nor token for anybody, and lead nowhere else', async () => {
  const kit = await startOidc();
  const own = { client_id: 'pedel', redirect_uri: `${kit.issuer}/account` };
  for (const type of ['code', 'id_token', 'id_token token', 'code id_token']) {
    const url = kit.authUrl({ ...own, response_type: type, nonce: 'n' });
    const location = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
    expect(location).toMatch(/[?#]error=(?:invalid_request|unauthorized_client|unsupported_response_type)/);
  }
  for (const elsewhere of ['https://thief.example/', `${kit.issuer}@thief.example/`, `${kit.issuer}.thief.example/`]) {
    const url = kit.authUrl({ ...own, response_type: 'none', redirect_uri: elsewhere });
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  }
  const grant = { grant_type: 'client_credentials', client_id: 'pedel' };
  expect((await kit.post('/token', grant)).status).toBe(400);
});
