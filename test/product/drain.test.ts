/** A node that is told to end, behind a balancer that asks /readyz: nobody is cut off, and nobody is sent there any more. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openStorage } from '../../src/storage/open.ts';
import { until } from '../support/campus.ts';
import { aServer, type Server } from '../support/server.ts';

const STARTS_MS = 60_000;
const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function started(environment: Record<string, string> = {}): Promise<Server> {
  const server = await aServer({ mailPort: 1, nodes: 1, environment });
  closings.push(() => server.remove());
  await server.start();
  return server;
}

type Answer = { status: number | undefined; connection: string | undefined };

/** Over a connection that is kept, as balancers do. */
function keeper(server: Server) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  closings.push(() => agent.destroy());
  return (path: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      request(new URL(path, server.issuer), { agent }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve({ status: answer.statusCode, connection: answer.headers.connection }));
      })
        .once('error', reject)
        .end();
    });
}

/** A form of which the last bytes are still to come, on a connection of its own. */
function slowForm(server: Server) {
  const { hostname, port } = new URL(server.issuer);
  const body = 'grant_type=authorization_code&code=x&client_id=nobody';
  const socket = connect(Number(port), hostname);
  closings.push(() => socket.destroy());
  let text = '';
  const answered = new Promise<string>((resolve) => {
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(text));
  });
  socket.write(
    `POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  return { answered, finish: () => socket.write(body.slice(10)) };
}

const saysNo = (server: Server) =>
  until(
    async () => ((await fetch(`${server.issuer}/readyz`)).status === 503 ? true : undefined),
    () => 'it still says that it is ready',
  );
const isClosed = (server: Server) =>
  until(
    async () => (await fetch(`${server.issuer}/healthz`).catch(() => undefined)) === undefined || undefined,
    () => 'it still takes connections',
    20_000,
  );

describe('a node that was told to end', () => {
  test(
    'says so on /readyz at once, serves until the balancer knows, finishes what is under way and ends in order',
    async () => {
      const server = await started({ PEDEL_DRAIN_SECONDS: '3' });
      const kept = keeper(server);
      expect(await kept('/readyz')).toEqual({ status: 200, connection: 'keep-alive' });
      server.signal('SIGTERM');
      const told = performance.now();
      await saysNo(server);
      // whoever still comes is served, and asked to come back on another connection: there the balancer chooses anew
      expect(await kept('/healthz')).toEqual({ status: 200, connection: 'close' });
      expect(await kept('/jwks')).toEqual({ status: 200, connection: 'close' });
      const form = slowForm(server);
      await isClosed(server);
      expect(performance.now() - told).toBeGreaterThan(2900);
      form.finish();
      const answer = await form.answered;
      expect(answer).toMatch(/^HTTP\/1.1 401 /);
      expect(answer).toMatch(/\r\nConnection: close\r\n/i);
      expect(await server.ended()).toBe(0);
      expect(server.output()).toContain('/readyz says no; in 3 s no new requests');
    },
    STARTS_MS,
  );

  test(
    'waits for nobody where no time is configured, and leaves no lease behind',
    async () => {
      const server = await started();
      const { leases, close } = await openStorage(server.storage, { now: Date.now });
      closings.push(close);
      const isFree = async (lease: string) =>
        (await leases.acquire(lease, 'a test', Date.now() + 1, Date.now())) !== undefined;
      await until(
        async () => ((await isFree('effects')) ? undefined : true),
        () => 'its jobs do not begin',
      );
      const told = performance.now();
      server.signal('SIGTERM');
      expect(await server.ended()).toBe(0);
      expect(performance.now() - told).toBeLessThan(3000);
      for (const lease of ['effects', 'endings', 'sweep', 'wrap'])
        expect([lease, await isFree(lease)]).toEqual([lease, true]);
    },
    STARTS_MS,
  );

  test(
    'is cut short by a second signal, whatever it still waits for',
    async () => {
      const server = await started({ PEDEL_DRAIN_SECONDS: '120' });
      const form = slowForm(server);
      server.signal('SIGTERM');
      await saysNo(server);
      const told = performance.now();
      server.signal('SIGTERM');
      expect(await form.answered).toBe('');
      expect(await server.ended()).toBe(0);
      expect(performance.now() - told).toBeLessThan(5000);
    },
    STARTS_MS,
  );
});
