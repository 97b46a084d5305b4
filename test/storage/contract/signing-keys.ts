import { expect, test } from '@jest/globals';
import type { SigningKeyRecord, SigningKeys } from '../../../src/domain/ports/signing-keys.ts';
import { count, crowds, race, together } from './together.ts';

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

export function signingKeysContract(signingKeys: () => SigningKeys, rounds: number): void {
  const stored = async (round: number) => (await signingKeys().list()).filter(({ generation }) => generation === round);

  race('of %i nodes that make the first key, one does', crowds, rounds, async (callers, round) => {
    const results = await together(callers, (caller) =>
      signingKeys().insert(key(`kid ${round} ${caller}`, { generation: round })),
    );
    expect(count(results, true)).toBe(1);
    expect((await stored(round)).map(({ kid }) => kid)).toEqual([`kid ${round} ${results.indexOf(true)}`]);
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

  race('of %i nodes that change what they expect to find, one does', crowds, rounds, async (callers, round) => {
    const kid = `kid ${round}`;
    const generation = round;
    await signingKeys().insert(key(kid, { generation }));
    const results = await together(callers, (caller) =>
      signingKeys().update(kid, { usedUntil: caller + 5, removedAt: 9 }, { usedFrom: 1, usedUntil: undefined }),
    );
    expect(count(results, true)).toBe(1);
    expect(await stored(round)).toEqual([key(kid, { generation, usedUntil: results.indexOf(true) + 5, removedAt: 9 })]);
    expect(await signingKeys().update(kid, { usedFrom: 2 }, { usedFrom: 3 })).toBe(false);
    expect(await signingKeys().update(kid, { usedFrom: 2 }, { usedFrom: 1, removedAt: 9 })).toBe(true);
  });

  test('it is removed once', async () => {
    await signingKeys().insert(key('a'));
    expect(count(await together(20, () => signingKeys().remove('a')), true)).toBe(1);
    expect(await signingKeys().list()).toEqual([]);
  });
}
