/** Applications that sign in by a key of their own, in the console: registered so, changed to it and back, and their key replaced. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { SignJWT } from 'jose';
import { startConsole, type TestConsole } from '../support/console.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';

let pedel: TestConsole;
let owner: HttpVisitor;
let published: { address: string; answer: (keys: unknown) => void; close(): Promise<unknown> };
beforeAll(async () => {
  pedel = await startConsole({ allowNetworks: ['127.0.0.0/8', '::1/128'] });
  const login = await pedel.person('Olga', ['owner']);
  owner = pedel.browser();
  await owner.open(`${pedel.issuer}/admin`);
  await pedel.signIn(owner, login);
  published = await publishing();
});
afterAll(async () => {
  jest.useRealTimers();
  await published.close();
  await pedel.close();
});

/** An application's own address of keys. */
async function publishing() {
  let body: unknown = {};
  const server = createServer((_request, response) => response.end(JSON.stringify(body)));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}/jwks`,
    answer: (keys: unknown) => {
      body = keys;
    },
    close: () => new Promise((closed) => server.close(closed)),
  };
}

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }) as string;
const text = () =>
  owner
    .page()
    .html.replace(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const stored = (id: string) => pedel.storage.clients.find(id);
const NEW = '/admin/applications/new/service?api=https://api.example.edu&name=Robot&check=1';

/** Sends the form of the registration, with these changes. */
async function register(changes: Record<string, string>, at = NEW) {
  const { html } = await owner.open(at);
  const hidden = [...html.matchAll(/<input[^>]*?name="([^"]*)"[^>]*?value="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value],
  );
  const contacts = /<textarea id="set_contacts"[^>]*>([^<]*)</.exec(html)?.[1] ?? 'it@example.edu';
  const fields = { ...Object.fromEntries(hidden), set_contacts: contacts || 'it@example.edu', ...changes };
  return owner.post(new URL(at, pedel.issuer).href.split('?')[0] ?? '', new URLSearchParams(fields));
}

/** What the token endpoint answers to an assertion that this key signs. */
async function signIn(client: string, key: KeyObject, kid?: string) {
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: 'ES256', ...(kid === undefined ? {} : { kid }) })
    .setIssuer(client)
    .setSubject(client)
    .setAudience(pedel.issuer)
    .setIssuedAt(Math.floor(Date.now() / 1000))
    .setExpirationTime(Math.floor(Date.now() / 1000) + 60)
    .sign(key);
  const answer = await fetch(`${pedel.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      resource: 'https://api.example.edu',
      scope: 'read',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  const { error } = (await answer.json()) as { error?: string };
  return error ?? 'signed in';
}

/** A change of a client is known to every node within a second. */
const known = () => sleep(1100);

async function anApi() {
  await pedel.storage.clients.put(
    {
      ...{ id: 'api', revision: 1, secrets: [], createdAt: 0, updatedAt: 0 },
      metadata: {
        ...{ client_name: 'API', response_types: [], grant_types: [], scope: 'openid' },
        pedel_resource_servers: [
          {
            identifier: 'https://api.example.edu',
            token_format: 'opaque',
            scopes: [{ name: 'read', 'description#en': 'x', 'description#nl': 'x' }],
          },
        ],
      },
    },
    0,
  );
}

test('a key is the first choice where the product can, and nothing secret is made', async () => {
  await anApi();
  await owner.open(NEW);
  expect(owner.page().html).toMatch(/name="proof"[^>]*value="key" checked/);
  expect(await register({ proof: 'key' })).toMatchObject({ status: 422 });
  expect(text()).toContain('Give the address, or paste a public key below.');

  const { publicKey, privateKey } = pair();
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  await register({ proof: 'key', keys: secret });
  expect(owner.page().status).toBe(422);
  expect(text()).toContain('Remove the private parts');
  expect(owner.page().html).not.toContain(secret.split('\n')[1] ?? '');
  await register({ proof: 'key', keys: '{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"}]}' });
  expect(text()).toContain('Key 1: ');
  expect(await stored('robot')).toBeUndefined();

  await register({ proof: 'key', keys: pem(publicKey), client_id: 'robot' });
  expect([owner.page().status, text()]).toEqual([200, expect.stringContaining('private_key_jwt')]);
  expect(owner.page().html).not.toContain('pedel_cs_');
  expect(await stored('robot')).toMatchObject({
    secrets: [],
    metadata: { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] } },
  });
  expect(await signIn('robot', privateKey)).toBe('signed in');
  expect(await signIn('robot', pair().privateKey)).toBe('invalid_client');
  await pedel.app.jobs.runDueNow();
  for (const page of ['secrets', 'connect']) {
    const { status, html } = await owner.open(`/admin/applications/robot/${page}`);
    expect([status, html.includes('Not yet')]).toEqual([200, false]);
  }
});

