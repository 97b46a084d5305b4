/** The end of tokens and sessions: introspection, revocation, signing out, and the logouts that other applications get. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { until } from '../support/campus.ts';
import { aPerson, type Product, request, SECRET, startProduct, tokensOf } from '../support/product.ts';

const kim = aPerson();
const back = 'https://app.example/back';
const signedOut = 'https://app.example/signed-out';
const web = {
  client_secret: SECRET,
  redirect_uris: [back],
  post_logout_redirect_uris: [signedOut],
  pedel_first_party: true,
};

let product: Product;
let listener: Server;
/** what applications were told, and how the listener answers */
const told: { path: string; token: string }[] = [];
const answers: number[] = [];
beforeAll(async () => {
  listener = createServer(async (incoming, answer) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    told.push({ path: incoming.url ?? '', token: new URLSearchParams(body).get('logout_token') ?? '' });
    answer.writeHead(answers.shift() ?? 204).end();
  });
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  const at = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  product = await startProduct({
    people: [kim],
    clients: [
      { ...web, client_id: 'toledo', backchannel_logout_uri: `${at}/toledo` },
      { ...web, client_id: 'webmail', backchannel_logout_uri: `${at}/webmail`, scope: 'openid email' },
      // it signs nobody in, and asks about the tokens of webmail alone
      {
        client_id: 'dovecot',
        client_secret: SECRET,
        response_types: [],
        grant_types: [],
        pedel_introspects: ['webmail'],
      },
    ],
  });
}, 240_000);
afterAll(async () => {
  await product?.stop();
  listener.closeAllConnections();
  await new Promise((closed) => listener.close(closed));
});

describe('a token', () => {
  test('of webmail tells the mail server who it is; one of Toledo tells it nothing', async () => {
    const dovecot = await product.application('dovecot');
    const visitor = product.visitor();
    const parameters = { redirect_uri: back };
    const webmail = await product.application('webmail');
    const toledo = await product.application('toledo');
    const ofWebmail = await tokensOf(product, visitor, kim, webmail, parameters);
    const ofToledo = await tokensOf(product, visitor, kim, toledo, parameters);
    expect(await client.tokenIntrospection(dovecot, ofWebmail.accessToken)).toMatchObject({
      active: true,
      username: kim.number,
      client_id: 'webmail',
    });
    expect(await client.tokenIntrospection(dovecot, ofToledo.accessToken)).toEqual({ active: false });
    expect(await client.tokenIntrospection(toledo, ofToledo.accessToken)).toMatchObject({ active: true });
  });

  test('that is revoked is no longer accepted, and only its own application can revoke it', async () => {
    const [webmail, toledo] = [await product.application('webmail'), await product.application('toledo')];
    const { accessToken } = await tokensOf(product, product.visitor(), kim, webmail, { redirect_uri: back });
    const status = async () =>
      (await fetch(`${product.issuer}/me`, { headers: { authorization: `Bearer ${accessToken}` } })).status;
    await expect(client.tokenRevocation(toledo, accessToken)).rejects.toThrow();
    expect(await status()).toBe(200);
    await client.tokenRevocation(webmail, accessToken);
    expect(await status()).toBe(401);
    expect(await client.tokenIntrospection(webmail, accessToken)).toEqual({ active: false });
  });
});

describe('signing out at one application', () => {
  test('asks once, ends the session, comes back, and tells the others until they have heard it', async () => {
    const visitor = product.visitor();
    const [webmail, toledo] = [await product.application('webmail'), await product.application('toledo')];
    const ofWebmail = await tokensOf(product, visitor, kim, webmail, { redirect_uri: back });
    const ofToledo = await tokensOf(product, visitor, kim, toledo, { redirect_uri: back });
    told.length = 0;
    answers.push(503); // the first one told is not well: it is told again

    const url = client.buildEndSessionUrl(toledo, {
      post_logout_redirect_uri: signedOut,
      id_token_hint: ofToledo.tokens.id_token ?? '',
      state: 'where-it-was',
    });
    await visitor.open(url.href); // the association's own application, and its hint of this session: no question
    expect(visitor.page().url).toBe(`${signedOut}?state=where-it-was`);

    const { url: silent } = await request(toledo, { redirect_uri: back, prompt: 'none' });
    await visitor.open(silent.href);
    expect(new URL(visitor.page().url).searchParams.get('error')).toBe('login_required');
    const me = await fetch(`${product.issuer}/me`, { headers: { authorization: `Bearer ${ofWebmail.accessToken}` } });
    expect(me.status).toBe(401);

    await until(
      async () => (told.length >= 3 && new Set(told.map(({ path }) => path)).size === 2 ? true : undefined),
      () => `told only ${told.map(({ path }) => path)}`,
      30_000,
    );
    const keys = createRemoteJWKSet(new URL('/jwks', product.issuer));
    const heard = new Set<string>();
    for (const { path, token } of told) {
      const { payload } = await jwtVerify(token, keys, { issuer: product.issuer, audience: path.slice(1) });
      const { claims } = path === '/toledo' ? ofToledo : ofWebmail;
      expect(payload).toMatchObject({
        sub: claims.sub,
        sid: claims.sid,
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
      expect(payload).not.toHaveProperty('nonce');
      heard.add(String(payload.jti));
    }
    expect(heard.size).toBe(told.length); // each attempt with a token of its own
  }, 240_000);

  test('without a hint asks, signs out and says so', async () => {
    const visitor = product.visitor();
    await tokensOf(product, visitor, kim, await product.application('toledo'), { redirect_uri: back });
    await visitor.open(`${product.issuer}/session/end`);
    await visitor.press('logout');
    expect(visitor.page()).toMatchObject({ status: 200 });
    expect(visitor.page().url).toContain(`${product.issuer}/session/end/success`);
  });

  test('to an unregistered address shows a page that names the fault, and redirects nowhere', async () => {
    const visitor = product.visitor();
    const toledo = await product.application('toledo');
    const { tokens } = await tokensOf(product, visitor, kim, toledo, { redirect_uri: back });
    for (const parameters of [
      { post_logout_redirect_uri: 'https://evil.example/', id_token_hint: tokens.id_token ?? '' },
      { post_logout_redirect_uri: signedOut, id_token_hint: `${tokens.id_token}x` },
    ]) {
      const landed = await visitor.open(client.buildEndSessionUrl(toledo, parameters).href);
      expect([landed.status, landed.url.startsWith(product.issuer)]).toEqual([400, true]);
      expect(landed.html).toMatch(/post_logout_redirect_uri|id_token_hint/);
    }
  });
});
