/** Discovery and the published keys come from memory, and are to the last byte what the library answers. */
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { newSigningKey } from '../../src/domain/signing-keys/signing-key.ts';
import { REREAD_MS } from '../../src/domain/signing-keys/signing-key-schedule.ts';
import { closeAll as closeProducts, product } from '../attack/product.ts';
import { sealerUnder } from '../support/sealer.ts';
import { closeAll, setClock, startOidc } from './support.ts';

afterEach(closeAll);
afterEach(closeProducts);

const paths = ['/jwks', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

/** The whole answer, the time of day left out. */
function bytes(port: string, method: string, target: string, headers: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', reject);
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('close', () =>
      resolve(
        Buffer.concat(received)
          .toString('latin1')
          .replace(/^Date: .*$/m, 'Date:'),
      ),
    );
    socket.write(
      Buffer.from(
        `${[`${method} ${target} HTTP/1.1`, 'Host: any', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
        'latin1',
      ),
    );
  });
}

test.each(paths)('%s from memory is the answer of the library, byte for byte', async (path) => {
  const { address } = await product({ publicIssuer: 'https://idp.example.edu' });
  const { port } = new URL(address);
  // with a query, even an empty one, a request goes to the library
  const pair = async (method: string, ...headers: string[]) => [
    await bytes(port, method, path, headers),
    await bytes(port, method, `${path}?`, headers),
  ];
  const first = await bytes(port, 'GET', path, []);
  for (const [kept, asked] of [
    await pair('GET'),
    await pair('HEAD'),
    await pair('OPTIONS', 'Origin: https://app.example', 'Access-Control-Request-Method: GET'),
    await pair('GET', 'Origin: https://app.example'),
    await pair('HEAD', 'Origin: null'),
    await pair('GET', 'Origin: '),
    await pair('GET', 'Origin: https://\xe9\xff.example'),
    await pair('GET', 'If-None-Match: *', 'If-Modified-Since: Thu, 01 Jan 2037 00:00:00 GMT', 'Range: bytes=0-9'),
    await pair('GET', 'Accept: text/html', 'Accept-Encoding: br', 'Accept-Language: nl', 'Cookie: pedel_session=x'),
    await pair('GET', 'X-Forwarded-Host: elsewhere.example', 'X-Forwarded-Proto: http'),
  ])
    expect(kept).toBe(asked);
  expect(await bytes(port, 'GET', path, [])).toBe(first);
  expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(first).toContain('Strict-Transport-Security');
});

test('each is asked of the library once, until the keys change', async () => {
  const kit = await startOidc();
  setClock(Date.now());
  const all = () => Promise.all(paths.map(async (path) => (await fetch(kit.issuer + path)).text()));
  await all();
  expect(kit.fromMemory).toEqual([]);
  await all();
  expect(kit.fromMemory.toSorted()).toEqual(paths.toSorted());
  const sealer = sealerUnder('a sealing secret of at least 32 characters');
  const next = await newSigningKey('ES256', 2, sealer, { createdAt: Date.now(), usedFrom: Date.now() });
  await kit.storage.signingKeys.insert(next);
  setClock(Date.now() + REREAD_MS);
  expect((await all()).join()).toContain(next.kid);
  expect(kit.fromMemory).toHaveLength(paths.length);
  expect((await all()).join()).toContain(next.kid);
  expect(kit.fromMemory).toHaveLength(2 * paths.length);
});

test('a key that is scheduled takes its place in the document at its moment, without any question', async () => {
  const kit = await startOidc();
  const now = Date.now();
  setClock(now);
  const sealer = sealerUnder('a sealing secret of at least 32 characters');
  const next = await newSigningKey('ES256', 2, sealer, { createdAt: now, usedFrom: now + 10_000 });
  await kit.storage.signingKeys.insert(next);
  await kit.oidc.reload();
  const keys = async () =>
    (await (await fetch(`${kit.issuer}/jwks`)).json()) as { keys: { kid: string; alg?: string }[] };
  const firstOfKind = async () => (await keys()).keys.find(({ alg }) => alg === 'ES256')?.kid;
  await keys();
  expect(await firstOfKind()).not.toBe(next.kid);
  expect(kit.fromMemory).toHaveLength(1);
  setClock(now + 10_000);
  expect(await firstOfKind()).toBe(next.kid);
});
