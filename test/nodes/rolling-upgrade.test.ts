/** A rolling upgrade: nodes are replaced one after another during sign-ins and refreshes, and no request fails. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { until } from '../support/campus.ts';
import { aPerson, type Person, type Product, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { steadily } from '../support/steadily.ts';

const NODES = 3;
const SIGNING_IN = 2;
/** of each kind, while each node is replaced */
const AT_LEAST = 2;
const back = 'https://app.example/back';
const people = Array.from({ length: SIGNING_IN + 1 }, () => aPerson());

let product: Product;
let application: client.Configuration;
beforeAll(async () => {
  product = await startProduct({
    nodes: NODES,
    people,
    clients: [
      {
        client_id: 'web',
        client_secret: SECRET,
        redirect_uris: [back],
        scope: 'openid profile offline_access',
        grant_types: ['authorization_code', 'refresh_token'],
        pedel_first_party: true,
      },
    ],
    environment: { PEDEL_DRAIN_SECONDS: '3' }, // many times what the balancer needs to hear of it, on a busy machine
  });
  application = await product.application('web');
}, 240_000);
afterAll(() => product?.stop());

async function signIn(person: Person): Promise<void> {
  const visitor = product.visitor();
  const { claims, accessToken } = await tokensOf(product, visitor, person, application, {
    redirect_uri: back,
    scope: 'openid profile',
  });
  const { name } = await client.fetchUserInfo(application, accessToken, claims.sub);
  if (name !== 'Kim Storm') throw new Error(`userinfo tells of ${name}`);
}

test(`${NODES} nodes are replaced one after another without one failed request`, async () => {
  const [refreshing, ...signingIn] = people as [Person, ...Person[]];
  const { tokens } = await tokensOf(product, product.visitor(), refreshing, application, {
    redirect_uri: back,
    scope: 'openid offline_access',
    prompt: 'consent',
  });
  let refreshToken = tokens.refresh_token ?? '';
  const refresh = async () => {
    const next = await client.refreshTokenGrant(application, refreshToken);
    refreshToken = next.refresh_token ?? refreshToken;
  };
  const refreshes = steadily('refresh', refresh);
  const signIns = signingIn.map((person) => steadily('sign-in', () => signIn(person)));
  const all = [refreshes, ...signIns];
  const counts = () => all.map(({ done }) => done());
  const failures = () => all.flatMap((each) => each.failures);

  const statuses: unknown[] = [];
  for (let node = 0; node < NODES; node += 1) {
    const before = counts();
    product.server.signal('SIGTERM', node);
    statuses.push(await product.server.ended(node));
    await product.server.start(node);
    await until(
      async () => counts().every((count, each) => count >= (before[each] ?? 0) + AT_LEAST) || undefined,
      () =>
        `too little was done while node ${node} was replaced: ${counts()} after ${before}; ${failures().join('\n')}`,
      60_000,
    );
  }
  await Promise.all(all.map(({ stop }) => stop()));

  expect(failures().map((failure) => `${failure}\n${product.server.output()}`)).toEqual([]);
  expect(statuses).toEqual([0, 0, 0]);
  const answered = product.server.answered();
  await refresh();
  await signIn(signingIn[0] as Person);
  expect(product.server.answered().filter((count, node) => count > (answered[node] ?? 0))).toHaveLength(NODES);
}, 240_000);
