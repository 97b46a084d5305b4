/** What a request held goes with it: V8 would keep it until the next full collection of garbage. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from '@jest/globals';
import Koa from 'koa';
import { beside } from '../../src/domain/beside.ts';
import { letGoOnceAnswered } from '../../src/oidc/let-go.ts';
import { memoryOfRequest } from '../../src/oidc/request.ts';
import { closeAll, listening, startOidc } from './support.ts';

afterEach(closeAll);

type Held = Partial<Koa.Context> & { oidc?: { entities: object; session?: object } };

/** Answers each request once `go` is called; `held`: its context. */
async function answering() {
  const { promise: going, resolve: go } = Promise.withResolvers<void>();
  const { promise: held, resolve } = Promise.withResolvers<Held>();
  const app = new Koa();
  app.use(async (ctx) => {
    ctx.cookies.get('any');
    Object.assign(ctx, { oidc: { entities: { Account: {} }, session: {}, route: 'userinfo' } });
    memoryOfRequest(ctx)?.asked.add('openid');
    resolve(ctx as unknown as Held);
    await going;
    ctx.body = { answered: ctx.path };
    letGoOnceAnswered(ctx);
  });
  return { address: await listening(createServer(app.callback())), held, go };
}

test('what a request held is let go once its answer has left, and not before', async () => {
  const { address, held, go } = await answering();
  const asked = fetch(`${address}/me`);
  const ctx = await held;
  const { req, res } = ctx;
  expect([req, res, ctx.request, ctx.response].every((each) => each !== undefined)).toBe(true);
  const over = once(res as ServerResponse, 'close');
  go();
  expect(await (await asked).json()).toEqual({ answered: '/me' });
  await over;
  expect([ctx.req, ctx.res, ctx.request, ctx.response, ctx.oidc?.session]).toEqual(Array(5).fill(undefined));
  expect(ctx.oidc).toEqual({ entities: {}, session: undefined, route: 'userinfo' });
  expect(memoryOfRequest(ctx)?.asked.size).toBe(0);
});

test('an endpoint of the protocol lets go of every request that it answered', async () => {
  const kit = await startOidc({});
  const app = new Koa();
  app.silent = true;
  const over: Promise<unknown>[] = [];
  const held: Held[] = [];
  app.use((ctx, next) => {
    held.push(ctx as unknown as Held);
    over.push(once(ctx.res, 'close'));
    return next();
  });
  app.use(kit.oidc.middleware);
  const address = await listening(createServer(app.callback()));
  const statuses: number[] = [];
  for (const path of ['/me', '/jwks', '/auth?client_id=nobody'])
    statuses.push((await fetch(address + path, { redirect: 'manual' })).status);
  await Promise.all(over);
  expect(statuses).toEqual([401, 200, 400]);
  expect(held.map(({ req, res, request, response }) => [req, res, request, response])).toEqual(
    Array(3).fill(Array(4).fill(undefined)),
  );
});

test('of a request whose client has left, nothing is let go: it may still be worked on', async () => {
  const { address, held, go } = await answering();
  const socket = connect(Number(new URL(address).port), '127.0.0.1');
  socket.write('GET /me HTTP/1.1\r\nHost: any\r\n\r\n');
  const ctx = await held;
  const over = once(ctx.res as ServerResponse, 'close');
  socket.destroy();
  await over;
  go();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ctx.req).toBeDefined();
  expect(memoryOfRequest(ctx)?.asked.size).toBe(1);
});

test('what is noted beside an object goes with it, without a full collection of garbage', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (how?: { type: 'minor' }) => void;
  const notes = beside<{ of: object; large: number[] }>('a test');
  collect(); // now the notes are old themselves, as those of a node that runs
  const before = getHeapStatistics().used_heap_size;
  for (let n = 0; n < 300; n += 1) {
    const of = {};
    notes.set(of, { of, large: Array(10_000).fill(n + 0.5) });
    if (n % 50 === 0) collect({ type: 'minor' });
  }
  collect({ type: 'minor' });
  collect({ type: 'minor' });
  expect(getHeapStatistics().used_heap_size - before).toBeLessThan(10_000_000);
});
