/** What may be used once is used once, however many callers come at once; a later use ends what was issued. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { JsonValue } from '../../src/domain/json-value.ts';
import {
  application,
  closeAll,
  type Kit,
  redirectOf,
  secret,
  setClock,
  startOidc,
  type Tokens,
  visitor,
} from './support.ts';

afterEach(closeAll);

const twenty = Array.from({ length: 20 });
const statuses = (answers: Response[]) => answers.map(({ status }) => status).sort();
const offline = { scope: 'openid offline_access', prompt: 'consent' };

/** Makes the first 20 that look for such a record wait for one another, so that all have seen it unused. */
function lookTogether(kit: Kit, model: string): void {
  const { find } = kit.storage.protocolRecords;
  let looking = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  kit.storage.protocolRecords.find = async (...given) => {
    const found = await find(...given);
    if (given[0] === model) {
      looking += 1;
      if (looking === 20) open();
      await all;
    }
    return found;
  };
}

async function isDead(kit: Kit, tokens: Tokens): Promise<void> {
  expect((await kit.me(tokens.access_token)).status).toBe(401);
  expect(await kit.introspect('toledo', tokens.access_token)).toEqual({ active: false });
  if (tokens.refresh_token !== undefined) {
    const refreshed = await kit.refresh('toledo', tokens.refresh_token, { client_secret: secret });
    expect([refreshed.status, await refreshed.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
  }
}

describe('a code', () => {
  test('of 20 parallel exchanges one gets tokens, and the replays end that token set', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo', ...offline });
    lookTogether(kit, 'AuthorizationCode');
    const answers = await Promise.all(twenty.map(() => kit.exchange('toledo', code)));
    expect(statuses(answers)).toEqual([200, ...Array(19).fill(400)]);
    const won = answers.find(({ status }) => status === 200);
    await isDead(kit, (await won?.json()) as Tokens);
    const audited = await kit.storage.auditLog.page({ action: 'token.replayed' }, undefined, 5);
    expect(audited).toMatchObject([{ client: 'toledo' }]);
  });

  test('used again later is refused and its tokens are revoked', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo', ...offline });
    const tokens = (await (await kit.exchange('toledo', code)).json()) as Tokens;
    expect((await kit.me(tokens.access_token)).status).toBe(200);
    const replay = await kit.exchange('toledo', code);
    expect([replay.status, await replay.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
    await isDead(kit, tokens);
    expect(await kit.storage.auditLog.page({ action: 'token.replayed' }, undefined, 5)).toMatchObject([
      { client: 'toledo' },
    ]);
  });

  test('replayed ends neither the consent nor other devices, and the same browser may come again', async () => {
    const kit = await startOidc({ clients: [application('toledo', { pedel_first_party: false })] });
    const [phone, laptop] = [visitor(), visitor()];
    const elsewhere = await kit.tokens(laptop, { client_id: 'toledo', ...offline });
    const { code = '' } = await kit.authorize(phone, { client_id: 'toledo' });
    await Promise.all([kit.exchange('toledo', code), kit.exchange('toledo', code)]);
    expect((await kit.me(elsewhere.access_token)).status).toBe(200);
    kit.page.seen.length = 0;
    const again = await kit.tokens(phone, { client_id: 'toledo' });
    expect((await kit.me(again.access_token)).status).toBe(200);
    expect(kit.page.seen).toEqual([]);
  });

  test('lives for 60 seconds', async () => {
    setClock(Date.now());
    const kit = await startOidc({ clients: [application('toledo')] });
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'toledo' });
    setClock(Date.now() + 61_000);
    expect((await kit.exchange('toledo', code)).status).toBe(400);
  });
});

