/** From the second in which an account ends or its credentials change, nothing issued before is accepted (rule 12). */
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { loadConfig } from '../../src/config/load.ts';
import type { Account } from '../../src/domain/account/account.ts';
import type { Suspension } from '../../src/domain/lifecycle/lifecycle-records.ts';
import { suspend } from '../../src/domain/lifecycle/suspension.ts';
import type { ProtocolRecords, SessionRecord } from '../../src/domain/ports/protocol-records.ts';
import { type AdapterOptions, createAdapterFactory } from '../../src/oidc/records/adapter.ts';
import { createFindAccount } from '../../src/oidc/sign-in/account.ts';
import { whyLapsed } from '../../src/oidc/sign-in/policy.ts';
import {
  application,
  closeAll,
  type Kit,
  lifetimes,
  organisations,
  person,
  secret,
  setClock,
  startOidc,
  type Tokens,
  visitor,
} from './support.ts';

afterEach(closeAll);

const toledo = { client_id: 'toledo' };
const offline = { ...toledo, scope: 'openid offline_access', prompt: 'consent' };
const start = Date.UTC(2026, 8, 21);
const minutes = (count: number) => start + count * 60_000;

/** Session, code, access and refresh token, all of one sign-in. */
async function everything(kit: Kit) {
  const browser = visitor();
  const tokens = await kit.tokens(browser, offline);
  const { code = '' } = await kit.authorize(browser, toledo);
  return { browser, tokens, code };
}

async function opensNothing(kit: Kit, { browser, tokens, code }: Awaited<ReturnType<typeof everything>>) {
  expect(await kit.authorize(browser, { ...toledo, prompt: 'none' })).toMatchObject({ error: 'login_required' });
  expect(await kit.session(browser)).toBeNull();
  expect((await kit.exchange('toledo', code)).status).toBe(400);
  expect((await kit.me(tokens.access_token)).status).toBe(401);
  for (const token of [tokens.access_token, tokens.refresh_token ?? '']) {
    expect(await kit.introspect('toledo', token)).toEqual({ active: false });
  }
  const refreshed = await kit.refresh('toledo', tokens.refresh_token ?? '', { client_secret: secret });
  expect([refreshed.status, await refreshed.json()]).toMatchObject([400, { error: 'invalid_grant' }]);
}

describe('a raised epoch', () => {
  test('refuses session, code, access and refresh token before anything is deleted', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const before = await everything(kit);
    await kit.change('an', { credentialsEpoch: 2 });
    expect(await kit.storage.protocolRecords.sessionsOf('an')).toHaveLength(1);
    await opensNothing(kit, before);
    const after = await kit.tokens(before.browser, offline);
    expect((await kit.me(after.access_token)).status).toBe(200);
  });

  test('during a sign-in makes that sign-in start again', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const [late, proper] = [kit.signInAs('an', ['pwd'], 1), kit.signInAs('an', ['pwd'])];
    kit.page.signIn = async (interaction, ctx) => {
      if (kit.page.seen.length > 1) return proper(interaction, ctx);
      await kit.change('an', { credentialsEpoch: 2 });
      return late(interaction, ctx);
    };
    await kit.tokens(visitor(), toledo);
    expect(kit.page.seen.map(({ asked }) => asked.because)).toEqual(['no-session', 'credentials-changed']);
  });
});

