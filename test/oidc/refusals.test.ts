/** What applications are refused is kept for the people who run them: each kind, from the real library. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import { isHint, type Refusal } from '../../src/domain/clients/refusals/refusal.ts';
import { Problem } from '../../src/domain/problem.ts';
import { cases } from '../support/cases.ts';
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
  return kit.storage.refusals.page('all', undefined, 999);
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
      const named = { id: '1', createdAt: 0, expiresAt: start, name: 'Production' };
      const secrets = [{ ...named, hash: hashClientSecret(secret) }];
      await kit.storage.clients.put({ ...record, secrets, revision: record.revision + 1 }, record.revision);
      await kit.oidc.reload();
      await ask('/token', {})(kit);
    },
    { code: 'secret-expired', got: '2026-09-21 (Production)' },
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
    'an application that waits for its approval',
    async (kit) => {
      const record = await kit.storage.clients.find('toledo');
      if (record === undefined) throw new Error('it is registered');
      const registration = { state: 'pending', accessToken: '', terms: {} as never } as const;
      await kit.storage.clients.put({ ...record, registration, revision: record.revision + 1 }, record.revision);
      await kit.oidc.reload();
      await authorize({})(kit);
    },
    { code: 'application-pending' },
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

test('a database that is away fails no request, and gets later what it missed', async () => {
  const kit = await house();
  const { add } = kit.storage.refusals;
  kit.storage.refusals.add = async () => {
    throw new Problem('storage_unavailable', 'it is away');
  };
  const url = kit.authUrl({ client_id: 'toledo', redirect_uri: `${back}/` });
  expect((await fetch(url)).status).toBe(400);
  await expect(kept(kit)).rejects.toThrow('it is away');
  kit.storage.refusals.add = add;
  expect((await fetch(url)).status).toBe(400);
  expect(await kept(kit)).toMatchObject([{ refusal: { got: `${back}/` }, count: 2 }]);
});

/** A value that is found wherever it gets. */
const marked = (name: string) => `secret-${name}-0123456789abcdefghijklmnop`;

test('rule 24: no secret, code or token is kept, wherever an application puts it', async () => {
  const kit = await house();
  const names = [
    ...['client_secret', 'code', 'refresh_token', 'code_verifier', 'token', 'id_token_hint', 'client_assertion'],
    ...['state', 'nonce', 'login_hint', 'request', 'request_uri', 'claims', 'code_challenge', 'assertion', 'password'],
    ...['scope', 'prompt', 'response_type', 'response_mode', 'grant_type', 'acr_values', 'resource', 'client_id'],
  ];
  const strange = `https://me:${marked('password')}@toledo.example/?code=${marked('query')}#${marked('fragment')}`;
  const others = [
    `https://me:a@${marked('password')}@toledo.example/`,
    `https:me:${marked('password')}@toledo.example/`,
    `https://me:/${marked('password')}@toledo.example/`,
    `https://toledo.example/?${marked('query')}`,
  ];
  const addresses = { redirect_uri: strange, post_logout_redirect_uri: strange };
  const good = { client_id: 'toledo', response_type: 'code', redirect_uri: back, scope: 'openid' };
  const basic = `Basic ${Buffer.from(`toledo:${marked('basic')}`).toString('base64')}`;
  const grants = ['authorization_code', 'refresh_token', 'client_credentials'];
  for (const name of names) {
    const wrong = { [name]: marked(name) };
    for (const some of [
      { ...good, ...wrong },
      { ...good, ...addresses, ...wrong },
    ]) {
      await fetch(`${kit.issuer}/auth?${new URLSearchParams(some)}`, { redirect: 'manual' });
      await fetch(`${kit.issuer}/session/end?${new URLSearchParams(some)}`, { redirect: 'manual' });
      for (const path of ['/request', '/token', '/token/introspection', '/token/revocation', '/me']) {
        await kit.post(path, { ...some, client_secret: secret, ...wrong });
        await kit.post(path, some, { authorization: basic });
        await kit.post(path, some, { authorization: `Bearer ${marked('bearer')}` });
      }
    }
    for (const grant_type of grants) await kit.post('/token', { ...good, client_secret: secret, grant_type, ...wrong });
    await kept(kit);
  }
  for (const redirect_uri of others)
    await fetch(`${kit.issuer}/auth?${new URLSearchParams({ ...good, redirect_uri })}`, { redirect: 'manual' });
  const text = JSON.stringify(await kept(kit));
  expect(text.length).toBeGreaterThan(1000);
  // what is too long to be an id, a scope or a type is cut
  expect(text.match(/secret-[\w-]{30,}/g) ?? []).toEqual([]);
});

describe('rule 30: a flood', () => {
  const from = (network: string) => ({ headers: { 'x-network': network }, redirect: 'manual' }) as const;
  const FLOOD = cases(200);
  const flooded = (clients: string[]) =>
    startOidc({
      clients: clients.map((id) => application(id)),
      network: (ctx) => ({ groups: [ctx.get('x-network') || '192.0.2.1'] }),
    });

  test('of hundreds of redirect URIs from as many networks keeps some, hides nothing of the application, and keeps nobody out', async () => {
    const kit = await flooded(['toledo']);
    const flood = Array.from({ length: FLOOD }, (_, n) =>
      fetch(kit.authUrl({ client_id: 'toledo', redirect_uri: `${back}/${n}` }), from(`198.51.100.${n}`)),
    );
    const code = await codeOf(kit);
    await Promise.all(flood);
    for (const _ of [1, 2]) await kit.exchange('toledo', code);
    const found = await kept(kit);
    const of = (wanted: string) => found.filter(({ refusal }) => refusal.code === wanted);
    expect([of('redirect-uri-unregistered').length, of('code-used').length, of('further').length]).toEqual([15, 1, 1]);
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(FLOOD + 1);
  });

  test('of one network over all applications ends after a hundred, and what it repeats is known', async () => {
    const ids = Array.from({ length: 110 }, (_, n) => `app-${n}`);
    const kit = await flooded(ids);
    const once = () =>
      Promise.all(
        ids.map((id) => fetch(kit.authUrl({ client_id: id, redirect_uri: `${back}/` }), from('198.51.100.1'))),
      );
    await once();
    const isKept = ({ refusal }: { refusal: Refusal }) => refusal.code !== 'further';
    expect((await kept(kit)).filter(isKept)).toHaveLength(100);
    await once();
    const all = await kept(kit);
    expect(all.filter(isKept)).toHaveLength(100);
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(220);
  });
});
