/** Applications of others that prove who they are with a key of their own, set up with what the catalogue says of that. */
import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readPasted } from '../../src/domain/clients/keys/pasted-keys.ts';
import type { Rendered } from '../../src/domain/clients/presets/preset-rendering.ts';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { ofKeyPreset } from '../support/presets.ts';
import { aPerson, type Product, signedIn, startProduct } from '../support/product.ts';
import { startAuthlib } from './authlib-app.ts';
import { house, type Place, place, startApache } from './newcomer/products.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

const { authlib } = needs.applications;
const inPem = ({ privateKey, publicKey }: KeyPairKeyObjectResult) => ({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
});
const keys = {
  authlib: inPem(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  'mod-auth-openidc': inPem(generateKeyPairSync('rsa', { modulusLength: 3072 })),
};

describe('an application that signs in by its key', () => {
  const person = aPerson('vives');
  const places: Record<string, Place> = {};
  let product: Product;

  /** As the console registers it and shows it: with the address of its keys, or its public key pasted as PEM. */
  function shown(id: keyof typeof keys): Rendered {
    const { address = '' } = places[id] ?? {};
    const asked = id === 'authlib' ? { callback: `${address}/callback` } : { address };
    const rendered = ofKeyPreset(id, { ...asked, clientId: id }, product?.issuer ?? 'http://localhost');
    if (rendered.registration.jwks_uri !== undefined) return rendered;
    const pasted = readPasted(keys[id].publicKey);
    if ('faults' in pasted) throw new Error(JSON.stringify(pasted.faults));
    return { ...rendered, registration: { ...rendered.registration, jwks: { keys: pasted.keys } as never } };
  }

  beforeAll(async () => {
    for (const id of Object.keys(keys)) places[id] = await place();
    const ids = Object.keys(keys) as (keyof typeof keys)[];
    product = await startProduct({ people: [person], clients: ids.map((id) => shown(id).registration), nodes: 1 });
    closings.push(() => product.stop());
  });

  (authlib === undefined ? test.skip : test)('with Authlib', async () => {
    const { port } = places.authlib ?? (await place());
    const text = shown('authlib').snippets[0]?.text ?? '';
    const of = house({ 'private-key.pem': keys.authlib.privateKey, 'snippet.py': text });
    closings.push(of.remove);
    const started = await startAuthlib(port, { APP_SNIPPET: 'snippet.py' }, of.folder);
    closings.push(started.stop);
    const known = await started.known(product, person);
    expect(known).toMatchObject({ iss: product.issuer, preferred_username: person.number });
  });

  (needs.apache === undefined ? test.skip : test)('with mod_auth_openidc', async () => {
    const site = places['mod-auth-openidc'] ?? (await place());
    const pair = keys['mod-auth-openidc'];
    const of = house({ 'private-key.pem': pair.privateKey, 'public-key.pem': pair.publicKey });
    closings.push(of.remove);
    const snippets = shown('mod-auth-openidc').snippets.map(({ file, text }) => ({
      ...{ file, when: '' },
      text: text
        .replace('/etc/apache2/private-key.pem', `${of.folder}/private-key.pem`)
        .replace('/etc/apache2/public-key.pem', `${of.folder}/public-key.pem`)
        // this visitor is no browser, and the module refuses what looks like a script's request
        .concat('\nOIDCUnAuthAction auth true\n'),
    }));
    const started = await startApache({ values: {}, snippets, notes: [] }, site);
    closings.push(started.stop);
    const browser = httpVisitor();
    await signedIn(product, browser, `${site.address}/secure/`, person);
    expect(browser.page().html).toContain(`REMOTE_USER is ${person.number}`);
  });
});