describe('the end of an account', () => {
  test('refuses everything from that second on', async () => {
    setClock(start);
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ endsAt: minutes(1) })] });
    const before = await everything(kit);
    setClock(minutes(1) - 1000);
    expect((await kit.me(before.tokens.access_token)).status).toBe(200);
    setClock(minutes(1));
    await opensNothing(kit, before);
  });

  test('a suspension refuses everything as an end does, whatever affiliations say, and lifted opens nothing of before', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const before = await everything(kit);
    const context = { organisations, now: Date.now() };
    const { account: suspended = person() } = suspend(person(), { kind: 'administrative', reason: 'x' }, context);
    const { suspension, credentialsEpoch } = suspended;
    await kit.change('an', { suspension: { kind: 'administrative', reason: 'x', at: 0 } });
    await opensNothing(kit, before); // by the suspension alone, before any session is ended
    await kit.change('an', { suspension: { ...suspension, until: Date.now() } as Suspension, credentialsEpoch });
    await opensNothing(kit, before); // by the epoch, once it is over
  });

  test('that is brought forward refuses what was issued before it was known', async () => {
    const kit = await startOidc({ clients: [application('toledo')] });
    const before = await everything(kit);
    await kit.change('an', { endsAt: Date.now() });
    await opensNothing(kit, before);
  });

  test('is outlived by no token, neither when it was known nor after a refresh', async () => {
    setClock(start);
    const kit = await startOidc({ clients: [application('toledo')], accounts: [person({ endsAt: minutes(5) })] });
    const browser = visitor();
    const tokens = await kit.tokens(browser, offline);
    expect(tokens.expires_in).toBe(300);
    expect(decodeJwt(tokens.id_token).exp).toBe(minutes(5) / 1000);
    const record = await kit.introspect('toledo', tokens.refresh_token ?? '');
    expect(record.exp).toBe(minutes(5) / 1000);
    setClock(minutes(2));
    const answer = await kit.refresh('toledo', tokens.refresh_token ?? '', { client_secret: secret });
    expect(((await answer.json()) as Tokens).expires_in).toBe(180);
    const [session] = await kit.storage.protocolRecords.sessionsOf('an');
    expect(session?.expiresAt).toBe(minutes(5));
    // one that begins its idle time anew, too: the end became known after it was issued
    setClock(start);
    const days = (count: number) => minutes(count * 24 * 60);
    await kit.change('an', { endsAt: days(100) });
    const { refresh_token: lasting = '' } = await kit.tokens(visitor(), offline);
    await kit.change('an', { endsAt: days(20) });
    setClock(days(10));
    expect((await kit.refresh('toledo', lasting, { client_secret: secret })).status).toBe(200);
    expect(await kit.introspect('toledo', lasting)).toMatchObject({ active: true, exp: days(20) / 1000 });
  });

  test('and one that was never activated cannot sign in at all', async () => {
    const { activatedAt: _, ...invited } = person();
    const kit = await startOidc({ clients: [application('toledo')], accounts: [invited] });
    const signIn = kit.page.signIn;
    kit.page.signIn = (interaction, ctx) =>
      kit.page.seen.length > 1
        ? kit.oidc.interactions.finishDeclined(ctx, interaction, 'broken-off')
        : signIn(interaction, ctx);
    expect(await kit.authorize(visitor(), toledo)).toMatchObject({ error: 'access_denied' });
  });
});

describe('a record', () => {
  test('holds while its account is open, its epoch the current one and its sign-in not too old', () => {
    const account = person({ credentialsEpoch: 2, endsAt: 10_000 });
    const why = (record: object, of: typeof account | undefined = account, now = 9000) =>
      whyLapsed({ accountId: 'an', epoch: 2, ...record }, of, now, 5);
    expect(why({})).toBeUndefined();
    for (const epoch of [1, 3, undefined]) expect(why({ epoch })).toBe('credentials-changed');
    expect([why({ loginTs: 5 }), why({ loginTs: 4 })]).toEqual([undefined, 'session-too-old']);
    expect(why({}, account, 10_000)).toBe('account-closed');
    const { activatedAt: _, ...invited } = account;
    expect(why({}, invited)).toBe('account-closed');
    expect(whyLapsed({ epoch: 2 }, undefined, 0, 5)).toBe('account-closed');
  });
});

