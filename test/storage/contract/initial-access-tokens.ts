import { expect, test } from '@jest/globals';
import type { ClientRecord } from '../../../src/domain/ports/clients.ts';
import type { InitialAccessToken } from '../../../src/domain/ports/initial-access-tokens.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { count, crowds, NOW, race, together } from './together.ts';

type Used = Pick<Storage, 'clients' | 'initialAccessTokens'>;

export const aToken = (change: Partial<InitialAccessToken> = {}): InitialAccessToken => ({
  id: 'one',
  hash: 'hash of one',
  terms: { organisation: 'a', hosts: ['app.example'], kinds: ['web'], approval: 'required', pkce: 'required' },
  uses: 3,
  left: 3,
  expiresAt: NOW + 1000,
  createdAt: 1,
  ...change,
});
export const aClient = (id: string): ClientRecord => ({
  id,
  revision: 1,
  metadata: {},
  secrets: [],
  createdAt: 1,
  updatedAt: 1,
});

export function initialAccessTokensContract(storage: () => Used, rounds: number): void {
  const tokens = () => storage().initialAccessTokens;
  const clients = () => storage().clients;

  test('what was added is found by its hash and listed by id; neither id nor hash is taken twice', async () => {
    expect(await tokens().add(aToken({ note: '"\u0000🌱', by: 'an' }))).toBe(true);
    expect(await tokens().add(aToken({ hash: 'another' }))).toBe(false);
    expect(await tokens().add(aToken({ id: 'another' }))).toBe(false);
    await tokens().add(aToken({ id: 'a', hash: 'a' }));
    expect(await tokens().find('hash of one')).toEqual(aToken({ note: '"\u0000🌱', by: 'an' }));
    expect(await tokens().find('one')).toBeUndefined();
    expect((await tokens().list(undefined, 1)).map(({ id }) => id)).toEqual(['a']);
    expect((await tokens().list('a', 9)).map(({ id }) => id)).toEqual(['one']);
  });

  test('a registration takes one use and stores the client, and every cache hears of it', async () => {
    await tokens().add(aToken());
    const before = await clients().version();
    expect(await tokens().register('hash of one', aClient('c'), NOW, undefined, 'b25l')).toBe('registered');
    expect(await clients().find('c')).toEqual(aClient('c'));
    expect(await clients().picture('c')).toBe('b25l');
    expect(await tokens().find('hash of one')).toEqual(aToken({ left: 2 }));
    expect(await clients().version()).not.toBe(before);
  });

  test('one that is unknown, used up, expired from that very moment, or revoked registers nothing', async () => {
    await tokens().add(aToken({ uses: 1, left: 0 }));
    await tokens().add(aToken({ id: 'expired', hash: 'expired', expiresAt: NOW }));
    await tokens().add(aToken({ id: 'revoked', hash: 'revoked' }));
    expect([await tokens().revoke('revoked'), await tokens().revoke('revoked')]).toEqual([true, false]);
    expect(await tokens().find('revoked')).toBeUndefined();
    for (const hash of ['hash of one', 'expired', 'revoked', 'unknown'])
      expect([hash, await tokens().register(hash, aClient(hash), NOW)]).toEqual([hash, 'spent']);
    expect(await clients().list(undefined, 9)).toEqual([]);
  });

  test('an id that is taken costs no use, and its client stays', async () => {
    await clients().put(aClient('c'), 0);
    await tokens().add(aToken());
    expect(await tokens().register('hash of one', { ...aClient('c'), createdAt: 9 }, NOW)).toBe('id-taken');
    expect(await clients().find('c')).toEqual(aClient('c'));
    expect(await tokens().find('hash of one')).toEqual(aToken());
  });

  race('of %i who register at once with a token of three uses, three do', crowds, rounds, async (callers, round) => {
    const hash = `hash ${round}`;
    await tokens().add(aToken({ id: `t${round}`, hash }));
    const results = await together(callers, (caller) => tokens().register(hash, aClient(`${round} ${caller}`), NOW));
    expect([count(results, 'registered'), count(results, 'spent')]).toEqual([3, callers - 3]);
    const stored = (await clients().list(`${round} `, 500)).filter(({ id }) => id.startsWith(`${round} `));
    expect(stored).toHaveLength(3);
    expect((await tokens().find(hash))?.left).toBe(0);
  });

  test('a removal that names a revision removes only that one, and ends nothing of another', async () => {
    await clients().put(aClient('c'), 0);
    expect(await clients().remove('c', undefined, 2)).toBe(false);
    expect(await clients().find('c')).toEqual(aClient('c'));
    expect(await clients().remove('c', undefined, 1)).toBe(true);
    expect(await clients().find('c')).toBeUndefined();
  });
}
