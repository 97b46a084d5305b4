/** What applications are refused is kept for the people who run them: each kind, from the real library. */
import { afterEach, expect, test } from '@jest/globals';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import { isHint, type Refusal } from '../../src/domain/clients/refusal.ts';
import { application, closeAll, type Kit, register, secret, setClock, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const start = Date.UTC(2026, 8, 21);
const back = 'https://toledo.example/back';
const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
const publicClient = { token_endpoint_auth_method: 'none', redirect_uris: ['https://phone.example/back'] };

async function house() {
  setClock(start);
  return startOidc({
    clients: [
      application('toledo', { scope: 'openid profile', redirect_uris: [back, 'https://toledo.example/other'] }),
      application('other'),
      application('phone', publicClient),
      application('signs', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [] } }),
    ],
  });
}

/** All that is kept, newest first; what had no time to be noted is noted before. */
async function kept(kit: Kit) {
  await new Promise((noted) => setImmediate(noted));
  await kit.oidc.writeRefusals();
  return kit.storage.refusals.page('all', undefined, 99);
}

const authorize = (parameters: Record<string, string>) => async (kit: Kit) => {
  await fetch(kit.authUrl({ client_id: 'toledo', ...parameters }), { redirect: 'manual' });
};
const ask = (path: string, body: Record<string, string>) => async (kit: Kit) => {
  await kit.post(path, { client_id: 'toledo', client_secret: secret, ...body });
};
const codeOf = async (kit: Kit, parameters: Record<string, string> = {}) => {
  const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo', ...parameters });
  return code;
};

const kinds: [name: string, cause: (kit: Kit) => Promise<unknown>, refusal: Refusal, client?: string][] = [
  [
    'a slash too many',
    authorize({ redirect_uri: `${back}/` }),
    { code: 'redirect-uri-unregistered', got: `${back}/`, expected: back },
  ],
  [
    'a redirect URI with secrets in it',
    authorize({ redirect_uri: 'https://me:secret-1@toledo.example/otter?token=secret-2#secret-3' }),
    {
      code: 'redirect-uri-unregistered',
      got: 'https://toledo.example/otter?token=…',
      expected: 'https://toledo.example/other',
    },
  ],
  [
    'a scope that is not registered',
    authorize({ scope: 'openid email' }),
    { code: 'scope-not-registered', got: 'email', expected: 'openid profile' },
  ],
  [
    'a scope that nobody knows',
    authorize({ scope: `openid ${'token'.repeat(20)}` }),
    { code: 'scope-unknown', got: 'tokentokentokentoken…' },
  ],
  [
    'offline_access without prompt=consent',
    async (kit) => {
      const others = { scope: 'openid offline_access', redirect_uris: [back], pedel_first_party: false };
      await register(kit.storage, application('toledo', others));
      await kit.oidc.reload();
      await authorize({ scope: 'openid offline_access' })(kit);
    },
    { code: 'refresh-without-consent-prompt' },
  ],
  [
    'a person to whom the application is not open',
    async (kit) => {
      kit.page.signIn = (interaction, ctx) =>
        kit.oidc.interactions.finishDeclined(ctx, interaction, 'not-open-to-person');
      await kit.authorize(visitor(), { client_id: 'toledo' });
    },
    { code: 'not-open-to-person' },
  ],
  [
    'a pushed request',
    ask('/request', { response_type: 'code', redirect_uri: `${back}x`, scope: 'openid' }),
    { code: 'redirect-uri-unregistered', got: `${back}x`, expected: back },
  ],
  [
    'a response type that is not registered',
    authorize({ response_type: 'id_token', nonce: 'x' }),
    { code: 'response-type-unregistered', got: 'id_token', expected: 'code' },
  ],
  [
    'no PKCE',
    authorize({ client_id: 'phone', redirect_uri: 'https://phone.example/back' }),
    { code: 'pkce-missing' },
    'phone',
  ],
  [
    'a parameter of the wrong form',
    authorize({ prompt: 'none login' }),
    { code: 'request-invalid', got: 'prompt none must only be used alone' },
  ],
  [
    'an unsigned request object that is none',
    authorize({ request: 'x.y.z' }),
    { code: 'request-object-invalid', got: expect.any(String) as unknown as string },
  ],
  ['a wrong secret', ask('/token', { client_secret: 'x'.repeat(40) }), { code: 'secret-wrong' }],
  [
    'a secret that has expired',
    async (kit) => {
      const record = await kit.storage.clients.find('toledo');
      if (record === undefined) throw new Error('it is registered');
      const secrets = [{ id: '1', hash: hashClientSecret(secret), createdAt: 0, expiresAt: start }];
      await kit.storage.clients.put({ ...record, secrets, revision: record.revision + 1 }, record.revision);
      await kit.oidc.reload();
      await ask('/token', {})(kit);
    },
    { code: 'secret-expired' },
  ],
  [
    'a secret where a key is registered',
    ask('/token', { client_id: 'signs' }),
    { code: 'auth-method-differs', got: 'client_secret_post', expected: 'private_key_jwt' },
    'signs',
  ],
  [
    'nothing where a secret is registered',
    (kit) => kit.post('/token', { client_id: 'toledo' }),
    { code: 'auth-method-differs', got: 'none', expected: 'client_secret_post' },
  ],
  [
    'an assertion that is none',
    (kit) =>
      kit.post('/token', {
        client_assertion: `e30.${Buffer.from('{"sub":"signs"}').toString('base64url')}.c2ln`,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }),
    { code: 'assertion-invalid', got: 'alg mismatch' },
    'signs',
  ],
  [
    'a grant type that is not registered',
    ask('/token', { grant_type: 'client_credentials' }),
    { code: 'grant-type-unregistered', got: 'client_credentials', expected: 'authorization_code, refresh_token' },
  ],
  ['a made-up code', (kit) => kit.exchange('toledo', 'made-up'), { code: 'code-unknown' }],
  [
    'a code used twice',
    async (kit) => {
      const code = await codeOf(kit);
      for (const _ of [1, 2]) await kit.exchange('toledo', code, { redirect_uri: back });
    },
    { code: 'code-used' },
  ],
  [
    'a code of a minute ago',
    async (kit) => {
      const code = await codeOf(kit);
      setClock(start + 61_000);
      await kit.exchange('toledo', code);
    },
    { code: 'code-unknown' },
  ],
  [
    'a code of another application',
    async (kit) => kit.exchange('other', await codeOf(kit)),
    { code: 'issued-to-another' },
    'other',
  ],
  [
    'another redirect URI than before',
    async (kit) => kit.exchange('toledo', await codeOf(kit), { redirect_uri: 'https://toledo.example/other' }),
    { code: 'redirect-uri-differs', got: 'https://toledo.example/other', expected: back },
  ],
  [
    'another verifier than before',
    async (kit) => kit.exchange('toledo', await codeOf(kit, challenge), { code_verifier: 'v'.repeat(43) }),
    { code: 'pkce-mismatch' },
  ],
  [
    'an address after signing out',
    async (kit) => {
      const query = new URLSearchParams({
        client_id: 'toledo',
        post_logout_redirect_uri: 'https://toledo.example/bye',
      });
      await fetch(`${kit.issuer}/session/end?${query}`);
    },
    { code: 'post-logout-redirect-uri-unregistered', got: 'https://toledo.example/bye', expected: '' },
  ],
  [
    'an application that has expired',
    async (kit) => {
      const record = await kit.storage.clients.find('toledo');
      if (record === undefined) throw new Error('it is registered');
      await kit.storage.clients.put({ ...record, validUntil: 1, revision: record.revision + 1 }, record.revision);
      await kit.oidc.reload();
      await authorize({})(kit);
    },
    { code: 'application-expired' },
  ],
  [
    'an essential acr that nothing satisfies',
    authorize({ claims: JSON.stringify({ id_token: { acr: { essential: true, value: 'gold' } } }) }),
    { code: 'acr-unobtainable' },
  ],
  [
    'a registration that no longer has offline_access',
    async (kit) => {
      await register(kit.storage, application('toledo', { scope: 'openid offline_access', redirect_uris: [back] }));
      await kit.oidc.reload();
      const asked = { client_id: 'toledo', scope: 'openid offline_access', prompt: 'consent' };
      const { refresh_token: token = '' } = await kit.tokens(visitor(), asked);
      await register(kit.storage, application('toledo', { scope: 'openid', redirect_uris: [back] }));
      await kit.oidc.reload();
      await kit.refresh('toledo', token, { client_secret: secret });
    },
    { code: 'offline-access-taken-away' },
  ],
];

