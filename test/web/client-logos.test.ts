/** The logos of applications on pages: served by us, on every node, and by nobody else. */
import { afterEach, expect, test } from '@jest/globals';
import { pictureHash } from '../../src/domain/clients/client-logo.ts';
import { logoPath } from '../../src/http/client-logos.ts';
import { localized } from '../support/localized.ts';
import { browserOf, closeAll, type RunningWeb, startWeb } from '../support/web.ts';
import { atVives } from './people.ts';

afterEach(closeAll);

const SVG = Buffer.from('<svg viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>');
const NEWER = Buffer.from('<svg viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>');
const logoFor = (picture: Buffer) =>
  ({ uri: 'https://toledo.example/logo.svg', hash: pictureHash(picture), type: 'image/svg+xml' }) as const;
const id = 'tolédo/1';

async function register({ storage }: RunningWeb, revision: number, picture: Buffer) {
  const metadata = { logo_uri: 'https://toledo.example/logo.svg' };
  const logo = logoFor(picture);
  const record = { id, revision, metadata, secrets: [], logo, createdAt: 1, updatedAt: 1 };
  expect(await storage.clients.put(record, revision - 1, undefined, picture.toString('base64'))).toBe(true);
  return logoPath(id, logo);
}

test('a logo is served for ever under its content, and as nothing but a picture', async () => {
  const web = await startWeb();
  const path = await register(web, 1, SVG);
  const answer = await fetch(web.url + path);
  expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([200, SVG]);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'x-content-type-options': 'nosniff',
  });
  for (const other of [path.replace('/client-', '/client-x'), path.replace(/\.[\w-]{16}\./, `.${'x'.repeat(16)}.`)])
    expect((await fetch(web.url + other)).status).toBe(404);
});

test('every node serves it, the one of before as long as it is remembered, and none once the client is gone', async () => {
  const web = await startWeb();
  const other = await startWeb({ picture: web.storage.clients.picture });
  const path = await register(web, 1, SVG);
  expect((await fetch(other.url + path)).status).toBe(200);
  const newer = await register(web, 2, NEWER);
  for (const node of [web, other])
    expect(Buffer.from(await (await fetch(node.url + newer)).arrayBuffer())).toEqual(NEWER);
  expect((await fetch(web.url + path)).status).toBe(404);
  expect((await fetch(other.url + path)).status).toBe(200); // a page that was open asks again
  await web.storage.clients.remove(id);
  expect((await fetch((await startWeb({ picture: web.storage.clients.picture })).url + newer)).status).toBe(404);
});

test('pages show it beside the name of the application, from this host, and else letters', async () => {
  const client = { id, name: localized('Toledo'), firstParty: false };
  const web = await startWeb();
  const logo = logoFor(SVG);
  const image = `<img class="application" src="${logoPath(id, logo)}" alt="">`;
  await web.storage.accounts.insert(atVives(web).account);
  const proven = { accountId: 'vives-1', epoch: 1, amr: ['pwd'], at: web.clock.now };
  const ways: Parameters<typeof web.begin>[0][] = [
    {},
    { secondFactor: 'request-requires', pending: { proven } },
    { prompt: 'consent', consent: { scopes: ['profile'], claims: [], resourceScopes: {}, shown: ['name'] } },
  ];
  for (const way of ways) {
    const shown = await browserOf(web).get(web.begin({ ...way, client: { ...client, logo } }));
    expect(shown.body).toContain(image);
    expect(shown.headers.get('content-security-policy')).toContain("img-src 'self' data:;");
    const without = await browserOf(web).get(web.begin({ ...way, client }));
    expect(without.body).toMatch(/<svg class="tile h\d"/);
    expect(without.body).not.toContain('class="application"');
  }
});
