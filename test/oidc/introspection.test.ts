/** Which clients may introspect a token (rule 14), and revocation of tokens. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { mayIntrospect } from '../../src/oidc/tokens/introspection.ts';
import { openTestStorage } from '../support/storage.ts';
import { application, closeAll, person, redirectOf, secret, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const clients = [
  application('toledo'),
  application('roundcube'),
  application('dovecot', { response_types: [], grant_types: [], redirect_uris: [], pedel_introspects: ['roundcube'] }),
];
const offline = { scope: 'openid offline_access', prompt: 'consent' };

describe('introspection', () => {
  test('tells a mail server whose token of the webmail it is; a token of Toledo does not open a mailbox', async () => {
    const kit = await startOidc({ clients });
    const browser = visitor();
    const webmail = await kit.tokens(browser, { client_id: 'roundcube', ...offline });
    const toledo = await kit.tokens(browser, { client_id: 'toledo' });
    expect(await kit.introspect('dovecot', webmail.access_token)).toMatchObject({
      active: true,
      username: 'u0000001',
      sub: 'an',
      client_id: 'roundcube',
      scope: 'openid offline_access',
    });
    expect(await kit.introspect('dovecot', toledo.access_token)).toEqual({ active: false });
    expect(await kit.introspect('toledo', webmail.access_token)).toEqual({ active: false });
    expect(await kit.introspect('dovecot', 'unknown')).toEqual({ active: false });
  });

  test('reads a token once, of whatever kind it is, and also to revoke it', async () => {
    const storage = await openTestStorage();
    const reads: string[] = [];
    const { protocolRecords } = storage;
    const kit = await startOidc({
      clients,
      storage: {
        ...storage,
        protocolRecords: {
          ...protocolRecords,
          find: (model, ...rest) => {
            reads.push(model);
            return protocolRecords.find(model, ...rest);
          },
          findAmong: (models, ...rest) => {
            reads.push('any');
            return protocolRecords.findAmong(models, ...rest);
          },
        },
      },
    });
    const { access_token: access, refresh_token: refresh = '' } = await kit.tokens(visitor(), {
      client_id: 'roundcube',
      ...offline,
    });
    reads.length = 0;
    for (const token of [access, refresh])
      expect(await kit.introspect('roundcube', token)).toMatchObject({ active: true });
    expect(await kit.introspect('roundcube', 'unknown')).toEqual({ active: false });
    expect(reads).toEqual(['any', 'Grant', 'any', 'Grant', 'any']);
    reads.length = 0;
    expect(
      (await kit.post('/token/revocation', { client_id: 'roundcube', client_secret: secret, token: refresh })).status,
    ).toBe(200);
    expect(reads).toEqual(['any']);
    await storage.close();
  });

  test('tells the client of a token no name, whatever its subject type and consent', async () => {
    const foreign = { pedel_first_party: false, subject_type: 'pairwise' };
    const open = { token_endpoint_auth_method: 'none', pedel_introspects: ['toledo'] };
    const kit = await startOidc({
      clients: [...clients, application('foreign', foreign), application('native', open)],
    });
    const browser = visitor();
    for (const id of ['toledo', 'foreign', 'native']) {
      const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
      const scope = { client_id: id, scope: 'openid profile email offline_access', prompt: 'consent' };
      const { code = '' } = await kit.authorize(browser, { ...scope, ...pkce });
      const proof = {
        code,
        redirect_uri: redirectOf(id),
        code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      };
      const auth = { client_id: id, ...(id === 'native' ? {} : { client_secret: secret }) };
      const tokens = await (await kit.post('/token', { ...auth, grant_type: 'authorization_code', ...proof })).json();
      const { access_token: access, refresh_token: refresh } = tokens as Record<string, string>;
      for (const token of [access, refresh]) {
        const told = await (await kit.post('/token/introspection', { ...auth, token: token ?? '' })).json();
        expect(told).toMatchObject({ active: true, client_id: id });
        expect(Object.keys(told as object)).not.toContain('username');
        expect(JSON.stringify(told)).not.toMatch(/u0000001|kuleuven/);
        if (id === 'foreign') expect((told as { sub: string }).sub).not.toBe('an');
      }
    }
  });

  test('tells each resource server the name that is set for it', async () => {
    const server = (id: string, name?: string) =>
      application(id, {
        response_types: [],
        grant_types: [],
        redirect_uris: [],
        pedel_introspects: ['roundcube'],
        ...(name === undefined ? {} : { pedel_introspection_username: name }),
      });
    const numbered = person({
      userNumbers: ['u0000001', 'r0000001'],
      personalEmail: 'an@example.org',
      claims: { preferred_username: 'apeeters' },
    });
    const { emails: _, ...without } = numbered;
    const alumna = { ...without, id: 'bo', userNumbers: ['q0000001'], emails: [] };
    const kit = await startOidc({
      clients: [
        application('roundcube'),
        server('plain'),
        ...['user_number', 'preferred_username', 'email', 'none'].map((name) => server(name, name)),
      ],
      accounts: [numbered, alumna],
    });
    const told = async (who: string) => {
      kit.page.signIn = kit.signInAs(who, ['pwd']);
      const { access_token: token } = await kit.tokens(visitor(), { client_id: 'roundcube' });
      const names: Record<string, unknown> = {};
      for (const id of ['plain', 'user_number', 'preferred_username', 'email', 'none']) {
        const { active, username } = await kit.introspect(id, token);
        names[id] = active && username;
      }
      return names;
    };
    expect(await told('an')).toEqual({
      plain: 'u0000001',
      user_number: 'u0000001',
      preferred_username: 'apeeters',
      email: 'an.peeters@kuleuven.be',
      none: undefined,
    });
    // a personal address is no mailbox of ours
    expect(await told('bo')).toMatchObject({ plain: 'q0000001', email: undefined });
  });

  test('gives a resource server with pairwise subjects its own, or none where it has no sector', async () => {
    const server = { grant_types: [], pedel_introspects: ['roundcube'], subject_type: 'pairwise' };
    const kit = await startOidc({
      clients: [
        application('roundcube'),
        application('files', { ...server, grant_types: ['authorization_code'] }),
        application('dovecot', { ...server, response_types: [], redirect_uris: [] }),
      ],
    });
    const browser = visitor();
    const { access_token: token } = await kit.tokens(browser, { client_id: 'roundcube' });
    const { id_token: own } = await kit.tokens(browser, { client_id: 'files' });
    const { sub } = JSON.parse(Buffer.from(own.split('.')[1] ?? '', 'base64url').toString());
    expect(await kit.introspect('files', token)).toMatchObject({ active: true, sub, username: 'u0000001' });
    expect((await kit.introspect('dovecot', token)).sub).toBeUndefined();
  });

  test('of a refresh token is for its client alone: it is no key to a mailbox', async () => {
    const kit = await startOidc({ clients });
    const webmail = await kit.tokens(visitor(), { client_id: 'roundcube', ...offline });
    expect(await kit.introspect('dovecot', webmail.refresh_token ?? '')).toEqual({ active: false });
    expect(await kit.introspect('roundcube', webmail.refresh_token ?? '')).toMatchObject({ active: true });
  });

  test('is open to no public client, neither by audience nor by list, and to others by their own', () => {
    const token = (clientId: string | undefined, aud?: string | string[]) => ({ clientId, aud }) as never;
    const apis = [{ identifier: 'urn:mail', audience: 'mail-api', scopes: [], token_format: 'opaque' }];
    const client = (clientId: string, clientAuthMethod: string, more: object = {}) =>
      ({ clientId, clientAuthMethod, ...more }) as never;
    const dovecot = client('dovecot', 'client_secret_basic', {
      pedel_introspects: ['roundcube'],
      pedel_resource_servers: apis,
    });
    expect(mayIntrospect(dovecot, token('roundcube'))).toBe(true);
    expect(mayIntrospect(dovecot, token('toledo'))).toBe(false);
    expect(mayIntrospect(dovecot, token(undefined))).toBe(false);
    expect(mayIntrospect(dovecot, token('toledo', 'mail-api'))).toBe(true);
    expect(mayIntrospect(dovecot, token('toledo', ['files', 'mail-api']))).toBe(true);
    // neither its id nor the identifier is the audience, and a token for another API is none of the webmail's
    for (const other of ['dovecot', 'urn:mail', 'mail-api/', 'files'])
      for (const id of ['toledo', 'roundcube']) expect(mayIntrospect(dovecot, token(id, other))).toBe(false);
    expect(mayIntrospect(client('dovecot', 'private_key_jwt'), token('roundcube'))).toBe(false);
    const anybody = client('dovecot', 'none', { pedel_introspects: ['roundcube'], pedel_resource_servers: apis });
    expect(mayIntrospect(anybody, token('dovecot'))).toBe(true);
    for (const other of [token('roundcube'), token('toledo', 'mail-api'), token('toledo', ['files', 'mail-api'])])
      expect(mayIntrospect(anybody, other)).toBe(false);
  });

  test('reads the account once', async () => {
    const kit = await startOidc({ clients });
    const { access_token: token } = await kit.tokens(visitor(), { client_id: 'roundcube' });
    const { findById } = kit.storage.accounts;
    let reads = 0;
    kit.storage.accounts.findById = (id) => {
      reads += 1;
      return findById(id);
    };
    expect(await kit.introspect('dovecot', token)).toMatchObject({ username: 'u0000001' });
    expect(reads).toBe(1);
  });

  test('is refused without credentials', async () => {
    const kit = await startOidc({ clients });
    const answer = await kit.post('/token/introspection', {
      client_id: 'dovecot',
      client_secret: 'x'.repeat(40),
      token: 'x',
    });
    expect(answer.status).toBe(401);
  });
});

describe('revocation', () => {
  test("of a refresh token ends what was issued with it; of others' tokens is refused", async () => {
    const kit = await startOidc({ clients });
    const tokens = await kit.tokens(visitor(), { client_id: 'roundcube', ...offline });
    const revoke = (id: string, token: string) =>
      kit.post('/token/revocation', { client_id: id, client_secret: secret, token });
    expect((await revoke('toledo', tokens.refresh_token ?? '')).status).toBe(400);
    expect((await kit.me(tokens.access_token)).status).toBe(200);
    expect((await revoke('roundcube', tokens.refresh_token ?? '')).status).toBe(200);
    expect((await kit.me(tokens.access_token)).status).toBe(401);
    expect((await kit.refresh('roundcube', tokens.refresh_token ?? '', { client_secret: secret })).status).toBe(400);
  });
});
