/** What operators rely on: health, metrics on a separate address, a log without secrets, a graceful end. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { linkIn, until } from '../support/campus.ts';
import { aPerson, PASSWORD, type Product, request, SECRET, signedIn, startProduct } from '../support/product.ts';

const back = 'https://app.example/back';
const kim = aPerson('vives');
const robin = aPerson();
const newcomer = aPerson('kuleuven', 'never-active');

let product: Product;
let application: client.Configuration;
beforeAll(async () => {
  product = await startProduct({
    people: [kim, robin, newcomer],
    clients: [
      {
        client_id: 'web',
        client_secret: SECRET,
        redirect_uris: [back],
        pedel_first_party: true,
        grant_types: ['authorization_code', 'refresh_token'],
        scope: 'openid email offline_access',
      },
    ],
    environment: { PEDEL_LOG_LEVEL: 'debug', PEDEL_TRUSTED_PROXIES: '127.0.0.0/8,::1/128' },
    nodes: 1, // what one of them does
  });
  application = await product.application('web');
}, 240_000);
afterAll(() => product?.stop());

describe('health', () => {
  test('/healthz says that it is alive, /readyz that it can serve, and neither is kept by a cache', async () => {
    for (const [path, says] of [
      ['/healthz', 'alive\n'],
      ['/readyz', 'ready\n'],
    ]) {
      const answer = await fetch(product.issuer + path);
      expect([answer.status, await answer.text(), answer.headers.get('cache-control')]).toEqual([
        200,
        says,
        'no-store',
      ]);
    }
  });

  test('metrics are on a listener of their own, and count what happened there', async () => {
    expect((await fetch(`${product.issuer}/metrics`)).status).toBe(404);
    await fetch(`${product.issuer}/healthz`);
    expect(await product.server.metric('pedel_http_request_seconds_count', { group: 'healthz' })).toBeGreaterThan(0);
    // the second answer is from memory (src/oidc/documents.ts)
    for (let n = 0; n < 2; n += 1) await fetch(`${product.issuer}/jwks`);
    expect(await product.server.metric('pedel_http_request_seconds_count', { group: 'jwks', status: '2xx' })).toBe(2);
    expect(await product.server.metric('pedel_outbox_items', { state: 'failed' })).toBe(0);
    // what strangers ask for adds no rows
    await fetch(`${product.issuer}/one-path-of-many`);
    expect(
      await product.server.metric('pedel_http_request_seconds_count', { group: 'one-path-of-many' }),
    ).toBeUndefined();
  });
});

test('the first refusal of a limit in its window is counted and logged with its name', async () => {
  const look = async (n: number) =>
    (
      await fetch(`${product.issuer}/activate?number=r${1_000_000 + n}`, {
        headers: { 'x-forwarded-for': '198.51.100.77' },
      })
    ).status;
  for (let n = 0; n < 100; n += 1) await look(n);
  expect([await look(100), await look(101)]).toEqual([429, 429]);
  const hit = { limit: 'numbersPerNetwork', network: 'other' };
  expect(await product.server.metric('pedel_limits_hit_total', hit)).toBe(1);
  const lines = product.server.output().split('\n');
  const said = lines.filter((line) => line.includes('a rate limit was reached'));
  expect(said.map((line) => JSON.parse(line))).toMatchObject([{ limit: 'numbersPerNetwork', from: '198.51.100.77' }]);
});

test('rule 31: wrong passwords are logged, counted, and shown by pedel audit', async () => {
  const { url } = await request(application, { redirect_uri: back });
  const visitor = product.visitor();
  await visitor.open(url.href);
  for (const login of ['u0000404', robin.number]) {
    await visitor.press('sign-in', { login, password: 'not quite the right words' });
  }
  for (const outcome of ['unknown', 'wrong']) {
    const counted = { place: 'sign-in', factor: 'password', outcome };
    expect(await product.server.metric('pedel_proofs_total', counted)).toBe(1);
    const lines = product.server.output().split('\n');
    const said = lines.filter((line) => line.includes('sign-in-failed') && line.includes(`"${outcome}"`));
    expect(said.map((line) => JSON.parse(line))).toMatchObject([{ ...counted, client: 'web' }]);
  }
  expect(product.server.output()).not.toContain('u0000404');
  const audited = await until(
    async () =>
      (await product.server.run('audit', '--subject', robin.number, '--action', 'sign-in.failed')) || undefined,
    () => 'no audit entry',
  );
  expect(audited).toMatch(
    /sign-in\.failed +by anonymous .*place=sign-in {2}factor=password {2}outcome=wrong {2}browser=other {2}nth=1\n$/,
  );
});

describe('a proxy that sends no readable address', () => {
  test('is counted with each request and logged once', async () => {
    const count = async () => (await product.server.metric('pedel_unreadable_addresses_total')) ?? 0;
    const before = await count();
    for (const entry of ['unknown', '_hidden', '198.51.100.7, nonsense']) {
      await fetch(`${product.issuer}/activate?number=r0000001`, { headers: { 'x-forwarded-for': entry } });
    }
    await fetch(`${product.issuer}/activate?number=r0000001`, { headers: { 'x-forwarded-for': '192.0.2.1:8080' } });
    expect((await count()) - before).toBe(3);
    const lines = product.server.output().split('\n');
    const said = lines.filter((line) => line.includes('X-Forwarded-For'));
    expect(said.map((line) => JSON.parse(line))).toMatchObject([{ entry: 'unknown', proxy: '127.0.0.1' }]);
  });
});

describe('the log', () => {
  test('is one JSON object a line, and holds nothing of what was typed, mailed, set or issued', async () => {
    const secrets = new Map<string, string>([
      ['the password', PASSWORD],
      ['the secret of the application', SECRET],
      ['the sealing key', 'a secret of a test, longer'],
    ]);
    const visitor = product.visitor();

    // a wrong password, a password in the wrong field, a sign-in with everything, a refresh, a revocation
    const wanted = {
      redirect_uri: back,
      scope: 'openid email offline_access',
      prompt: 'consent',
    };
    const { url, checks } = await request(application, wanted);
    await visitor.open(url.href);
    await visitor.press('sign-in', { login: kim.number, password: 'not quite the right words' });
    await visitor.press('sign-in', { login: 'typed a password here', password: '' });
    const landed = await signedIn(product, visitor, visitor.page().url, kim);
    const tokens = await client.authorizationCodeGrant(application, landed, checks);
    const refreshed = await client.refreshTokenGrant(application, tokens.refresh_token ?? '');
    await client.fetchUserInfo(application, tokens.access_token, client.skipSubjectCheck);
    await client.tokenRevocation(application, refreshed.access_token);
    await client.authorizationCodeGrant(application, landed, checks).catch(() => {}); // a replay is news, its code is not
    await client.refreshTokenGrant(application, 'a-refresh-token-that-was-never-one').catch(() => {});
    secrets.set('a wrong password', 'not quite the right').set('a password in the login field', 'typed a password');
    secrets.set('the code', landed.searchParams.get('code') ?? '').set('the verifier', checks.pkceCodeVerifier ?? '');
    secrets.set('the access token', tokens.access_token).set('the refresh token', tokens.refresh_token ?? '');
    secrets.set('the ID token', tokens.id_token ?? '').set('a guessed token', 'a-refresh-token-that-was-never');
    secrets.set('the state', checks.expectedState);
    for (const [n, code] of (kim.recoveryCodes ?? []).entries()) secrets.set(`recovery code ${n}`, code);

    // links and codes in letters, used and refused
    await visitor.open(`${product.issuer}/forgotten`);
    await visitor.press('send-link', { login: robin.number });
    const reset = new URL(linkIn(await product.letter(robin.personalEmail, /\/reset/)));
    const invitation = new URL(linkIn(await product.letter(newcomer.personalEmail, /\/activate\?ticket=/)));
    for (const link of [reset, invitation]) {
      for (const [name, value] of link.searchParams) secrets.set(`${link.pathname} ${name}`, value);
      await visitor.open(link.href);
      await visitor.open(`${link.href}%00`);
      await visitor.open(link.href.replace('?', '/?'));
    }
    for (const [key, value] of visitor.cookies) if (value.length > 8) secrets.set(`cookie ${key}`, value);
    await visitor.open(`${product.issuer}/interaction/unknown?password=${encodeURIComponent(PASSWORD)}`);
    await visitor.open(
      `${product.issuer}/auth?client_id=web&redirect_uri=${encodeURIComponent(`https://evil.example/?t=${tokens.access_token}`)}`,
    );

    const log = product.server.output();
    const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('Pedel serves http://'));
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => !isObject(line))).toEqual([]);
    expect([...secrets].filter(([, secret]) => secret === '').map(([name]) => name)).toEqual([]);
    const found = [...secrets].filter(([, secret]) => log.includes(secret) || log.includes(encodeURIComponent(secret)));
    expect(found.map(([name, secret]) => [name, lines.filter((line) => line.includes(secret))])).toEqual([]);
  }, 240_000);
});

describe('SIGTERM', () => {
  test('lets a sign-in that is being sent come to its answer, takes nothing new, and ends with 0', async () => {
    const visitor = product.visitor();
    await visitor.open((await request(application, { redirect_uri: back })).url.href);
    const body = new URLSearchParams({ login: robin.number, password: PASSWORD, action: 'sign-in' }).toString();
    const sending = httpRequest(visitor.page().url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': body.length,
        'sec-fetch-site': 'same-origin',
        cookie: [...visitor.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; '),
      },
    });
    const answered = new Promise<{ status?: number | undefined; location?: string | undefined }>((resolve, reject) => {
      sending.once('response', ({ statusCode, headers }) =>
        resolve({ status: statusCode, location: headers.location }),
      );
      sending.once('error', reject);
    });
    await new Promise<void>((sent) => sending.write(body.slice(0, 10), () => sent()));
    await fetch(`${product.issuer}/healthz`); // by now the first half has been read, too

    product.server.signal('SIGTERM');
    await until(
      async () => (product.server.output().includes('"ending:') ? true : undefined),
      () => 'it does not end',
    );
    await expect(fetch(`${product.issuer}/readyz`)).rejects.toThrow();
    sending.end(body.slice(10));
    const { status, location } = await answered;
    expect([status, location]).toEqual([303, expect.stringContaining(`${product.issuer}/auth/`)]);
    expect(await product.server.ended()).toBe(0);
    expect(product.server.output()).toContain('"msg":"ended"');
    // though the connections were to be kept, nobody waited for the last moment
    expect(product.server.output()).not.toContain('cut off');
  }, 240_000);
});

function isObject(line: string): boolean {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'object' && entry !== null && 'level' in entry && 'time' in entry && 'msg' in entry;
  } catch {
    return false;
  }
}
