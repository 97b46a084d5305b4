/** A node that got SIGTERM, behind a balancer that checks /readyz: no request is cut off, and no new one is sent to it. */
import { Agent, request } from 'node:http';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openStorage } from '../../src/storage/open.ts';
import { heldLeases } from '../../src/use-cases/storage/storage-pages.ts';
import { until } from '../support/campus.ts';
import { aServer, type Server } from '../support/server.ts';

const STARTS_MS = 120_000;
/** Less than the ten seconds that Pedel gives what is under way, and room for a busy machine. */
const AT_ONCE_MS = 8000;
const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

async function started(environment: Record<string, string> = {}, mailPort = 1): Promise<Server> {
  const server = await aServer({ mailPort, nodes: 1, environment });
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

/** A form whose last bytes are not sent yet, on a separate connection. */
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

/** Takes connections and says nothing. */
async function silentMailServer() {
  let asked = false;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    asked = true;
    sockets.add(socket.on('error', () => {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, wasAsked: () => asked };
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
      // further requests are served, and their connection closed, so that the balancer chooses again for the next one
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
    'does not wait without drainSeconds, and leaves no lease behind',
    async () => {
      const server = await started();
      const storage = await openStorage(server.storage, { now: Date.now });
      closings.push(storage.close);
      const held = async () => (await heldLeases(storage, Date.now())).map(({ name }) => name);
      await until(
        async () => ((await held()).includes('effects') && (await held()).includes('webhooks') ? true : undefined),
        () => 'its jobs do not begin',
      );
      const told = performance.now();
      server.signal('SIGTERM');
      expect(await server.ended()).toBe(0);
      expect(performance.now() - told).toBeLessThan(AT_ONCE_MS);
      expect(await held()).toEqual([]);
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
      expect(performance.now() - told).toBeLessThan(AT_ONCE_MS);
      expect(server.output().match(/ending: /g)).toHaveLength(1);
      expect(server.output()).toContain('ending at once');
    },
    STARTS_MS,
  );

  test(
    'ends at once while a mail server does not answer; another node may continue with the email',
    async () => {
      const mail = await silentMailServer();
      const server = await started({}, mail.port);
      const { outbox, close } = await openStorage(server.storage, { now: Date.now });
      closings.push(close);
      const letter = { template: 'password-changed', to: 'an@example.org', language: 'en', organisation: 'kuleuven' };
      await outbox.put({
        id: 'one',
        kind: 'letter',
        accountId: 'an',
        payload: { ...letter, givenName: 'An', data: {} },
        createdAt: Date.now(),
      });
      await until(
        async () => mail.wasAsked() || undefined,
        () => 'nothing is sent',
      );
      server.signal('SIGTERM');
      await isClosed(server);
      const told = performance.now();
      server.signal('SIGTERM');
      expect(await server.ended()).toBe(0);
      expect(performance.now() - told).toBeLessThan(AT_ONCE_MS);
      expect(await outbox.claim('letter', Date.now(), Date.now() + 1000, 5)).toHaveLength(1);
    },
    STARTS_MS,
  );
});
