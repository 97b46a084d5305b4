/** Rules for all pages and forms: origin checks, headers, trusted addresses and logs (rules 20-24). */
import { afterEach, describe, expect, test } from '@jest/globals';
import type Koa from 'koa';
import { Problem } from '../../src/domain/problem.ts';
import { cookieNames } from '../../src/http/cookies.ts';
import { catchAll } from '../../src/http/errors.ts';
import type { Pages } from '../../src/http/page.ts';
import { readSetCookie } from '../support/set-cookie.ts';
import { browserOf, closeAll, startWeb } from '../support/web.ts';
import { atLeuven, password, textOf, typePassword } from './people.ts';

afterEach(closeAll);

describe('rule 20: only our own pages post to our own pages', () => {
  const fields = { login: 'u0000001', password, action: 'sign-in' };
  const cases: [name: string, headers: (origin: string) => Record<string, string>, status: number][] = [
    ['same-origin passes', () => ({ 'Sec-Fetch-Site': 'same-origin' }), 303],
    ['none (typed, bookmarked) passes', () => ({ 'Sec-Fetch-Site': 'none' }), 303],
    [
      'same-site is refused: localhost ports and sub-domains are not us',
      (o) => ({ 'Sec-Fetch-Site': 'same-site', Origin: o }),
      403,
    ],
    ['cross-site is refused, whatever Origin says', (o) => ({ 'Sec-Fetch-Site': 'cross-site', Origin: o }), 403],
    ['without the header, our own Origin passes', (origin) => ({ Origin: origin }), 303],
    ['without the header, another Origin is refused', () => ({ Origin: 'https://evil.example' }), 403],
    [
      'without the header, an Origin that begins as ours does is refused',
      (o) => ({ Origin: `${o}.evil.example` }),
      403,
    ],
    ['without the header, Origin null is refused', () => ({ Origin: 'null' }), 403],
    ['with neither it is refused', () => ({}), 403],
  ];
  test.each(cases)('%s', async (_name, headers, status) => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const { Origin: _, ...given } = { Origin: '', ...headers(new URL(web.issuer).origin) };
    const answer = await browserOf(web).send(web.begin(), {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers: { ...given, ...headers(new URL(web.issuer).origin) },
    });
    expect(answer.status).toBe(status);
    expect(web.logins).toHaveLength(status === 303 ? 1 : 0);
  });

  test('a GET asks nothing', async () => {
    const web = await startWeb();
    expect((await browserOf(web).get('/', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(200);
  });
});

describe('rule 21: cookies', () => {
  const YEAR = 365 * 86_400;

  async function cookiesOfPages(issuer?: string) {
    const web = await startWeb(issuer === undefined ? {} : { issuer });
    await web.storage.accounts.insert(atLeuven());
    const language = await browserOf(web).get('/?lang=nl');
    const device = await typePassword(browserOf(web), web.begin(), 'u0000001');
    return [language, device].map(({ headers }) => headers.getSetCookie().map(readSetCookie));
  }
  /** Of a lifetime in seconds: one or two may have passed since. */
  const about = (seconds: number) => ({
    asymmetricMatch: (actual: unknown) => typeof actual === 'number' && actual <= seconds + 1 && actual > seconds - 30,
  });

  test('on https: __Host-, Secure, HttpOnly, Lax, path /, no domain; a year for the language, 400 days for the device', async () => {
    const [language, device] = await cookiesOfPages('https://login.example');
    const flags = { path: '/', domain: undefined, sameSite: 'lax', httpOnly: true, secure: true };
    expect(language).toEqual([{ name: '__Host-pedel_language', value: 'nl', ...flags, seconds: about(YEAR) }]);
    expect(device).toEqual([
      { name: '__Host-pedel_device', value: expect.any(String), ...flags, seconds: about(400 * 86_400) },
    ]);
  });

  test('on loopback http: pedel_…, for localhost ports share one jar', async () => {
    const [language, device] = await cookiesOfPages();
    const flags = { path: '/', domain: undefined, sameSite: 'lax', httpOnly: true, secure: false };
    expect(language).toEqual([{ name: 'pedel_language', value: 'nl', ...flags, seconds: about(YEAR) }]);
    expect(device).toEqual([
      { name: 'pedel_device', value: expect.any(String), ...flags, seconds: about(400 * 86_400) },
    ]);
  });

  test('have these names: a browser that has one keeps it over every release', () => {
    expect(cookieNames('https://login.example')).toEqual({
      session: '__Host-pedel_session',
      waiting: '__Host-pedel_waiting',
      browser: '__Host-pedel_browser',
      language: '__Host-pedel_language',
      device: '__Host-pedel_device',
      interaction: '__Secure-pedel_interaction',
      resume: '__Secure-pedel_resume',
      journey: '__Host-pedel_journey',
      activate: '__Secure-pedel_activate',
      reset: '__Secure-pedel_reset',
      enrolment: '__Secure-pedel_enrolment',
      confirm: '__Secure-pedel_confirm',
      email: '__Secure-pedel_email',
      trusted: '__Secure-pedel_trusted',
      typed: '__Secure-pedel_typed',
    });
    for (const [kind, name] of Object.entries(cookieNames('http://localhost:3000'))) expect(name).toBe(`pedel_${kind}`);
  });
});

describe('rule 22: headers of a page', () => {
  test('a policy with a fresh nonce that every inline style and script carries, and no framing', async () => {
    const web = await startWeb();
    const [one, two] = [await browserOf(web).get('/'), await browserOf(web).get('/')];
    const policy = one.headers.get('Content-Security-Policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "connect-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "form-action 'self'",
    ]);
    expect(nonce).toHaveLength(24);
    expect(two.headers.get('Content-Security-Policy')).not.toContain(nonce);
    for (const [tag] of one.body.matchAll(/<(style|script)[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
    expect(one.body).not.toMatch(/ style="| on[a-z]+="/);
  });

  test('form-action is ours on pages that stay, and absent where the POST ends at an application', async () => {
    const web = await startWeb();
    await web.storage.accounts.insert(atLeuven());
    const policyOf = async (path: string) => (await browserOf(web).get(path)).headers.get('Content-Security-Policy');
    expect(await policyOf('/')).toContain("form-action 'self'");
    expect(await policyOf('/nowhere')).toContain("form-action 'self'");
    expect(await policyOf(web.begin())).not.toContain('form-action');
    expect(await policyOf('/session/end')).not.toContain('form-action');
  });

  test('nosniff and same-origin referrer on everything, HSTS on https, and no page stays in a cache', async () => {
    const web = await startWeb({ issuer: 'https://login.example' });
    for (const path of ['/', '/nowhere', web.begin(), '/auth', '/bug']) {
      const { headers } = await browserOf(web).get(path);
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
      expect(headers.get('Referrer-Policy')).toBe('same-origin');
      expect(headers.get('Strict-Transport-Security')).toMatch(/^max-age=\d+/);
      expect(headers.get('Cache-Control')).toBe('no-store');
    }
    const plain = await startWeb();
    expect((await browserOf(plain).get('/')).headers.get('Strict-Transport-Security')).toBeNull();
  });
});

describe('rule 23: whose address', () => {
  const tries = async (trustedProxies: string[], forwarded: (n: number) => string) => {
    const web = await startWeb({ trustedProxies });
    let status = 0;
    for (let n = 0; n < 11; n += 1) {
      const answer = await browserOf(web).post(
        web.begin(),
        { login: 'u1', password: 'x', action: 'sign-in' },
        { 'X-Forwarded-For': forwarded(n) },
      );
      status = answer.status;
    }
    return status;
  };

  test('X-Forwarded-For counts from a configured proxy only: made-up addresses do not escape a limit', async () => {
    expect(await tries([], (n) => `198.51.100.${n}`)).toBe(429);
    expect(await tries(['127.0.0.0/8', '::1'], (n) => `198.51.100.${n}`)).toBe(422);
  });

  test('what a client itself put in front is not believed: the last address that is no proxy of ours counts', async () => {
    expect(await tries(['127.0.0.0/8', '::1', '10.0.0.0/8'], (n) => `198.51.100.${n}, 203.0.113.5, 10.1.1.1`)).toBe(
      429,
    );
    expect(await tries(['127.0.0.0/8', '::1'], (n) => `198.51.100.${n}, nonsense`)).toBe(429);
  });

  test('nothing on a page follows the Host header', async () => {
    const web = await startWeb();
    const page = await browserOf(web).get(web.begin(), { 'X-Forwarded-Host': 'evil.example' });
    expect(page.body).not.toContain('evil.example');
  });
});

describe('rule 24: the one catch', () => {
  test('a bug is 500 with a sentence, a way on and an incident id that the log has with the stack', async () => {
    const web = await startWeb();
    const page = await browserOf(web).get('/bug?lang=en');
    expect(page.status).toBe(500);
    expect(textOf(page.body, 'title')).toBe('Something went wrong on our side');
    expect(page.body).not.toContain('the reason');
    const incident = /<code>([0-9a-f]{10})<\/code>/.exec(page.body)?.[1];
    const entry = web.logged.find(({ fields }) => fields.incident === incident);
    expect(entry?.fields.err).toMatchObject({
      message: 'the reason, with a secret in its path',
      stack: expect.any(String),
    });
  });

  test('nothing that hangs on an error reaches the log, nor more of an address than its first part', async () => {
    const logged: unknown[] = [];
    const told = (fields: object, message: string) => void logged.push(fields, message);
    const pages = { render: async () => {}, error: async () => {}, t: () => () => '' } as unknown as Pages;
    const middleware = catchAll({
      pages,
      log: { info: told, warn: told, error: told },
      newIncident: () => 'i',
    });
    const ctx = {
      method: 'POST',
      path: '/reset/S3CRET',
      search: '?ticket=S3CRET',
      url: '/reset/S3CRET?ticket=S3CRET',
      writable: true,
      remove: () => {},
      set: () => {},
    } as unknown as Koa.Context;
    const sent = { body: 'S3CRET', request: { body: 'S3CRET' } };
    const cause = Object.assign(new Error('why'), sent);
    for (const error of [Object.assign(new Error('no', { cause }), sent), new Problem('malformed', 'no'), { ...sent }])
      await middleware(ctx, () => Promise.reject(error));
    expect(JSON.stringify(logged)).toContain('"route":"/reset"');
    expect(JSON.stringify(logged)).not.toContain('S3CRET');
  });

  test('neither a path that may be a link nor what was sent reaches the log', async () => {
    const web = await startWeb();
    const browser = browserOf(web);
    await browser.send('/activate/secret-token/x', { method: 'POST', body: 'x'.repeat(70_000) });
    await browser.post(`/interaction/secret-uid`, { password: 'my secret\0', login: 'x', action: 'sign-in' });
    await browser.post(web.begin(), { 'password[a]': 'my secret', action: 'sign-in' });
    await typePassword(browser, web.begin(), 'u1', 'my secret');
    expect(web.logged.length).toBeGreaterThan(1);
    expect(JSON.stringify(web.logged)).not.toMatch(/my secret|secret-token|secret-uid/);
  });

  test.each([
    ['a null byte', { body: 'login=a%00b&password=x&action=sign-in' }, 400],
    ['a field twice', { body: 'login=a&login=b&password=x&action=sign-in' }, 400],
    ['a field that is an object', { body: 'login[x]=a&password=x&action=sign-in' }, 400],
    ['a field far too long', { body: `login=${'a'.repeat(400)}&password=x&action=sign-in` }, 400],
    ['JSON', { body: '{"login":"a"}', type: 'application/json' }, 400],
    ['more than 64 KB', { body: `login=a&password=${'x'.repeat(70_000)}&action=sign-in` }, 413],
  ])(
    'a form with %s is a page, not a crash',
    async (_name, { body, type }: { body: string; type?: string }, status) => {
      const web = await startWeb();
      const answer = await browserOf(web).send(web.begin(), {
        method: 'POST',
        body,
        headers: { Origin: web.issuer, 'Content-Type': type ?? 'application/x-www-form-urlencoded' },
      });
      expect(answer.status).toBe(status);
      expect(answer.body).toContain('id="title"');
      expect(web.hashingCalls.verify).toBe(0);
    },
  );

  test('a storage that does not answer is 503 with Retry-After', async () => {
    const failing = new Problem('storage_unavailable', 'the disk is full');
    const web = await startWeb({ ready: () => Promise.reject(failing) });
    expect((await browserOf(web).get('/readyz')).status).toBe(503);
    expect((await browserOf(web).get('/healthz')).status).toBe(200);
    const broken = await startWeb({
      interactions: { ...web.interactions, load: () => Promise.reject(failing) },
    });
    const page = await browserOf(broken).get('/interaction/x');
    expect([page.status, page.headers.get('Retry-After')]).toEqual([503, '5']);
  });
});
