/** Tokens for APIs: services and people ask what both sides are registered for, a JWT is verified without us, and no API takes another's. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  compactDecrypt,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  jwtVerify,
  SignJWT,
} from 'jose';
import {
  application,
  type Client,
  closeAll,
  type Kit,
  person,
  register,
  secret,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const LOANS = 'https://api.library.example';
const GRADES = 'urn:example:grades';
const scope = (name: string) => ({ name, 'description#nl': `${name} nl`, 'description#en': `${name} en` });
const signsNobodyIn = { response_types: [], grant_types: [], redirect_uris: [] };
const library = (change: object = {}, server: object = {}): Client =>
  application('library', {
    ...signsNobodyIn,
    pedel_resource_servers: [
      { identifier: LOANS, scopes: ['loans:read', 'loans:write'].map(scope), token_format: 'jwt', ...server },
    ],
    ...change,
  });
const grades = (server: object = {}) =>
  application('grades', {
    ...signsNobodyIn,
    pedel_resource_servers: [
      { identifier: GRADES, audience: 'grades-api', scopes: [scope('grades:read')], token_format: 'opaque', ...server },
    ],
  });
const service = (change: object = {}) =>
  application('sync', {
    ...signsNobodyIn,
    grant_types: ['client_credentials'],
    pedel_service_resources: { [LOANS]: ['loans:read'], [GRADES]: ['grades:read'] },
    ...change,
  });
const app = (id: string, change: object = {}) =>
  application(id, { pedel_resources: { [LOANS]: ['loans:read'], [GRADES]: ['grades:read'] }, ...change });

type Answer = { access_token?: string; scope?: string; error?: string; expires_in: number };

async function asService(kit: Kit, parameters: Record<string, string>, client = 'sync') {
  const body = { grant_type: 'client_credentials', client_id: client, client_secret: secret, ...parameters };
  const answer = await kit.post('/token', body);
  return { status: answer.status, ...((await answer.json()) as Answer) };
}

/** The code flow with the resource named at both endpoints. */
async function tokensFor(kit: Kit, parameters: Record<string, string>, atToken = parameters) {
  const browser = visitor();
  const { code = '', ...refused } = await kit.authorize(browser, parameters);
  if (code === '') return refused as unknown as Awaited<ReturnType<Kit['tokens']>>;
  const { resource } = atToken;
  const answer = await kit.exchange(parameters.client_id ?? '', code, resource === undefined ? {} : { resource });
  return (await answer.json()) as Awaited<ReturnType<Kit['tokens']>>;
}

const because = (kit: Kit) =>
  kit.logged
    .filter(({ message }) => message === 'a protocol request was refused')
    .map(({ fields }) => (fields as { because?: string }).because);

/** As an API gateway does it: with the published keys and nothing else (RFC 9068, 4). */
async function verified(kit: Kit, token: string, audience: string) {
  const keys = createRemoteJWKSet(new URL('/jwks', kit.issuer));
  const { payload, protectedHeader } = await jwtVerify(token, keys, { issuer: kit.issuer, audience, typ: 'at+jwt' });
  return { payload, protectedHeader };
}

const openly = { client_id: 'loans', scope: 'openid loans:read', resource: LOANS };

