/** What the API does with a request as such: addresses, methods, bodies, pages, keys, limits; each fault is a named problem. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
let owner: Awaited<ReturnType<Kit['service']>>;
beforeAll(async () => {
  kit = await startApi();
  owner = await kit.service('owner', [association('owner')]);
});
afterAll(closeAll);

const asked = { organisation: 'kuleuven', hosts: ['app.kuleuven.be'], kinds: ['web'] };
const tokens = '/initial-access-tokens';
const made = async () => (await kit.storage.initialAccessTokens.list(undefined, 1000)).length;

describe('an address', () => {
  test('that is none is answered as a problem, whatever it looks like', async () => {
    for (const path of [
      '/nothing',
      '/clients/',
      '/clients//refusals',
      '/clients/%zz',
      '/clients/a%00b',
      '//clients',
      '/..%2f',
    ])
      expect([path, (await owner.call('GET', path)).body.code]).toEqual([path, 'not-found']);
    const outside = await owner.call('GET', `${kit.issuer}/api/v2/clients`);
    expect([outside.status, outside.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    expect((await owner.call('GET', `/clients/${'a'.repeat(5000)}`)).status).toBe(404);
    expect((await owner.call('GET', `/clients/${encodeURIComponent('🦉‮')}`)).body.code).toBe('not-found');
  });

  test('says which methods it takes, and HEAD is GET without its body', async () => {
    const options = await owner.call('OPTIONS', tokens);
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, POST, HEAD, OPTIONS']);
    const wrong = await owner.call('PATCH', tokens, { body: {} });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, POST, HEAD, OPTIONS']);
    const head = await owner.call('HEAD', '/clients/owner');
    const get = await owner.call('GET', '/clients/owner');
    expect([head.status, head.body]).toEqual([200, '']);
    for (const name of ['etag', 'content-type', 'content-length'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    const known = await owner.call('GET', '/clients/owner', {
      headers: { 'if-none-match': get.headers.get('etag') ?? '' },
    });
    expect([known.status, known.body]).toEqual([304, '']);
  });

  test('is never kept by anybody, and read as nothing else', async () => {
    const { headers } = await owner.call('GET', '/me');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('a body', () => {
  const send = (body: string, type = 'application/json') =>
    owner.call('POST', tokens, { body, headers: { 'content-type': type } });

  test('is JSON in UTF-8, of a bounded size and depth, with every member once', async () => {
    const before = await made();
    const deep = `${'['.repeat(21)}${']'.repeat(21)}`;
    const cases: [string, string, number, string][] = [
      ['{', 'application/json', 400, 'malformed'],
      ['', 'application/json', 400, 'malformed'],
      [JSON.stringify(asked), 'text/plain', 415, 'unsupported-media-type'],
      [JSON.stringify(asked), 'application/json; charset=iso-8859-1', 415, 'unsupported-media-type'],
      ['organisation=kuleuven', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
      [deep, 'application/json', 413, 'too-large'],
      [JSON.stringify({ ...asked, note: 'x'.repeat(300_000) }), 'application/json', 413, 'too-large'],
    ];
    for (const [body, type, status, code] of cases) {
      const answer = await send(body, type);
      expect([body.slice(0, 30), answer.status, answer.body.code]).toEqual([body.slice(0, 30), status, code]);
    }
    const twice = await send('{"organisation":"vives","hosts":[{"a":1,"\\u0061":2}],"organisation":"kuleuven"}');
    expect(twice.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/hosts/0/a',
      '/organisation',
    ]);
    expect(await made()).toBe(before);
  });

  test('of ten megabytes is refused without being read to its end', async () => {
    const status = await new Promise((done, failed) => {
      const headers = { authorization: `Bearer ${owner.token}`, 'content-type': 'application/json' };
      const sent = request(`${kit.base}${tokens}`, { method: 'POST', headers }, (answer) => done(answer.statusCode));
      sent.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EPIPE' || error.code === 'ECONNRESET' ? done(413) : failed(error),
      );
      sent.end(Buffer.alloc(10 * 1024 * 1024, 0x20));
    });
    expect(status).toBe(413);
  });

  test('is told all its faults at once, each with its place and a remedy', async () => {
    const body = {
      organisation: 'kule\0uven',
      hosts: ['https://x', 'app.kuleuven.be'],
      kinds: ['boat'],
      extra: 1,
      'a/b': 2,
      uses: 0,
    };
    const answer = await owner.call('POST', tokens, { body });
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid']);
    const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).sort();
    expect(pointers).toEqual(['/a~1b', '/extra', '/kinds/0', '/organisation', '/uses']);
    for (const error of answer.body.errors)
      expect(error).toEqual({
        pointer: expect.any(String),
        code: expect.any(String),
        detail: expect.any(String),
        remedy: expect.any(String),
      });
    expect(answer.body).toMatchObject({
      type: `${kit.base}/problems/invalid`,
      status: 422,
      incident: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const hosts = await owner.call('POST', tokens, { body: { ...asked, hosts: ['https://x'] } });
    expect(hosts.body.errors[0]).toMatchObject({
      pointer: '/hosts',
      remedy: expect.stringContaining('without scheme'),
    });
  });

  test('cannot reach a prototype', async () => {
    const answer = await send(
      `{"organisation":"kuleuven","hosts":["a.be"],"kinds":["web"],"__proto__":{"uses":5},"constructor":1}`,
    );
    expect(answer.status).toBe(422);
    expect(({} as { uses?: number }).uses).toBeUndefined();
  });
});

describe('a list', () => {
  test('comes in pages that lead on, and ends', async () => {
    for (const id of ['p1', 'p2', 'p3', 'p4', 'p5']) await kit.register({ client_id: id, client_name: id });
    const seen: string[] = [];
    let next: string | undefined = '/clients?limit=2';
    for (let pages = 0; next !== undefined && pages < 10; pages += 1) {
      const answer: Awaited<ReturnType<typeof owner.call>> = await owner.call('GET', next);
      expect(answer.body.items.length).toBeLessThanOrEqual(2);
      seen.push(...answer.body.items.map(({ client_id: id }: { client_id: string }) => id));
      next = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    expect(seen.filter((id) => /^p\d$/.test(id))).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test('takes only its own cursors, unchanged', async () => {
    const link = (await owner.call('GET', '/clients?limit=1')).headers.get('link') ?? '';
    const cursor = new URL(/<(.*)>/.exec(link)?.[1] ?? '').searchParams.get('cursor') ?? '';
    const [text = '', mac = ''] = cursor.split('.');
    const other = Buffer.from('"zzz"').toString('base64url');
    for (const path of [
      `/clients?cursor=${other}.${mac}`,
      `/clients?cursor=${text}.${mac.slice(0, -2)}`,
      `/clients?cursor=${text}`,
      '/clients?cursor=%00',
      `/presets?cursor=${cursor}`,
      `/clients/owner/refusals?cursor=${cursor}`,
    ]) {
      const answer = await owner.call('GET', path);
      expect([path.slice(0, 20), answer.status, answer.body.errors[0].parameter]).toEqual([
        path.slice(0, 20),
        400,
        'cursor',
      ]);
    }
    expect((await owner.call('GET', `/clients?limit=1&cursor=${cursor}`)).status).toBe(200);
  });

  test('refuses parameters that it does not know, twice, or out of bounds', async () => {
    for (const [query, parameter] of [
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['limit=x', 'limit'],
      ['limit=1&limit=2', 'limit'],
      ['sort=name', 'sort'],
      ['__proto__=1', '__proto__'],
    ]) {
      const answer = await owner.call('GET', `/clients?${query}`);
      expect([query, answer.status, answer.body.errors?.[0]?.parameter]).toEqual([query, 400, parameter]);
    }
  });
});

describe('a key of idempotency', () => {
  const post = (key: string, body: object = asked, who = owner) =>
    who.call('POST', tokens, { body, headers: { 'idempotency-key': key } });

  test('does an act once, and never repeats a secret', async () => {
    const before = await made();
    const first = await post('key-1');
    expect(first.body.token).toMatch(/^pedel_iat_/);
    const second = await post('key-1');
    expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    const { token: _, ...rest } = first.body;
    expect(second.body).toEqual(rest);
    expect(await made()).toBe(before + 1);
  });

  test('is for one request only, and for one caller', async () => {
    await post('key-2');
    const other = await post('key-2', { ...asked, uses: 2 });
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-reused']);
    const stranger = await kit.service('stranger', [association('owner')]);
    const theirs = await post('key-2', { ...asked, uses: 3 }, stranger);
    expect([theirs.status, theirs.body.uses]).toEqual([201, 3]);
    for (const key of ['with space', 'x'.repeat(201), 'é'])
      expect((await post(key).catch(() => ({ status: 400 }))).status).toBe(400);
  });

  test('of twenty requests at once lets one act', async () => {
    const before = await made();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('key-3')));
    expect(await made()).toBe(before + 1);
    expect(answers.filter(({ body }) => body.token !== undefined)).toHaveLength(1);
    for (const { status, body } of answers)
      expect([201, 409]).toContain(status === 409 && body.code === 'idempotency-running' ? 409 : status);
  });

  test('is free again where nothing was done', async () => {
    expect((await post('key-4', { ...asked, uses: 0 })).status).toBe(422);
    expect((await post('key-4', { ...asked, hosts: ['https://no'] })).status).toBe(422);
    expect((await post('key-4')).status).toBe(201);
  });

  test('of an act that was cut off does it no second time', async () => {
    const { initialAccessTokens } = kit.storage;
    const add = initialAccessTokens.add;
    initialAccessTokens.add = async (...given) => {
      await add(...given);
      throw new Error('cut off');
    };
    const before = await made();
    expect((await post('key-5')).status).toBe(500);
    initialAccessTokens.add = add;
    const again = await post('key-5');
    expect([again.status, again.body.code]).toEqual([409, 'idempotency-running']);
    expect(await made()).toBe(before + 1);
  });
});

describe('what belongs to another organisation', () => {
  test('is answered as what is not there', async () => {
    const vives = await kit.service('vives', [at('client-administrator', 'vives')]);
    await kit.register({ client_id: 'of-vives', client_name: 'x', pedel_organisation: 'vives' });
    await kit.register({ client_id: 'of-kuleuven', client_name: 'x', pedel_organisation: 'kuleuven' });
    const listed = (await vives.call('GET', '/clients?limit=200')).body.items as { client_id: string }[];
    expect(listed.map(({ client_id: id }) => id)).toEqual(['of-vives']);
    expect((await vives.call('GET', '/clients/of-vives')).status).toBe(200);
    const other = await vives.call('GET', '/clients/of-kuleuven');
    const none = await vives.call('GET', '/clients/of-nobody');
    const comparable = ({ status, body }: typeof other) => ({ status, ...body, incident: '' });
    expect(comparable(other)).toEqual(comparable(none));
    expect((await vives.call('GET', '/clients/of-kuleuven/refusals')).status).toBe(404);
    const token = (await owner.call('POST', tokens, { body: asked })).body.id;
    expect((await vives.call('DELETE', `${tokens}/${token}`)).status).toBe(404);
    expect((await vives.call('GET', tokens)).body.items).toEqual([]);
    expect((await vives.call('POST', tokens, { body: asked })).body.errors[0].pointer).toBe('/organisation');
  });
});
