/** Calls to applications reach no private network unless one is named, whatever a name resolves to (rule 18). */
import type { lookup } from 'node:dns';
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createOutgoingFetch, mayConnectTo } from '../../src/oidc/outgoing.ts';
import { closeAll, listening } from './support.ts';

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

  test('to a name connects to the permitted address that was checked', async () => {
    const { port, calls } = await server();
    const outgoing = createOutgoingFetch(['127.0.0.0/8'], resolving('10.0.0.1', '127.0.0.1'));
    const answer = await outgoing(`http://app.example:${port}/`, { method: 'POST', body: 'x' });
    expect([answer.status, await answer.text(), answer.headers.get('x-method')]).toEqual([200, 'hello', 'POST']);
    expect(calls()).toBe(1);
  });

  test('follows no redirect, takes no more than a megabyte and waits no longer than told', async () => {
    const { url } = await server();
    const outgoing = createOutgoingFetch(['127.0.0.0/8', '::1/128']);
    expect((await outgoing(`${url}/away`)).status).toBe(302);
    await expect(outgoing(`${url}/big`)).rejects.toThrow('more than');
    await expect(outgoing(`${url}/slow`, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
  });
});