test('with a secret instead, as where the product cannot sign', async () => {
  await register({ proof: 'secret', keys: 'left over', client_id: 'by-secret', secret_name: 'live' });
  expect(owner.page().html).toMatch(/pedel_cs_[\w-]{43}/);
  const { metadata, secrets } = (await stored('by-secret')) ?? { metadata: {}, secrets: [] };
  expect(metadata).not.toHaveProperty('jwks');
  expect(secrets).toHaveLength(1);
  await owner.open('/admin/applications/new/nextcloud?address=https://cloud.example.edu&check=1');
  expect(owner.page().html).not.toContain('name="proof"');
});

test('a secret is the first choice of a product that needs files or code for its key', async () => {
  const at = '/admin/applications/new/mod-auth-openidc?address=https://www.example.edu&path=private&check=1';
  await owner.open(at);
  expect(owner.page().html).toMatch(/name="proof"[^>]*value="secret" checked/);
  expect(await register({ client_id: 'with-secret' }, at)).toMatchObject({ status: 200 });
  const { publicKey } = pair();
  await register({ proof: 'key', keys: pem(publicKey), jwks_uri: '', client_id: 'with-key' }, at);
  const methodOf = async (client: string) => (await stored(client))?.metadata.token_endpoint_auth_method;
  expect([await methodOf('with-secret'), await methodOf('with-key')]).toEqual([undefined, 'private_key_jwt']);
});

test('an address of keys is asked when it is named, and what it lacks is told', async () => {
  published.answer({ keys: [] });
  await register({ proof: 'key', jwks_uri: published.address, client_id: 'publishes' });
  // an https address is asked elsewhere than on the machine itself
  const status = owner.page().status;
  expect([status, text()]).toEqual([200, expect.stringContaining('none of its keys is for signing here')]);
  const { publicKey, privateKey } = pair();
  published.answer({ keys: [publicKey.export({ format: 'jwk' })] });
  expect(await signIn('publishes', privateKey)).toBe('signed in');
  await register({ proof: 'key', jwks_uri: 'http://app.example.edu/jwks', client_id: 'not-https' });
  expect(owner.page().status).toBe(422);
});

test('rule 18: no keys are looked for in a private network, and the page says so', async () => {
  await register({ proof: 'key', jwks_uri: 'https://10.0.0.1/jwks', client_id: 'private-network' });
  expect([owner.page().status, text()]).toEqual([200, expect.stringContaining('is no public address')]);
});

