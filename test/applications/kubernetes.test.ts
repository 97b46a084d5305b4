/** A verifier with go-oidc, which knows a person by the ID token alone as the Kubernetes API server does. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { ofPreset } from '../support/presets.ts';
import { aPerson, type Person, type Product, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { wordsOf } from '../support/snippets.ts';
import { startAsked } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Verdict = { username?: string; groups?: string[]; refused?: string };

(needs.applications.verifier === undefined ? describe.skip : describe)('go-oidc with the ID token alone', () => {
  const person = { ...aPerson('vives'), fed: { groups: 'vives-cluster;vives-lab' } };
  const alumna = { ...aPerson('alum'), email: '' };
  let product: Product;
  let browser: HttpVisitor;

  beforeAll(async () => {
    const client = (id: string, change: object = {}) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [`https://${id}.example/callback`],
      scope: 'openid email profile groups',
      pedel_first_party: true,
      ...change,
    });
    const cluster = client('cluster', {
      ...preset().claims,
      pedel_derived_claims: [{ claim: 'groups', value: 'cluster-admins', when: ['staff@vives'] }],
    });
    product = await startProduct({ source: 'demo', people: [person, alumna], clients: [cluster, client('library')] });
    closings.push(() => product.stop());
    browser = product.visitor();
  });

  const tokens = async (id: string, who: Person = person, by: HttpVisitor = browser) => {
    const application = await product.application(id);
    const { tokens, claims } = await tokensOf(product, by, who, application, {
      redirect_uri: `https://${id}.example/callback`,
      scope: 'openid email profile groups',
    });
    return { idToken: tokens.id_token ?? '', accessToken: tokens.access_token, sub: claims.sub };
  };
  const verifier = (...options: string[]) => {
    const args = [`-issuer-url=${product.issuer}`, '-client-id=cluster', ...options];
    const started = startAsked({ command: needs.applications.verifier ?? '', args });
    closings.push(started.stop);
    return (token: string) => started.ask<Verdict>(token);
  };

  const names = preset().flags;

  test('finds name and groups in it, those of the feed and the derived one', async () => {
    const { idToken } = await tokens('cluster');
    const { username, groups } = await verifier(...names)(idToken);
    expect(username).toBe(person.number);
    expect(groups?.sort()).toEqual(['pedel:cluster-admins', 'pedel:vives-cluster', 'pedel:vives-lab']);
  });

  test('finds neither where the registration names no claims for it', async () => {
    const { idToken, sub } = await tokens('library');
    const args = ['-client-id=library', ...names];
    expect((await verifier(...args)(idToken)).refused).toMatch(/"preferred_username": claim not present/);
    expect(await verifier('-client-id=library', '-groups-claim=groups')(idToken)).toEqual({ username: sub });
  });

  test('takes a verified address for a name, and no other', async () => {
    const { idToken } = await tokens('cluster');
    const ask = verifier('-username-claim=email');
    expect(await ask(idToken)).toEqual({ username: person.email });
    const hers = await tokens('cluster', alumna, product.visitor());
    expect(await ask(hers.idToken)).toEqual({ refused: 'email not verified' });
  });

  test("refuses another application's, an access token, an altered and an expired one", async () => {
    const { idToken, accessToken } = await tokens('cluster');
    const ask = verifier();
    expect(await ask((await tokens('library')).idToken)).toEqual({
      refused: 'oidc: expected audience "cluster" got ["library"]',
    });
    expect((await ask(accessToken)).refused).toMatch(/malformed jwt/);
    const [header, payload = '', signature] = idToken.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const altered = Buffer.from(JSON.stringify({ ...claims, sub: 'somebody-else' })).toString('base64url');
    expect((await ask([header, altered, signature].join('.'))).refused).toMatch(/failed to verify signature/);
    expect((await verifier('-ahead-hours=2')(idToken)).refused).toMatch(/token is expired/);
  });
});

/** What the catalogue registers of the ID token, and the flags of the API server by which names are found in it. */
function preset() {
  const { registration, snippets } = ofPreset('kubernetes', {}, 'http://localhost', SECRET);
  const { scope, pedel_bundle, pedel_id_token_claims } = registration;
  const flags = wordsOf(snippets[0]?.text ?? '')[0]?.flatMap(
    (word) => /^--oidc-((?:username|groups)-.+)$/.exec(word)?.[1] ?? [],
  );
  // the verifier puts nothing before the name
  const known = flags?.filter((flag) => !flag.startsWith('username-prefix')).map((flag) => `-${flag}`) ?? [];
  return { claims: { scope, pedel_bundle, pedel_id_token_claims }, flags: known };
}
