/** Rule 30: a body has its time. Strangers have little; a file of somebody who proved who it is has long, while it goes on. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Source } from '../../src/domain/feed/source.ts';
import { asFile, CutOff, createBodyTimes, inTime } from '../../src/http/body-time.ts';
import { bounded } from '../../src/use-cases/import/bounded.ts';
import { startScim } from '../api/scim-support.ts';
import { at, closeAll } from '../api/support.ts';
import { startConsole, type TestConsole } from '../support/console.ts';
import { type Trickled, trickle } from '../support/trickle.ts';

const limits = { wholeMs: 600, spanMs: 600, leastBytes: 100, fileMs: 3000, lookMs: 20 };
const sources: Source[] = ['vives', 'alum'].map((id) => ({
  ...{ id: `of-${id}`, organisations: [id], numbers: ['r#######'], domains: [`${id}.be`], full: false },
  ...{ credentials: false, identity: 'none', safeguard: { lose: 5, least: 0, shrink: 20 } },
}));
const HEADER = 'person,number,given_name,family_name,role,until\n';
const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => `p${n},r${1_000_000 + n},Wout,${'Claes'.repeat(20)},student,2099-12-31\n`);
/** Ten parts over twice the time that others have. */
const long = { parts: [HEADER, ...rows(9)], everyMs: 130 };
/** As fast as a file that goes on: only who proved who it is has its time. */
const steady = { parts: ['login=', ...Array.from({ length: 40 }, () => 'x'.repeat(50))], everyMs: 50, length: 6000 };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };

/** Sends it once no import of the source is under way any more. */
async function inTurn(...[url, asked]: Parameters<typeof trickle>): Promise<Trickled> {
  for (let tries = 0; tries < 100; tries += 1) {
    const sent = await trickle(url, asked);
    if (sent.status !== 409) return sent;
  }
  throw new Error('the source is never free');
}

/** It was cut off when the limit had passed, not at the first moment and not much later. */
function expectCutOff({ status, head, ms }: Trickled, expected = 408) {
  expect({ status, closes: /^connection: close$/im.test(head) }).toEqual({ status: expected, closes: true });
  expect(ms).toBeGreaterThan(limits.wholeMs - 50);
  expect(ms).toBeLessThan(limits.wholeMs + 2000);
}

