/** oauth2-proxy before a small application: who passes by group, and what it tells the application of the person. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { aPerson, type Person, type Product, SECRET, signedIn, startProduct } from '../support/product.ts';
import { answers, startForeign } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const { oauth2Proxy } = needs.applications;

(oauth2Proxy === undefined ? describe.skip : describe)('oauth2-proxy', () => {
  const staff = aPerson('kuleuven');
  const elsewhere = aPerson('vives');
  /** in an allowed group, with a private address that nobody has confirmed */
  const alumna = { ...aPerson('alum'), email: '', fed: { role: 'alumnus' } };
  let product: Product;
  let address: string;
  let log: () => string;

  beforeAll(async () => {
    const port = await freePort();
    address = `http://localhost:${port}`;
    product = await startProduct({
      people: [staff, elsewhere, alumna],
      clients: [
        {
          client_id: 'proxy',
          client_secret: SECRET,
          client_name: 'Behind oauth2-proxy',
          redirect_uris: [`${address}/oauth2/callback`],
          scope: 'openid email profile eduperson',
        },
      ],
    });
    closings.push(() => product.stop());
    const behind = await echo();
    closings.push(behind.close);
    const proxy = await startForeign({
      command: oauth2Proxy ?? '',
      args: [
        '--provider=oidc',
        `--oidc-issuer-url=${product.issuer}`,
        '--client-id=proxy',
        `--client-secret=${SECRET}`,
        `--redirect-url=${address}/oauth2/callback`,
        '--code-challenge-method=S256',
        '--scope=openid email profile eduperson',
        '--email-domain=*',
        '--oidc-groups-claim=eduperson_scoped_affiliation',
        '--allowed-group=staff@kuleuven.be',
        '--allowed-group=alum@alum.kuleuven.be',
        `--http-address=127.0.0.1:${port}`,
        `--upstream=${behind.address}/`,
        `--cookie-secret=${'a'.repeat(32)}`,
        '--cookie-secure=false', // plain http, on loopback
        '--skip-provider-button=true',
      ],
      ready: () => answers(`${address}/ping`),
    });
    closings.push(proxy.stop);
    log = proxy.output;
  });

  const visit = async (person: Person) => {
    const browser = httpVisitor();
    await signedIn(product, browser, `${address}/page`, person);
    return browser;
  };

  test('lets in who is in the allowed group, and names person, address and groups to the application', async () => {
    const browser = await visit(staff);
    const { url, status, html } = browser.page();
    expect({ url, status }).toEqual({ url: `${address}/page`, status: 200 });
    expect(JSON.parse(html)).toMatchObject({
      'x-forwarded-email': staff.email,
      'x-forwarded-preferred-username': staff.number,
      'x-forwarded-groups': 'staff@kuleuven.be,employee@kuleuven.be,member@kuleuven.be',
    });
  });

  test('refuses who is in another group with 403, again and again', async () => {
    const browser = await visit(elsewhere);
    for (const { status, html } of [browser.page(), await browser.open(`${address}/page`)]) {
      expect(status).toBe(403);
      expect(html).not.toContain('x-forwarded');
    }
  });

  test('refuses an address that Pedel does not call verified, whatever the group', async () => {
    const browser = await visit(alumna);
    expect(browser.page().status).toBe(403);
    expect(log()).toContain(`email in id_token (${alumna.personalEmail}) isn't verified`);
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
