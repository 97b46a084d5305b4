/** Our changes to the library's internals still take effect: each test fails when the library stops calling the seam. */
import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import { seamsWrittenFor } from '../../src/oidc/seams.ts';
import { application, closeAll, cookiesOf, MFA, register, secret, startOidc, visitor } from './support.ts';

afterEach(closeAll);

test('the library is the release whose insides the seams were read from', () => {
  const { version } = createRequire(import.meta.url)('oidc-provider/package.json') as { version: string };
  expect(version.startsWith(`${seamsWrittenFor}.`)).toBe(true);
});

describe('seam Client.find', () => {
  test('clients come from the port, are kept, and a change is seen within a second', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    let asked = 0;
    const { find } = kit.storage.clients;
    kit.storage.clients.find = (id) => {
      asked += 1;
      return find(id);
    };
    const browser = visitor();
    for (let round = 0; round < 3; round += 1) await kit.tokens(browser, { client_id: 'toledo' });
    expect(asked).toBe(1);
    await register(kit.storage, application('toledo', { redirect_uris: ['https://toledo.example/moved'] }));
    asked = 0;
    await new Promise((passed) => setTimeout(passed, 1050));
    const moved = { client_id: 'toledo', redirect_uri: 'https://toledo.example/moved' };
    expect(await kit.authorize(browser, moved)).toMatchObject({ code: expect.anything() });
    expect(asked).toBe(1);
  });

  test('the built-in client is there without storage, and no stored one takes its place', async () => {
    const kit = await startOidc({ clients: [application('pedel')] });
    const landed = await kit.land(visitor(), kit.authUrl({ client_id: 'pedel' }));
    expect([landed.status, landed.html]).toEqual([400, expect.stringContaining('invalid_redirect_uri')]);
  });

  test('the built-in client is called as people call its pages, in their language', async () => {
    const kit = await startOidc();
    const own = { client_id: 'pedel', redirect_uri: `${kit.issuer}/account`, response_type: 'none', scope: 'openid' };
    await kit.land(visitor(), kit.authUrl(own));
    expect(kit.page.seen.map(({ client }) => client.name)).toMatchObject([
      { nl: 'je accountpagina', en: 'your account page' },
    ]);
  });

  test('an unknown client gets a page that says so', async () => {
    const kit = await startOidc();
    const landed = await kit.land(visitor(), kit.authUrl({ client_id: 'nobody' }));
    expect([landed.status, landed.html]).toEqual([400, expect.stringContaining('invalid_client')]);
  });
});

describe('seam Session.resetIdentifier', () => {
  test('a sign-in renews the identifier, an answer about consent does not: it may be lost on its way', async () => {
    const kit = await startOidc({
      clients: [application('toledo'), application('survey', { pedel_first_party: false })],
    });
    const browser = visitor();
    const identifier = () => browser.cookies.get('localhost pedel_session /');
    await kit.tokens(browser, { client_id: 'toledo' });
    const before = identifier();
    await kit.tokens(browser, { client_id: 'survey' });
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login', 'consent']);
    expect(identifier()).toBe(before);
    // in one go: the page of the sign-in renews it, and that of consent leaves it at that
    await kit.storage.consents.remove('an', 'survey');
    await kit.tokens(browser, { client_id: 'survey', prompt: 'login' });
    expect(kit.page.seen.slice(2).map(({ prompt }) => prompt)).toEqual(['login', 'consent']);
    expect(identifier()).not.toBe(before);
  });
});

