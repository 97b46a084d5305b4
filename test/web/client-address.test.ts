/** The client address of a request (rule 23): every form that proxies write is read, and invalid entries are reported. */
import { describe, expect, test } from '@jest/globals';
import type Koa from 'koa';
import { createNetworks, type UnreadableEntry } from '../../src/http/client-address.ts';

/** The network of a request that came from this socket with this header, and what could not be read. */
function networkOf(socket: string, forwarded?: string | string[], trusted = ['10.0.0.0/8', 'fd00::/8']) {
  const unreadable: UnreadableEntry[] = [];
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  const request = () => ({ req: { headers, socket: { remoteAddress: socket } } }) as unknown as Koa.Context;
  const ctx = request();
  const network = createNetworks(trusted, (found) => void unreadable.push(found));
  const found = network(ctx);
  expect(network(ctx)).toEqual(found); // a page asks several times
  const told = [...unreadable];
  expect(network(request())).toEqual(found); // and a browser for several pages
  expect(unreadable).toEqual([...told, ...told]);
  unreadable.splice(told.length);
  return { ...found, unreadable };
}

const PROXY = '10.0.0.1';

describe('an entry of a trusted proxy', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:8080', '192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1', '2001:db8::/64'],
    ['2001:DB8:0:0:1:2:3:4', '2001:db8::1:2:3:4', '2001:db8::/64'],
    ['[2001:db8::1]', '2001:db8::1', '2001:db8::/64'],
    ['[2001:db8::1]:443', '2001:db8::1', '2001:db8::/64'],
    ['::ffff:192.0.2.1', '192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:8080', '192.0.2.1', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1', 'fe80::/64'],
  ])('%s is %s, counted as %s', (entry, address, group) => {
    const found = { address, groups: expect.arrayContaining([group]), unreadable: [] };
    expect(networkOf(PROXY, entry)).toEqual(found);
    expect(networkOf(PROXY, `198.51.100.7,${entry} , 10.0.0.2:80`)).toEqual(found);
  });

  test.each([
    'unknown',
    '_hidden',
    '192.0.2',
    '192.0.2.256',
    '2130706433',
    '0x7f.1',
    '192.0.2.1:port',
    '192.0.2.1:123456',
    '2001:db8::1:443:x',
    '[2001:db8::1',
    '[192.0.2.1]:80',
    '[]',
    'x@192.0.2.1',
    '192.0.2.1/24',
    `for=192.0.2.1`,
  ])('%s is told of; the proxy stands in, and what is left of it is not believed', (entry) => {
    const { unreadable, ...network } = networkOf(PROXY, `198.51.100.7, ${entry}`);
    expect(network).toEqual({ address: PROXY, groups: [PROXY] });
    expect(unreadable).toEqual([{ entry, proxy: PROXY }]);
  });

  test('is told of in part, however long it is', () => {
    expect(networkOf(PROXY, 'x'.repeat(5000)).unreadable).toEqual([{ entry: 'x'.repeat(100), proxy: PROXY }]);
  });
});

test('no header, an empty one and empty entries are nothing to tell of', () => {
  for (const forwarded of [undefined, '', ' , ,']) {
    expect(networkOf(PROXY, forwarded)).toEqual({ address: PROXY, groups: [PROXY], unreadable: [] });
  }
  expect(networkOf(PROXY, '192.0.2.1, ,')).toMatchObject({ address: '192.0.2.1', unreadable: [] });
});

test('several headers are one list', () => {
  expect(networkOf(PROXY, ['198.51.100.7', '192.0.2.1:80'])).toMatchObject({ address: '192.0.2.1' });
});

test('nothing is believed, or told of, from a socket that is no proxy of ours', () => {
  for (const socket of ['192.0.2.9', '::ffff:192.0.2.9']) {
    for (const forwarded of ['198.51.100.7', 'nonsense']) {
      expect(networkOf(socket, forwarded)).toEqual({ address: '192.0.2.9', groups: ['192.0.2.9'], unreadable: [] });
    }
  }
  expect(networkOf('::ffff:10.0.0.1', '192.0.2.1')).toMatchObject({ address: '192.0.2.1' });
  expect(networkOf('fd00::1', '192.0.2.1')).toMatchObject({ address: '192.0.2.1' });
});
