/** Who may call the API: only services, with a token for exactly this API, within their scopes and their roles. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { application, redirectOf, secret } from '../oidc/support.ts';
import { association, closeAll, everyScope, type Kit, service, startApi } from './support.ts';

let kit: Kit;
beforeEach(async () => {
  kit = await startApi();
});
afterEach(closeAll);

describe('a token', () => {
  test('is given for the resource, opaque, for ten minutes at most', async () => {
    await kit.register(service('batch', kit.issuer, ['clients:read', 'audit:read']));
    const answer = await kit.askToken('batch', { scope: 'clients:read' });
    const body = (await answer.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 600, scope: 'clients:read' });
    expect(body.access_token).not.toContain('.');
  });

  test('has no scope that the registration does not name', async () => {
    await kit.register(service('batch', kit.issuer, ['clients:read']));
    const answer = await kit.askToken('batch', { scope: 'clients:read roles:write' });
    expect(await answer.json()).toMatchObject({ error: 'invalid_scope' });
  });

  test('is refused to a client that is registered for another API, or another address of ours', async () => {
    await kit.register(service('batch', kit.issuer, ['clients:read']));
    for (const resource of [`${kit.base}/`, `${kit.issuer}/api/v2`, `${kit.issuer}/api/v1?x`, kit.issuer])
      expect(await (await kit.askToken('batch', { resource })).json()).toMatchObject({ error: 'invalid_target' });
    await kit.register({ ...service('other', kit.issuer, []), pedel_service_resources: {} });
    expect(await (await kit.askToken('other')).json()).toMatchObject({ error: 'invalid_target' });
  });

  test('is never given for a person, whatever was stored (rule 15)', async () => {
    await kit.register(application('portal', { pedel_resources: { [kit.base]: everyScope } }));
    const url = new URL('/auth', kit.issuer);
    const code = { response_type: 'code', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' };
    const back = { client_id: 'portal', redirect_uri: redirectOf('portal') };
    const asked = { ...code, ...back, scope: 'openid clients:read', resource: kit.base };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.headers.get('location') ?? '').toMatch(/error=invalid_target/);
  });
});

test('a service that only audits sees where a person was as little as an auditor on the page', async () => {
  const entry = { action: 'client.changed', actor: { kind: 'person', id: 'an' }, client: 'library' } as const;
  await kit.storage.auditLog.append({ id: 'e', at: Date.now(), network: '192.0.2.0/24', ...entry });
  const networks = [];
  for (const role of ['owner', 'auditor'] as const) {
    const { call } = await kit.service(role, [association(role)]);
    networks.push((await call('GET', '/audit-entries?client=library')).body.items[0].network);
  }
  expect(networks).toEqual(['192.0.2.0/24', '192.…']);
});

describe('a request', () => {
  const challenge = (answer: { headers: Headers }) => answer.headers.get('www-authenticate') ?? '';

  test('without a token is told how to get one, and with a wrong one no more', async () => {
    const bare = await kit.call(undefined, 'GET', '/me');
    expect(bare.status).toBe(401);
    expect(bare.headers.get('content-type')).toBe('application/problem+json');
    expect(challenge(bare)).toBe(`Bearer realm="${kit.base}"`);
    for (const token of ['x', 'a'.repeat(43), 'ey.ey.ey', '%00', 'x y', 'a'.repeat(10_000)]) {
      const wrong = await kit.call(token, 'GET', '/me');
      expect([wrong.status, wrong.body.code]).toEqual([401, 'not-authenticated']);
      expect(challenge(wrong)).toContain('error="invalid_token"');
    }
    const basic = { headers: { authorization: `Basic ${Buffer.from(`batch:${secret}`).toString('base64')}` } };
    expect((await kit.call(undefined, 'GET', '/me', basic)).status).toBe(401);
    expect((await kit.call(undefined, 'GET', '/me?access_token=x')).status).toBe(401);
  });

  test('with a token for another API is refused', async () => {
    const api = 'https://api.library.example';
    const scopes = [{ name: 'clients:read', 'description#nl': 'x', 'description#en': 'x' }];
    const servers = [{ identifier: api, scopes, token_format: 'opaque' }];
    await kit.register({ ...application('library'), pedel_resource_servers: servers as never });
    await kit.register(
      service('batch', kit.issuer, [], { pedel_service_resources: { [api]: ['clients:read'], [kit.base]: [] } }),
    );
    await kit.grant('batch', [association('owner')]);
    const token = await kit.tokenFor('batch', { resource: api, scope: 'clients:read' });
    expect((await kit.call(token, 'GET', '/clients')).status).toBe(401);
  });

  test('is refused from the moment at which its token is revoked, or its client or role is gone', async () => {
    const { call, token } = await kit.service('batch', [association('owner')]);
    expect((await call('GET', '/clients')).status).toBe(200);
    const before = await kit.storage.roleGrants.read();
    await kit.storage.roleGrants.replace({ ...before, revision: before.revision + 1, grants: [] }, before.revision);
    expect((await call('GET', '/clients')).status).toBe(404);
    await kit.grant('batch', [association('auditor')]);
    expect((await call('GET', '/clients')).status).toBe(200);
    await fetch(`${kit.issuer}/token/revocation`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'batch', client_secret: secret, token }),
    });
    expect((await call('GET', '/clients')).status).toBe(401);
    const again = await kit.tokenFor('batch');
    await kit.storage.clients.remove('batch');
    expect((await kit.call(again, 'GET', '/me')).status).toBe(401);
  });

  test('does only what both the scopes of the token and the roles of the service allow', async () => {
    const narrow = await kit.service('narrow', [association('owner')], ['audit:read']);
    const refused = await narrow.call('GET', '/clients');
    expect([refused.status, refused.body.code]).toEqual([403, 'insufficient-scope']);
    expect(challenge(refused)).toContain('error="insufficient_scope", scope="clients:read"');
    const powerless = await kit.service('powerless', []);
    expect((await powerless.call('GET', '/clients')).status).toBe(404);
    expect((await powerless.call('GET', '/me')).body).toMatchObject({ client_id: 'powerless', roles: [] });
    const auditor = await kit.service('auditor', [association('auditor')]);
    const body = { organisation: 'kuleuven', hosts: ['a.kuleuven.be'], kinds: ['web'] };
    const made = await auditor.call('POST', '/initial-access-tokens', { body });
    expect([made.status, made.body.code]).toEqual([403, 'not-allowed']);
  });

  test('that is refused what its roles do not allow is in the audit log, once an hour for each operation', async () => {
    const { call } = await kit.service('auditing', [association('auditor')]);
    for (const path of ['/signing-keys', '/signing-keys', '/deliveries/x/retry'])
      expect((await call('POST', path)).status).toBe(403);
    const entries = await kit.storage.auditLog.page({ actor: 'auditing' }, undefined, 9);
    expect(entries.map(({ action, details }) => `${action} ${details?.where}`).sort()).toEqual([
      'authority.refused POST /api/v1/deliveries/{id}/retry',
      'authority.refused POST /api/v1/signing-keys',
    ]);
  });

  test('of a service that took the id of another has none of its roles', async () => {
    await kit.service('batch', [association('owner')]);
    const old = await kit.storage.clients.find('batch');
    await kit.storage.clients.remove('batch');
    if (old === undefined) throw new Error('no client');
    await kit.storage.clients.put({ ...old, createdAt: Date.now() + 1 }, 0);
    const token = await kit.tokenFor('batch');
    expect((await kit.call(token, 'GET', '/me')).body.roles).toEqual([]);
  });

  test('carries a cookie, and is nobody by it', async () => {
    const answer = await kit.call(undefined, 'GET', '/clients', { headers: { cookie: 'pedel_session=x' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});