describe('a service', () => {
  test('gets a JWT for an API that it is registered for, which is verified offline and lives five minutes', async () => {
    const kit = await startOidc({ clients: [library(), grades(), service()] });
    const answer = await asService(kit, { resource: LOANS, scope: 'loans:read' });
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'loans:read' });
    const { payload, protectedHeader } = await verified(kit, answer.access_token ?? '', LOANS);
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.anything() });
    const { iat = 0, exp = 0, jti, ...rest } = payload;
    expect(exp - iat).toBe(300);
    expect(jti).toEqual(expect.stringMatching(/.{20}/));
    expect(rest).toEqual({ iss: kit.issuer, aud: LOANS, client_id: 'sync', sub: 'sync', scope: 'loans:read' });
    await expect(verified(kit, answer.access_token ?? '', GRADES)).rejects.toThrow('aud');
    // nothing of it is stored, so nobody can introspect or revoke it
    expect(await kit.introspect('library', answer.access_token ?? '')).toMatchObject({
      error: 'unsupported_token_type',
    });
  });

  test('gets an opaque token where the API wants that: its owner introspects it, and nobody else', async () => {
    const kit = await startOidc({
      clients: [library(), grades(), service(), application('nosy', { pedel_introspects: ['sync'] })],
    });
    const { access_token: token = '', expires_in: seconds } = await asService(kit, {
      resource: GRADES,
      scope: 'grades:read',
    });
    expect(seconds).toBe(600);
    const told = await kit.introspect('grades', token);
    expect(told).toMatchObject({ active: true, aud: 'grades-api', client_id: 'sync', scope: 'grades:read' });
    expect(told).not.toHaveProperty('username');
    expect(await kit.introspect('sync', token)).toMatchObject({ active: true });
    for (const other of ['library', 'nosy']) expect(await kit.introspect(other, token)).toEqual({ active: false });
    expect((await kit.me(token)).status).toBe(401);
  });

  test('need not name the only API that it is registered for, and must name one of several', async () => {
    const one = service({ pedel_service_resources: { [LOANS]: ['loans:read'] } });
    const kit = await startOidc({ clients: [library(), grades(), one, { ...service(), client_id: 'two' }] });
    const { access_token: token = '' } = await asService(kit, { scope: 'loans:read' });
    expect(decodeJwt(token)).toMatchObject({ aud: LOANS, scope: 'loans:read' });
    expect(await asService(kit, { scope: 'loans:read' }, 'two')).toMatchObject({
      status: 400,
      error: 'invalid_target',
      error_description: expect.stringContaining('name one'),
    });
    expect(because(kit)).toEqual(['resource-missing']);
  });

  test.each<[what: string, asked: Record<string, string>, error: string, reason: string]>([
    ['an API that nobody registered', { resource: 'https://nobody.example' }, 'invalid_target', 'resource-unknown'],
    ['an API under our own address', { resource: 'ours' }, 'invalid_target', 'resource-not-allowed'],
    ['the audience in place of the identifier', { resource: 'grades-api:x' }, 'invalid_target', 'resource-unknown'],
    ['an API for which only people are asked', { resource: 'urn:people' }, 'invalid_target', 'resource-not-allowed'],
    ['a scope that it is not registered for', { scope: 'loans:write' }, 'invalid_scope', 'scope-not-allowed'],
    ['a scope of another API', { scope: 'loans:read grades:read' }, 'invalid_scope', 'scope-not-allowed'],
    ['what people are asked for', { scope: 'openid' }, 'invalid_scope', 'scope-not-allowed'],
    ['a scope that nobody has', { scope: 'clients:write' }, 'invalid_scope', 'scope-not-allowed'],
  ])('rule 15: is refused %s', async (_what, asked, error, reason) => {
    const people = application('people', {
      ...signsNobodyIn,
      pedel_resource_servers: [{ identifier: 'urn:people', scopes: [], token_format: 'opaque' }],
    });
    const named = service({ pedel_resources: { 'urn:people': [] } });
    const kit = await startOidc({ clients: [library(), grades(), people, named] });
    const resource = asked.resource === 'ours' ? `${kit.issuer}/api/v1` : (asked.resource ?? LOANS);
    expect(await asService(kit, { ...asked, resource })).toMatchObject({ status: 400, error });
    expect(because(kit)).toEqual([reason]);
  });

  test('rule 15: gets nothing at our own address, whoever registered that', async () => {
    const kit = await startOidc({ clients: [] });
    const own = `${kit.issuer}/api/v2`;
    await register(kit.storage, library({}, { identifier: own, scopes: [scope('clients:write')] }));
    await register(kit.storage, service({ pedel_service_resources: { [own]: ['clients:write'] } }));
    expect(await asService(kit, { resource: own, scope: 'clients:write' })).toMatchObject({ error: 'invalid_target' });
    expect(await asService(kit, { scope: 'clients:write' })).toMatchObject({ error: 'invalid_target' });
  });

  test.each(['RSA-OAEP-256', 'ECDH-ES'])(
    'gets a JWT that only the API can read, where that has a key (%s)',
    async (alg) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const signing = await exportJWK((await generateKeyPair('ES256')).publicKey);
      const keys = [
        { ...signing, use: 'sig' },
        { ...(await exportJWK(publicKey)), use: 'enc', kid: 'theirs' },
      ] as never[];
      const api = library({ jwks: { keys } }, { token_encryption: { alg, enc: 'A256GCM' } });
      const kit = await startOidc({ clients: [api, service(), app('loans')] });
      const { access_token: token = '' } = await asService(kit, { resource: LOANS, scope: 'loans:read' });
      const ofPerson = await tokensFor(kit, openly);
      for (const [sub, each] of [
        ['sync', token],
        ['an', ofPerson.access_token],
      ]) {
        expect(decodeProtectedHeader(each ?? '')).toMatchObject({ alg, enc: 'A256GCM', kid: 'theirs', cty: 'at+jwt' });
        const { plaintext } = await compactDecrypt(each ?? '', privateKey);
        const { payload } = await verified(kit, new TextDecoder().decode(plaintext), LOANS);
        expect(payload).toMatchObject({ sub, scope: 'loans:read' });
      }
      // without its key nothing is told in clear
      await register(
        kit.storage,
        library({ jwks: { keys: keys.slice(0, 1) } }, { token_encryption: { alg: 'RSA-OAEP-256', enc: 'A256GCM' } }),
      );
      await kit.oidc.reload();
      expect(await asService(kit, { resource: LOANS })).toMatchObject({ status: 500, error: 'server_error' });
    },
  );

  test('of several resources at once gets none, and without a scope a token that has none', async () => {
    const kit = await startOidc({ clients: [library(), grades(), service()] });
    const auth = { grant_type: 'client_credentials', client_id: 'sync', client_secret: secret };
    const body = new URLSearchParams({ ...auth, resource: LOANS });
    body.append('resource', GRADES);
    const both = await fetch(new URL('/token', kit.issuer), { method: 'POST', body });
    expect([both.status, await both.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_target' })]);
    const { access_token: token = '', scope: given } = await asService(kit, { resource: LOANS });
    expect([given, decodeJwt(token).scope]).toEqual([undefined, undefined]);
  });

  test('has its opaque tokens held to what is registered now: a scope, the API or the service itself taken away', async () => {
    const kit = await startOidc({ clients: [grades({ scopes: ['grades:read', 'grades:list'].map(scope) })] });
    const wide = { [GRADES]: ['grades:read', 'grades:list'] };
    const ask = async () => {
      await register(kit.storage, service({ pedel_service_resources: wide }));
      await kit.oidc.reload();
      return (await asService(kit, { resource: GRADES, scope: 'grades:read grades:list' })).access_token ?? '';
    };
    const first = await ask();
    await register(kit.storage, service({ pedel_service_resources: { [GRADES]: ['grades:list'] } }));
    await kit.oidc.reload();
    expect(await kit.introspect('grades', first)).toMatchObject({ active: true, scope: 'grades:list' });
    await register(kit.storage, service({ pedel_service_resources: {} }));
    await kit.oidc.reload();
    expect(await kit.introspect('grades', first)).toEqual({ active: false });
    const second = await ask();
    await register(kit.storage, grades());
    await kit.oidc.reload();
    expect(await kit.introspect('grades', second)).toMatchObject({ active: true, scope: 'grades:read' });
    await kit.storage.clients.remove('sync');
    await kit.oidc.reload();
    expect(await kit.introspect('grades', second)).toEqual({ active: false });
  });

  test('no token outlives the registration of either side', async () => {
    const kit = await startOidc({ clients: [library(), grades(), service()] });
    const until = async (id: string, validUntil: number | undefined) => {
      const { validUntil: _, ...record } = (await kit.storage.clients.find(id)) ?? ({} as never);
      const next = { ...record, revision: record.revision + 1, ...(validUntil === undefined ? {} : { validUntil }) };
      await kit.storage.clients.put(next, record.revision);
      await kit.oidc.reload();
    };
    const seconds = async (resource: string) => (await asService(kit, { resource })).expires_in;
    for (const id of ['library', 'sync']) {
      await until(id, Date.now() + 60_000);
      expect(await seconds(LOANS)).toBeLessThanOrEqual(60);
      await until(id, undefined);
    }
    await until('library', Date.now() - 1);
    expect(await asService(kit, { resource: LOANS })).toMatchObject({ error: 'invalid_target' });
    const { access_token: token = '' } = await asService(kit, { resource: GRADES });
    await until('sync', Date.now() - 1);
    expect(await kit.introspect('grades', token)).toEqual({ active: false });
  });
});

