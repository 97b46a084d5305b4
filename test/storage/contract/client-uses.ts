import { expect, test } from '@jest/globals';
import type { ClientUse } from '../../../src/domain/ports/client-uses.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import { crowds, race, together } from './together.ts';

const HOUR = 3_600_000;
const NOON = 1000 * HOUR;
const use = (change: Partial<ClientUse> = {}): ClientUse => ({
  client: 'toledo',
  of: 'sign-in',
  hour: NOON,
  ...change,
});
const sorted = (uses: ClientUse[]) => uses.map(({ client, of, hour }) => `${client} ${of} ${hour - NOON}`).sort();

export function clientUsesContract(storage: () => Storage, rounds: number): void {
  const uses = () => storage().clientUses;

  test('each client has the last hour of each thing that it did, and what is noted late does not go back', async () => {
    await uses().note([use(), use({ of: 's1', hour: NOON + 2 * HOUR }), use({ client: 'other' })]);
    await uses().note([use({ hour: NOON + HOUR }), use({ of: 's1', hour: NOON + HOUR }), use({ of: 's2' })]);
    await uses().note([]);
    expect(sorted(await uses().of(['toledo']))).toEqual(['toledo s1 7200000', 'toledo s2 0', 'toledo sign-in 3600000']);
    expect(sorted(await uses().of(['toledo', 'other', 'nobody']))).toHaveLength(4);
    expect(await uses().of(['nobody'])).toEqual([]);
    expect(await uses().of([])).toEqual([]);
  });

  test('several hundred are noted at once, whatever the ids are', async () => {
    const strange = ['with space', '["a","b"]', '$set', 'a.b', '\u{1F600}', "o'brien", '__proto__'];
    const many = Array.from({ length: 400 }, (_, n) => use({ client: `c${n}` }));
    await uses().note([...many, ...strange.map((client) => use({ client, of: client }))]);
    expect(await uses().of(many.map(({ client }) => client))).toHaveLength(400);
    for (const client of strange) expect(await uses().of([client])).toEqual([use({ client, of: client })]);
  });

  test('with a client goes what is known of its use', async () => {
    const record = { id: 'toledo', revision: 1, metadata: {}, secrets: [], createdAt: 0, updatedAt: 0 };
    await storage().clients.put(record, 0);
    await uses().note([use(), use({ of: 's1' }), use({ client: 'other' })]);
    expect(await storage().clients.remove('toledo')).toBe(true);
    expect(sorted(await uses().of(['toledo', 'other']))).toEqual(['other sign-in 0']);
  });

  race('%i nodes that note the same use at once agree on the latest', crowds, rounds, async (callers, round) => {
    const client = `race ${round}`;
    await together(callers, (caller) =>
      uses().note([use({ client, hour: NOON + caller * HOUR }), use({ client, of: 's' })]),
    );
    expect(sorted(await uses().of([client]))).toEqual(
      [`${client} s 0`, `${client} sign-in ${(callers - 1) * HOUR}`].sort(),
    );
  });
}
