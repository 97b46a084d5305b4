import { expect, test } from '@jest/globals';
import type { SigningKeyRecord, SigningKeys } from '../../../src/domain/ports.ts';
import { count, crowds, together } from './together.ts';

const key = (kid: string, change: Partial<SigningKeyRecord> = {}): SigningKeyRecord => ({
  kid,
  alg: 'ES256',
  generation: 1,
  publicJwk: { kty: 'EC' },
  sealedPrivateJwk: 'sealed',
  createdAt: 1,
  usedFrom: 1,
  ...change,
});

export function signingKeysContract(signingKeys: () => SigningKeys): void {
  test.each(crowds)('of %i nodes that make the first key, one does', async (callers) => {
    const results = await together(callers, (caller) => signingKeys().insert(key(`kid ${caller}`)));
    expect(count(results, true)).toBe(1);
    expect((await signingKeys().list()).map(({ kid }) => kid)).toEqual([`kid ${results.indexOf(true)}`]);
  });

  test('an algorithm has one key a generation, and a kid is used once', async () => {
    expect(await signingKeys().insert(key('a'))).toBe(true);
    expect(await signingKeys().insert(key('b', { generation: 2 }))).toBe(true);
    expect(await signingKeys().insert(key('c', { alg: 'RS256' }))).toBe(true);
    expect(await signingKeys().insert(key('a', { generation: 3 }))).toBe(false);
    expect(await signingKeys().insert(key('d', { generation: 2 }))).toBe(false);
    expect(await signingKeys().list()).toEqual([key('a'), key('b', { generation: 2 }), key('c', { alg: 'RS256' })]);
  });

  test('changes of several at once are all kept', async () => {
    await signingKeys().insert(key('a'));
    await Promise.all([
      signingKeys().update('a', { usedUntil: 5 }),
      signingKeys().update('a', { removedAt: 9 }),
      signingKeys().update('a', { sealedPrivateJwk: 'sealed anew' }),
    ]);
    expect(await signingKeys().list()).toEqual([
      key('a', { usedUntil: 5, removedAt: 9, sealedPrivateJwk: 'sealed anew' }),
    ]);
    expect(await signingKeys().update('unknown', { usedUntil: 5 })).toBe(false);
  });

  test('it is removed once', async () => {
    await signingKeys().insert(key('a'));
    expect(count(await together(20, () => signingKeys().remove('a')), true)).toBe(1);
    expect(await signingKeys().list()).toEqual([]);
  });
}
