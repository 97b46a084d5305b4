/** Requests to applications reach no private network unless it is named, whatever a name resolves to (rule 18). */
import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import { createOutgoingFetch, mayConnectTo } from '../../src/oidc/outgoing/outgoing.ts';
import { createSharedFetch } from '../../src/oidc/outgoing/shared-fetch.ts';
import { application, closeAll, listening, startOidc } from './support.ts';

afterEach(closeAll);

/** A resolver that knows one host. */
const resolving = (...addresses: string[]) =>
  ((_host: string, _options: object, callback: (error: null, found: { address: string; family: number }[]) => void) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )) as unknown as typeof lookup;

describe('an address', () => {
  test.each(['8.8.8.8', '134.58.64.12', '2001:4860:4860::8888'])('%s is public', (address) => {
    expect(mayConnectTo(address, [])).toBe(true);
  });

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'nonsense',
  ])('%s is not', (address) => {
    expect(mayConnectTo(address, [])).toBe(false);
  });

  test('may be in a network that is named', () => {
    expect(mayConnectTo('10.1.2.3', ['10.1.0.0/16', '::1/128'])).toBe(true);
    expect(mayConnectTo('::ffff:10.1.2.3', ['10.1.0.0/16'])).toBe(true);
    expect(mayConnectTo('10.2.0.1', ['10.1.0.0/16', '::1/128'])).toBe(false);
    expect(mayConnectTo('::1', ['10.1.0.0/16', '::1/128'])).toBe(true);
  });
});

describe('a call', () => {
  async function server() {
    let calls = 0;
    const url = await listening(
      createServer((request, response) => {
        calls += 1;
        if (request.url === '/big') response.end(Buffer.alloc(2 * 1024 * 1024));
        else if (request.url === '/slow') return;
        else if (request.url === '/away') response.writeHead(302, { location: '/' }).end();
        else response.setHeader('x-method', request.method ?? '').end('hello');
      }),
    );
    return { url, port: new URL(url).port, calls: () => calls };
  }

  test('to a private address or a name that leads to one never connects', async () => {
    const { port, calls } = await server();
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '2130706433']) {
      await expect(createOutgoingFetch([])(`http://${host}:${port}/`)).rejects.toThrow('no public address');
    }
    await expect(createOutgoingFetch([], resolving('127.0.0.1'))(`http://app.example:${port}/`)).rejects.toThrow(
      'no public address',
    );
    expect(calls()).toBe(0);
  });

  test('to a name connects to the address that was checked', async () => {
    const { port, calls } = await server();
    const outgoing = createOutgoingFetch(['127.0.0.0/8'], resolving('127.0.0.1'));
    const answer = await outgoing(`http://app.example:${port}/`, { method: 'POST', body: 'x' });
    expect([answer.status, await answer.text(), answer.headers.get('x-method')]).toEqual([200, 'hello', 'POST']);
    expect(calls()).toBe(1);
  });

  test.each([
    ['8.8.8.8', '127.0.0.1'],
    ['127.0.0.1', '8.8.8.8'],
    ['2001:4860:4860::8888', '::1'],
    ['127.0.0.1', '10.0.0.1'],
  ])('to a name that leads to %s and %s never connects: a public address opens no private one', async (...both) => {
    const { port, calls } = await server();
    // the first two pairs hold an address that nobody may reach, the last one a network that is not named
    const named = both.includes('10.0.0.1') ? ['127.0.0.0/8'] : [];
    await expect(createOutgoingFetch(named, resolving(...both))(`http://app.example:${port}/`)).rejects.toThrow(
      'no public address',
    );
    expect(calls()).toBe(0);
  });

  test('is guarded by us alone, whatever dispatcher it is given', async () => {
    const { url } = await server();
    const dispatcher = {
      dispatch() {
        throw new Error('somebody else was asked');
      },
    };
    await expect(
      createOutgoingFetch([])(url.replace('localhost', '127.0.0.1'), { dispatcher } as never),
    ).rejects.toThrow('no public address');
    const named = createOutgoingFetch(['127.0.0.0/8', '::1/128']);
    expect((await named(url, { dispatcher } as never)).status).toBe(200);
  });

  test('follows no redirect, takes no more than a megabyte and waits no longer than told', async () => {
    const { url } = await server();
    const outgoing = createOutgoingFetch(['127.0.0.0/8', '::1/128']);
    expect((await outgoing(`${url}/away`)).status).toBe(302);
    await expect(outgoing(`${url}/big`)).rejects.toThrow('more than');
    await expect(outgoing(`${url}/slow`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });
});