describe('over the API', () => {
  let kit: Awaited<ReturnType<typeof startScim>>;
  let authorization: string;
  const csv = () => ({ 'Content-Type': 'text/csv', Authorization: authorization });
  const imports = (source = 'of-vives') => `${kit.base.replace('/scim/v2', '/api/v1')}/imports?source=${source}`;

  beforeAll(async () => {
    kit = await startScim({ bodyLimits: limits, config: { sources } });
    const hr = await kit.service('hr', [at('people-administrator', 'vives')]);
    authorization = `Bearer ${hr.token}`;
  });
  afterAll(closeAll);

  test('a file that goes on is taken, though it takes longer than any other request may', async () => {
    const sent = await trickle(imports(), { headers: { ...csv(), Connection: 'close' }, ...long });
    expect(sent.status).toBe(202);
    expect(sent.ms).toBeGreaterThan(2 * limits.wholeMs);
  });

  test('a file that stands still is refused with why, and the next one is taken', async () => {
    const sent = await inTurn(imports(), { headers: csv(), parts: [HEADER], everyMs: 0, length: 5000 });
    expectCutOff(sent);
    expect(sent.head).toContain('application/problem+json');
    expect(JSON.parse(sent.body)).toMatchObject({
      ...{ code: 'too-slow', status: 408, detail: 'the upload came to a standstill' },
      ...{ incident: expect.stringMatching(/^[0-9a-f]{16}$/) },
    });
    const next = { headers: { ...csv(), Connection: 'close' }, parts: [HEADER], everyMs: 0 };
    expect((await trickle(imports(), next)).status).toBe(202);
  });

  test('JSON has no more time for a token: it is refused with why', async () => {
    const headers = { ...csv(), 'Content-Type': 'application/json' };
    const parts = Array.from('{"client_name":"Slow"}');
    const sent = await trickle(imports().replace(/imports.*/, 'clients'), { headers, parts, everyMs: 100, length: 22 });
    expectCutOff(sent);
    expect(JSON.parse(sent.body)).toMatchObject({ code: 'too-slow', detail: 'a body must arrive within 30 seconds' });
  });

  test('SCIM is refused with why', async () => {
    const headers = {
      Authorization: `Bearer ${await kit.tokenOf('of-vives')}`,
      'Content-Type': 'application/scim+json',
    };
    const sent = await trickle(`${kit.base}/Users`, { headers, parts: ['{'], everyMs: 0, length: 100 });
    expectCutOff(sent);
    expect(JSON.parse(sent.body)).toMatchObject({
      status: '408',
      detail: expect.stringContaining('within 30 seconds'),
    });
  });

  test.each([
    ['no token', {}],
    ['a token that opens nothing', { Authorization: 'Bearer made-up' }],
  ])('with %s a file has no more time than anything else', async (_what, headers) => {
    const sent = await trickle(imports(), { headers: { 'Content-Type': 'text/csv', ...headers }, ...long });
    expect(sent.status).toBe(401);
    expect(sent.ms).toBeLessThan(limits.wholeMs + 300);
  });

  test('nor has one of a source that the service may not fill', async () => {
    const sent = await trickle(imports('of-alum'), { headers: csv(), ...long });
    expect(sent.status).toBe(404);
    expect(sent.ms).toBeLessThan(limits.wholeMs + 300);
  });

  test('an endpoint of the protocol says so as the protocol has it', async () => {
    const sent = await trickle(`${kit.issuer}/token`, { headers: form, ...steady });
    expectCutOff(sent);
    expect(JSON.parse(sent.body)).toEqual({
      ...{ error: 'invalid_request', error_description: 'a body must arrive within 30 seconds' },
    });
  });

  test.each([
    ['GET', '/.well-known/openid-configuration', 200],
    ['GET', '/healthz', 200],
    ['POST', '/nowhere', 404],
  ])('what follows %s %s, and is read by nobody, is not waited for', async (method, path, status) => {
    const parts = Array.from({ length: 20 }, () => 'x');
    const sent = await trickle(kit.issuer + path, { method, headers: {}, parts, everyMs: 100, length: 5000 });
    expect(sent.status).toBe(status);
    expect(sent.ms).toBeLessThan(limits.wholeMs + 700);
  });
});