describe('seam OIDCContext.cookies', () => {
  test('the session of a silent sign-on is in our jar: its browser, which has the cookie, is not sent it again', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    const answer = await fetch(kit.authUrl({ client_id: 'toledo', prompt: 'none' }), {
      redirect: 'manual',
      headers: { cookie: cookiesOf(browser) },
    });
    expect(answer.headers.get('location')).toContain('code=');
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe('seam Client.compareClientSecret', () => {
  test('compares with hashes, several at a time, and an expired one no more', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const record = await kit.storage.clients.find('toledo');
    if (record === undefined) throw new Error('no client');
    const old = 'an older secret of at least 32 characters';
    const expired = 'an expired secret of at least 32 characters';
    const secrets = [
      ...record.secrets,
      { id: '2', hash: hashClientSecret(old), createdAt: 0, expiresAt: Date.now() + 60_000 },
      { id: '3', hash: hashClientSecret(expired), createdAt: 0, expiresAt: Date.now() - 1 },
    ];
    await kit.storage.clients.put({ ...record, revision: 2, secrets }, 1);
    const asked = async (given: string) =>
      (await kit.post('/token/introspection', { client_id: 'toledo', client_secret: given, token: 'x' })).status;
    expect(await Promise.all([secret, old, expired, hashClientSecret(secret), 'x'].map(asked))).toEqual([
      200, 200, 401, 401, 401,
    ]);
  });
});

describe('seam Client.backchannelLogout', () => {
  test('a logout at the endpoint only puts notices into the outbox', async () => {
    const kit = await startOidc({
      clients: [application('toledo', { backchannel_logout_uri: 'http://127.0.0.1:9/' })],
    });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'toledo' });
    await kit.land(browser, `${kit.issuer}/session/end`);
    await browser.press('logout');
    expect(await kit.storage.outbox.byAccount('an', 5)).toMatchObject([{ kind: 'backchannel-logout', attempts: 0 }]);
  });
});

describe('seam OIDCContext.prompts', () => {
  test('is read before the library looks at the scope, which it would refuse', async () => {
    const kit = await startOidc({ clients: [application('toledo', { scope: 'openid' })] });
    const asked = { client_id: 'toledo', scope: 'openid email' };
    expect(await kit.authorize(visitor(), asked)).toMatchObject({ code: expect.anything() });
  });
});

describe('seam Client.includeSid', () => {
  test('puts the session into ID tokens of applications that sign out without a question, and into no others', async () => {
    const clients = [application('toledo'), application('survey', { pedel_first_party: false })];
    const kit = await startOidc({ clients });
    const browser = visitor();
    const sid = async (id: string) => decodeJwt((await kit.tokens(browser, { client_id: id })).id_token).sid;
    expect(await sid('toledo')).toEqual(expect.any(String));
    expect(await sid('survey')).toBeUndefined();
  });
});

describe('seam ReplayDetection.unique', () => {
  test('is one insert', async () => {
    const kit = await startOidc({ clients: [application('toledo', { dpop_bound_access_tokens: true })] });
    const inserted: string[] = [];
    const { insert, find } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.find = (model, ...rest) => {
      if (model === 'ReplayDetection') inserted.push('looked for');
      return find(model, ...rest);
    };
    kit.storage.protocolRecords.insert = (model, ...rest) => {
      inserted.push(model);
      return insert(model, ...rest);
    };
    const { randomDPoPKeyPair, getDPoPHandle, authorizationCodeGrant } = await import('openid-client');
    const config = await kit.config('toledo');
    const DPoP = getDPoPHandle(config, await randomDPoPKeyPair('ES256'));
    const { url } = await kit.land(visitor(), kit.authUrl({ client_id: 'toledo' }));
    await authorizationCodeGrant(config, new URL(url), {}, undefined, { DPoP });
    expect(inserted).toEqual(['ReplayDetection']);
  });
});

describe('seam OIDCContext.acr', () => {
  test('codes and ID tokens carry the value that was asked for', async () => {
    const kit = await startOidc({ clients: [application('toledo', { response_types: ['code id_token'] })] });
    kit.page.signIn = kit.signInAs('an', ['hwk', 'user', 'mfa']);
    const answer = await kit.authorize(visitor(), {
      client_id: 'toledo',
      response_type: 'code id_token',
      nonce: 'n',
      acr_values: MFA,
    });
    expect(decodeJwt(answer.id_token ?? '').acr).toBe(MFA);
    const tokens = (await (await kit.exchange('toledo', answer.code ?? '')).json()) as { id_token: string };
    expect(decodeJwt(tokens.id_token)).toMatchObject({ acr: MFA, amr: ['hwk', 'user', 'mfa'] });
  });
});

