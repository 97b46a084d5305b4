/** Token exchange: a service goes on for a person with the token that it got, for named pairs only, never wider, never longer. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { recordKeyOf } from '../../src/domain/ports/record-key.ts';
import {
  application,
  type Client,
  closeAll,
  type Kit,
  lifetimes,
  person,
  register,
  secret,
  setClock,
  startOidc,
  visitor,
} from './support.ts';

afterEach(closeAll);

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const LOANS = 'https://api.library.example';
const GRADES = 'urn:example:grades';
const STORE = 'urn:example:store';
const scope = (name: string) => ({ name, 'description#nl': name, 'description#en': name });
const api = (identifier: string, format: 'opaque' | 'jwt', ...names: string[]) => ({
  identifier,
  scopes: names.map(scope),
  token_format: format,
});
const service = (id: string, change: object = {}) =>
  application(id, { response_types: [], grant_types: [EXCHANGE], redirect_uris: [], ...change });

type Format = 'opaque' | 'jwt';
/** The portal signs people in; the library gets its token and asks the grades, which ask the store. */
const campus = (format: Format = 'opaque', next: Format = 'opaque', pair: object = {}) => [
  application('portal', { pedel_resources: { [LOANS]: ['loans:read', 'grades:read', 'grades:write'] } }),
  service('library', {
    pedel_resource_servers: [api(LOANS, format, 'loans:read', 'grades:read', 'grades:write')],
    pedel_exchanges: [{ from: 'portal', resource: GRADES, scopes: ['grades:read', 'other'], ...pair }],
  }),
  service('grades', {
    pedel_resource_servers: [api(GRADES, next, 'grades:read', 'grades:write', 'other')],
    pedel_exchanges: [{ from: 'library', resource: STORE, scopes: ['grades:read'] }],
  }),
  service('store', { grant_types: [], pedel_resource_servers: [api(STORE, 'opaque', 'grades:read')] }),
];

const asked = { client_id: 'portal', scope: 'openid loans:read grades:read grades:write', resource: LOANS };

async function signedIn(kit: Kit, change: Record<string, string> = {}, browser = visitor()) {
  const parameters = { ...asked, ...change };
  const { code = '' } = await kit.authorize(browser, parameters);
  const { resource } = parameters;
  const answer = await kit.exchange('portal', code, resource === '' ? {} : { resource });
  return (await answer.json()) as { access_token: string; refresh_token?: string; id_token: string };
}

type Answer = { status: number; access_token: string; expires_in: number; scope?: string; error?: string };
async function swap(kit: Kit, token: string, change: Record<string, string> = {}, headers = {}): Promise<Answer> {
  const body = {
    grant_type: EXCHANGE,
    client_id: 'library',
    client_secret: secret,
    subject_token: token,
    subject_token_type: ACCESS_TOKEN,
    resource: GRADES,
    ...change,
  };
  const sent = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
  const answer = await kit.post('/token', sent, headers);
  return { status: answer.status, ...((await answer.json()) as Omit<Answer, 'status'>) };
}

const refusals = (kit: Kit) =>
  kit.logged
    .filter(({ message }) => message === 'a protocol request was refused')
    .map(({ fields }) => (fields as { because?: string }).because);

