/** A verifier with go-oidc, which knows a person by the ID token alone as the Kubernetes API server does. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HttpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { aPerson, type Product, SECRET, startProduct, tokensOf } from '../support/product.ts';
import { startAsked } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

type Verdict = { username?: string; groups?: string[]; refused?: string };

(needs.applications.verifier === undefined ? describe.skip : describe)('go-oidc with the ID token alone', () => {
  const person = aPerson('vives');
  let product: Product;
  let browser: HttpVisitor;

  beforeAll(async () => {
    const client = (id: string) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [`https://${id}.example/callback`],
      scope: 'openid email profile eduperson',
      pedel_first_party: true,
    });
    product = await startProduct({ people: [person], clients: [client('cluster'), client('library')] });
    closings.push(() => product.stop());
    browser = product.visitor();
  });

  const tokens = async (id: string) => {
    const application = await product.application(id);
    const { tokens, claims } = await tokensOf(product, browser, person, application, {
      redirect_uri: `https://${id}.example/callback`,
      scope: 'openid email profile eduperson',
    });
    return { idToken: tokens.id_token ?? '', accessToken: tokens.access_token, sub: claims.sub };
  };
  const verifier = (...options: string[]) => {
    const args = [`-issuer-url=${product.issuer}`, '-client-id=cluster', ...options];
    const started = startAsked({ command: needs.applications.verifier ?? '', args });
    closings.push(started.stop);
    return (token: string) => started.ask<Verdict>(token);
  };

  test('accepts the ID token made for it', async () => {
    const { idToken, sub } = await tokens('cluster');
    expect(await verifier()(idToken)).toEqual({ username: sub });
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
