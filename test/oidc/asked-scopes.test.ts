/** Scopes that a registration does not have are dropped, whichever way a request comes; the answer and the log say so. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { answerIn, application, closeAll, type Kit, redirectOf, secret, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const toledo = { client_id: 'toledo' };
const asked = 'openid email phone';

const told = (kit: Kit) =>
  kit.logged
    .map(({ fields }) => fields as Record<string, unknown>)
    .filter(({ event }) => event === 'scope-dropped')
    .map(({ client, scope, because }) => [client, scope, because]);

async function signer() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256' }] };
  const sign = (kit: Kit, claims: Record<string, unknown>) =>
    new SignJWT({ client_id: 'toledo', response_type: 'code', redirect_uri: redirectOf('toledo'), ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('toledo')
      .setAudience(kit.issuer)
      .setIssuedAt()
      .setNotBefore('0s')
      .setExpirationTime('1m')
      .sign(privateKey);
  return { jwks, sign };
}

describe('a scope outside the registration', () => {
  test('is dropped from a request by URL: the answer says what is left, and userinfo has no more', async () => {
    const kit = await startOidc({ clients: [application('toledo', { scope: 'openid email' })] });
    const tokens = await kit.tokens(visitor(), { ...toledo, scope: asked });
    expect(tokens.scope).toBe('openid email');
    expect(Object.keys((await (await kit.me(tokens.access_token)).json()) as object).sort()).toEqual([
      'email',
      'email_verified',
      'sub',
    ]);
    expect(told(kit)).toEqual([['toledo', 'phone', 'scope-not-registered']]);
  });

  test('is dropped from a pushed request', async () => {
    const kit = await startOidc({ clients: [application('toledo', { scope: 'openid email' })] });
    const push = { ...toledo, client_secret: secret, response_type: 'code', redirect_uri: redirectOf('toledo') };
    const pushed = await kit.post('/request', { ...push, scope: asked });
    const { request_uri: uri } = (await pushed.json()) as { request_uri: string };
    expect(pushed.status).toBe(201);
    expect(told(kit)).toEqual([['toledo', 'phone', 'scope-not-registered']]);
    const url = `${kit.issuer}/auth?${new URLSearchParams({ ...toledo, request_uri: uri })}`;
    const { code = '' } = answerIn((await kit.land(visitor(), url)).url);
    expect(await (await kit.exchange('toledo', code)).json()).toMatchObject({ scope: 'openid email' });
  });

  test.each(['by URL', 'pushed'])(
    'is dropped from a signed request object %s, whatever stands beside it',
    async (way) => {
      const { jwks, sign } = await signer();
      const kit = await startOidc({ clients: [application('toledo', { scope: 'openid email', jwks })] });
      const request = await sign(kit, { scope: asked });
      let query: Record<string, string> = { ...toledo, request, scope: 'openid email phone', response_type: 'code' };
      if (way === 'pushed') {
        const pushed = await kit.post('/request', { ...toledo, client_secret: secret, request });
        query = { ...toledo, ...((await pushed.json()) as { request_uri: string }) };
      }
      const { code = '' } = answerIn(
        (await kit.land(visitor(), `${kit.issuer}/auth?${new URLSearchParams(query)}`)).url,
      );
      expect(await (await kit.exchange('toledo', code)).json()).toMatchObject({ scope: 'openid email' });
    },
  );

  test('is dropped from an implicit request, too', async () => {
    const types = { response_types: ['id_token token'], grant_types: ['implicit'], scope: 'openid email' };
    const kit = await startOidc({ clients: [application('toledo', types)] });
    const answer = await kit.authorize(visitor(), {
      ...toledo,
      response_type: 'id_token token',
      nonce: 'n',
      scope: asked,
    });
    expect(answer).toMatchObject({ scope: 'openid email' });
  });

  test('is not asked for in the consent of an application of others, nor stored with it', async () => {
    const kit = await startOidc({
      clients: [application('toledo', { scope: 'openid email', pedel_first_party: false })],
    });
    expect((await kit.tokens(visitor(), { ...toledo, scope: asked })).scope).toBe('openid email');
    expect(kit.page.seen.at(-1)?.consent?.scopes).toEqual(['openid', 'email']);
    expect(await kit.storage.consents.find('an', 'toledo')).toMatchObject({ scopes: ['openid', 'email'] });
  });

  test('leaves nothing: the request is refused by name', async () => {
    const kit = await startOidc({ clients: [application('toledo', { scope: 'openid email' })] });
    expect(await kit.authorize(visitor(), { ...toledo, scope: 'phone address' })).toMatchObject({
      error: 'invalid_scope',
      error_description: 'none of the requested scopes is registered for this client',
    });
    expect(kit.page.seen).toEqual([]);
  });

  test('is told once an hour, with what to do; twenty sign-ins do not fill the log', async () => {
    const kit = await startOidc({ clients: [application('toledo', { scope: 'openid email' })] });
    const browser = visitor();
    for (let round = 0; round < 3; round += 1) await kit.tokens(browser, { ...toledo, scope: asked });
    expect(told(kit)).toHaveLength(1);
    expect(kit.logged.find(({ message }) => message.includes('scope'))).toMatchObject({
      level: 'info',
      fields: { remedy: expect.stringContaining('registration'), incident: expect.stringMatching(/^[0-9a-f]{10}$/) },
    });
  });
});

test('a scope that nobody knows is ignored and told, and long ones are cut', async () => {
  const kit = await startOidc({ clients: [application('toledo')] });
  const tokens = await kit.tokens(visitor(), { ...toledo, scope: `openid ${'x'.repeat(500)}` });
  expect(tokens.scope).toBe('openid');
  expect(told(kit)).toEqual([['toledo', 'x'.repeat(100), 'scope-unknown']]);
});

test.each([
  ['of others that does not ask for consent', { pedel_first_party: false }, {}, 'refresh-without-consent-prompt'],
  ['without the grant type', { grant_types: ['authorization_code'] }, {}, 'refresh-not-registered'],
  [
    'that asks for no code',
    { response_types: ['id_token'], grant_types: ['implicit', 'refresh_token'] },
    { response_type: 'id_token', nonce: 'n' },
    'refresh-without-code',
  ],
])(
  'offline_access of an application %s gives no refresh token, and the log says why',
  async (_what, change, more, because) => {
    const kit = await startOidc({ clients: [application('toledo', change)] });
    const answer = await kit.authorize(visitor(), { ...toledo, scope: 'openid offline_access', ...more });
    if (answer.code !== undefined) {
      const tokens = await (await kit.exchange('toledo', answer.code)).json();
      expect(tokens).toMatchObject({ scope: 'openid' });
      expect(tokens).not.toHaveProperty('refresh_token');
    }
    expect(told(kit)).toEqual([['toledo', 'offline_access', because]]);
  },
);

test('offline_access without a question is refused to nobody signed in, and holds to the registration', async () => {
  const kit = await startOidc({ clients: [application('toledo', { scope: 'openid' }), application('mail')] });
  const browser = visitor();
  expect(await kit.tokens(browser, { ...toledo, scope: 'openid offline_access' })).not.toHaveProperty('refresh_token');
  const silent = { client_id: 'mail', scope: 'openid offline_access', prompt: 'none' };
  expect(await kit.authorize(visitor(), silent)).toMatchObject({ error: 'login_required' });
  expect((await kit.tokens(browser, silent)).refresh_token).toBeDefined();
});
