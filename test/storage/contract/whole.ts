import { expect, test } from '@jest/globals';
import { recordKeyOf } from '../../../src/domain/ports/record-key.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { numbered } from './numbered.ts';
import { NOW } from './together.ts';

export function storageAsAWholeContract(storage: () => Storage): void {
  test('it is ready, as often as asked', async () => {
    await storage().ready();
    await storage().ready();
  });

  test.each([1e18, 2 ** 53, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a number that could not be read back is refused where it comes in: %p',
    async (number) => {
      const { protocolRecords, attempts, outbox, leases, accounts, archive } = storage();
      const refused = [
        protocolRecords.put('AccessToken', 'a', {}, number),
        protocolRecords.insert('ReplayDetection', 'b', {}, number, NOW),
        protocolRecords.saveSession({ key: 'c', record: { uid: 'c' }, expiresAt: number, now: NOW }),
        attempts.take('d', number, NOW),
        outbox.put({ id: 'e', kind: 'letter', payload: {}, createdAt: NOW, expiresAt: number }),
        leases.acquire('f', 'holder', number, NOW),
        accounts.insert(numbered(1, { endsAt: number })),
        archive.put('attempts', [{ key: 'g', count: 1, windowEndsAt: number }]),
      ];
      const outcomes = await Promise.allSettled(refused);
      expect(outcomes).toEqual(
        refused.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'malformed' }) })),
      );
      expect(Object.values(await archive.counts()).every((count) => count === 0)).toBe(true);
    },
  );

  test('the largest numbers that are allowed are read back as they were', async () => {
    const { protocolRecords, archive } = storage();
    await protocolRecords.put('AccessToken', 'a', {}, Number.MAX_SAFE_INTEGER);
    const { records } = await archive.page('protocolRecords', NOW, undefined, 9);
    expect(records.map(({ expiresAt }) => expiresAt)).toEqual([Number.MAX_SAFE_INTEGER]);
  });

  test('its clock is that of the server, in epoch ms, where there is a server', async () => {
    const at = await storage().clock();
    if (at !== undefined) expect(Math.abs(at - Date.now())).toBeLessThan(60_000); // it runs on this machine
  });

  test('sweeping deletes what has expired and nothing that lives', async () => {
    const { protocolRecords, attempts, outbox } = storage();
    for (const [name, end] of [
      ['old', NOW],
      ['new', NOW + 1],
    ] as const) {
      await protocolRecords.put('AccessToken', name, { name }, end);
      await protocolRecords.saveSession({ key: name, record: { uid: name }, expiresAt: end, now: 0 });
      await protocolRecords.saveSession({
        key: `ended ${name}`,
        record: { uid: `ended ${name}` },
        expiresAt: end,
        now: 0,
      });
      await protocolRecords.destroySession(`ended ${name}`);
      await attempts.take(name, end, 0);
    }
    await protocolRecords.put('AccessToken', 'endless', {}, undefined);
    await outbox.put({ id: 'waiting', kind: 'letter', payload: {}, createdAt: 0, expiresAt: 1 });
    expect(await storage().sweep(NOW)).toBeGreaterThanOrEqual(3);
    expect(await storage().sweep(NOW)).toBe(0);
    expect(await protocolRecords.find('AccessToken', 'new', NOW)).toEqual({ name: 'new' });
    expect(await protocolRecords.find('AccessToken', 'endless', NOW)).toEqual({});
    expect(await protocolRecords.findSession({ key: 'new' }, NOW)).toBeDefined();
    // an expired session stays until somebody has told its applications and ended it
    expect((await protocolRecords.expiredSessions(NOW, undefined, 9)).sessions).toEqual([{ uid: 'old' }]);
    await protocolRecords.destroySession('old');
    expect(await storage().sweep(NOW)).toBe(1);
    expect(await attempts.peek(['new'], NOW)).toEqual([1]);
    expect(await outbox.list({}, undefined, 9)).toHaveLength(1);
  });

  test('a tombstone stays until its session would have expired', async () => {
    const { protocolRecords } = storage();
    const start = () =>
      protocolRecords.saveSession({ key: 'k', record: { uid: 'u' }, expiresAt: NOW + 1000, now: NOW });
    await start();
    await protocolRecords.destroySession('u');
    await storage().sweep(NOW + 999);
    expect(await start()).toBe('gone');
    expect(await storage().sweep(NOW + 1000)).toBe(1);
  });

  test('a client takes along what people allowed it and what was granted to it; a consent what was granted under it', async () => {
    const { clients, consents, protocolRecords } = storage();
    const client = { revision: 1, metadata: {}, secrets: [], createdAt: 1, updatedAt: 1 };
    const names = ['an survey', 'bo survey', 'an library'];
    for (const id of ['survey', 'library']) await clients.put({ ...client, id }, 0);
    const grant = async (name: string) => {
      const [accountId = '', clientId = ''] = name.split(' ');
      await consents.add({ accountId, clientId, scopes: ['openid'], claims: [], resourceScopes: {}, givenAt: 1 });
      const record = { accountId, clientId, grantId: name };
      await protocolRecords.put('Grant', recordKeyOf(name), record, NOW + 9);
      await protocolRecords.put('RefreshToken', name, record, NOW + 9);
    };
    for (const name of names) await grant(name);
    // many, more than one batch
    const many = Array.from({ length: 1100 }, (_, number) => `many-${number} survey`);
    await storage().archive.put(
      'protocolRecords',
      many.map((name) => ({
        model: 'Grant',
        key: recordKeyOf(name),
        record: { grantId: name, accountId: name, clientId: 'survey' },
        expiresAt: NOW + 9,
      })),
    );
    const left = async () => {
      const found = names.map(async (name) => [
        name,
        (await consents.find(...(name.split(' ') as [string, string]))) !== undefined,
        (await protocolRecords.find('Grant', recordKeyOf(name), NOW)) !== undefined,
        (await protocolRecords.find('RefreshToken', name, NOW)) !== undefined,
      ]);
      return (await Promise.all(found)).filter(([, ...there]) => there.includes(true));
    };
    expect(await consents.remove('an', 'survey')).toBe(true);
    expect(await left()).toEqual([
      ['bo survey', true, true, true],
      ['an library', true, true, true],
    ]);
    // what a request under way puts afterwards is not stored
    await protocolRecords.put('RefreshToken', 'late', { grantId: 'an survey' }, NOW + 9);
    expect(await protocolRecords.find('RefreshToken', 'late', NOW)).toBeUndefined();
    expect(await clients.remove('survey')).toBe(true);
    expect(await left()).toEqual([['an library', true, true, true]]);
    expect((await storage().archive.counts()).protocolRecords).toBe(2);
    // and what a removal that broke off had left goes with the next one
    await grant('bo survey');
    expect(await clients.remove('survey')).toBe(false);
    expect(await left()).toEqual([['an library', true, true, true]]);
  });

  test('delivered logouts go soon, letters and what was given up stay for months', async () => {
    const { outbox } = storage();
    const day = 24 * 3600 * 1000;
    for (const kind of ['letter', 'backchannel-logout'] as const)
      for (const end of ['done', 'failed'] as const) {
        const id = `${kind} ${end}`;
        await outbox.put({ id, kind, payload: {}, createdAt: NOW });
        await outbox.claim(kind, NOW, NOW + 1, 1);
        if (end === 'done') await outbox.done(id, NOW + 1, NOW);
        else await outbox.failed(id, NOW + 1, NOW, 'no');
      }
    await storage().sweep(NOW + 3 * day);
    expect((await outbox.list({}, undefined, 9)).map(({ id }) => id)).toEqual([
      'backchannel-logout failed',
      'letter done',
      'letter failed',
    ]);
    await storage().sweep(NOW + 100 * day);
    expect(await outbox.list({}, undefined, 9)).toEqual([]);
  });

  test('one sweep deletes at most 1000 of a kind, and says how many went', async () => {
    const attempt = (_: unknown, number: number) => ({ key: String(number), count: 1, windowEndsAt: NOW });
    await storage().archive.put('attempts', Array.from({ length: 1500 }, attempt));
    expect(await storage().sweep(NOW)).toBe(1000);
    expect(await storage().sweep(NOW)).toBe(500);
    expect(await storage().sweep(NOW)).toBe(0);
  });

  test('what was asked before closing is done, and afterwards the answer is storage_unavailable', async () => {
    const written = storage().values.getOrInsert('a', 'b');
    await storage().close();
    expect(await written).toBe('b');
    await expect(storage().values.get('a')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(storage().values.getOrInsert('a', 'b')).rejects.toMatchObject({ code: 'storage_unavailable' });
    await expect(storage().ready()).rejects.toMatchObject({ code: 'storage_unavailable' });
    await storage().close();
  });
}