test('the key is replaced: another one is added, the old one is seen no more, and goes', async () => {
  const [first, second] = [pair(), pair()];
  await register({ proof: 'key', keys: pem(first.publicKey), client_id: 'rotates' });
  const SECRETS = '/admin/applications/rotates/secrets';
  await owner.open(SECRETS);
  const add = (keys: string) => {
    const revision = /name="revision" value="(\d+)"/.exec(owner.page().html)?.[1] ?? '';
    return owner.post(
      `${pedel.issuer}/admin/applications/rotates/keys/add`,
      new URLSearchParams({ revision, action: 'add-key', keys }),
    );
  };
  await add(pem(first.publicKey));
  expect(text()).toContain('The application has this key already.');
  await add('nothing');
  expect(owner.page().status).toBe(422);
  await owner.open(SECRETS);
  await add(pem(second.publicKey));
  expect(text()).toContain('The key is added');
  expect([await signIn('rotates', first.privateKey), await signIn('rotates', second.privateKey)]).toEqual([
    'signed in',
    'signed in',
  ]);
  const { jwks } = ((await stored('rotates'))?.metadata ?? {}) as { jwks: { keys: { kid: string }[] } };
  const [one, two] = jwks.keys.map(({ kid }) => kid);
  expect(await signIn('rotates', first.privateKey, one)).toBe('signed in');
  expect(await signIn('rotates', first.privateKey, two)).toBe('invalid_client');
  await pedel.app.jobs.runDueNow();

  // one that is in use is not taken away unasked
  const page = await owner.open(`/admin/applications/rotates/keys/${one}`);
  expect(page.html).toContain('It was seen in the last 24 hours');
  const remove = (told: string) => {
    const revision = /name="revision" value="(\d+)"/.exec(owner.page().html)?.[1] ?? '';
    return owner.post(
      `${pedel.issuer}/admin/applications/rotates/keys/${one}`,
      new URLSearchParams({ revision, told, action: 'remove' }),
    );
  };
  expect((await remove('')).status).toBe(422);
  await remove('used-recently');
  expect(text()).toContain('The key is taken away');
  await known();
  expect([await signIn('rotates', first.privateKey), await signIn('rotates', second.privateKey)]).toEqual([
    'invalid_client',
    'signed in',
  ]);
  await owner.open(`/admin/applications/rotates/keys/${two}`);
  expect(owner.page().html).toContain('It is the only key.');
  expect((await owner.open('/admin/applications/rotates/keys/nothing')).status).toBe(404);
});

test('from a secret to a key and back: first shown, then done, and in its history', async () => {
  await register({ proof: 'secret', client_id: 'turns', secret_name: 'live' });
  const KEYS = '/admin/applications/turns/keys';
  const send = (fields: Record<string, string>) => {
    const revision = /name="revision" value="(\d+)"/.exec(owner.page().html)?.[1] ?? '';
    return owner.post(pedel.issuer + KEYS, new URLSearchParams({ revision, ...fields }));
  };
  const { publicKey, privateKey } = pair();
  await owner.open(KEYS);
  await send({ action: 'preview', proof: 'key', keys: pem(publicKey) });
  expect(text()).toContain('Its secret stops working at once');
  expect((await stored('turns'))?.secrets).toHaveLength(1);
  await send({ action: 'save', proof: 'key', keys: pem(publicKey) });
  expect(text()).toContain('It is saved how the application proves who it is');
  expect((await stored('turns'))?.secrets).toEqual([]);
  expect(await signIn('turns', privateKey)).toBe('signed in');

  await owner.open(KEYS);
  await send({ action: 'preview', proof: 'secret' });
  expect(text()).toContain('A secret is made and shown once');
  // somebody was quicker
  expect((await send({ action: 'save', proof: 'secret', revision: '1' })).status).toBe(422);
  await owner.open(KEYS);
  await send({ action: 'save', proof: 'secret' });
  expect(owner.page().html).toMatch(/pedel_cs_[\w-]{43}/);
  expect((await stored('turns'))?.metadata).not.toHaveProperty('jwks');
  await known();
  expect(await signIn('turns', privateKey)).toBe('invalid_client');
  await owner.open('/admin/applications/turns/history');
  expect(text()).toContain('private_key_jwt');
});

test('rule 24: a private key is kept nowhere, not even while somebody proves again who it is', async () => {
  const { publicKey, privateKey } = pair();
  await register({ proof: 'key', keys: pem(publicKey), client_id: 'late' });
  pedel.wait(600);
  await owner.open('/admin/applications/late/secrets');
  const before = new Set(owner.cookies.keys());
  const revision = /name="revision" value="(\d+)"/.exec(owner.page().html)?.[1] ?? '';
  const keys = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  await owner.post(
    `${pedel.issuer}/admin/applications/late/keys/add`,
    new URLSearchParams({ revision, action: 'add-key', keys }),
  );
  expect([owner.page().status, text()]).toEqual([422, expect.stringContaining('Remove the private parts')]);
  expect([...owner.cookies.keys()].filter((name) => !before.has(name))).toEqual([]);
  expect(pedel.logged.join('\n')).not.toContain(keys.split('\n')[1]);
});