describe('a service that acts for a person', () => {
  test.each<[Format, Format]>([
    ['opaque', 'opaque'],
    ['jwt', 'opaque'],
    ['opaque', 'jwt'],
    ['jwt', 'jwt'],
  ])(
    'gets, for a token (%s), one (%s) of the person, with itself as actor, and says so in the log',
    async (mine, next) => {
      const kit = await startOidc({ clients: campus(mine, next) });
      const { access_token: token } = await signedIn(kit);
      const answer = await swap(kit, token);
      const { access_token: swapped, expires_in: seconds, ...rest } = answer;
      expect(rest).toEqual({
        status: 200,
        issued_token_type: ACCESS_TOKEN,
        token_type: 'Bearer',
        scope: 'grades:read',
      });
      expect(seconds).toBeLessThanOrEqual(mine === 'jwt' || next === 'jwt' ? 300 : 600);
      const told = next === 'jwt' ? decodeJwt(swapped) : await kit.introspect('grades', swapped);
      expect(told).toMatchObject({
        aud: GRADES,
        sub: 'an',
        client_id: 'library',
        scope: 'grades:read',
        act: { sub: 'library' },
        amr: ['pwd'],
        auth_time: expect.any(Number),
      });
      if (next === 'opaque') {
        for (const other of ['portal', 'store'])
          expect(await kit.introspect(other, swapped)).toEqual({ active: false });
        expect((await kit.me(swapped)).status).toBe(403);
      }
      expect(kit.logged).toContainEqual({
        level: 'info',
        message: 'a token was exchanged',
        fields: { event: 'token-exchanged', client: 'library', from: 'portal', resource: GRADES, subject: 'an' },
      });
    },
  );

  test.each<[what: string, change: Record<string, string>, error: string]>([
    ['a scope that the pair does not name', { scope: 'grades:write' }, 'invalid_scope'],
    ['a scope that the token does not have', { scope: 'other' }, 'invalid_scope'],
    ['a scope that only the first API has', { scope: 'loans:read' }, 'invalid_scope'],
    ['a scope of sign-ins', { scope: 'openid' }, 'invalid_scope'],
    ['another resource', { resource: LOANS }, 'invalid_target'],
    ['a resource that nobody registered', { resource: 'urn:nobody' }, 'invalid_target'],
    ['a resource of the next pair', { resource: STORE }, 'invalid_target'],
    ['an audience that contradicts it', { audience: STORE }, 'invalid_target'],
    ['an audience that nobody has', { audience: 'nobody' }, 'invalid_target'],
    ['an actor token', { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, 'invalid_request'],
    ['a refresh token', { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }, 'invalid_request'],
    ['nothing for nothing', { subject_token: '' }, 'invalid_request'],
    ['a token of no type', { subject_token_type: '' }, 'invalid_request'],
    ['an ID token for one', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }, 'invalid_request'],
    ['it for a client that exchanges nothing', { client_id: 'store' }, 'invalid_request'],
    ['it with a wrong secret', { client_secret: 'x'.repeat(40) }, 'invalid_client'],
    ['it with odd input', { subject_token: '\u0000💥\u202e'.repeat(50) }, 'invalid_request'],
  ])('is refused %s', async (_what, change, error) => {
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    expect(await swap(kit, token, change)).toMatchObject({ error });
  });

  test('is never given more than the token has: one of fewer scopes gives fewer, one of none gives none', async () => {
    const kit = await startOidc({ clients: campus() });
    const narrow = await signedIn(kit, { scope: 'openid loans:read' });
    const answer = await swap(kit, narrow.access_token);
    expect([answer.status, answer.scope]).toEqual([200, undefined]);
    expect(await kit.introspect('grades', answer.access_token)).toMatchObject({
      active: true,
      act: { sub: 'library' },
    });
    expect(await swap(kit, narrow.access_token, { scope: 'grades:read' })).toMatchObject({ error: 'invalid_scope' });
  });

  test('need not name the only API of its pairs, and may name it by its audience', async () => {
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    for (const change of [{ resource: '' }, { resource: '', audience: GRADES }, { audience: GRADES }])
      expect(await swap(kit, token, change)).toMatchObject({ status: 200, scope: 'grades:read' });
  });

  test('may bring no token that is not its own to see, and nothing but access tokens of people', async () => {
    const kit = await startOidc({
      clients: [
        ...campus('jwt'),
        application('elsewhere', { pedel_resources: { [LOANS]: ['grades:read'] } }),
        service('robot', {
          grant_types: ['client_credentials'],
          pedel_service_resources: { [LOANS]: ['grades:read'] },
        }),
      ],
    });
    const tokens = await signedIn(kit, { prompt: 'consent', scope: 'openid offline_access grades:read' });
    const userinfo = await signedIn(kit, { resource: '' });
    const robot = await kit.post('/token', {
      grant_type: 'client_credentials',
      client_id: 'robot',
      client_secret: secret,
      scope: 'grades:read',
    });
    const { access_token: ofRobot } = (await robot.json()) as { access_token: string };
    const { code = '' } = await kit.authorize(visitor(), {
      ...asked,
      client_id: 'elsewhere',
      scope: 'openid grades:read',
    });
    const other = await kit.exchange('elsewhere', code, { resource: LOANS });
    const { access_token: ofOther } = (await other.json()) as { access_token: string };
    const forged = await new SignJWT({ ...decodeJwt(tokens.access_token) })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' })
      .sign((await generateKeyPair('RS256')).privateKey);
    const [header, , signature] = tokens.access_token.split('.');
    const widened = Buffer.from(JSON.stringify({ ...decodeJwt(tokens.access_token), scope: 'grades:read x' }));
    const changed = [header, widened.toString('base64url'), signature].join('.');
    const wrong = [
      tokens.refresh_token ?? '',
      tokens.id_token,
      userinfo.access_token,
      ofRobot,
      forged,
      changed,
      'x.y.z',
      'x',
    ];
    for (const token of wrong) expect(await swap(kit, token)).toMatchObject({ status: 400, error: 'invalid_request' });
    expect(await swap(kit, ofOther)).toMatchObject({ error: 'invalid_target' });
    // it is made out to the library, so that nobody else exchanges it
    const stolen = await swap(kit, tokens.access_token, { client_id: 'grades', resource: STORE });
    expect(stolen).toMatchObject({ error: 'invalid_request' });
    expect(refusals(kit)).toEqual([
      ...wrong.map(() => 'subject-token-refused'),
      'exchange-not-allowed',
      'subject-token-refused',
    ]);
  });

  test('may act through others, each named in the token, and no more than four', async () => {
    const kit = await startOidc({ clients: campus('jwt', 'jwt') });
    const { access_token: first } = await signedIn(kit);
    const { access_token: second } = await swap(kit, first);
    const third = await swap(kit, second, { client_id: 'grades', resource: STORE });
    expect(third).toMatchObject({ status: 200, scope: 'grades:read' });
    const told = { active: true, client_id: 'grades', sub: 'an', act: { sub: 'grades', act: { sub: 'library' } } };
    expect(await kit.introspect('store', third.access_token)).toMatchObject(told);
    await kit.change('an', { credentialsEpoch: 2 });
    expect(await kit.introspect('store', third.access_token)).toEqual({ active: false });
    // in a circle
    const turning = service('grades', {
      pedel_resource_servers: [api(GRADES, 'opaque', 'grades:read')],
      pedel_exchanges: [{ from: 'library', resource: LOANS, scopes: ['grades:read'] }],
    });
    const back = { from: 'grades', resource: GRADES, scopes: ['grades:read'] };
    const library = campus()[1] ?? { client_id: '' };
    const pairs = [...(library.pedel_exchanges as object[]), back];
    for (const each of [turning, { ...library, pedel_exchanges: pairs }]) await register(kit.storage, each as never);
    await kit.oidc.reload();
    let { access_token: token } = await signedIn(kit);
    const statuses: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const there = turn % 2 === 0;
      const answer = await swap(kit, token, there ? {} : { client_id: 'grades', resource: LOANS });
      statuses.push(answer.status);
      token = answer.access_token ?? token;
    }
    expect(statuses).toEqual([200, 200, 200, 200, 400, 400]);
  });

  test.each<[Format, Format]>([
    ['opaque', 'jwt'],
    ['jwt', 'opaque'],
  ])('tells no other subject than the application with pairwise subjects knows (%s, then %s)', async (mine, next) => {
    const [portal, library, grades, store] = campus(mine, next) as [Client, Client, Client, Client];
    const clients = [{ ...portal, subject_type: 'pairwise' }, library, grades, store];
    const kit = await startOidc({ clients, accounts: [person({ id: 'account-of-an' })] });
    kit.page.signIn = kit.signInAs('account-of-an', ['pwd']);
    const { access_token: token, id_token } = await signedIn(kit);
    const { sub } = decodeJwt(id_token);
    const { access_token: swapped } = await swap(kit, token);
    const { access_token: third } = await swap(kit, swapped, { client_id: 'grades', resource: STORE });
    const own = async (format: Format, api: string, value: string) =>
      format === 'jwt' ? decodeJwt(value) : kit.introspect(api, value);
    const told = [
      await own(mine, 'library', token),
      await own(next, 'grades', swapped),
      await kit.introspect('store', third),
      // who acts may look at what it got
      await kit.introspect('grades', third),
    ];
    expect(told.map((each) => each.sub)).toEqual([sub, sub, sub, sub]);
    expect(JSON.stringify(told)).not.toContain('account-of-an');
  });

  test('with pairwise subjects reads no other in the JWT that it gets than its API was told', async () => {
    const [portal, library, grades] = campus('jwt', 'jwt') as [Client, Client, Client];
    const kit = await startOidc({ clients: [portal, { ...library, subject_type: 'pairwise' }, grades] });
    for (const subject_type of ['public', 'pairwise']) {
      await register(kit.storage, { ...grades, subject_type });
      await kit.oidc.reload();
      const { access_token: token } = await signedIn(kit);
      const { access_token: swapped } = await swap(kit, token);
      const { sub } = decodeJwt(token);
      expect(sub).toMatch(/^.{20,}$/);
      expect([subject_type, decodeJwt(swapped).sub]).toEqual([subject_type, sub]);
    }
  });

  test('gets a token that is bound to its key, and nothing for one that is bound to another', async () => {
    const kit = await startOidc({ clients: campus() });
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    let proofs = 0;
    const proof = () => {
      proofs += 1;
      return new SignJWT({ htm: 'POST', htu: `${kit.issuer}/token`, jti: `proof ${proofs}` })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey);
    };
    const { access_token: token } = await signedIn(kit);
    const bound = await swap(kit, token, {}, { DPoP: await proof() });
    expect(bound).toMatchObject({ status: 200, token_type: 'DPoP' });
    const cnf = { jkt: await calculateJwkThumbprint(jwk) };
    expect(await kit.introspect('grades', bound.access_token)).toMatchObject({ active: true, cnf });
    const next = { client_id: 'grades', resource: STORE };
    expect(await swap(kit, bound.access_token, next)).toMatchObject({ error: 'invalid_request' });
    expect(await swap(kit, bound.access_token, next, { DPoP: await proof() })).toMatchObject({ status: 200 });
  });
});

