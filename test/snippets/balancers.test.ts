/** examples/nginx.conf and haproxy.cfg as they are, before two nodes: long headers pass, and TLS is as FAPI requires. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { until } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { aPerson, type Product, request, SECRET, signedIn, startProduct } from '../support/product.ts';
import { example, substituted } from './documents.ts';
import { aCertificate, type Certificate, fetchFrom } from './tls.ts';

const issuer = 'https://idp.example.edu';
const back = 'https://library.example.edu/callback';
/** Bytes of parameters that Pedel takes in an authorization request: the rest of them is less than 400. */
const LONG = 8192;
/** What Node takes of request line and headers together, less what a request and a balancer say besides. */
const NODE_LIMIT = 16 * 1024 - 512;

const kim = aPerson();

/** A balancer that runs, or words about its file alone. `check` and `run` are arguments. */
type Balancer = { command: string; check: string[]; run: string[] };
type Place = { folder: string; port: number; nodes: [string, string]; certificate: Certificate };

function nginx(command: string, { folder, port, nodes, certificate }: Place): Balancer {
  const [first, second] = nodes;
  const file = substituted(example('nginx.conf'), {
    '10.20.0.11:3000': first,
    '10.20.0.12:3000': second,
    'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
    '/etc/ssl/pedel/fullchain.pem': certificate.certFile,
    '/etc/ssl/pedel/key.pem': certificate.keyFile,
  });
  writeFileSync(join(folder, 'pedel.conf'), file);
  const asRoot = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (of) => `${of}_temp_path ${folder}/${of};`,
  );
  const around = [
    `${asRoot} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr;`,
    `events {} http { access_log off; ${temporary.join(' ')} include ${folder}/pedel.conf; }`,
  ];
  writeFileSync(join(folder, 'nginx.conf'), around.join('\n'));
  const these = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  return { command, check: [...these, '-t'], run: these };
}

function haproxy(command: string, { folder, port, nodes, certificate }: Place): Balancer {
  const [first, second] = nodes;
  mkdirSync(join(folder, 'crt'));
  writeFileSync(join(folder, 'crt', 'idp.pem'), `${certificate.cert}${certificate.key}`);
  const file = substituted(example('haproxy.cfg'), {
    '10.20.0.11:3000': first,
    '10.20.0.12:3000': second,
    'bind :443': `bind 127.0.0.1:${port}`,
    '/etc/ssl/pedel/': `${folder}/crt/`,
  });
  writeFileSync(join(folder, 'haproxy.cfg'), file);
  const these = ['-f', join(folder, 'haproxy.cfg')];
  return { command, check: ['-c', ...these], run: ['-db', ...these] };
}

