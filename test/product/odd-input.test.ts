/** Malformed requests to the running product get a refusal, never a failure, and it keeps serving. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type * as client from 'openid-client';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { aPerson, type Product, request, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { type RawAnswer, rawRequest } from '../support/raw-http.ts';

const kim = aPerson();
const back = 'https://app.example/back';
const basic = `Basic ${Buffer.from(`web:${SECRET}`).toString('base64')}`;
const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };

// biome-ignore format: a list of words
const PAGES = [
  '/', '/activate', '/activate/check', '/activate.html', '/persdb-bin/aw', '/forgotten', '/reset', '/reset/check', '/account',
  '/account/password', '/account/factors', '/account/factors/add', '/account/factors/remove', '/account/recovery-codes',
  '/account/activity', '/account/activity/not-me', '/not-me',
  '/interaction/unknown', '/auth/unknown', '/session/end/confirm', '/session/end/success', '/assets/pedel.css', '/healthz',
  '/readyz', '/.well-known/change-password', '/.well-known/openid-configuration', '/nowhere',
];
// biome-ignore format: a list of words
const FIELDS = [
  'action', 'login', 'password', 'password_again', 'number', 'email', 'code', 'passkey', 'way', 'ticket', 'again', 'step', 'lang', 'inet', 'sent',
  'id', 'name', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type', 'redirect_uri', 'response_type', 'response_mode', 'scope',
  'state', 'nonce', 'prompt', 'max_age', 'claims', 'acr_values', 'ui_locales', 'login_hint', 'id_token_hint', 'request', 'request_uri', 'resource',
  'code_challenge', 'code_challenge_method', 'code_verifier', 'dpop_jkt', 'grant_type', 'refresh_token', 'token', 'token_type_hint', 'access_token',
  'post_logout_redirect_uri', 'logout_hint', 'xsrf', 'logout', '__proto__', 'constructor', 'toString',
];
const ACTIONS = [
  'sign-in',
  'verify',
  'send',
  'send-code',
  'send-link',
  'set-password',
  'enrol',
  'continue',
  'passkey',
  'cancel',
];
/** Already percent-encoded, as they travel. */
const VALUES: Record<string, string> = {
  'a null byte': 'a%00b',
  emoji: encodeURIComponent('🧑‍🎓'.repeat(20)),
  'right to left': encodeURIComponent('\u202Eمرحبا\u2066'),
  'a lone surrogate': '%ED%A0%80',
  'broken UTF-8': '%FF%FE%C0%AF',
  'broken percent-encoding': '%E0%A4%A%zz%',
  'line ends': 'a%0D%0ASet-Cookie:%20x=y',
  markup: encodeURIComponent('"><script>alert(1)</script>{{7*7}}<%= 7 %>'),
  'a structure': encodeURIComponent('{"id_token":{"acr":{"essential":true,"values":[[],null,{}]}},"userinfo":[]}'),
  'a huge number': '9'.repeat(400),
};

let product: Product;
let application: client.Configuration;
let port: number;
let endpoints: string[];
let visitor: HttpVisitor;
/** a sign-in under way, and its cookies */
let underWay: { path: string; cookie: string };
/** of who is signed in */
let session: string;

beforeAll(async () => {
  product = await startProduct({
    nodes: 1, // a balancer would refuse some of it itself
    people: [kim],
    clients: [{ client_id: 'web', client_secret: SECRET, redirect_uris: [back], pedel_first_party: true }],
  });
  port = Number(new URL(product.issuer).port);
  application = await product.application('web');
  const discovery = Object.entries(application.serverMetadata());
  endpoints = discovery
    .filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri')
    .map(([, url]) => new URL(String(url)).pathname);
  visitor = product.visitor();
  await visitor.open((await request(application, { redirect_uri: back })).url.href);
  underWay = { path: new URL(visitor.page().url).pathname, cookie: cookiesOf(visitor) };
  const signedInVisitor = product.visitor();
  await tokensOf(product, signedInVisitor, kim, application, { redirect_uri: back });
  session = cookiesOf(signedInVisitor);
}, 240_000);
afterAll(() => product?.stop());

const cookiesOf = ({ cookies }: HttpVisitor) =>
  [...cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');

const everywhere = () => [...new Set([...endpoints, ...PAGES, underWay.path])];
/** As a visitor for whom this path is valid. */
const known = (path: string): Record<string, string> => ({
  cookie: path === underWay.path ? underWay.cookie : session,
  ...(endpoints.includes(path) && path !== '/auth' && path !== '/me' ? { authorization: basic } : {}),
});

const faults: string[] = [];
function judge(what: string, { status, type, body }: RawAnswer): RawAnswer {
  if (status === 0 || status >= 500) faults.push(`${status} to ${what}`);
  const refusalPage = type.includes('html') && body !== '' && [400, 403, 413].includes(status);
  const leadsOn = body.includes('id="go-on"'); // a sign-in page that is over: nothing failed, and it says where to go
  if (refusalPage && !leadsOn && !/<code>[0-9a-f-]{10,}<\/code>/.test(body))
    faults.push(`no incident (${status}) to ${what}`);
  if (body.includes('<script>alert(1)') || /[\\/]node_modules[\\/]|at \w+ \(/.test(body))
    faults.push(`leak at ${what}`);
  return { status, type, body };
}
afterEach(() => {
  const found = faults.splice(0);
  expect(found).toEqual([]);
  const failures = product.server
    .output()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line));
  expect(failures).toEqual([]);
});