describe('whatever another host answers, the call is rejected and nothing is thrown past it', () => {
  /** A host that writes what it likes once it was asked. */
  async function oddHost(answer: (socket: Socket) => void) {
    const open = new Set<Socket>();
    const host = createTcpServer((socket) => {
      open.add(socket);
      socket.on('error', () => {}); // the other side went, which is what it should do
      socket.on('close', () => open.delete(socket));
      socket.once('data', () => answer(socket));
    });
    await new Promise<void>((listens) => host.listen(0, '127.0.0.1', listens));
    const url = `http://127.0.0.1:${(host.address() as AddressInfo).port}/`;
    const close = () => {
      for (const socket of open) socket.destroy();
      return new Promise((closed) => host.close(closed));
    };
    return { url, close };
  }

  const outgoing = createOutgoingFetch(['127.0.0.0/8']);

  /** What became of a call: its answer's status and size, or why there is none. */
  async function outcomeOf(answer: (socket: Socket) => void, timeoutMs = 1000) {
    const host = await oddHost(answer);
    try {
      const got = await outgoing(host.url, { signal: AbortSignal.timeout(timeoutMs) });
      return { status: got.status, size: (await got.arrayBuffer()).byteLength };
    } catch (error) {
      const { message } = error as Error;
      return { reason: message };
    } finally {
      await host.close();
    }
  }

  /** Writes the same again as long as the other side takes it. */
  function endless(socket: Socket, start: string, piece: string) {
    socket.write(start);
    const more = () => {
      while (socket.writable && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  }

  const ok = 'HTTP/1.1 200 OK\r\n';
  const packed = (coding: string, body: Buffer) =>
    Buffer.concat([Buffer.from(`${ok}Content-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
  const zeros = Buffer.alloc(16 * 1024 * 1024);

  test.each(
    [
      ['0', '00', '000', '099', '600', '700', '999', '1000', '99999999999', '-1', 'abc', ''].map((status) => [
        `status ${status}`,
        `HTTP/1.1 ${status} Denied\r\nContent-Length: 2\r\n\r\nno`,
      ]),
      ['100 Continue', '101 Switching Protocols', '102 Processing', '103 Early Hints', '199 x'].map((status) => [
        `nothing but ${status}`,
        `HTTP/1.1 ${status}\r\n\r\n`,
      ]),
      [
        ['no answer at all', ''],
        ['no status line', 'hello\r\n\r\n'],
        ['headers only', 'Content-Length: 2\r\n\r\nno'],
        ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
        ['another version', 'HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nno'],
        ['a TLS record', Buffer.from('1503010002022800000000', 'hex')],
        ['a null byte in a header', `${ok}A: \0\r\nContent-Length: 2\r\n\r\nno`],
        ['a header without a name', `${ok}: x\r\nContent-Length: 2\r\n\r\nno`],
        ['a negative length', `${ok}Content-Length: -1\r\n\r\nno`],
        ['two lengths', `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nno`],
        ['an endless length', `${ok}Content-Length: 99999999999999999999999\r\n\r\nno`],
        ['both lengths and chunks', `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n`],
        ['chunks without a size', `${ok}Transfer-Encoding: chunked\r\n\r\nno\r\n`],
        ['a chunk of nonsense size', `${ok}Transfer-Encoding: chunked\r\n\r\nxyz\r\nno\r\n0\r\n\r\n`],
        ['a chunk of negative size', `${ok}Transfer-Encoding: chunked\r\n\r\n-2\r\nno\r\n0\r\n\r\n`],
        ['a chunk of endless size', `${ok}Transfer-Encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\nno`],
        ['a chunk longer than it says', `${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nno\r\n0\r\n\r\n`],
        ['no last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n`],
        ['gzip that is none', packed('gzip', Buffer.from('no'))],
        ['a gzip bomb', packed('gzip', gzipSync(zeros))],
        ['a brotli bomb', packed('br', brotliCompressSync(zeros))],
        ['a bomb in a bomb', packed('gzip, gzip', gzipSync(gzipSync(zeros)))],
        ['a hundred codings', packed(Array(100).fill('gzip').join(', '), gzipSync('no'))],
      ],
    ].flat() as [string, string | Buffer][],
  )('%s', async (_name, answer) => {
    const outcome = await outcomeOf((socket) => socket.end(answer));
    expect(outcome).toEqual({ reason: expect.stringMatching(/./) });
    expect(outcome.reason).not.toBe('fetch failed');
  });

  test.each([
    ['headers', ok, `X-A: ${'x'.repeat(1000)}\r\n`],
    ['one header', `${ok}X-A: `, 'x'.repeat(10_000)],
    ['a status line', 'HTTP/1.1 200 ', 'x'.repeat(10_000)],
    ['answers that are none yet', '', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
    ['a body', `${ok}\r\n`, 'x'.repeat(10_000)],
    ['chunks', `${ok}Transfer-Encoding: chunked\r\n\r\n`, `2710\r\n${'x'.repeat(10_000)}\r\n`],
    ['a chunk extension', `${ok}Transfer-Encoding: chunked\r\n\r\n1;`, 'x'.repeat(10_000)],
    ['trailers', `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n`, `X-A: ${'x'.repeat(1000)}\r\n`],
  ])('endless %s', async (_name, start, piece) => {
    expect(await outcomeOf((socket) => endless(socket, start, piece))).toEqual({ reason: expect.any(String) });
  });

  test('a byte now and then, for ever', async () => {
    const drip = (socket: Socket) => {
      socket.write(`${ok}Content-Length: 100000\r\n\r\n`);
      const dripping = setInterval(() => socket.write('x'), 10);
      socket.on('close', () => clearInterval(dripping));
    };
    expect(await outcomeOf(drip, 200)).toEqual({ reason: expect.any(String) });
  });

  const full = Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  );

  test('the connection closed or reset after every byte', async () => {
    for (let length = 0; length < full.length; length += 1) {
      const cut = full.subarray(0, length);
      const closed = await outcomeOf((socket) => socket.end(cut));
      const reset = await outcomeOf((socket) => socket.write(cut, () => socket.resetAndDestroy()));
      expect([length, closed, reset]).toEqual([length, { reason: expect.any(String) }, { reason: expect.any(String) }]);
    }
    expect(await outcomeOf((socket) => socket.end(full))).toEqual({ status: 200, size: 5 });
  });

  test('four hundred answers with bytes changed at random (the same ones in every run)', async () => {
    let state = 20_261_129;
    const below = (bound: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % bound;
    };
    const kinds = { answered: 0, rejected: 0 };
    for (let round = 0; round < 400; round += 1) {
      const changed = Buffer.from(full);
      for (let change = below(4); change >= 0; change -= 1) changed[below(changed.length)] = below(256);
      const { status } = await outcomeOf((socket) => socket.end(changed), 500);
      if (status === undefined) kinds.rejected += 1;
      else kinds.answered += 1;
    }
    expect(kinds.answered + kinds.rejected).toBe(400);
    // changes that do not matter (a header's name) and changes that do: the sample holds both
    expect(Math.min(kinds.answered, kinds.rejected)).toBeGreaterThan(20);
  });
});

describe('a document of an application', () => {
  function host(answer: (call: number) => Promise<Response> | Response) {
    let ticked = 0;
    const asked: string[] = [];
    const shared = createSharedFetch(
      async (input) => {
        asked.push(String(input));
        return answer(asked.length);
      },
      () => ticked,
    );
    /** What a caller gets: the text, the status if it is not 200, or the message of the failure. */
    const got = async (url = 'https://app.example/jwks', init: RequestInit = {}) => {
      try {
        const response = await shared(url, init);
        return response.status === 200 ? await response.text() : response.status;
      } catch (error) {
        return (error as Error).message;
      }
    };
    return {
      asked,
      got,
      shared,
      pass(ms: number) {
        ticked += ms;
      },
    };
  }
  const twenty = Array.from({ length: 20 });

  test.each<[string, () => Promise<Response>, unknown]>([
    ['a host that is down', () => Promise.reject(new Error('ECONNREFUSED')), 'ECONNREFUSED'],
    ['a host that refuses', async () => new Response('no', { status: 503 }), 503],
    ['a host that answers', async () => new Response('{}'), '{}'],
  ])('of %s is asked for once by twenty at once, and by twenty in a row', async (_which, answer, outcome) => {
    const { asked, got } = host(answer);
    expect(await Promise.all(twenty.map(() => got()))).toEqual(twenty.map(() => outcome));
    for (const _ of twenty) expect(await got()).toEqual(outcome);
    expect(asked).toHaveLength(1);
    expect(await got('https://app.example/other')).toEqual(outcome);
    expect(asked).toHaveLength(2);
  });

  test('is asked for again at once for a decision that is made once, unless the host is down', async () => {
    let status = 200;
    const { asked, got, shared } = host(async () => new Response('{}', { status }));
    await got();
    shared.forgetAnswer('https://app.example/jwks');
    status = 503;
    expect(await got()).toBe(503);
    shared.forgetAnswer('https://app.example/jwks');
    shared.forgetAnswer('https://app.example/never-asked');
    expect([await got(), asked.length]).toEqual([503, 2]);
  });

  test('is asked for ever less often while the host is down, at least once a minute, and soon again afterwards', async () => {
    let up = false;
    const { asked, got, pass } = host(async () => {
      if (up) return new Response('{}');
      throw new Error('down');
    });
    const at: number[] = [];
    for (let second = 0; second <= 300; second += 1, pass(1000)) {
      const before = asked.length;
      await got();
      if (asked.length > before) at.push(second);
    }
    expect(at).toEqual([0, 5, 15, 35, 75, 135, 195, 255]);
    up = true;
    pass(60_000);
    expect(await got()).toBe('{}');
    up = false;
    pass(5000);
    expect(await got()).toBe('down');
    pass(5000); // the failures before no longer count
    up = true;
    expect(await got()).toBe('{}');
  });

  test('that its host would have cached for years is cached for a day', async () => {
    const caching = async (headers: Record<string, string>) => {
      const { shared } = host(() => new Response('{}', { headers }));
      const response = await shared('https://app.example/jwks');
      return [response.headers.get('cache-control'), response.headers.get('expires')];
    };
    const years = { 'cache-control': 'public, max-age=99999999999999999999', expires: 'Fri, 31 Dec 9999 23:59:59 GMT' };
    expect(await caching(years)).toEqual(['max-age=86400', null]);
    expect(await caching({ 'cache-control': 'public, max-age=600' })).toEqual(['public, max-age=600', null]);
  });

  test('is all that is shared: every logout notice is sent', async () => {
    const { asked, got } = host(async () => new Response(null, { status: 503 }));
    for (const _ of twenty) expect(await got('https://app.example/logout', { method: 'POST', body: 'x' })).toBe(503);
    expect(asked).toHaveLength(20);
  });

  test('of twenty requests with assertions of nobody, while its host is down, is asked for once', async () => {
    let calls = 0;
    const down = createTcpServer((socket) => {
      calls += 1;
      socket.destroy();
    });
    const address = await listening(down);
    const kit = await startOidc({
      clients: [application('toledo', { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: `${address}/jwks` })],
    });
    const { privateKey } = await generateKeyPair('ES256');
    const assertion = await new SignJWT({
      iss: 'toledo',
      sub: 'toledo',
      aud: kit.issuer,
      jti: 'x',
      exp: Date.now() / 1000 + 60,
    })
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey);
    for (const _ of twenty) {
      const answer = await kit.post('/token', {
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: 'https://toledo.example/callback',
        client_id: 'toledo',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
    expect(calls).toBeLessThanOrEqual(4); // one call tries both addresses of localhost, and a slow test may outlast 5 s
  });
});
