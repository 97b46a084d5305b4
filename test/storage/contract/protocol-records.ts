import { expect, test } from '@jest/globals';
import type { ProtocolRecords } from '../../../src/domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../../src/domain/ports/record-key.ts';
import { count, crowds, race, together } from './together.ts';

export function protocolRecordsContract(records: () => ProtocolRecords, rounds: number): void {
  test('what was put is found whole under its model and key, until it expires', async () => {
    const record = { kind: 'AccessToken', accountId: 'a', extra: { nested: [1, 'two', null] } };
    await records().put('AccessToken', 'k', record, 1000);
    expect(await records().find('AccessToken', 'k', 999)).toEqual(record);
    expect(await records().find('AccessToken', 'k', 1000)).toBeUndefined();
    expect(await records().find('RefreshToken', 'k', 0)).toBeUndefined();
    expect(await records().find('AccessToken', 'K', 0)).toBeUndefined();
  });

  test('a record without an end stays, and an overwritten one is the new one', async () => {
    await records().put('Client', 'k', { version: 1 }, 5);
    await records().put('Client', 'k', { version: 2 }, undefined);
    expect(await records().find('Client', 'k', 1e15)).toEqual({ version: 2 });
    await records().destroy('Client', 'k');
    expect(await records().find('Client', 'k', 0)).toBeUndefined();
    await records().destroy('Client', 'k');
  });

  test('one of several models is found by its key alone, with what find says of it', async () => {
    const models = ['AccessToken', 'ClientCredentials', 'RefreshToken'];
    await records().put('RefreshToken', 'k', { grantId: 'g', version: 1 }, 1000);
    await records().put('AuthorizationCode', 'other', { grantId: 'g' }, 1000);
    const among = (key: string, now = 999) => records().findAmong(models, key, now);
    expect(await among('k')).toEqual({ model: 'RefreshToken', record: { grantId: 'g', version: 1 } });
    expect(await records().consume('RefreshToken', 'k', 500)).toBe(true);
    expect(await among('k')).toEqual({ model: 'RefreshToken', record: { grantId: 'g', version: 1, consumed: 0 } });
    for (const none of [among('k', 1000), among('K'), among('other'), among('RefreshToken k')])
      expect(await none).toBeUndefined();
    await records().revokeByGrant('g');
    expect(await among('k')).toBeUndefined();
  });

  race('of %i who consume a code, one does, and it is marked', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    await records().put('AuthorizationCode', key, { grantId: 'g' }, 60_000);
    const results = await together(callers, () => records().consume('AuthorizationCode', key, 5_900));
    expect(count(results, true)).toBe(1);
    expect(await records().find('AuthorizationCode', key, 5_900)).toEqual({ grantId: 'g', consumed: 5 });
  });

  test('nothing is consumed that is not there, has expired or was destroyed', async () => {
    await records().put('AuthorizationCode', 'k', {}, 1000);
    expect(await records().consume('AuthorizationCode', 'k', 1000)).toBe(false);
    expect(await records().consume('AuthorizationCode', 'other', 0)).toBe(false);
    expect(await records().consume('RefreshToken', 'k', 0)).toBe(false);
    await records().destroy('AuthorizationCode', 'k');
    expect(await records().consume('AuthorizationCode', 'k', 0)).toBe(false);
  });

  test('an overwrite, even one that was under way before, never makes a consumed record new', async () => {
    await records().put('RefreshToken', 'k', { v: 1 }, 60_000);
    await Promise.all([
      records().consume('RefreshToken', 'k', 5_000),
      records().put('RefreshToken', 'k', { v: 2 }, 60_000),
    ]);
    expect(await records().find('RefreshToken', 'k', 5_000)).toEqual({ v: 2, consumed: 5 });
    expect(await records().consume('RefreshToken', 'k', 6_000)).toBe(false);
    await records().put('RefreshToken', 'k', { v: 3, consumed: 9 }, 60_000);
    expect(await records().find('RefreshToken', 'k', 5_000)).toEqual({ v: 3, consumed: 5 });
  });

  test('a record that was consumed when it was put is not consumed again', async () => {
    await records().put('RefreshToken', 'k', { consumed: 4 }, 60_000);
    expect(await records().consume('RefreshToken', 'k', 5_000)).toBe(false);
  });

  race('of %i who use the same jti, one does', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    const results = await together(callers, () => records().insert('ReplayDetection', key, { iss: 'c' }, 1000, 0));
    expect(count(results, true)).toBe(1);
  });

  race('a jti that has expired counts no more: one of %i uses it again', crowds, rounds, async (callers, round) => {
    const key = `k ${round}`;
    await records().insert('ReplayDetection', key, { iss: 'old' }, 1000, 0);
    expect(await records().insert('ReplayDetection', key, { iss: 'early' }, 2000, 999)).toBe(false);
    const results = await together(callers, () => records().insert('ReplayDetection', key, { iss: 'new' }, 2000, 1000));
    expect(count(results, true)).toBe(1);
    expect(await records().find('ReplayDetection', key, 1000)).toEqual({ iss: 'new' });
  });

  test('a grant is revoked with all that came from it, whatever the model, and nothing else', async () => {
    await records().put('Grant', recordKeyOf('g'), { accountId: 'a' }, 1000);
    for (const model of ['AuthorizationCode', 'AccessToken', 'RefreshToken'])
      for (const grantId of ['g', 'h']) await records().put(model, `${model} of ${grantId}`, { grantId }, 1000);
    await records().put('Grant', recordKeyOf('h'), {}, 1000);
    await records().revokeByGrant('g');
    for (const model of ['AuthorizationCode', 'AccessToken', 'RefreshToken']) {
      expect(await records().find(model, `${model} of g`, 0)).toBeUndefined();
      expect(await records().find(model, `${model} of h`, 0)).toEqual({ grantId: 'h' });
    }
    expect(await records().find('Grant', recordKeyOf('g'), 0)).toBeUndefined();
    expect(await records().find('Grant', recordKeyOf('h'), 0)).toEqual({});
  });

  race(
    'tokens that %i requests under way put for a revoked grant are never valid',
    crowds,
    rounds,
    async (callers, round) => {
      const grantId = `g ${round}`;
      const model = (caller: number) => (caller % 2 === 0 ? 'AccessToken' : 'RefreshToken');
      const key = (caller: number) => `k ${round} ${caller}`;
      await records().put('Grant', recordKeyOf(grantId), {}, 1000);
      await together(callers, (caller) =>
        caller === 7 ? records().revokeByGrant(grantId) : records().put(model(caller), key(caller), { grantId }, 1000),
      );
      await records().put('Grant', recordKeyOf(grantId), {}, 1000); // read before it was revoked, written after
      const found = await together(callers, (caller) => records().find(model(caller), key(caller), 0));
      expect(found.filter((record) => record !== undefined)).toEqual([]);
      expect(await records().find('Grant', recordKeyOf(grantId), 0)).toBeUndefined();
    },
  );

  test('grants are found by person and clients, with what can still be refreshed under them', async () => {
    const grant = (grantId: string, change: object = {}) =>
      records().put('Grant', recordKeyOf(grantId), { grantId, clientId: 'c', accountId: 'a', ...change }, 5000);
    await grant('refreshes', { epoch: 2, iat: 7 });
    await records().put('RefreshToken', 'r 1', { grantId: 'refreshes', sid: 's' }, 5000);
    await grant('was refreshed');
    await records().put('RefreshToken', 'r 2', { grantId: 'was refreshed', sid: 's' }, 1000); // expired
    await records().put('RefreshToken', 'r 3', { grantId: 'was refreshed', consumed: 1 }, 5000);
    await records().put('AccessToken', 'r 4', { grantId: 'was refreshed' }, 5000);
    await grant('of another client', { clientId: 'd' });
    await records().put('RefreshToken', 'r 5', { grantId: 'of another client' }, 5000);
    await grant('of a third', { clientId: 'e' });
    await grant('of another person', { accountId: 'b' });
    await grant('revoked');
    await records().revokeByGrant('revoked');
    await records().put('Grant', recordKeyOf('expired'), { grantId: 'expired', clientId: 'c', accountId: 'a' }, 2000);
    const found = await records().grantsOf('a', ['c', 'd'], 2000);
    expect(found.sort((a, b) => a.grantId.localeCompare(b.grantId))).toEqual([
      { grantId: 'of another client', clientId: 'd', refreshes: true },
      { grantId: 'refreshes', clientId: 'c', epoch: 2, iat: 7, refreshes: true, sid: 's' },
      { grantId: 'was refreshed', clientId: 'c', refreshes: false },
    ]);
    expect(await records().grantsOf('a', [], 2000)).toEqual([]);
    expect(await records().grantsOf("' OR 1=1 --", ['c'], 2000)).toEqual([]);
  });

  test('whoever granted a client something is found page by page, each once', async () => {
    for (const [accountId, grantId, clientId = 'c'] of [
      ['b', '1'],
      ['a', '2'],
      ['a', '3'],
      ['c', '4', 'd'],
      ['\u00e9', '5'],
    ] as const)
      await records().put('Grant', recordKeyOf(grantId), { grantId, clientId, accountId }, 5000);
    await records().put('RefreshToken', 'r', { grantId: '4', clientId: 'c', accountId: 'c' }, 5000);
    for (const limit of [1, 2, 50]) {
      const found: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await records().accountsGranted('c', after, limit);
        found.push(...page);
        after = page.at(-1);
        if (after === undefined) break;
      }
      expect(found).toEqual(['a', 'b', '\u00e9']);
    }
  });

  test('a grant that was destroyed alone takes no more tokens either', async () => {
    await records().put('Grant', recordKeyOf('g'), {}, 1000);
    await records().destroy('Grant', recordKeyOf('g'));
    await records().put('AccessToken', 'k', { grantId: 'g' }, 1000);
    expect(await records().find('AccessToken', 'k', 0)).toBeUndefined();
  });
}
