/**
 * A grant is revoked once per request, as surely as if it were revoked at each call of the library; and whatever was taken
 * away since a token was issued, it does not give.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Adapter } from 'oidc-provider';
import { recordKeyOf } from '../../src/domain/ports/record-key.ts';
import { type AdapterOptions, createAdapterFactory } from '../../src/oidc/records/adapter.ts';
import { createAllowances } from '../../src/oidc/tokens/allowance.ts';
import {
  application,
  closeAll,
  type Kit,
  lifetimes,
  MFA,
  person,
  register,
  secret,
  setClock,
  startOidc,
  type Tokens,
  visitor,
} from './support.ts';

afterEach(closeAll);

/** Counts what the port is asked to revoke, whole grants and Grants alone. */
function revoked(kit: Kit): string[] {
  const asked: string[] = [];
  const { revokeByGrant, destroy } = kit.storage.protocolRecords;
  kit.storage.protocolRecords.revokeByGrant = (grantId) => {
    asked.push(recordKeyOf(grantId));
    return revokeByGrant(grantId);
  };
  kit.storage.protocolRecords.destroy = (model, key) => {
    if (model === 'Grant') asked.push(key);
    return destroy(model, key);
  };
  return asked;
}

describe('at sign-out', () => {
  test('each grant is revoked once, and all that came from it is dead', async () => {
    const kit = await startOidc({ clients: [application('toledo'), application('webmail')] });
    const browser = visitor();
    const tokens = [];
    for (const client_id of ['toledo', 'webmail']) tokens.push(await kit.tokens(browser, { client_id }));
    const asked = revoked(kit);
    await kit.land(browser, `${kit.issuer}/session/end`);
    await browser.press('logout');
    expect(new Set(asked).size).toBe(2);
    expect(asked).toHaveLength(2);
    for (const { access_token: token } of tokens) expect((await kit.me(token)).status).toBe(401);
  });
});

