/** A web application with Authlib, which knows people by `token["userinfo"]`: what the ID token says of them. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { freePort } from '../support/ports.ts';
import { ofPreset } from '../support/presets.ts';
import { aPerson, type Product, SECRET, startProduct } from '../support/product.ts';
import { startAuthlib } from './authlib-app.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const { authlib } = needs.applications;

(authlib === undefined ? describe.skip : describe)('an application with Authlib', () => {
  const person = aPerson('vives');
  let product: Product;
  const ports: Record<string, number> = {};

  beforeAll(async () => {
    for (const id of ['told', 'untold']) ports[id] = await freePort();
    const client = (id: string, settings: object = {}) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [`http://localhost:${ports[id]}/callback`],
      scope: 'openid profile email phone',
      ...settings,
    });
    product = await startProduct({
      people: [person],
      clients: [client('told', told()), client('untold')],
    });
    closings.push(() => product.stop());
  });

  /** as the catalogue registers it */
  const told = () =>
    ofPreset(
      'authlib',
      { callback: `http://localhost:${ports.told}/callback`, clientId: 'told' },
      'http://localhost',
      SECRET,
    ).registration;

  /** Signs in there, and returns what it knows of the person. */
  async function known(id: string): Promise<Record<string, unknown>> {
    const started = await startAuthlib(ports[id] ?? 0, {
      APP_ISSUER: product.issuer,
      APP_CLIENT: id,
      APP_SECRET: SECRET,
      APP_SCOPE: 'openid profile email phone',
    });
    closings.push(started.stop);
    return started.known(product, person);
  }

  test('knows a person by the claims that its registration names for the ID token, and no others', async () => {
    const claims = await known('told');
    expect(claims).toMatchObject({
      iss: product.issuer,
      name: 'Kim Storm',
      preferred_username: person.number,
      email: person.email,
    });
    expect(Object.keys(claims)).not.toEqual(expect.arrayContaining(['given_name']));
  });

  test('knows nobody where it names none', async () => {
    const claims = await known('untold');
    expect(claims.sub).toEqual(expect.any(String));
    expect(JSON.stringify(claims)).not.toMatch(/Kim|Storm|kim\\.storm|vives/);
  });
});