describe('an application, on behalf of a person,', () => {
  test('gets a JWT that says who, and how that person signed in, and nothing else', async () => {
    const kit = await startOidc({ clients: [library(), grades(), app('loans')] });
    const { access_token: token, id_token: idToken, ...rest } = await tokensFor(kit, openly);
    expect(rest).toMatchObject({ expires_in: 300, scope: 'loans:read', token_type: 'Bearer' });
    const { payload } = await verified(kit, token, LOANS);
    const { iat, exp, jti, auth_time: authTime, ...said } = payload;
    expect(said).toEqual({
      iss: kit.issuer,
      aud: LOANS,
      sub: 'an',
      client_id: 'loans',
      scope: 'loans:read',
      acr: decodeJwt(idToken).acr,
      amr: ['pwd'],
    });
    expect([typeof iat, typeof exp, typeof jti, authTime]).toEqual([
      'number',
      'number',
      'string',
      decodeJwt(idToken).auth_time,
    ]);
    // it opens no account, and neither takes the other's place
    expect((await kit.me(token)).status).toBe(401);
    expect(decodeProtectedHeader(idToken).typ).not.toBe('at+jwt');
  });

  test('gets an opaque token that only the API of its audience may read, and it does not open userinfo', async () => {
    const mail = application('mail', { ...signsNobodyIn, pedel_introspects: ['loans'] });
    const kit = await startOidc({ clients: [library(), grades(), mail, app('loans')] });
    const asked = { client_id: 'loans', scope: 'openid grades:read', resource: GRADES };
    const { access_token: token, expires_in: seconds } = await tokensFor(kit, asked);
    expect(seconds).toBe(600);
    expect((await kit.me(token)).status).toBe(403);
    const told = await kit.introspect('grades', token);
    expect(told).toMatchObject({ active: true, aud: 'grades-api', sub: 'an', scope: 'grades:read', amr: ['pwd'] });
    expect(told).not.toHaveProperty('username');
    for (const other of ['library', 'mail']) expect(await kit.introspect(other, token)).toEqual({ active: false });
  });

  test('without resource gets what it got before', async () => {
    const kit = await startOidc({ clients: [library(), grades(), app('loans')] });
    const tokens = await tokensFor(kit, { client_id: 'loans', scope: 'openid email loans:read' });
    expect(tokens).toMatchObject({ expires_in: 600, scope: 'openid email' });
    expect((await kit.me(tokens.access_token)).status).toBe(200);
    expect(await kit.introspect('loans', tokens.access_token)).not.toHaveProperty('aud');
  });

  test.each<[what: string, asked: Record<string, string>, error: string, reason: string]>([
    ['an API that nobody registered', { resource: 'https://nobody.example' }, 'invalid_target', 'resource-unknown'],
    [
      'an API that it may ask only as itself',
      { client_id: 'both', resource: GRADES },
      'invalid_target',
      'resource-not-allowed',
    ],
    ['a scope that it is not registered for', { scope: 'openid loans:write' }, 'invalid_scope', 'scope-not-allowed'],
  ])('rule 15: is refused %s, before anybody signs in', async (_what, asked, error, reason) => {
    const itself = { pedel_resources: {}, pedel_service_resources: { [GRADES]: ['grades:read'] } };
    const kit = await startOidc({ clients: [library(), grades(), app('loans'), app('both', itself)] });
    expect(await kit.authorize(visitor(), { ...openly, ...asked })).toMatchObject({ error });
    const body = { ...openly, response_type: 'code', redirect_uri: 'https://loans.example/back', ...asked };
    const pushed = await kit.post('/request', {
      ...body,
      redirect_uri: `https://${body.client_id}.example/back`,
      client_secret: secret,
    });
    expect([pushed.status, await pushed.json()]).toEqual([400, expect.objectContaining({ error })]);
    expect(because(kit)).toEqual([reason, reason]);
    expect(kit.page.seen).toEqual([]);
  });

  test('does not get at the token endpoint what the person was not asked for', async () => {
    const kit = await startOidc({ clients: [library(), grades(), app('loans')] });
    expect(await tokensFor(kit, openly, { resource: GRADES })).toMatchObject({ error: 'invalid_target' });
  });

  test('of another organisation needs consent to the scopes of the API, in words; more of them are asked about again', async () => {
    const wide = { pedel_first_party: false, pedel_resources: { [LOANS]: ['loans:read', 'loans:write'] } };
    const kit = await startOidc({ clients: [library({ client_name: 'Bibliotheek' }), app('loans', wide)] });
    const { access_token: token } = await tokensFor(kit, openly);
    expect(decodeJwt(token).scope).toBe('loans:read');
    const asked = kit.page.seen.filter(({ prompt }) => prompt === 'consent');
    expect(asked).toMatchObject([
      {
        consent: { scopes: ['openid'], resourceScopes: { [LOANS]: ['loans:read'] } },
        resources: [{ resource: { en: 'Bibliotheek' }, what: { nl: 'loans:read nl', en: 'loans:read en' } }],
      },
    ]);
    kit.page.seen.length = 0;
    expect(await tokensFor(kit, openly)).toHaveProperty('access_token');
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login']);
    kit.page.seen.length = 0;
    await tokensFor(kit, { ...openly, scope: 'openid loans:read loans:write' });
    expect(kit.page.seen.at(-1)).toMatchObject({
      asked: { because: 'more-than-before' },
      consent: { scopes: [], resourceScopes: { [LOANS]: ['loans:write'] } },
    });
    kit.page.seen.length = 0;
    await tokensFor(kit, { ...openly, prompt: 'consent' });
    expect(kit.page.seen.at(-1)?.consent).toMatchObject({ resourceScopes: { [LOANS]: ['loans:read'] } });
  });

  test('is held, at each use, to what both sides are registered for now', async () => {
    const both = { scopes: ['grades:read', 'grades:list'].map(scope) };
    const wide = { pedel_resources: { [GRADES]: ['grades:read', 'grades:list'] } };
    const kit = await startOidc({ clients: [library(), grades(both), app('loans', wide)] });
    const asked = { client_id: 'loans', resource: GRADES, prompt: 'consent' };
    const tokens = await tokensFor(kit, { ...asked, scope: 'openid offline_access grades:read grades:list' });
    const refreshed = async () => {
      const answer = await kit.refresh('loans', tokens.refresh_token ?? '', {
        client_secret: secret,
        resource: GRADES,
      });
      return (await answer.json()) as { scope?: string; error?: string };
    };
    expect((await refreshed()).scope).toBe('grades:read grades:list');
    await register(kit.storage, app('loans', { pedel_resources: { [GRADES]: ['grades:read'] } }));
    await kit.oidc.reload();
    expect((await refreshed()).scope).toBe('grades:read');
    expect(await kit.introspect('grades', tokens.access_token)).toMatchObject({ active: true, scope: 'grades:read' });
    await register(kit.storage, grades({ scopes: [] }));
    await kit.oidc.reload();
    expect(await kit.introspect('grades', tokens.access_token)).toMatchObject({ active: true, scope: '' });
    await register(kit.storage, app('loans', { pedel_resources: {} }));
    await kit.oidc.reload();
    expect(await kit.introspect('grades', tokens.access_token)).toEqual({ active: false });
    expect((await refreshed()).error).toBe('invalid_target');
    await register(kit.storage, app('loans', wide));
    await register(kit.storage, grades(both));
    await kit.oidc.reload();
    expect((await refreshed()).scope).toBe('grades:read grades:list');
    await kit.change('an', { credentialsEpoch: 2 });
    expect(await kit.introspect('grades', tokens.access_token)).toEqual({ active: false });
    expect((await refreshed()).error).toBe('invalid_grant');
  });

  test('gets no token that outlives the account', async () => {
    const kit = await startOidc({
      clients: [library(), app('loans')],
      accounts: [person({ endsAt: Date.now() + 60_000 })],
    });
    const { access_token: token } = await tokensFor(kit, openly);
    const { iat = 0, exp = 0 } = decodeJwt(token);
    expect(exp - iat).toBeLessThanOrEqual(60);
  });

  test('a JWT tells an API with pairwise subjects its own, and an application with them no other than it knows', async () => {
    const pairwise = { subject_type: 'pairwise' };
    const clients = [
      library(pairwise),
      app('loans'),
      app('blind', pairwise),
      app('also', pairwise),
      application('site', { ...pairwise, redirect_uris: ['https://api.library.example/back'] }),
    ];
    const kit = await startOidc({ clients });
    const subjects = async (id: string) => {
      const { access_token: token, id_token: idToken } = await tokensFor(kit, { ...openly, client_id: id });
      return [decodeJwt(token).sub, decodeJwt(idToken).sub];
    };
    const [ofApi, ofLoans] = await subjects('loans');
    const { code = '' } = await kit.authorize(visitor(), {
      client_id: 'site',
      redirect_uri: 'https://api.library.example/back',
    });
    const site = await kit.exchange('site', code, { redirect_uri: 'https://api.library.example/back' });
    const { id_token: atSite } = (await site.json()) as { id_token: string };
    expect([ofLoans, ofApi]).toEqual(['an', decodeJwt(atSite).sub]);
    const [there, here] = await subjects('blind');
    expect(there).toBe(here);
    expect(new Set([there, ofApi, 'an', (await subjects('also'))[0]]).size).toBe(4);
  });
});