let product: Product;
let folder: string;
let certificate: Certificate;
const running: { through: typeof fetch; stop(): Promise<void> }[] = [];
beforeAll(async () => {
  if (!needs.shell || (needs.nginx ?? needs.haproxy) === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'pedel-balancers-'));
  certificate = aCertificate(folder);
  product = await startProduct({
    people: [kim],
    clients: [{ client_id: 'library', client_secret: SECRET, redirect_uris: [back], pedel_first_party: true }],
    nodes: 2,
    environment: { PEDEL_ISSUER: issuer, PEDEL_TRUSTED_PROXIES: '127.0.0.1/32' },
  });
}, 240_000);
afterAll(async () => {
  await Promise.all(running.map(({ stop }) => stop()));
  await product?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

for (const { name, command, written } of [
  { name: 'nginx.conf', command: needs.nginx, written: nginx },
  { name: 'haproxy.cfg', command: needs.haproxy, written: haproxy },
])
  (needs.shell && command !== undefined ? describe : describe.skip)(`examples/${name}`, () => {
    let balancer: Balancer;
    let port: number;
    let through: typeof fetch;

    beforeAll(async () => {
      port = await freePort();
      const own = join(folder, name);
      mkdirSync(own);
      const nodes = [0, 1].map((node) => new URL(product.server.nodeAddress(node)).host) as [string, string];
      balancer = written(command ?? '', { folder: own, port, nodes, certificate });
      through = fetchFrom({ port, cert: certificate.cert });
      const child = spawn(balancer.command, balancer.run, { stdio: ['ignore', 'pipe', 'pipe'] });
      const closed = once(child, 'close');
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          output += chunk;
        });
      running.push({
        through,
        stop: async () => {
          child.kill('SIGTERM');
          await closed;
        },
      });
      await until(
        async () => {
          if (child.exitCode !== null) throw new Error(`${balancer.command} ended:\n${output}`);
          return (await through(`${issuer}/healthz`).catch(() => undefined))?.ok ? true : undefined;
        },
        () => `${balancer.command} did not come up:\n${output}`,
      );
    });

    test('a file of people goes through, and Pedel says who may send one', async () => {
      const sent = { method: 'POST', headers: { 'content-type': 'text/csv' }, body: 'x'.repeat(1_000_000) };
      expect((await through(`${issuer}/api/v1/imports?source=csv`, sent)).status).toBe(401);
      expect((await through(`${issuer}/admin/imports/new/csv`, sent)).status).toBe(403);
    });

    test('is a file without a fault or a warning', async () => {
      const child = spawn(balancer.command, balancer.check, { stdio: ['ignore', 'pipe', 'pipe'] });
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          said += chunk;
        });
      const [status] = await once(child, 'close');
      expect({ status, said }).toEqual({ status: 0, said: expect.not.stringMatching(/warn|deprecated/i) });
    });

    test('carries a sign-in with as much state as Pedel takes, beside cookies of others, to the tokens', async () => {
      const application = await known();
      const parameters = { redirect_uri: back, state: '' };
      const { url, checks } = await request(application, parameters);
      const state = 'Aa0_'.repeat(LONG / 4).slice(url.search.length - 1);
      url.searchParams.set('state', state);
      expect(url.search.slice(1)).toHaveLength(LONG);
      const others = `elsewhere=${'c'.repeat(NODE_LIMIT - url.href.length)}`; // of other sites under example.edu
      const first = await through(url.href, { headers: { cookie: others } });
      expect(first.status).toBe(303);
      expect(first.headers.getSetCookie().length).toBeGreaterThanOrEqual(2);

      const visitor = httpVisitor({}, { follow: (to) => to.startsWith(`${issuer}/`), fetch: through });
      const callback = await signedIn({ issuer, letter: product.letter }, visitor, url, kim);
      expect(callback.searchParams.get('state')).toBe(state);
      const tokens = await client.authorizationCodeGrant(application, callback, { ...checks, expectedState: state });
      expect(tokens.claims()?.iss).toBe(issuer);
    });

    test('carries the longest answer: a pushed state of which each byte comes back as three', async () => {
      const application = await known();
      const state = '%'.repeat(5000); // pushed, 16 kB are taken
      const { parameters } = await request(application, { redirect_uri: back, state, prompt: 'none' });
      const answer = await through((await client.buildAuthorizationUrlWithPAR(application, parameters)).href);
      const location = answer.headers.get('location') ?? '';
      expect(answer.status).toBe(303);
      expect(location.length).toBeGreaterThan(3 * state.length);
      expect(new URL(location).searchParams.get('state')).toBe(state);
    });

    test('speaks TLS 1.3, and 1.2 with forward secrecy and GCM; nothing older or weaker', async () => {
      const tls12 = (ciphers: string) => spoken({ maxVersion: 'TLSv1.2', ciphers });
      expect(await spoken({})).toBe('TLSv1.3');
      expect(await tls12('ECDHE-RSA-AES128-GCM-SHA256')).toBe('ECDHE-RSA-AES128-GCM-SHA256');
      expect(await tls12('ECDHE-RSA-AES256-GCM-SHA384')).toBe('ECDHE-RSA-AES256-GCM-SHA384');
      for (const weak of ['AES128-GCM-SHA256', 'ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA', 'DHE-RSA-AES128-SHA'])
        expect([weak, await tls12(weak)]).toEqual([weak, expect.stringMatching(/handshake.failure/i)]);
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      expect(await spoken(old)).toMatch(/protocol.version/i);
    });

    const known = () =>
      client.discovery(new URL(issuer), 'library', {}, client.ClientSecretBasic(SECRET), {
        [client.customFetch]: through as client.CustomFetch,
      });

    /** The suite (with 1.3 the version) that a handshake ends with, or the fault. */
    const spoken = (options: ConnectionOptions): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, ca: certificate.cert, servername: 'localhost', ...options });
        socket.once('error', (error) => resolve(String(error)));
        socket.once('secureConnect', () => {
          const version = socket.getProtocol() ?? '';
          resolve(version === 'TLSv1.3' ? version : socket.getCipher().name);
          socket.destroy();
        });
      });
  });

(needs.shell && (needs.nginx ?? needs.haproxy) !== undefined ? test : test.skip)(
  'each passes a node by that is gone, and loses no request',
  async () => {
    await product.server.kill('SIGKILL', 0);
    for (const { through } of running)
      for (let n = 0; n < 6; n += 1) expect((await through(`${issuer}/healthz`)).status).toBe(200);
    expect(running).toHaveLength([needs.nginx, needs.haproxy].filter(Boolean).length);
  },
);