describe('what was exchanged', () => {
  const alive = async (kit: Kit, token: string) => (await kit.introspect('grades', token)).active;
  /** With one token that was exchanged before, and one that is exchanged after. */
  async function ends(
    format: Format,
    end: (kit: Kit, browser: ReturnType<typeof visitor>, token: string) => Promise<unknown>,
  ) {
    const kit = await startOidc({ clients: campus(format) });
    const browser = visitor();
    const { access_token: token } = await signedIn(kit, {}, browser);
    const { access_token: swapped } = await swap(kit, token);
    expect(await alive(kit, swapped)).toBe(true);
    await end(kit, browser, token);
    await kit.oidc.reload();
    return [await alive(kit, swapped), (await swap(kit, token)).error];
  }
  const change = (id: string, members: object) => async (kit: Kit) => {
    const record = await kit.storage.clients.find(id);
    await register(kit.storage, { client_id: id, ...record?.metadata, ...members });
  };
  test.each<[what: string, end: (kit: Kit, browser: ReturnType<typeof visitor>, token: string) => Promise<unknown>]>([
    ['the credentials change', (kit) => kit.change('an', { credentialsEpoch: 2 })],
    ['the account ends', (kit) => kit.change('an', { endsAt: Date.now() - 1000 })],
    ['the person signs out', (kit, browser) => kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx))],
    ['the application is removed', (kit) => kit.storage.clients.remove('portal')],
    ['the service is removed', (kit) => kit.storage.clients.remove('library')],
    ['the API is removed', (kit) => kit.storage.clients.remove('grades')],
    ['the pair is taken away', change('library', { pedel_exchanges: [{ from: 'x', resource: GRADES, scopes: [] }] })],
    ['the first API is no longer open to the application', change('portal', { pedel_resources: {} })],
    ['the application is closed to the person', change('portal', { pedel_access: { people: ['u9999999'] } })],
    ['the service is closed to the person', change('library', { pedel_access: { people: ['u9999999'] } })],
  ])('ends when %s, and nothing more is exchanged', async (_what, end) => {
    for (const format of ['opaque', 'jwt'] as const) {
      const [active, error] = await ends(format, end);
      expect([format, active === true, typeof error]).toEqual([format, false, 'string']);
    }
  });

  test('has its scopes held to what each of them has now', async () => {
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    const { access_token: swapped } = await swap(kit, token);
    const scopeNow = async () => {
      await kit.oidc.reload();
      return (await kit.introspect('grades', swapped)).scope;
    };
    expect(await scopeNow()).toBe('grades:read');
    for (const [id, less] of [
      ['portal', { pedel_resources: { [LOANS]: ['loans:read'] } }],
      ['library', { pedel_exchanges: [{ from: 'portal', resource: GRADES, scopes: ['other'] }] }],
      ['library', { pedel_resource_servers: [api(LOANS, 'opaque', 'loans:read')] }],
      ['grades', { pedel_resource_servers: [api(GRADES, 'opaque', 'grades:write')] }],
    ] as const) {
      const before = (await kit.storage.clients.find(id))?.metadata ?? {};
      await change(id, less)(kit);
      expect([id, await scopeNow()]).toEqual([id, '']);
      await register(kit.storage, { client_id: id, ...before } as never);
      expect(await scopeNow()).toBe('grades:read');
    }
  });

  test('lives no longer than the token that was brought, and not beyond the account', async () => {
    const now = Date.UTC(2026, 8, 21);
    setClock(now);
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    setClock(now + 200_000);
    expect((await swap(kit, token)).expires_in).toBe(400);
    await kit.change('an', { endsAt: now + 500_000 });
    expect((await swap(kit, token)).expires_in).toBe(300);
    setClock(now + 499_500);
    expect((await swap(kit, token)).expires_in).toBe(1);
    setClock(now + 500_000);
    expect((await swap(kit, token)).error).toBe('invalid_request');
  });

  test.each(['opaque', 'jwt'] as const)('ends with the session of the token that was brought (%s)', async (format) => {
    const now = Date.UTC(2026, 8, 21);
    setClock(now);
    const short = { ...lifetimes, sessionMaxSeconds: 100, sessionIdleSeconds: 100 };
    const kit = await startOidc({ clients: campus(format), lifetimes: short });
    const { access_token: token } = await signedIn(kit);
    const { access_token: swapped } = await swap(kit, token);
    setClock(now + 99_000);
    expect(await alive(kit, swapped)).toBe(true);
    setClock(now + 101_000);
    expect(await alive(kit, swapped)).toBe(false);
    expect((await swap(kit, token)).error).toBe('invalid_request');
    await change('grades', { pedel_resource_servers: [api(GRADES, 'jwt', 'grades:read')] })(kit);
    await kit.oidc.reload();
    expect((await swap(kit, token)).error).toBe('invalid_request');
  });

  test('cannot be had for a JWT of a session that is over, even where another token of that grant lives on', async () => {
    const kit = await startOidc({ clients: campus('jwt', 'jwt') });
    const browser = visitor();
    const lasting = await signedIn(kit, { scope: 'openid offline_access grades:read', prompt: 'consent' }, browser);
    const ending = await signedIn(kit, {}, browser);
    expect(await swap(kit, ending.access_token)).toMatchObject({ status: 200 });
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect(await swap(kit, ending.access_token)).toMatchObject({ error: 'invalid_request' });
    expect(await swap(kit, lasting.access_token)).toMatchObject({ status: 200 });
  });

  test('may be revoked by the service, and the token that it brought stays', async () => {
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    const { access_token: swapped } = await swap(kit, token);
    const body = { client_id: 'library', client_secret: secret, token: swapped };
    expect((await kit.post('/token/revocation', { ...body, client_id: 'grades' })).status).toBe(400);
    expect((await kit.post('/token/revocation', body)).status).toBe(200);
    expect(await alive(kit, swapped)).toBe(false);
    expect(await kit.introspect('library', token)).toMatchObject({ active: true });
    expect(await swap(kit, token)).toMatchObject({ status: 200 });
  });

  test('by twenty at once is good for each of them, and a key of the storage opens nothing', async () => {
    const kit = await startOidc({ clients: campus() });
    const { access_token: token } = await signedIn(kit);
    const all = await Promise.all(Array.from({ length: 20 }, () => swap(kit, token)));
    expect(new Set(all.map(({ access_token: each }) => each)).size).toBe(20);
    for (const { access_token: each } of all) expect(await alive(kit, each)).toBe(true);
    expect((await swap(kit, recordKeyOf(token))).error).toBe('invalid_request');
  });
});
