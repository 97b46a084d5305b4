/** Which clients may introspect a token (rule 14), and revocation of tokens. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { mayIntrospect } from '../../src/oidc/introspection.ts';
import { application, closeAll, secret, startOidc, visitor } from './support.ts';

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
    expect(await kit.introspect('toledo', toledo.access_token)).toMatchObject({ active: true, username: 'u0000001' });
    expect(await kit.introspect('dovecot', 'unknown')).toEqual({ active: false });
  });

  test('is open to no public client, neither by audience nor by list, and to others by their own', () => {
    const token = (clientId: string | undefined, aud?: string | string[]) => ({ clientId, aud }) as never;
    const client = (clientId: string, clientAuthMethod: string, introspects?: string[]) =>
      ({ clientId, clientAuthMethod, pedel_introspects: introspects }) as never;
    const dovecot = client('dovecot', 'client_secret_basic', ['roundcube']);
    expect(mayIntrospect(dovecot, token('roundcube'))).toBe(true);
    expect(mayIntrospect(dovecot, token('toledo'))).toBe(false);
    expect(mayIntrospect(dovecot, token(undefined))).toBe(false);
    expect(mayIntrospect(dovecot, token('toledo', 'dovecot'))).toBe(true);
    expect(mayIntrospect(dovecot, token('toledo', ['files', 'dovecot']))).toBe(true);
    expect(mayIntrospect(dovecot, token('toledo', ['files', 'https://dovecot']))).toBe(false);
    expect(mayIntrospect(client('dovecot', 'private_key_jwt'), token('roundcube'))).toBe(false);
    const anybody = client('dovecot', 'none', ['roundcube']);
    expect(mayIntrospect(anybody, token('dovecot'))).toBe(true);
    for (const other of [token('roundcube'), token('toledo', 'dovecot'), token('toledo', ['files', 'dovecot'])])
      expect(mayIntrospect(anybody, other)).toBe(false);
  });

  test('reads the account once', async () => {
    const kit = await startOidc({ clients });
    const { access_token: token } = await kit.tokens(visitor(), { client_id: 'toledo' });
    const { findById } = kit.storage.accounts;
    let reads = 0;
    kit.storage.accounts.findById = (id) => {
      reads += 1;
      return findById(id);
    };
    expect(await kit.introspect('toledo', token)).toMatchObject({ username: 'u0000001' });
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
