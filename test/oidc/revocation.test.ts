/** A grant is revoked once per request, as surely as if it were revoked at each call of the library. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Adapter } from 'oidc-provider';
import { recordKeyOf } from '../../src/domain/ports/record-key.ts';
import { createAdapterFactory } from '../../src/oidc/adapter.ts';
import { application, closeAll, type Kit, lifetimes, startOidc, visitor } from './support.ts';

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
      beforeSessionEnds: async () => {},
      onSessionEnded: async () => {},
      sessionEnded: () => undefined,
      takeForStranger: () => {},
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
