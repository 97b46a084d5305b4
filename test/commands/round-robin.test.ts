/** The balancer: each request goes to another node, none is lost to a node that refuses connections, none is sent twice. */
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type RoundRobin, startRoundRobin } from '../../src/commands/round-robin.ts';
import { until } from '../support/campus.ts';

type Seen = { method: string; path: string; from: string; body: string };
const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

/** A node that answers with its name, and records the requests it gets, except those for /readyz. */
async function aNode(name: string) {
  const seen: Seen[] = [];
  const state: { ready: boolean | 'silent' } = { ready: true };
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = '', url: path = '', headers } = incoming;
    if (path === '/readyz') {
      if (state.ready !== 'silent') response.writeHead(state.ready ? 200 : 503).end();
      return;
    }
    seen.push({ method, path, from: String(headers['x-forwarded-for']), body });
    const isFirst = seen.filter((each) => each.path === path).length === 1;
    if (path === '/ends' || (path === '/ends-once' && isFirst)) incoming.socket.destroy();
    else response.end(name);
  });
  await listening(server);
  return { seen, state, address: addressOf(server), server };
}

async function listening(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
}
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function balancerOf(
  nodes: { address: string }[],
  options: Partial<Parameters<typeof startRoundRobin>[0]> = {},
): Promise<RoundRobin> {
  const balancer = await startRoundRobin({ port: 0, nodes: () => nodes.map(({ address }) => address), ...options });
  closings.push(() => balancer.close());
  return balancer;
}
const get = async (url: string) => (await fetch(url)).text();

describe('the balancer', () => {
  test('sends each page to the next node, however many assets the pages before it have', async () => {
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

  test('skips a node that refuses connections, and answers 502 when all do', async () => {
    const [one, other] = [await aNode('one'), await aNode('other')];
    const balancer = await balancerOf([one, other]);
    await new Promise((closed) => one.server.close(closed));
    for (let n = 0; n < 3; n += 1) expect(await get(`${balancer.address}/`)).toBe('other');
    other.server.closeAllConnections();
    await new Promise((closed) => other.server.close(closed));
    expect((await fetch(`${balancer.address}/`)).status).toBe(502);
  });

  test('asks no second node when the first may have handled the request', async () => {
    const [one, other] = [await aNode('one'), await aNode('other')];
    const balancer = await balancerOf([one, other]);
    const answer = await fetch(`${balancer.address}/ends`, { method: 'POST', body: 'once' });
    expect(answer.status).toBe(502);
    expect([...one.seen, ...other.seen]).toMatchObject([{ method: 'POST', body: 'once' }]);
  });

  test('sends a form only once, also when a kept connection breaks', async () => {
    const node = await aNode('one');
    const balancer = await balancerOf([node]);
    await get(`${balancer.address}/`);
    const answer = await fetch(`${balancer.address}/ends`, { method: 'POST', body: 'once' });
    expect(answer.status).toBe(502);
    expect(node.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('asks for a page again when a kept connection has ended meanwhile', async () => {
    const node = await aNode('one');
    const balancer = await balancerOf([node]);
    await get(`${balancer.address}/`);
    expect(await get(`${balancer.address}/ends-once`)).toBe('one');
  });

  test.each([false, 'silent' as const])(
    'skips a node whose /readyz says %s, as long as another is ready',
    async (ready) => {
      const [one, other] = [await aNode('one'), await aNode('other')];
      const balancer = await balancerOf([one, other], { askEveryMs: 20 });
      const four = async () => {
        const pages: string[] = [];
        for (let n = 0; n < 4; n += 1) pages.push(await get(`${balancer.address}/`));
        return pages;
      };
      one.state.ready = ready;
      await until(
        async () => ((await four()).includes('one') ? undefined : true),
        () => 'it is still sent visitors',
      );
      other.state.ready = ready; // no node is ready: each has a page that says so
      await until(
        async () => (new Set(await four()).size === 2 ? true : undefined),
        () => 'a node that is not ready is sent nobody although no other one is',
      );
      one.state.ready = true;
      await until(
        async () => ((await four()).includes('other') ? undefined : true),
        () => 'the one that is ready again is not preferred',
      );
    },
    30_000,
  );

  test('appends the address of the visitor to X-Forwarded-For', async () => {
    const node = await aNode('one');
    const { address } = await balancerOf([node]);
    await get(`${address}/`);
    await fetch(`${address}/`, { headers: { 'x-forwarded-for': '198.51.100.7' } });
    expect(node.seen.map(({ from }) => from)).toEqual(['127.0.0.1', '198.51.100.7, 127.0.0.1']);
  });

  test('aborts the request to the node when the visitor aborts it', async () => {
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