describe('within a request', () => {
  type Adapters = Record<'AccessToken' | 'RefreshToken' | 'Grant', Adapter>;

  async function inRequest(kit: Kit, act: (adapters: Adapters) => Promise<void>): Promise<void> {
    const factory = createAdapterFactory({
      accounts: kit.storage.accounts,
      records: kit.storage.protocolRecords,
      sessionMaxSeconds: lifetimes.sessionMaxSeconds,
      now: () => Date.now(),
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
    const adapters = Object.fromEntries(
      ['AccessToken', 'RefreshToken', 'Grant'].map((model) => [model, factory(model)]),
    ) as Adapters;
    const { find } = kit.storage.protocolRecords;
    let acting: Promise<void> | undefined;
    kit.storage.protocolRecords.find = async (...given) => {
      kit.storage.protocolRecords.find = find;
      acting = act(adapters);
      await acting.catch(() => {});
      return find(...given);
    };
    await kit.me('token');
    expect(acting).toBeDefined();
    await acting;
  }

  test('a call during the revocation of a grant waits for its end', async () => {
    const kit = await startOidc();
    await inRequest(kit, async ({ AccessToken, RefreshToken, Grant }) => {
      const { revokeByGrant } = kit.storage.protocolRecords;
      let go = () => {};
      const held = new Promise<void>((resolve) => {
        go = resolve;
      });
      kit.storage.protocolRecords.revokeByGrant = async (grantId) => {
        await held;
        return revokeByGrant(grantId);
      };
      const asked = revoked(kit);
      let done = 0;
      const all = [AccessToken.revokeByGrantId('g'), RefreshToken.revokeByGrantId('g'), Grant.destroy('g')];
      for (const each of all) void each.then(() => (done += 1));
      await new Promise((passed) => setTimeout(passed, 20));
      expect([done, asked.length]).toEqual([0, 1]);
      go();
      await Promise.all(all);
      await RefreshToken.revokeByGrantId('g');
      expect(asked).toHaveLength(1);
      await RefreshToken.revokeByGrantId('another');
      expect(asked).toHaveLength(2);
    });
  });

  test('a revocation that failed for all waiting calls is done at the next call', async () => {
    const kit = await startOidc();
    const { protocolRecords } = kit.storage;
    await protocolRecords.put('AccessToken', recordKeyOf('t'), { grantId: 'g' }, Date.now() + 60_000);
    await inRequest(kit, async ({ AccessToken, RefreshToken, Grant }) => {
      const { revokeByGrant } = protocolRecords;
      protocolRecords.revokeByGrant = async () => {
        throw new Error('the database is away');
      };
      const all = [AccessToken.revokeByGrantId('g'), RefreshToken.revokeByGrantId('g'), Grant.destroy('g')];
      const results = await Promise.allSettled(all);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      protocolRecords.revokeByGrant = revokeByGrant;
      expect(await AccessToken.find('t')).toBeDefined();
      await AccessToken.revokeByGrantId('g');
      expect(await AccessToken.find('t')).toBeUndefined();
    });
  });

  test('what is put for the grant afterwards is refused', async () => {
    const kit = await startOidc();
    await inRequest(kit, async ({ AccessToken, RefreshToken, Grant }) => {
      await AccessToken.revokeByGrantId('g');
      await AccessToken.upsert('t', { grantId: 'g' }, 60);
      await Grant.upsert('g', {}, 60);
      await RefreshToken.revokeByGrantId('g');
      expect(await AccessToken.find('t')).toBeUndefined();
      expect(await Grant.find('g')).toBeUndefined();
    });
  });
});

describe('what was taken away since a token was issued', () => {
  const everything = { scope: 'openid email phone offline_access', prompt: 'consent' };
  const an = person({ phone: '+3216000000' });
  const ofOthers = { pedel_first_party: false };

  async function change(kit: Kit, id: string, metadata: Parameters<typeof application>[1]): Promise<void> {
    await register(kit.storage, application(id, metadata));
    await kit.oidc.reload();
  }
  async function refreshed(kit: Kit, id: string, { refresh_token: token = '' }: Tokens) {
    const answer = await kit.refresh(id, token, { client_secret: secret });
    return { status: answer.status, ...((await answer.json()) as Tokens & { error?: string }) };
  }
  async function told(kit: Kit, { access_token: token }: Tokens): Promise<string[]> {
    const answer = await kit.me(token);
    return answer.status === 200 ? Object.keys((await answer.json()) as object).sort() : [String(answer.status)];
  }
  async function isDead(kit: Kit, id: string, tokens: Tokens): Promise<void> {
    expect(await told(kit, tokens)).toEqual(['401']);
    for (const token of [tokens.access_token, tokens.refresh_token ?? ''])
      expect(await kit.introspect(id, token)).toEqual({ active: false });
    expect(await refreshed(kit, id, tokens)).toMatchObject({ status: 400, error: 'invalid_grant' });
  }

  test('a scope of the client: neither an old nor a new token has it, until it is given back', async () => {
    for (const pedel_first_party of [true, false]) {
      const kit = await startOidc({ clients: [application('toledo', { pedel_first_party })], accounts: [an] });
      const tokens = await kit.tokens(visitor(), { client_id: 'toledo', ...everything });
      expect(await told(kit, tokens)).toContain('email');
      await change(kit, 'toledo', { pedel_first_party, scope: 'openid phone offline_access' });
      const phone = ['phone_number', 'phone_number_verified', 'sub'];
      expect(await told(kit, tokens)).toEqual(phone);
      expect(await kit.introspect('toledo', tokens.access_token)).toMatchObject({
        scope: 'openid phone offline_access',
      });
      const next = await refreshed(kit, 'toledo', tokens);
      expect(next.scope).toBe('openid phone offline_access');
      expect(await told(kit, next)).toEqual(phone);
      await change(kit, 'toledo', { pedel_first_party, scope: 'openid email offline_access' });
      expect(await told(kit, tokens)).toEqual(['email', 'email_verified', 'sub']);
      await change(kit, 'toledo', { pedel_first_party, scope: 'openid email' });
      expect(await refreshed(kit, 'toledo', tokens)).toMatchObject({ status: 400, error: 'invalid_grant' });
    }
  });

  test('single claims of a scope that the client does not have: they are neither given nor asked about', async () => {
    const scope = 'openid email offline_access';
    const kit = await startOidc({
      clients: [application('toledo', { scope }), application('survey', { scope, ...ofOthers })],
      accounts: [an],
    });
    const claims = JSON.stringify({ userinfo: { phone_number: null, email: null } });
    for (const id of ['toledo', 'survey']) {
      const browser = visitor();
      kit.page.seen.length = 0;
      for (const prompt of ['login', 'none'])
        expect(await told(kit, await kit.tokens(browser, { client_id: id, scope: 'openid', prompt, claims }))).toEqual([
          'email',
          'sub',
        ]);
      const asked = kit.page.seen.flatMap(({ consent }) => consent?.claims ?? []);
      expect(asked).toEqual(id === 'survey' ? ['email'] : []);
    }
  });

  test('consent: everything is dead, and stays so when it is given again; others go on', async () => {
    const clients = [application('survey', ofOthers), application('library', ofOthers)];
    const kit = await startOidc({ clients, accounts: [an, person({ id: 'bo', userNumbers: ['b'], emails: [] })] });
    const browser = visitor();
    const tokens = await kit.tokens(browser, { client_id: 'survey', ...everything });
    const elsewhere = await kit.tokens(visitor(), { client_id: 'survey', ...everything });
    const other = await kit.tokens(browser, { client_id: 'library', ...everything });
    kit.page.signIn = kit.signInAs('bo', ['pwd']);
    const ofBo = await kit.tokens(visitor(), { client_id: 'survey', ...everything });
    expect(await kit.storage.consents.remove('an', 'survey')).toBe(true);
    for (const each of [tokens, elsewhere]) await isDead(kit, 'survey', each);
    kit.page.signIn = kit.signInAs('an', ['pwd']);
    const again = await kit.tokens(browser, { client_id: 'survey', ...everything });
    for (const each of [tokens, elsewhere]) await isDead(kit, 'survey', each);
    for (const [id, each] of [
      ['survey', again],
      ['survey', ofBo],
      ['library', other],
    ] as const)
      expect(await refreshed(kit, id, each)).toMatchObject({ status: 200 });
  });

  test('consent, in the moment in which the person uses it: the answer is worth nothing', async () => {
    const kit = await startOidc({ clients: [application('survey', ofOthers)], accounts: [an] });
    const browser = visitor();
    await kit.tokens(browser, { client_id: 'survey', ...everything });
    const { put } = kit.storage.protocolRecords;
    kit.storage.protocolRecords.put = async (...given) => {
      if (given[0] === 'AuthorizationCode') await kit.storage.consents.remove('an', 'survey');
      return put(...given);
    };
    const { code = '' } = await kit.authorize(browser, { client_id: 'survey', scope: 'openid' });
    expect((await kit.exchange('survey', code)).status).toBe(400);
  });

  test('that people are not asked: without consent nothing goes on', async () => {
    const kit = await startOidc({ clients: [application('toledo')], accounts: [an] });
    const tokens = await kit.tokens(visitor(), { client_id: 'toledo', ...everything });
    await change(kit, 'toledo', ofOthers);
    await isDead(kit, 'toledo', tokens);
  });

  test('that one factor suffices: who had two goes on, who had one signs in again', async () => {
    const kit = await startOidc({ clients: [application('toledo')], accounts: [an] });
    const one = await kit.tokens(visitor(), { client_id: 'toledo', ...everything });
    kit.page.signIn = kit.signInAs('an', ['pwd', 'otp', 'mfa']);
    const two = await kit.tokens(visitor(), { client_id: 'toledo', ...everything });
    await change(kit, 'toledo', { pedel_acr: MFA });
    expect(await refreshed(kit, 'toledo', one)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await refreshed(kit, 'toledo', two)).toMatchObject({ status: 200 });
  });

  test('the client: one that is registered anew under its id has nothing of it', async () => {
    const backchannel = { backchannel_logout_uri: 'https://survey.example/' };
    const kit = await startOidc({ clients: [application('survey', { ...ofOthers, ...backchannel })], accounts: [an] });
    const sidOf = ({ id_token: token }: Tokens) =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid;
    const browser = visitor();
    const tokens = await kit.tokens(browser, { client_id: 'survey', ...everything });
    const elsewhere = visitor();
    await kit.tokens(elsewhere, { client_id: 'survey', ...everything });
    expect(await kit.storage.clients.remove('survey')).toBe(true);
    await change(kit, 'survey', { ...ofOthers, ...backchannel });
    const registered = await kit.storage.clients.find('survey');
    if (registered === undefined) throw new Error('it is not registered');
    const since = { ...registered, revision: registered.revision + 1, createdAt: Date.now() };
    await kit.storage.clients.put(since, registered.revision);
    await kit.oidc.reload();
    await isDead(kit, 'survey', tokens);
    expect(await kit.storage.consents.byAccount('an')).toEqual([]);
    expect(await kit.authorize(browser, { client_id: 'survey', prompt: 'none' })).toMatchObject({
      error: 'consent_required',
    });
    const anew = await kit.tokens(browser, { client_id: 'survey', ...everything });
    expect(await refreshed(kit, 'survey', anew)).toMatchObject({ status: 200 });
    await isDead(kit, 'survey', tokens);
    expect(sidOf(anew)).not.toBe(sidOf(tokens));
    // it hears of the end of its own sessions only
    await kit.oidc.sessions.endAll('an', 'test');
    const notices = await kit.storage.outbox.list({ kind: 'backchannel-logout' }, undefined, 9);
    expect(notices.map(({ payload }) => payload.sid)).toEqual([sidOf(anew)]);
  });

  test('the client, while a node still knew it: what was allowed or granted then is worth nothing', async () => {
    const registered = Date.UTC(2026, 8, 21);
    setClock(registered - 60_000);
    const kit = await startOidc({ clients: [application('survey', ofOthers)], accounts: [an] });
    const tokens = await kit.tokens(visitor(), { client_id: 'survey', ...everything });
    const record = await kit.storage.clients.find('survey');
    if (record === undefined) throw new Error('it is not registered');
    // as if it had been removed and registered anew, and the removal had not seen them
    setClock(registered);
    await kit.storage.clients.put({ ...record, revision: 2, createdAt: registered }, 1);
    await kit.oidc.reload();
    await isDead(kit, 'survey', tokens);
    const none = async () => undefined;
    const resources = { allowedTo: async () => ({}), byAudience: none, byIdentifier: none, mayAsk: async () => false };
    const allowances = createAllowances({
      ...kit.storage,
      records: kit.storage.protocolRecords,
      resources,
      now: () => registered,
    });
    expect(await allowances.find('survey', 'an')).toBeUndefined();
    kit.page.seen.length = 0;
    await kit.tokens(visitor(), { client_id: 'survey', ...everything });
    expect(kit.page.seen.map(({ prompt }) => prompt)).toEqual(['login', 'consent']);
    await isDead(kit, 'survey', tokens); // the new consent wakes nothing of before
  });
});