describe('a refresh token', () => {
  const spa = application('spa', { token_endpoint_auth_method: 'none' });

  async function spaTokens(kit: Kit): Promise<Tokens> {
    const verifier = 'v'.repeat(43);
    const { createHash } = await import('node:crypto');
    const code_challenge = createHash('sha256').update(verifier).digest('base64url');
    const { code = '' } = await kit.authorize(visitor(), {
      client_id: 'spa',
      ...offline,
      code_challenge,
      code_challenge_method: 'S256',
    });
    const answer = await kit.post('/token', {
      grant_type: 'authorization_code',
      client_id: 'spa',
      redirect_uri: redirectOf('spa'),
      code,
      code_verifier: verifier,
    });
    return (await answer.json()) as Tokens;
  }

  test('of a confidential client stays the same, and its 30 idle days begin anew with each use', async () => {
    setClock(Date.now());
    const kit = await startOidc({ clients: [application('toledo')] });
    const { refresh_token: token = '' } = await kit.tokens(visitor(), { client_id: 'toledo', ...offline });
    for (let round = 0; round < 3; round += 1) {
      setClock(Date.now() + 25 * 86_400_000);
      const answer = await kit.refresh('toledo', token, { client_secret: secret });
      expect([answer.status, await answer.json()]).toMatchObject([200, { refresh_token: token }]);
    }
    setClock(Date.now() + 31 * 86_400_000);
    expect((await kit.refresh('toledo', token, { client_secret: secret })).status).toBe(400);
  });

  test('of a public client is replaced by each use', async () => {
    const kit = await startOidc({ clients: [spa] });
    const first = await spaTokens(kit);
    const second = (await (await kit.refresh('spa', first.refresh_token ?? '')).json()) as Tokens;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await kit.refresh('spa', second.refresh_token ?? '')).status).toBe(200);
  });

  test('a second use within 10 seconds is refused without ending the family, a later one ends it', async () => {
    setClock(Date.now());
    const kit = await startOidc({ clients: [spa] });
    const first = await spaTokens(kit);
    const second = (await (await kit.refresh('spa', first.refresh_token ?? '')).json()) as Tokens;
    expect((await kit.refresh('spa', first.refresh_token ?? '')).status).toBe(400);
    const third = (await (await kit.refresh('spa', second.refresh_token ?? '')).json()) as Tokens;
    expect((await kit.me(third.access_token)).status).toBe(200);
    setClock(Date.now() + 12_000);
    expect((await kit.refresh('spa', second.refresh_token ?? '')).status).toBe(400);
    expect((await kit.refresh('spa', third.refresh_token ?? '')).status).toBe(400);
    expect((await kit.me(third.access_token)).status).toBe(401);
  });

  test('of 20 parallel uses one is answered, and the family lives on', async () => {
    const kit = await startOidc({ clients: [spa] });
    const { refresh_token: token = '' } = await spaTokens(kit);
    lookTogether(kit, 'RefreshToken');
    const answers = await Promise.all(twenty.map(() => kit.refresh('spa', token)));
    expect(statuses(answers)).toEqual([200, ...Array(19).fill(400)]);
    const won = (await answers.find(({ status }) => status === 200)?.json()) as Tokens;
    expect((await kit.refresh('spa', won.refresh_token ?? '')).status).toBe(200);
  });
});

