/** The balancer: every request to another node, none lost to a node that takes no connection, none sent twice. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RoundRobin, startRoundRobin } from '../../src/commands/round-robin.ts';

type Seen = { method: string; path: string; from: string; body: string };
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A node that answers with its name, and remembers what it was asked. */
async function aNode(name: string) {
  const seen: Seen[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = '', url: path = '', headers } = incoming;
    seen.push({ method, path, from: String(headers['x-forwarded-for']), body });
    if (path === '/ends') incoming.socket.destroy();
    else response.end(name);
  });
  await listening(server);
  return { seen, address: addressOf(server), server };
}

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
}
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function balancerOf(nodes: { address: string }[]): Promise<RoundRobin> {
  const balancer = await startRoundRobin({ port: 0, nodes: () => nodes.map(({ address }) => address) });
  closings.push(() => balancer.close());
  return balancer;
}
const get = async (url: string) => (await fetch(url)).text();

describe('the balancer', () => {
  test('sends each page to the next node, whatever belongs to the pages before', async () => {
    const balancer = await balancerOf([await aNode('one'), await aNode('other')]);
    const pages: string[] = [];
    const assets: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      pages.push(await get(`${balancer.address}/page`));
      assets.push(await get(`${balancer.address}/assets/style.css`));
    }
    expect(pages).toEqual(['one', 'other', 'one', 'other']);
    expect(new Set(assets).size).toBe(2);
    expect(balancer.answered()).toEqual([4, 4]);
  });

  test('passes over a node that takes no connection, and says 502 where none does', async () => {
    const [one, other] = [await aNode('one'), await aNode('other')];
    const balancer = await balancerOf([one, other]);
    await new Promise((closed) => one.server.close(closed));
    for (let n = 0; n < 3; n += 1) expect(await get(`${balancer.address}/`)).toBe('other');
    other.server.closeAllConnections();
    await new Promise((closed) => other.server.close(closed));
    expect((await fetch(`${balancer.address}/`)).status).toBe(502);
  });

  test('asks no second node where the first may have done what was asked', async () => {
    const [one, other] = [await aNode('one'), await aNode('other')];
    const balancer = await balancerOf([one, other]);
    const answer = await fetch(`${balancer.address}/ends`, { method: 'POST', body: 'once' });
    expect(answer.status).toBe(502);
    expect([...one.seen, ...other.seen]).toMatchObject([{ method: 'POST', body: 'once' }]);
  });

  test('says where the request came from, after what it was told itself', async () => {
    const node = await aNode('one');
    const { address } = await balancerOf([node]);
    await get(`${address}/`);
    await fetch(`${address}/`, { headers: { 'x-forwarded-for': '198.51.100.7' } });
    expect(node.seen.map(({ from }) => from)).toEqual(['127.0.0.1', '198.51.100.7, 127.0.0.1']);
  });

  test('breaks off at the node what the visitor breaks off', async () => {
    const { promise: brokenOff, resolve } = Promise.withResolvers<void>();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    const server = createServer((incoming) => {
      isAsked();
      incoming.socket.once('close', () => resolve());
    });
    await listening(server);
    const { address } = await balancerOf([{ address: addressOf(server) }]);
    const waiting = request(address).end();
    waiting.once('error', () => {});
    await asked;
    waiting.destroy();
    await brokenOff;
  });
});