describe('the record of', () => {
  const now = Date.UTC(2026, 8, 21);
  const adapterFor = (account: Account | undefined, record: SessionRecord) =>
    createAdapterFactory({
      accounts: { findById: async () => account },
      records: {
        find: async () => record,
        findSession: async () => ({ key: 'k', record, text: JSON.stringify(record) }),
      } as Partial<ProtocolRecords> as ProtocolRecords,
      sessionMaxSeconds: 3600,
      now: () => now,
      browser: () => undefined,
      deviceCodes: {} as AdapterOptions['deviceCodes'],
      beforeSessionEnds: async () => {},
      onSessionEnded: async () => {},
      sessionEnded: () => undefined,
      takeForStranger: () => {},
      holdGrant: async (grant) => grant,
      holdServiceToken: async (token) => token,
      replayed: () => ({ id: 'r', at: 0, actor: { kind: 'system' }, action: 'token.replayed' }),
    });

  test.each(['Session', 'Grant', 'AuthorizationCode', 'DeviceCode', 'AccessToken', 'RefreshToken'])(
    '%s of an older epoch is not found, whatever else is stored, nor of an account that has ended',
    async (model) => {
      const record = { uid: 'u', accountId: 'an', epoch: 1, loginTs: now / 1000 - 60 };
      const found = async (account: Account | undefined) => {
        const adapter = adapterFor(account, record)(model);
        return [await adapter.find('id'), model === 'Session' ? await adapter.findByUid('u') : undefined];
      };
      const nothing = [undefined, undefined];
      expect((await found(person()))[0]).toMatchObject({ accountId: 'an' });
      for (const account of [
        person({ credentialsEpoch: 2 }),
        person({ credentialsEpoch: 0 }),
        person({ endsAt: now }),
        undefined,
      ])
        expect(await found(account)).toEqual(nothing);
      expect((await found(person({ endsAt: now + 1 })))[0]).toBeDefined();
    },
  );
});

describe('an account', () => {
  test('is found by no session of an older epoch, nor from the moment of its end on', async () => {
    const now = Date.UTC(2026, 8, 21);
    const foundBy = async (epoch: number, change: Partial<Account> = {}) => {
      const accounts = { findById: async () => person({ credentialsEpoch: 2, ...change }) };
      const find = createFindAccount({ accounts, releasing: { claims: () => ({}) }, now: () => now });
      const ctx = { oidc: { session: { accountId: 'an', epoch } } } as unknown as KoaContextWithOIDC;
      return (await find(ctx, 'an'))?.accountId;
    };
    expect(await foundBy(2)).toBe('an');
    expect(await foundBy(1)).toBeUndefined();
    expect(await foundBy(2, { endsAt: now })).toBeUndefined();
    expect(await foundBy(2, { endsAt: now + 1 })).toBe('an');
  });
});

describe('lifetimes', () => {
  test('are those of the rule where nothing is configured', () => {
    const readFile = () =>
      "issuer: https://id.example\norganisations: [{ id: a, name: { nl: A, en: A }, domains: [a.example], contacts: [{ label: { nl: A, en: A }, email: a@a.example }], colour: '#00407a' }]";
    const environment = { PEDEL_SECRET: 'a sealing secret of at least 32 characters' };
    expect(loadConfig({ file: 'pedel.yaml', environment, secret: 'required', readFile })).toMatchObject({
      faults: [],
      config: { lifetimes },
    });
  });

  test('are the configured ones: access token 10 minutes, refresh token 30 idle days', async () => {
    setClock(start);
    const kit = await startOidc({ clients: [application('toledo')] });
    const tokens = await kit.tokens(visitor(), offline);
    expect(tokens.expires_in).toBe(600);
    const { exp } = await kit.introspect('toledo', tokens.refresh_token ?? '');
    expect(exp).toBe(start / 1000 + 30 * 86_400);
    setClock(minutes(11));
    expect((await kit.me(tokens.access_token)).status).toBe(401);
  });

  test("may be a client's own", async () => {
    setClock(start);
    const kit = await startOidc({
      clients: [application('toledo', { pedel_access_token_seconds: 120, pedel_refresh_token_idle_seconds: 3600 })],
    });
    const tokens = await kit.tokens(visitor(), offline);
    expect(tokens.expires_in).toBe(120);
    expect((await kit.introspect('toledo', tokens.refresh_token ?? '')).exp).toBe(start / 1000 + 3600);
  });

  test('of tokens without offline_access end with the session, those with it do not', async () => {
    const kit = await startOidc({ clients: [application('toledo'), application('webmail')] });
    const browser = visitor();
    const bound = await kit.tokens(browser, toledo);
    const lasting = await kit.tokens(browser, { ...offline, client_id: 'webmail' });
    await kit.onPage(browser, (ctx) => kit.oidc.sessions.end(ctx));
    expect((await kit.me(bound.access_token)).status).toBe(401);
    expect((await kit.me(lasting.access_token)).status).toBe(200);
    expect((await kit.refresh('webmail', lasting.refresh_token ?? '', { client_secret: secret })).status).toBe(200);
  });
});