describe('an assertion', () => {
  /** An application that signs, and a request of it with these claims. */
  async function signing() {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = (await exportJWK(publicKey)) as JWK & Record<string, JsonValue>;
    const kit = await startOidc({
      clients: [application('toledo', { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })],
    });
    const sign = (claims: Record<string, unknown>) =>
      new SignJWT({ iss: 'toledo', sub: 'toledo', aud: kit.issuer, jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256' })
        .sign(privateKey);
    const use = (assertion: string) =>
      kit.post('/token/introspection', {
        token: 'any',
        client_id: 'toledo',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
    return { kit, sign, use };
  }
  const seconds = () => Math.floor(Date.now() / 1000);

  test.each<[string, object, number]>([
    ['an end in a minute', { exp: seconds() + 60 }, 200],
    ['an end between two seconds', { exp: seconds() + 60.123456 }, 200],
    ['an end within a day', { exp: seconds() + 86_000 }, 200],
    ['an end in two days', { exp: seconds() + 2 * 86_400 }, 401],
    ['an end beyond all dates', { exp: 1e15 }, 401],
    ['an end beyond all numbers', { exp: 1e308 }, 401],
    ['a beginning before all dates', { exp: seconds() + 60, nbf: -1e300 }, 401],
    ['an issue beyond all dates', { exp: seconds() + 60, iat: 1e300 }, 401],
    ['an issue before all dates', { exp: seconds() + 60, iat: -1 }, 401],
  ])('with %s is taken or refused before anything is stored', async (_what, claims, status) => {
    const { kit, sign, use } = await signing();
    expect((await use(await sign({ ...claims }))).status).toBe(status);
    const { records } = await kit.storage.archive.page('protocolRecords', Date.now(), undefined, 9);
    expect(records.map(({ expiresAt }) => Number.isSafeInteger(expiresAt))).toEqual(status === 200 ? [true] : []);
  });

  test('of 20 parallel uses of one jti one is accepted', async () => {
    const { kit, sign, use } = await signing();
    const assertion = await sign({ jti: 'one and only', exp: seconds() + 60 });
    lookTogether(kit, 'ReplayDetection');
    const answers = await Promise.all(twenty.map(() => use(assertion)));
    expect(statuses(answers)).toEqual([200, ...Array(19).fill(401)]);
    expect(await answers.find(({ status }) => status === 401)?.json()).toMatchObject({ error: 'invalid_client' });
  });
});

describe('a request object', () => {
  test.each<[string, object, number]>([
    ['an end in a year', { exp: Math.floor(Date.now() / 1000) + 366 * 86_400 }, 201],
    ['an end between two seconds', { exp: Math.floor(Date.now() / 1000) + 3600.5 }, 201],
    ['an end beyond all dates', { exp: 1e15 }, 400],
    ['a beginning before all dates', { exp: 4e9, nbf: -1e300 }, 400],
  ])('with %s is taken or refused', async (_what, claims, status) => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = (await exportJWK(publicKey)) as JWK & Record<string, JsonValue>;
    const kit = await startOidc({ clients: [application('toledo', { jwks: { keys: [jwk] } })] });
    const parameters = {
      client_id: 'toledo',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectOf('toledo'),
    };
    const request = await new SignJWT({ iss: 'toledo', aud: kit.issuer, ...parameters, ...claims })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    const pushed = await kit.post('/request', { client_id: 'toledo', client_secret: secret, request });
    expect(pushed.status).toBe(status);
  });
});

describe('a pushed request', () => {
  test('of 20 parallel uses one is answered with a code', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const pushed = await kit.post('/request', {
      client_id: 'toledo',
      client_secret: secret,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: redirectOf('toledo'),
    });
    const { request_uri: uri, expires_in: seconds } = (await pushed.json()) as {
      request_uri: string;
      expires_in: number;
    };
    expect(seconds).toBe(60);
    const url = `${kit.issuer}/auth?client_id=toledo&request_uri=${encodeURIComponent(uri)}`;
    lookTogether(kit, 'PushedAuthorizationRequest');
    const landings = await Promise.all(twenty.map(() => kit.land(browser, url)));
    expect(landings.filter((landing) => landing.url.includes('code='))).toHaveLength(1);
  });
});

describe('the database', () => {
  test('holds no identifier that opens anything', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const written: string[] = [];
    const { put, saveSession } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.put = (...given) => {
      written.push(JSON.stringify(given));
      return put(...given);
    };
    kit.storage.protocolRecords.saveSession = (given) => {
      written.push(JSON.stringify(given));
      return saveSession(given);
    };
    const browser = visitor();
    const { code = '' } = await kit.authorize(browser, { client_id: 'toledo', ...offline });
    const tokens = (await (await kit.exchange('toledo', code)).json()) as Tokens;
    const cookies = [...browser.cookies.values()].filter((value) => value.length > 20);
    expect(written.length).toBeGreaterThan(4);
    for (const given of [code, tokens.access_token, tokens.refresh_token ?? '', tokens.id_token, ...cookies]) {
      expect(given.length).toBeGreaterThan(20);
      expect(written.filter((text) => text.includes(given))).toEqual([]);
    }
    expect(written.join()).not.toContain('"jti"');
  });
});
