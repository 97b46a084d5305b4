/** An API with Authlib's validator (RFC 9068), which verifies JWT access tokens without asking Pedel. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import type { HttpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { aPerson, type Product, request, SECRET, signedIn, startProduct } from '../support/product.ts';
import { answers, startForeign } from './foreign.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const LOANS = 'https://loans.library.example';
const GRADES = 'https://grades.example';
const CALLBACK = 'https://app.example/callback';
const { authlib } = needs.applications;
const script = (name: string) => fileURLToPath(new URL(`python/${name}.py`, import.meta.url));
const api = (identifier: string, scope: string, settings: object = {}) => ({
  identifier,
  scopes: [{ name: scope, 'description#nl': `${scope} inkijken`, 'description#en': `look at ${scope}` }],
  token_format: 'jwt',
  ...settings,
});

(authlib === undefined ? describe.skip : describe)('an API with Authlib', () => {
  const person = aPerson('vives');
  let product: Product;
  let browser: HttpVisitor;
  let application: client.Configuration;
  let address: string;

  beforeAll(async () => {
    product = await startProduct({
      people: [person],
      clients: [
        {
          client_id: 'apis',
          client_secret: SECRET,
          redirect_uris: [],
          response_types: [],
          grant_types: [],
          pedel_resource_servers: [api(LOANS, 'loans:read'), api(GRADES, 'grades:read', { token_seconds: 5 })],
        },
        {
          client_id: 'app',
          client_secret: SECRET,
          redirect_uris: [CALLBACK],
          scope: 'openid email',
          pedel_resources: { [LOANS]: ['loans:read'], [GRADES]: ['grades:read'] },
        },
        {
          client_id: 'nightly',
          client_secret: SECRET,
          redirect_uris: [],
          response_types: [],
          grant_types: ['client_credentials'],
          pedel_service_resources: { [LOANS]: ['loans:read'] },
        },
      ],
    });
    closings.push(() => product.stop());
    browser = product.visitor();
    application = await product.application('app');
    const port = await freePort();
    address = `http://localhost:${port}`;
    const started = await startForeign({
      command: authlib ?? '',
      args: [script('authlib_api')],
      env: { API_ISSUER: product.issuer, API_PORT: String(port), API_LOANS: LOANS, API_GRADES: GRADES },
      ready: () => answers(`${address}/loans`),
    });
    closings.push(started.stop);
  });

  /** Without `resource` the token is for userinfo. */
  const tokens = async (scope: string, resource?: string) => {
    const named: Record<string, string> = resource === undefined ? {} : { resource };
    const { url, checks } = await request(application, {
      redirect_uri: CALLBACK,
      scope: `openid ${scope}`.trim(),
      ...named,
    });
    const back = await signedIn(product, browser, url, person);
    return client.authorizationCodeGrant(application, back, checks, named);
  };
  const call = async (path: string, token: string) => {
    const answer = await fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
  const refused = { status: 401, error: 'invalid_token' };

  test('takes a token made out to it, and knows person, application and scope', async () => {
    const issued = await tokens('loans:read', LOANS);
    expect(await call('/loans', issued.access_token)).toEqual({
      status: 200,
      sub: issued.claims()?.sub,
      client_id: 'app',
      scope: 'loans:read',
    });
  });

  test('refuses one for another API, one for userinfo, an ID token, and one without the scope', async () => {
    const issued = await tokens('loans:read', LOANS);
    expect(await call('/grades', issued.access_token)).toMatchObject(refused);
    expect(await call('/loans', (await tokens('grades:read', GRADES)).access_token)).toMatchObject(refused);
    expect(await call('/loans', (await tokens('email')).access_token)).toMatchObject(refused);
    expect(await call('/loans', issued.id_token ?? '')).toMatchObject(refused);
    expect(await call('/loans', (await tokens('', LOANS)).access_token)).toMatchObject({
      status: 403,
      error: 'insufficient_scope',
    });
  });

  test('refuses one that has expired', async () => {
    const { access_token: token } = await tokens('grades:read', GRADES);
    expect(await call('/grades', token)).toMatchObject({ status: 200 });
    const { exp = 0 } = decodeJwt(token);
    await new Promise((resolve) => setTimeout(resolve, exp * 1000 + 1_100 - Date.now())); // by the API's own clock
    expect(await call('/grades', token)).toMatchObject(refused);
  });

  test('takes the token of a service, and of nobody else who asks as one', async () => {
    const asService = async (id: string) =>
      client.clientCredentialsGrant(await product.application(id), { scope: 'loans:read', resource: LOANS });
    expect(await call('/loans', (await asService('nightly')).access_token)).toMatchObject({
      status: 200,
      sub: 'nightly',
      client_id: 'nightly',
    });
    await expect(asService('app')).rejects.toMatchObject({ status: 400 });
  });

  test('goes on while Pedel is away', async () => {
    const { access_token: token } = await tokens('loans:read', LOANS);
    await product.server.kill('SIGTERM');
    await expect(fetch(product.issuer)).rejects.toThrow();
    expect(await call('/loans', token)).toMatchObject({ status: 200, client_id: 'app' });
    expect(await call('/loans', `${token.slice(0, -4)}AAAA`)).toMatchObject(refused);
  });
});
