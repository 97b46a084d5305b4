/** oauth2-proxy before a small application: who passes by group, and what it tells the application of the person. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { ofPreset } from '../support/presets.ts';
import { aPerson, type Person, type Product, SECRET, signedIn, startProduct } from '../support/product.ts';
import { wordsOf } from '../support/snippets.ts';
import { answers, startForeign } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const { oauth2Proxy } = needs.applications;

(oauth2Proxy === undefined ? describe.skip : describe)('oauth2-proxy', () => {
  const staff = { ...aPerson('kuleuven'), fed: { groups: 'kuleuven-choir' } };
  const elsewhere = aPerson('vives');
  /** in an allowed group, with a private address that nobody has confirmed */
  const alumna = { ...aPerson('alum'), email: '', fed: { role: 'alumnus' } };
  let product: Product;
  let behind: Awaited<ReturnType<typeof echo>>;
  const ports: Record<string, number> = {};
  const addressOf = (id: string) => `http://localhost:${ports[id]}`;

  const preset = (issuer = 'http://localhost') =>
    ofPreset('oauth2-proxy', { address: addressOf('usual'), clientId: 'usual' }, issuer, SECRET);

  beforeAll(async () => {
    for (const id of ['usual', 'token-only', 'unprepared']) ports[id] = await freePort();
    const client = (id: string, settings: object) => ({
      client_id: id,
      client_secret: SECRET,
      client_name: 'Behind oauth2-proxy',
      redirect_uris: [`${addressOf(id)}/oauth2/callback`],
      ...settings,
    });
    const admins = { pedel_derived_claims: [{ claim: 'groups', value: 'admins', when: ['staff@kuleuven'] }] };
    const scope = 'openid email profile groups';
    product = await startProduct({
      source: 'demo', // may name groups
      people: [staff, elsewhere, alumna],
      clients: [
        client('usual', preset().registration),
        client('token-only', {
          scope,
          ...admins,
          pedel_id_token_claims: ['email', 'email_verified', 'preferred_username', 'groups'],
        }),
        client('unprepared', { scope, ...admins }),
      ],
    });
    closings.push(() => product.stop());
    behind = await echo();
    closings.push(behind.close);
  });

  /** Runs it as an administrator would for this registration; `settings` say how it finds the groups and which it wants. */
  async function start(id: string, settings: string[], catalogue = false) {
    const address = addressOf(id);
    const proxy = await startForeign({
      command: oauth2Proxy ?? '',
      args: [
        ...(catalogue ? ofCatalogue() : basis(id)),
        `--http-address=127.0.0.1:${ports[id]}`,
        `--upstream=${behind.address}/`,
        `--cookie-name=${id}`,
        `--cookie-secret=${'a'.repeat(32)}`,
        '--cookie-secure=false', // plain http, on loopback
        '--skip-provider-button=true',
        ...settings,
      ],
      ready: () => answers(`${address}/ping`),
    });
    closings.push(proxy.stop);
    const visit = async (person: Person) => {
      const browser = httpVisitor();
      await signedIn(product, browser, `${address}/page`, person);
      return { browser, ...browser.page() };
    };
    return { address, visit, log: proxy.output };
  }
  /** as the catalogue tells operators */
  const ofCatalogue = () => wordsOf(preset(product.issuer).snippets[0]?.text ?? '')[0]?.slice(1) ?? [];
  const basis = (id: string) => [
    '--provider=oidc',
    `--oidc-issuer-url=${product.issuer}`,
    `--client-id=${id}`,
    `--client-secret=${SECRET}`,
    `--redirect-url=${addressOf(id)}/oauth2/callback`,
    '--code-challenge-method=S256',
    '--email-domain=*',
  ];
  const byAffiliation = ['--allowed-group=staff@kuleuven.be', '--allowed-group=alum@alum.kuleuven.be'];
  const byIdToken = [
    '--scope=openid email profile groups',
    '--skip-claims-from-profile-url=true',
    '--allowed-group=admins',
  ];
  let usual: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    usual = await start('usual', byAffiliation, true);
  });

  test('lets in who is in the allowed group, and names person, address and groups to the application', async () => {
    const { url, status, html } = await usual.visit(staff);
    expect({ url, status }).toEqual({ url: `${usual.address}/page`, status: 200 });
    expect(JSON.parse(html)).toMatchObject({
      'x-forwarded-email': staff.email,
      'x-forwarded-preferred-username': staff.number,
      'x-forwarded-groups': 'staff@kuleuven.be,employee@kuleuven.be,member@kuleuven.be',
    });
  });

  test('refuses who is in another group with 403, again and again', async () => {
    const { browser } = await usual.visit(elsewhere);
    for (const { status, html } of [browser.page(), await browser.open(`${usual.address}/page`)]) {
      expect(status).toBe(403);
      expect(html).not.toContain('x-forwarded');
    }
  });

  test('refuses an address that Pedel does not call verified, whatever the group', async () => {
    expect((await usual.visit(alumna)).status).toBe(403);
    expect(usual.log()).toContain(`email in id_token (${alumna.personalEmail}) isn't verified`);
  });

  test('lets in by the ID token alone, and refuses by it', async () => {
    const { visit } = await start('token-only', byIdToken);
    const { status, html } = await visit(staff);
    expect(status).toBe(200);
    expect(JSON.parse(html)).toMatchObject({
      'x-forwarded-email': staff.email,
      'x-forwarded-preferred-username': staff.number,
      'x-forwarded-groups': expect.stringMatching(/^(admins,kuleuven-choir|kuleuven-choir,admins)$/),
    });
    expect((await visit(elsewhere)).status).toBe(403);
  });

  test('knows nobody by an ID token for which the registration names no claims', async () => {
    const { visit } = await start('unprepared', byIdToken);
    const { status, html } = await visit(staff);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(html).not.toContain('x-forwarded');
  });
});

/** The application behind: answers with the headers that it got. */
async function echo() {
  const server = createServer((request, response) => response.end(JSON.stringify(request.headers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}
