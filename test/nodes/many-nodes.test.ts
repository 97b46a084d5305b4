/** Three nodes behind a balancer without sticky sessions: a node sees at once what another node wrote. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { backend } from '../support/backend.ts';
import { aPerson, type Product, request, SECRET, signedIn, startProduct, tokensOf } from '../support/product.ts';

const NODES = 3;
const CODES = backend === 'sqlite' ? 999 : 66; // a multiple of the nodes; the MongoDB for tests takes a second for each
const back = 'https://app.example/back';
const web = { client_id: 'web', client_secret: SECRET, redirect_uris: [back], pedel_first_party: true };
const [kim, robin] = [aPerson('vives'), aPerson()];

let product: Product;
let application: client.Configuration;
beforeAll(async () => {
  product = await startProduct({
    nodes: NODES,
    people: [kim, robin],
    clients: [web, { ...web, client_id: 'asking', pedel_first_party: false }],
  });
  application = await product.application('web');
}, 240_000);
afterAll(() => product?.stop());

/** How many requests each node answers meanwhile. */
async function answeredDuring(act: () => Promise<unknown>): Promise<number[]> {
  const before = product.server.answered();
  await act();
  return product.server.answered().map((after, node) => after - (before[node] ?? 0));
}

describe('every request goes to another node', () => {
  test('while somebody sets up a second factor, consents, and signs in with it elsewhere', async () => {
    const asking = await product.application('asking');
    const answered = await answeredDuring(async () => {
      for (const visitor of [product.visitor(), product.visitor()]) {
        const { claims } = await tokensOf(product, visitor, kim, asking, { redirect_uri: back });
        expect(claims.sub).not.toBe('');
      }
    });
    expect(Math.max(...answered) - Math.min(...answered)).toBeLessThanOrEqual(1);
    expect(Math.min(...answered)).toBeGreaterThan(5);
  }, 240_000);

  test(`${CODES} codes, one after the other, are redeemed by the node after the one that wrote them`, async () => {
    const visitor = product.visitor();
    await tokensOf(product, visitor, robin, application, { redirect_uri: back });
    const answered = await answeredDuring(async () => {
      for (let n = 0; n < CODES; n += 1) {
        const { url, checks } = await request(application, { redirect_uri: back });
        const landed = (await visitor.open(url.href)).url;
        const tokens = await client.authorizationCodeGrant(application, new URL(landed), checks);
        expect(tokens.id_token).toBeDefined();
      }
    });
    expect(answered).toEqual(Array(NODES).fill((2 * CODES) / NODES));
  }, 300_000);

  test('signing out on one node signs out on all nodes at once', async () => {
    const visitor = product.visitor();
    await tokensOf(product, visitor, robin, application, { redirect_uri: back });
    await visitor.open(`${product.issuer}/session/end?client_id=web`);
    await visitor.press('logout');
    for (let n = 0; n < NODES; n += 1) {
      const { url } = await request(application, { redirect_uri: back, prompt: 'none' });
      expect(new URL((await visitor.open(url.href)).url).searchParams.get('error')).toBe('login_required');
    }
  }, 240_000);

  test('wrong passwords are counted together, wherever they were typed', async () => {
    const stranger = aPerson();
    const visitor = product.visitor();
    await visitor.open((await request(application, { redirect_uri: back })).url.href);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n += 1)
      statuses.push((await visitor.press('sign-in', { login: stranger.number, password: 'wrong as can be' })).status);
    expect(statuses).toEqual([...Array(10).fill(422), 429, 429]);
  }, 240_000);
});

describe('an application', () => {
  test('that is changed is changed on every node within a second, and one that is new is known at once', async () => {
    const statuses = async (clientId: string, secret: string) => {
      const body = { grant_type: 'authorization_code', code: 'none', redirect_uri: back };
      const authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`;
      const ask = () =>
        fetch(`${product.issuer}/token`, {
          method: 'POST',
          headers: { authorization },
          body: new URLSearchParams(body),
        });
      return Promise.all(Array.from({ length: NODES }, async () => (await ask()).status));
    };
    const known = Array(NODES).fill(400); // the code is not, but the application is
    expect(await statuses('new', SECRET)).toEqual(Array(NODES).fill(401));
    await product.server.apply([{ ...web, client_id: 'new' }]);
    expect(await statuses('new', SECRET)).toEqual(known);

    await product.server.apply([{ ...web, client_id: 'new', redirect_uris: ['https://moved.example/back'] }]);
    const refused = () =>
      Promise.all(
        Array.from({ length: NODES }, async () => {
          const { url } = await request(await product.application('new'), { redirect_uri: back });
          return (await fetch(url, { redirect: 'manual' })).status;
        }),
      );
    await new Promise((passed) => setTimeout(passed, 1050)); // the second in which a node may go on as before
    expect(await refused()).toEqual(Array(NODES).fill(400));
  }, 240_000);
});

describe('a node that is killed', () => {
  test('takes nothing along: the others go on with the same sign-in, and it comes back', async () => {
    const visitor = product.visitor();
    await visitor.open((await request(application, { redirect_uri: back })).url.href);
    await product.server.kill('SIGKILL', 1);
    const landed = await signedIn(product, visitor, visitor.page().url, robin);
    expect(landed.searchParams.get('code')).not.toBeNull();
    await product.server.start(1);
    const answered = await answeredDuring(async () => {
      for (let n = 0; n < NODES; n += 1) expect((await fetch(`${product.issuer}/healthz`)).status).toBe(200);
    });
    expect(answered).toEqual(Array(NODES).fill(1));
  }, 240_000);
});