describe('a resource that an application sends and does not mean', () => {
  const GRAPH = 'https://graph.microsoft.com';
  const moodle = () => app('loans', { pedel_ignored_resources: [GRAPH, '00000003-0000'] });
  const plain = { expires_in: 600, scope: 'openid email' };

  test.each([GRAPH, '00000003-0000'])('(%s) is dropped by URL, pushed, and at the token endpoint', async (resource) => {
    const kit = await startOidc({ clients: [library(), grades(), moodle()] });
    const asked = { client_id: 'loans', scope: 'openid email', resource };
    const tokens = await tokensFor(kit, asked);
    expect(tokens).toMatchObject(plain);
    expect((await kit.me(tokens.access_token)).status).toBe(200);
    const request = { ...asked, response_type: 'code', redirect_uri: 'https://loans.example/back' };
    const pushed = await kit.post('/request', { ...request, client_secret: secret });
    const { request_uri: uri = '' } = (await pushed.json()) as { request_uri?: string };
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'loans', request_uri: uri });
    const answer = await kit.exchange('loans', code, { resource });
    expect(await answer.json()).toMatchObject(plain);
    const offline = await tokensFor(kit, { ...asked, scope: 'openid offline_access' });
    const refreshed = await kit.refresh('loans', offline.refresh_token ?? '', { client_secret: secret, resource });
    expect([refreshed.status, ((await refreshed.json()) as { scope: string }).scope]).toEqual([
      200,
      'openid offline_access',
    ]);
  });

  test('is dropped in a signed request, and beside one that it means', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = { keys: [(await exportJWK(publicKey)) as never] };
    const kit = await startOidc({ clients: [library(), grades(), { ...moodle(), jwks }] });
    const claims = { client_id: 'loans', response_type: 'code', redirect_uri: 'https://loans.example/back' };
    const sign = (more: object) =>
      new SignJWT({ ...claims, ...more })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer('loans')
        .setAudience(kit.issuer)
        .setExpirationTime('1m')
        .sign(privateKey);
    const request = await sign({ scope: 'openid email', resource: GRAPH });
    expect(await tokensFor(kit, { client_id: 'loans', request }, {})).toMatchObject(plain);
    const both = await sign({ scope: 'openid loans:read', resource: [GRAPH, LOANS] });
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'loans', request: both });
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'loans',
      client_secret: secret,
      code,
    });
    body.append('redirect_uri', 'https://loans.example/back');
    for (const resource of [GRAPH, LOANS]) body.append('resource', resource);
    const answer = await fetch(new URL('/token', kit.issuer), { method: 'POST', body });
    expect(decodeJwt(((await answer.json()) as { access_token: string }).access_token).aud).toBe(LOANS);
  });

  test('of one application is refused to another, and so is any other', async () => {
    const kit = await startOidc({ clients: [library(), grades(), moodle(), app('other')] });
    const asked = { scope: 'openid', resource: GRAPH };
    expect(await kit.authorize(visitor(), { ...asked, client_id: 'other' })).toMatchObject({ error: 'invalid_target' });
    for (const resource of [`${GRAPH}/`, GRAPH.toUpperCase(), 'https://nobody.example'])
      expect(await kit.authorize(visitor(), { ...asked, client_id: 'loans', resource })).toMatchObject({
        error: 'invalid_target',
      });
  });
});