describe('seam IN_PAYLOAD', () => {
  test('sessions, grants and tokens keep the epoch of their sign-in, interactions what is pending', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const epochs = new Map<string, unknown>();
    const { put } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.put = (model, key, record, expiresAt) => {
      epochs.set(model, model === 'Interaction' ? (record.pending ?? epochs.get(model)) : record.epoch);
      return put(model, key, record, expiresAt);
    };
    await kit.change('an', { credentialsEpoch: 7 });
    const signIn = kit.page.signIn;
    kit.page.signIn = async (interaction, ctx) => {
      await kit.oidc.interactions.keep(interaction, 'proof');
      return signIn(interaction, ctx);
    };
    await kit.tokens(visitor(), { client_id: 'toledo', scope: 'openid offline_access', prompt: 'consent' });
    expect(Object.fromEntries(epochs)).toEqual({
      Interaction: 'proof',
      Grant: 7,
      AuthorizationCode: 7,
      AccessToken: 7,
      RefreshToken: 7,
    });
    const [session] = await kit.storage.protocolRecords.sessionsOf('an');
    expect(session?.record.epoch).toBe(7);
  });
});

test('a listener that only tells does not change the answer, whatever it throws', async () => {
  const full = () => {
    throw new Error('ENOSPC: no space left on device');
  };
  const log = { debug: full, info: full, warn: full, error: full };
  const kit = await startOidc({ clients: [application('toledo')], log });
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'x',
    client_id: 'toledo',
    redirect_uri: 'https://x',
  });
  body.append('client_secret', secret);
  const answer = await fetch(`${kit.issuer}/token`, { method: 'POST', body });
  expect([answer.status, await answer.json()]).toEqual([400, expect.objectContaining({ error: 'invalid_grant' })]);
});

describe('seam formOf', () => {
  test.each(['form_post', 'form_post.jwt'])(
    'an answer by %s is on a page of ours, not on the library’s',
    async (mode) => {
      const kit = await startOidc({ clients: [application('toledo')] });
      const browser = visitor();
      await kit.tokens(browser, { client_id: 'toledo' });
      const landed = await kit.land(
        browser,
        kit.authUrl({ client_id: 'toledo', response_mode: mode, ui_locales: 'en nl' }),
      );
      expect(kit.page.sentOn).toEqual([
        {
          action: 'https://toledo.example/back',
          fields: expect.arrayContaining([
            expect.stringMatching(mode === 'form_post' ? /name="code" value="/ : /name="response" value="/),
          ]),
          application: expect.objectContaining({ name: expect.objectContaining({ en: 'toledo' }) }),
          accountId: 'an',
          uiLocales: ['en', 'nl'],
          status: 200,
        },
      ]);
      expect(landed.html).not.toContain('Submitting Callback');
    },
  );

  test('so is a refusal by form_post, and signing out when nobody is signed in', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    await kit.land(visitor(), kit.authUrl({ client_id: 'toledo', response_mode: 'form_post', prompt: 'none' }));
    const signedOut = await kit.land(visitor(), `${kit.issuer}/session/end?ui_locales=en`);
    expect(kit.page.sentOn).toEqual([
      expect.objectContaining({
        fields: expect.arrayContaining([expect.stringContaining('login_required')]),
        status: 400,
      }),
      { action: `${kit.issuer}/session/end/confirm`, fields: expect.anything(), uiLocales: ['en'], status: 200 },
    ]);
    expect(signedOut.html).not.toContain('Submitting Callback');
  });
});