describe('on pages', () => {
  let pedel: TestConsole;
  let headers: Record<string, string>;
  const upload = (source = 'of-vives') => `${pedel.issuer}/admin/imports/new/${source}`;
  const begins = 'Content-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n';
  const inForm = (parts: string[]) => [`--x\r\n${begins}`, ...parts, '\r\n--x--\r\n'];
  const multipart = 'multipart/form-data; boundary=x';

  beforeAll(async () => {
    pedel = await startConsole({ sources }, limits);
    const login = await pedel.person('Hanne');
    await pedel.grant({ kind: 'person', id: 'account-Hanne' }, [
      { role: 'people-administrator', organisations: ['vives'] },
    ]);
    const browser = pedel.browser();
    await browser.open(`${pedel.issuer}/admin`);
    await pedel.signIn(browser, login);
    const cookie = [...browser.cookies].map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    headers = { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin', 'Content-Type': multipart, 'Accept-Language': 'en' };
  });
  afterAll(async () => {
    jest.useRealTimers();
    await pedel.close();
  });

  async function language(wanted: 'nl' | 'en') {
    const account = await pedel.storage.accounts.findById('account-Hanne');
    if (account === undefined) throw new Error('she has gone');
    const next = { ...account, language: wanted, revision: account.revision + 1 };
    await pedel.storage.accounts.replace(next, account.revision);
  }

  test('a file that goes on is taken, though it takes longer than any other form may', async () => {
    const parts = inForm(long.parts);
    const sent = await inTurn(upload(), { headers: { ...headers, Connection: 'close' }, parts, everyMs: 130 });
    expect(sent.status).toBe(303);
    expect(sent.ms).toBeGreaterThan(2 * limits.wholeMs);
  });

  test.each([
    ['en', 'The connection came to a standstill', 'the upload came to a standstill'],
    ['nl', 'De verbinding viel stil', 'het opladen viel stil'],
  ] as const)(
    'a file that stands still is refused on its own form, with a number (%s)',
    async (wanted, words, listed) => {
      await language(wanted);
      const sent = await inTurn(upload(), { headers, parts: inForm([HEADER]).slice(0, 2), everyMs: 0, length: 5000 });
      expectCutOff(sent, 422); // a browser that is told 408 sends all of it again by itself
      expect(sent.body).toContain(words);
      const incident = /(?:number|nummer): ([0-9a-f]{10})\./.exec(sent.body)?.[1] ?? 'none';
      expect(pedel.logged.join('\n')).toMatch(new RegExp(`a file was refused.*${incident}`));
      const list = await fetch(`${pedel.issuer}/admin/imports`, { headers });
      const [, path] = /href="(\/admin\/imports\/[\w-]{10,})"/.exec(await list.text()) ?? [];
      expect((await (await fetch(`${pedel.issuer}${path}`, { headers })).text()).toLowerCase()).toContain(listed);
      await language('en');
    },
  );

  test('a form that the library reads is refused on the page of all others to a person', async () => {
    const sent = await trickle(`${pedel.issuer}/session/end/confirm`, {
      headers: { ...headers, ...form, Accept: 'text/html,*/*;q=0.8' },
      ...steady,
    });
    expectCutOff(sent);
    expect(sent.body).toContain('>The form did not arrive in time</h1>');
    expect(sent.body).toMatch(/number: <code>[0-9a-f]{10}</);
  });

  test('a file of which a byte comes now and then is refused like one that stands still', async () => {
    const parts = [...inForm([]).slice(0, 1), ...Array.from({ length: 40 }, () => 'x')];
    const sent = await inTurn(upload(), { headers, parts, everyMs: 50, length: 5000 });
    expectCutOff(sent, 422);
  });

  test('a file that goes on for ever is refused in the end, with what to do', async () => {
    const parts = inForm([HEADER, ...rows(100)]);
    const sent = await inTurn(upload(), { headers, parts, everyMs: 100, length: 100_000 });
    expect(sent.status).toBe(422);
    expect(sent.body).toContain('more than an hour');
    expect(sent.body).toContain('pedel people import');
    expect(sent.ms).toBeGreaterThan(limits.fileMs - 50);
  });

  test('a node that ends says so to whoever is sending a file, and cuts off nobody else', async () => {
    const file = { headers, parts: inForm([HEADER]).slice(0, 2), everyMs: 0, length: 5000 };
    const logged = pedel.logged.length;
    const sending = inTurn(upload(), file);
    const other = trickle(`${pedel.issuer}/forgotten`, {
      headers: { ...headers, ...form },
      parts: ['login=', 'x'],
      everyMs: 100,
      length: 500,
    });
    while (!(await (await fetch(`${pedel.issuer}/admin/imports`, { headers })).text()).includes('Being planned'))
      await sleep(10);
    pedel.app.endFiles();
    const sent = await sending;
    expect([sent.status, sent.head]).toEqual([503, expect.stringMatching(/connection: close/i)]);
    expect(sent.body).toContain('Pedel was restarted before the file had arrived');
    expect(pedel.logged.slice(logged).join('\n')).toContain('the node was stopped during the upload');
    expectCutOff(await other);
  });

  test('a file of a stranger, or sent from another site, has no more time than a form', async () => {
    const { Cookie: _, ...stranger } = headers;
    const sent = await trickle(upload(), { headers: stranger, parts: inForm(long.parts), everyMs: 130 });
    expect(sent.status).toBe(303); // to the sign-in
    expect(sent.ms).toBeLessThan(limits.wholeMs + 300);
    const cross = { ...headers, 'Sec-Fetch-Site': 'cross-site' };
    const refused = await trickle(upload(), { headers: cross, parts: inForm(long.parts), everyMs: 130 });
    expect(refused.status).toBe(403);
    expect(refused.ms).toBeLessThan(limits.wholeMs + 300);
    const elsewhere = await trickle(upload('of-alum'), { headers, parts: inForm(long.parts), everyMs: 130 });
    expect(elsewhere.status).toBe(404);
    expect(elsewhere.ms).toBeLessThan(limits.wholeMs + 300);
  });

  test.each([
    ['en', '/forgotten', 'The form did not arrive in time'],
    ['nl', '/forgotten', 'Het formulier kwam niet op tijd aan'],
    ['en', '/auth', 'The form did not arrive in time'],
  ])('a slow form of a stranger is refused with a page and a number (%s, %s)', async (wanted, path, title) => {
    const asked = { ...form, 'Sec-Fetch-Site': 'same-origin', 'Accept-Language': wanted };
    const sent = await trickle(pedel.issuer + path, { headers: asked, ...steady });
    expectCutOff(sent);
    expect(sent.body).toContain(title);
    const incident = /<code>([0-9a-f]{10})<\/code>/.exec(sent.body)?.[1] ?? 'none';
    expect(pedel.logged.join('\n')).toMatch(new RegExp(`a request was refused.*${incident}.*408`));
  });
});

describe('a body', () => {
  const log = { info() {}, error() {} };
  let stop: () => Promise<void> = async () => {};
  afterEach(() => stop());

  async function listening(answer: (request: IncomingMessage) => Promise<unknown>, change = {}) {
    const times = createBodyTimes(log, { ...limits, ...change });
    const seen: Promise<unknown>[] = [];
    const server = createServer((request, response) => {
      times.watch(request, response);
      const said = answer(request);
      seen.push(said.catch((error: unknown) => error));
      said.then(
        () => response.end('whole'),
        (error: Error) => {
          if (response.headersSent) return;
          response.writeHead(error instanceof CutOff ? error.status : 500).end(error.message);
        },
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    stop = async () => {
      server.closeAllConnections();
      server.close();
    };
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, seen };
  }
  const textOf = async (request: AsyncIterable<Buffer>) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    return text;
  };

  test('that waits for us, and not we for it, is no standstill', async () => {
    const { url } = await listening(async (request) => {
      const file = bounded(request, 1e9, asFile(request));
      await sleep(3 * limits.spanMs);
      return textOf(file);
    });
    const parts = Array.from({ length: 40 }, () => 'x'.repeat(64_000));
    const sent = await trickle(url, { headers: { Connection: 'close' }, parts, everyMs: 0 });
    expect([sent.status, sent.body]).toEqual([200, expect.stringContaining('whole')]);
    expect(sent.ms).toBeGreaterThan(3 * limits.spanMs);
  });

  test('that nobody reads when its time is over, and nobody reads afterwards, leaves no connection', async () => {
    const forever = new Promise(() => {});
    const { url } = await listening(() => forever);
    const sent = await trickle(url, { headers: {}, parts: ['x'], everyMs: 0, length: 10 });
    expectCutOff(sent);
  });

  test('of which reading it begins too late fails at once', async () => {
    const { url, seen } = await listening(async (request) => {
      await sleep(2 * limits.wholeMs);
      return inTime(request, textOf(request));
    });
    await trickle(url, { headers: {}, parts: ['x'], everyMs: 0, length: 10 });
    expect(await seen[0]).toBeInstanceOf(CutOff);
  });

  test('that is cut off is no longer waited for where its refusal is never answered', async () => {
    const forever = new Promise(() => {});
    const { url } = await listening((request) => inTime(request, textOf(request)).catch(() => forever));
    const sent = await trickle(url, { headers: {}, parts: ['x'], everyMs: 0, length: 10 });
    expect(sent.status).toBe(0);
    expect(sent.ms).toBeLessThan(2 * limits.wholeMs + 1000);
  });

  test('after which the same connection goes on has its own time', async () => {
    const { url } = await listening((request) => inTime(request, textOf(request)));
    for (let times = 0; times < 4; times += 1) {
      const answer = await fetch(url, { method: 'POST', body: 'short' });
      expect(await answer.text()).toBe('whole');
      await sleep(limits.wholeMs / 2);
    }
  });
});