describe('is refused, not failed upon', () => {
  test.each(Object.entries(VALUES))(
    '%s in every field of every door',
    async (name, value) => {
      const all = FIELDS.map((field) => `${field}=${value}`).join('&');
      for (const path of everywhere()) {
        judge(`GET ${path} with ${name}`, await rawRequest(port, { target: `${path}?${all}`, headers: known(path) }));
        const headers = { ...form, ...known(path) };
        for (const action of endpoints.includes(path) ? ['any'] : ACTIONS) {
          const body = `action=${action}&${FIELDS.filter((field) => field !== 'action')
            .slice(0, 12)
            .map((field) => `${field}=${value}`)
            .join('&')}`;
          const sent = await rawRequest(port, { method: 'POST', target: path, headers, body });
          const { status } = judge(`POST ${path} ${action} with ${name}`, sent);
          // no page accepts a null byte in a form
          if (name === 'a null byte' && status < 400 && !endpoints.includes(path))
            faults.push(`${path} ${action} took a null byte`);
        }
        if (endpoints.includes(path))
          judge(
            `POST ${path} with ${name}`,
            await rawRequest(port, { method: 'POST', target: path, headers, body: all }),
          );
      }
    },
    240_000,
  );

  test('one odd parameter in a request that is otherwise good', async () => {
    const good = { client_id: 'web', redirect_uri: back, response_type: 'code', scope: 'openid', state: 's' };
    const cases = Object.entries(VALUES).flatMap(([name, value]) => FIELDS.map((field) => ({ name, value, field })));
    for (const { name, value, field } of cases) {
      const rest = Object.entries(good).filter(([each]) => each !== field);
      const query = [...rest.map(([each, text]) => `${each}=${encodeURIComponent(text)}`), `${field}=${value}`].join(
        '&',
      );
      judge(`/auth with ${name} as ${field}`, await rawRequest(port, { target: `/auth?${query}` }));
    }
  }, 240_000);

  test('fields that come twice, as lists and as objects', async () => {
    for (const path of everywhere()) {
      for (const field of ['login', 'action', 'client_id', 'code', 'number']) {
        for (const body of [
          `${field}=a&${field}=b`,
          `${field}[]=a&action=sign-in`,
          `${field}[a][b][c]=d&action=verify`,
          `${field}[__proto__][x]=1&__proto__[y]=1&action=send`,
        ]) {
          judge(
            `POST ${path} ${body}`,
            await rawRequest(port, { method: 'POST', target: path, headers: { ...form, ...known(path) }, body }),
          );
          judge(`GET ${path}?${body}`, await rawRequest(port, { target: `${path}?${body}`, headers: known(path) }));
        }
      }
    }
  }, 240_000);

  test('ten megabytes, with or without a length', async () => {
    const large = Buffer.alloc(10 * 1024 * 1024, 'a');
    large.write('login=');
    for (const path of everywhere()) {
      const headers = { ...form, ...known(path) };
      for (const body of [large, new Blob([large]).stream()]) {
        // over a connection that stays: on one that is closed the refusal is lost with what was not read
        const options = { method: 'POST', redirect: 'manual' as const, headers, body, duplex: 'half' as const };
        const answer = await fetch(product.issuer + path, options);
        const type = answer.headers.get('content-type') ?? '';
        judge(`10 MB to ${path}`, { status: answer.status, type, body: await answer.text() });
        if (answer.status === 200) faults.push(`${path} took 10 MB`);
      }
    }
  }, 240_000);

  test('ten thousand fields', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `f${n}=`).join('&');
    for (const path of everywhere()) {
      for (const chunked of [false, true]) {
        const message = { method: 'POST', target: path, headers: { ...form, ...known(path) }, chunked };
        judge(`10,000 fields to ${path}`, await rawRequest(port, { ...message, body: many }));
      }
    }
    expect((await rawRequest(port, { target: `/activate?${many}` })).status).toBe(431);
  }, 240_000);

  test('floods of headers and cookies', async () => {
    const few = Array.from({ length: 150 }, (_, n): [string, string] => [`X-Flood-${n}`, 'x'.repeat(60)]);
    const many = Array.from({ length: 3000 }, (_, n): [string, string] => [`X-Flood-${n}`, 'x'.repeat(60)]);
    const cookies = Array.from({ length: 1500 }, (_, n) => `c${n}=%`).join('; ');
    for (const path of everywhere()) {
      judge(`headers to ${path}`, await rawRequest(port, { target: path, headers: few }));
      judge(`cookies to ${path}`, await rawRequest(port, { target: path, headers: { cookie: cookies } }));
      for (const [header, value] of Object.entries({
        authorization: 'Basic %%%:%00',
        dpop: 'a.b.c',
        origin: 'null',
        'accept-language': `${'x-'.repeat(500)};q=nonsense`,
        accept: ';;;,,/',
        'x-forwarded-for': '::::, 999.1.1.1, \u00ff',
        'x-forwarded-host': 'evil.example',
        cookie: 'pedel_session=%00; pedel_session.sig=..; =; ;;',
        host: '[::1',
        range: 'bytes=9-1',
        'if-modified-since': 'never',
      }))
        judge(`${header} to ${path}`, await rawRequest(port, { target: path, headers: { [header]: value } }));
    }
    expect((await rawRequest(port, { target: '/', headers: many })).status).toBe(431);
  }, 240_000);

  test('addresses that are none', async () => {
    for (const target of [
      '/%',
      '/%zz',
      '/%00',
      '/%ff%fe',
      '/interaction/%E0%A4%A',
      '/interaction/%00',
      `/interaction/${'x'.repeat(5000)}`,
      '/auth/%E0%A4%A',
      '/assets/%',
      '/assets/..%2f..%2fpackage.json',
      '/assets/../../package.json',
      '/assets/%00.css',
      '/activate%00',
      '/../../etc/passwd',
      '//evil.example',
      '/\\evil.example',
      '/account//..//',
      '*',
      'http://evil.example/',
      'http://[::1',
      'nonsense',
      '/?%',
      '/activate?number=%',
      '/activate?%%%=%',
      '/auth?client_id=%E0%A4%A',
      '/?__proto__[a]=b',
    ])
      for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
        judge(`${method} ${target}`, await rawRequest(port, { method, target, headers: { ...form, cookie: session } }));
  }, 240_000);

  test('methods that a door does not have', async () => {
    for (const path of everywhere()) {
      for (const method of [
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
        'OPTIONS',
        'TRACE',
        'HEAD',
        'PROPFIND',
        'MKCOL',
        'SEARCH',
      ]) {
        const { status } = judge(
          `${method} ${path}`,
          await rawRequest(port, {
            method,
            target: path,
            headers: { ...known(path), 'sec-fetch-site': 'same-origin' },
          }),
        );
        if (['PUT', 'PATCH', 'DELETE', 'TRACE', 'MKCOL'].includes(method) && (status < 400 || status >= 500))
          faults.push(`${method} ${path} got ${status}`);
      }
    }
  }, 240_000);

  test('bodies of another kind than they say, or than is read here', async () => {
    const zipped = { ...form, 'content-encoding': 'gzip' };
    const kinds: [Record<string, string>, string][] = [
      [{ 'content-type': 'application/json' }, '{"login":'],
      [{ 'content-type': 'application/json' }, '[1,2]'],
      [{ 'content-type': 'text/plain' }, 'login=a'],
      [
        { 'content-type': 'multipart/form-data; boundary=x' },
        '--x\r\nContent-Disposition: form-data; name="login"\r\n\r\na',
      ],
      [{ 'content-type': 'multipart/form-data' }, ''],
      [{ 'content-type': 'application/x-www-form-urlencoded; charset=utf-7' }, 'login=a'],
      [{ 'content-type': 'application/x-www-form-urlencoded; charset=' }, 'login=a'],
      [{ 'content-type': ';;;' }, 'login=a'],
      [{}, 'login=a'],
      [zipped, 'this is not compressed'],
      [{ ...form, 'content-encoding': 'bogus' }, 'login=a'],
    ];
    for (const path of everywhere())
      for (const [headers, body] of kinds)
        judge(
          `${JSON.stringify(headers)} to ${path}`,
          await rawRequest(port, {
            method: 'POST',
            target: path,
            headers: { 'sec-fetch-site': 'same-origin', ...known(path), ...headers },
            body,
          }),
        );
  }, 240_000);
});

test('afterwards it is ready, has stored none of it, and a person can sign in', async () => {
  expect((await fetch(`${product.issuer}/readyz`)).status).toBe(200);
  const megabytes = ((await product.server.metric('pedel_process_resident_memory_bytes')) ?? Infinity) / 1024 / 1024;
  console.info(`resident memory afterwards: ${Math.round(megabytes)} MB`);
  expect(megabytes).toBeLessThan(600); // half a gigabyte was sent
  const { claims } = await tokensOf(product, product.visitor(), kim, application, { redirect_uri: back });
  expect(claims.aud).toBe('web');
});