test.each(kinds)('%s is told', async (_name, cause, refusal, client = 'toledo') => {
  const kit = await house();
  await cause(kit);
  const found = await kept(kit);
  expect(found).toMatchObject([{ party: { client }, count: 1 }]);
  expect(found.map((each) => each.refusal)).toEqual([refusal]);
  // of a refusal, the number that its page and the log have
  const incidents = kit.logged.map(({ fields }) => ('incident' in fields ? fields.incident : undefined));
  if (!isHint(refusal)) expect(incidents).toContain(found[0]?.incident ?? 'none');
});

test('an id that nobody has is told by its beginning, which opens nothing where it is a secret', async () => {
  const kit = await house();
  await authorize({ client_id: secret })(kit);
  await authorize({ client_id: 'unknown' })(kit);
  const found = await kept(kit);
  expect(found.map(({ party, refusal }) => [party, refusal])).toEqual(
    expect.arrayContaining([
      [{ named: `${secret.slice(0, 24)}…` }, { code: 'client-unknown', got: `${secret.slice(0, 24)}…` }],
      [{ named: 'unknown' }, { code: 'client-unknown', got: 'unknown' }],
    ]),
  );
  expect(found).toHaveLength(2);
});

test('what people do, and what happens to every session in the end, is no problem of an application', async () => {
  const kit = await house();
  const browser = visitor();
  expect(await kit.authorize(browser, { client_id: 'toledo', prompt: 'none' })).toMatchObject({
    error: 'login_required',
  });
  const { access_token: token } = await kit.tokens(browser, { client_id: 'toledo' });
  kit.page.signIn = (interaction, ctx) => kit.oidc.interactions.finishDeclined(ctx, interaction, 'broken-off');
  expect(await kit.authorize(visitor(), { client_id: 'toledo' })).toMatchObject({ error: 'access_denied' });
  setClock(start + 3_600_000);
  expect((await kit.me(token)).status).toBe(401);
  expect(await kit.introspect('toledo', token)).toEqual({ active: false });
  expect((await kit.refresh('toledo', 'x', { client_secret: secret })).status).toBe(400);
  expect(await kept(kit)).toEqual([]);
});
