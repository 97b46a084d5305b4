/** Clients over the API: one JSON for GET, PUT and `clients apply`, no change that nobody saw, and nobody gives himself more. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { warnOfSecrets } from '../../src/jobs/secret-warnings.ts';
import { application } from '../oidc/support.ts';
import { association, at, closeAll, type Kit, startApi } from './support.ts';

let kit: Kit;
let owner: Awaited<ReturnType<Kit['service']>>;
beforeEach(async () => {
  kit = await startApi();
  owner = await kit.service('owner', [association('owner')]);
  await kit.register(application('library', { pedel_organisation: 'kuleuven', scope: 'openid' }));
});
afterEach(closeAll);

const put = (call: typeof owner.call, body: object, etag: string) =>
  call('PUT', '/clients/library', { body, headers: { 'if-match': etag } });

test('what GET answers is what PUT takes: it changes nothing, and leaves no entry', async () => {
  const { body, headers } = await owner.call('GET', '/clients/library');
  const same = await put(owner.call, body, headers.get('etag') ?? '');
  expect([same.status, same.body.client, same.headers.get('etag')]).toEqual([200, body, headers.get('etag')]);
  expect(await kit.storage.auditLog.page({ client: 'library' }, undefined, 10)).toEqual([]);
});

test('a change names the version that it changes: 428 without, 412 when it is stale, and of a hundred at once one wins', async () => {
  const patch = (etag?: string, name = 'Bibliotheek') =>
    owner.call('PATCH', '/clients/library', {
      body: { client_name: name },
      headers: { 'content-type': 'application/merge-patch+json', ...(etag === undefined ? {} : { 'if-match': etag }) },
    });
  expect((await patch()).status).toBe(428);
  for (const stale of ['"r7"', 'W/"r1"', '"x"', '']) expect((await patch(stale)).status).toBe(stale === '' ? 428 : 412);
  expect((await patch('r1')).status).toBe(400);
  const all = await Promise.all(Array.from({ length: 100 }, (_, each) => patch('"r1"', `name ${each}`)));
  expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(all.filter(({ status }) => status === 412)).toHaveLength(99);
  expect((await kit.storage.clients.find('library'))?.revision).toBe(2);
});

test('unknown members, a client_id or secret that is not to be changed, and faults of the registry are named at once', async () => {
  const { body } = await owner.call('GET', '/clients/library');
  const faulty = {
    ...body,
    client_id: 'other',
    client_secret: 'x'.repeat(40),
    colour: 'blue',
    redirect_uris: ['ftp://x'],
  };
  const answer = await put(owner.call, faulty, '"r1"');
  expect(answer.status).toBe(422);
  const pointers = answer.body.errors.map(({ pointer }: { pointer: string }) => pointer);
  expect(pointers).toEqual(expect.arrayContaining(['/client_id', '/client_secret', '/colour', '/redirect_uris/0']));
  expect((await kit.storage.clients.find('library'))?.revision).toBe(1);
});

test('who approves a registration is answered with the client, and why letters stand in the place of its logo', async () => {
  const metadata = { client_name: 'Waits', redirect_uris: ['https://w.example/back'] };
  await kit.register({ client_id: 'waits', ...metadata, logo_uri: 'https://127.0.0.1/logo.svg' });
  const stored = await kit.storage.clients.find('waits');
  if (stored === undefined) throw new Error('it is not there');
  const held = { hosts: ['w.example'], kinds: ['web' as const], approval: 'required' as const };
  const terms = { organisation: 'kuleuven', ...held, pkce: 'required' as const };
  const waiting = { ...stored, revision: 2, registration: { state: 'pending' as const, accessToken: 'x', terms } };
  expect(await kit.storage.clients.put(waiting, 1)).toBe(true);
  const approved = await owner.call('POST', '/registrations/waits/approve', { headers: { 'if-match': '"r2"' } });
  expect([approved.status, approved.headers.get('etag')]).toEqual([200, '"r3"']);
  const { body } = await owner.call('GET', '/clients/waits');
  expect(approved.body).toEqual({
    client: body,
    warnings: [expect.stringMatching(/^logo_uri: .+ letters of the name/)],
  });
});

test('null removes a member, and the history goes back to it', async () => {
  const headers = { 'if-match': '"r1"' };
  await owner.call('PATCH', '/clients/library', { body: { pedel_first_party: null }, headers });
  expect((await owner.call('GET', '/clients/library')).body).not.toHaveProperty('pedel_first_party');
  const history = await owner.call('GET', '/clients/library/history');
  expect(history.body.items[0].changes).toEqual(
    expect.arrayContaining([{ member: 'pedel_first_party', before: true }]),
  );
  const back = await owner.call('POST', '/clients/library/history:restore', {
    body: { revision: 1 },
    headers: { 'if-match': '"r2"' },
  });
  expect(back.body.client.pedel_first_party).toBe(true);
});

test('a secret that going back makes is told once: no repetition of the request has it', async () => {
  await kit.register(application('portal', { token_endpoint_auth_method: 'client_secret_basic' }));
  const open = { token_endpoint_auth_method: 'none' };
  await owner.call('PATCH', '/clients/portal', { body: open, headers: { 'if-match': '"r1"' } });
  const back = () =>
    owner.call('POST', '/clients/portal/history:restore', {
      body: { revision: 1 },
      headers: { 'if-match': '"r2"', 'idempotency-key': 'back' },
    });
  const first = await back();
  expect(first.body.client_secret).toMatch(/^pedel_/);
  const second = await back();
  expect([second.status, second.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect(JSON.stringify(second.body)).not.toContain(first.body.client_secret);
});

test('a deleted client opens nothing at once, and can be taken back', async () => {
  const gone = await owner.call('DELETE', '/clients/library', { headers: { 'if-match': '"r1"' } });
  expect(gone.status).toBe(204);
  expect((await kit.storage.clients.find('library'))?.disabled?.removeAt).toBeDefined();
  const back = await owner.call('POST', '/clients/library/enable', { headers: { 'if-match': '"r2"' } });
  expect(back.status).toBe(204);
  expect((await kit.storage.clients.find('library'))?.disabled).toBeUndefined();
});

describe('nobody gives himself more', () => {
  const patch = (call: typeof owner.call, id: string, body: object, etag = '"r1"') =>
    call('PATCH', `/clients/${id}`, { body, headers: { 'if-match': etag } });

  test('members of owners, and scopes of this API, are refused to an administrator of applications (rule 15)', async () => {
    const { call } = await kit.service('admin', [at('client-administrator', 'kuleuven')]);
    const first = await patch(call, 'library', { pedel_first_party: false });
    expect([first.status, first.body.errors[0].pointer]).toEqual([422, '/pedel_first_party']);
    const speaks = await patch(call, 'library', { pedel_source: 'hr' });
    expect([speaks.status, speaks.body.errors[0].pointer]).toEqual([422, '/pedel_source']);
    const service = {
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      pedel_service_resources: { [kit.base]: ['clients:write'] },
    };
    const scopes = await patch(call, 'library', service);
    expect([scopes.status, scopes.body.errors[0].pointer]).toEqual([422, '/pedel_service_resources']);
    expect((await patch(owner.call, 'library', service)).status).toBe(200);
  });

  test('no secret is made or ended without the scope of secrets, whichever member does it', async () => {
    const narrow = await kit.service('narrow', [association('owner')], ['clients:write']);
    const open = { token_endpoint_auth_method: 'none' };
    const closed = { token_endpoint_auth_method: 'client_secret_basic' };
    await kit.register(application('portal', closed));
    const ended = await patch(narrow.call, 'portal', open);
    expect([ended.status, ended.body.errors[0].pointer]).toEqual([422, '/token_endpoint_auth_method']);
    expect((await patch(owner.call, 'portal', open)).status).toBe(200);
    const made = await patch(narrow.call, 'portal', closed, '"r2"');
    expect([made.status, made.body.errors[0].pointer]).toEqual([422, '/token_endpoint_auth_method']);
    expect((await patch(narrow.call, 'portal', { client_name: 'Portal' }, '"r2"')).status).toBe(200);
    expect((await patch(owner.call, 'portal', closed, '"r3"')).body.client_secret).toMatch(/^pedel_/);
  });

  test('a service changes neither itself nor one with a higher role', async () => {
    const { call } = await kit.service('admin', [association('client-administrator')]);
    expect((await patch(call, 'admin', { client_name: 'x' })).status).toBe(403);
    expect((await patch(call, 'owner', { client_name: 'x' })).status).toBe(403);
    const secret = await call('POST', '/clients/owner/secrets', { body: { name: 'mine' } });
    expect(secret.status).toBe(403);
  });
});

describe('a client that is registered', () => {
  const fresh = {
    ...{ client_name: 'Wiki', redirect_uris: ['https://wiki.example/cb'], scope: 'openid' },
    ...{ pedel_bundle: 'pseudonymous', pedel_organisation: 'vives', token_endpoint_auth_method: 'client_secret_basic' },
  };

  test('is there under the id that it is given, and its secret is shown once', async () => {
    const administrator = await kit.service('vives', [at('client-administrator', 'vives')]);
    const headers = { 'idempotency-key': 'first' };
    const made = await administrator.call('POST', '/clients', { body: fresh, headers });
    const { client_id: id } = made.body.client;
    expect([made.status, made.headers.get('location'), made.headers.get('etag')]).toEqual([
      201,
      `${kit.base}/clients/${id}`,
      '"r1"',
    ]);
    expect(made.body.client_secret).toMatch(/^pedel_cs_/);
    expect((await administrator.call('GET', `/clients/${id}`)).body).toEqual(made.body.client);
    const again = await administrator.call('POST', '/clients', { body: fresh, headers });
    expect([again.body.client.client_id, again.body.client_secret]).toEqual([id, undefined]);
    const taken = await administrator.call('POST', '/clients', { body: { ...fresh, client_id: id } });
    expect([taken.status, taken.body.code]).toEqual([409, 'conflict']);
  });

  test('has a first secret with a name and an end, where they are asked, and its contacts are told before', async () => {
    const post = (change: object) => owner.call('POST', '/clients', { body: { ...fresh, ...change } });
    const contacts = ['it@vives.example.edu'];
    const made = await post({ client_id: 'named', contacts, first_secret: { name: 'live', life: '90-days' } });
    expect([made.status, made.body.client]).toEqual([201, expect.not.objectContaining({ first_secret: {} })]);
    const [secret, ...others] = (await kit.storage.clients.find('named'))?.secrets ?? [];
    const { expiresAt = 0, createdAt = 0 } = secret ?? {};
    expect([secret?.name, secret?.by, Math.round((expiresAt - createdAt) / 86_400_000), others]).toEqual([
      'live',
      { kind: 'client', id: expect.any(String) },
      90,
      [],
    ]);
    const log = { warn() {} } as never;
    const deps = { storage: kit.storage, organisations: [], defaultLanguage: 'en' as const, log };
    expect(await warnOfSecrets({ ...deps, now: () => expiresAt - 8 * 86_400_000 }).check()).toBe(1);
    const [letter] = await kit.storage.outbox.list({ kind: 'letter' }, undefined, 9);
    expect(letter?.payload).toMatchObject({ template: 'secret-ends', to: contacts[0], data: { secret: 'live' } });

    const plain = await post({ client_id: 'plain' });
    expect([plain.status, (await kit.storage.clients.find('plain'))?.secrets[0]?.expiresAt]).toEqual([201, undefined]);
    const pointers = async (change: object) =>
      (await post(change)).body.errors?.map(({ pointer }: { pointer: string }) => pointer);
    expect(await pointers({ first_secret: { name: 'a\nb' } })).toEqual(['/first_secret/name']);
    expect(await pointers({ first_secret: { name: 'x', life: 'ever' } })).toEqual(['/first_secret/life']);
    expect(await pointers({ first_secret: { name: 'x' }, token_endpoint_auth_method: 'none' })).toEqual([
      '/first_secret',
    ]);
    expect(await kit.storage.clients.find('library')).toMatchObject({ revision: 1 });
  });

  test('names its organisation, brings no secret and nothing that only owners set; all faults are named', async () => {
    const administrator = await kit.service('vives', [at('client-administrator', 'vives')]);
    const post = (change: object) => administrator.call('POST', '/clients', { body: { ...fresh, ...change } });
    const pointers = async (change: object) =>
      (await post(change)).body.errors?.map(({ pointer }: { pointer: string }) => pointer);
    expect(await pointers({ pedel_organisation: undefined })).toEqual(['/pedel_organisation']);
    expect(await pointers({ client_secret: 'x'.repeat(40) })).toEqual(['/client_secret']);
    expect(await pointers({ colour: 'blue', redirect_uris: ['ftp://x'] })).toEqual(
      expect.arrayContaining(['/colour', expect.stringMatching(/^\/redirect_uris/)]),
    );
    expect((await post({ pedel_organisation: 'kuleuven' })).status).toBe(404);
    const owners = await post({ pedel_first_party: true });
    expect([owners.status, owners.body.detail]).toEqual([403, 'only owners set pedel_first_party']);
    for (const id of [7, [null], { a: 1 }, '', 'x'.repeat(301)])
      expect(await pointers({ client_id: id })).toEqual(['/client_id']);
    expect(await pointers({ pedel_organisation: ['vives'] })).toEqual(['/pedel_organisation']);
  });
});

test('a preview tells what the client would learn and why, also of a draft, and leaves no entry', async () => {
  const preview = (body: object) => owner.call('POST', '/clients/library/preview', { body });
  const told = (answer: Awaited<ReturnType<typeof preview>>) =>
    answer.body.userinfo.filter((each: object) => 'value' in each).map(({ claim }: { claim: string }) => claim);
  const person = { sample: 'staff@kuleuven' };
  const now = await preview({ person });
  expect([now.status, told(now)]).toEqual([200, ['sub']]);
  const draft = await preview({ person, draft: { scope: 'openid email', pedel_bundle: 'personalised' } });
  expect(told(draft)).toEqual(expect.arrayContaining(['sub', 'email']));
  const nobody = await preview({ person: { number: 'r9999999' } });
  expect([nobody.status, nobody.body.errors[0].pointer]).toEqual([422, '/person/number']);
  const faulty = await preview({ person, draft: { redirect_uris: ['ftp://x'] } });
  expect([faulty.status, faulty.body.errors[0].pointer]).toEqual([422, '/draft/redirect_uris/0']);
  expect((await kit.storage.clients.find('library'))?.revision).toBe(1);
  expect(await kit.storage.auditLog.page({ client: 'library' }, undefined, 9)).toEqual([]);
});

test('the connection tells what the other side types, and never a secret', async () => {
  const { status, body } = await owner.call('GET', '/clients/library/connection');
  expect([status, body.fields[0]]).toEqual([200, { name: 'Client ID', value: 'library', is_secret: false }]);
  expect(body.fields).toContainEqual({ name: 'Issuer', value: kit.issuer, is_secret: false });
  expect(body.fields.find((field: { is_secret: boolean }) => field.is_secret)?.value).toMatch(/^THE-SECRET/);
});
