import { expect, test } from '@jest/globals';
import type { Leases } from '../../../src/domain/ports/leases.ts';
import { crowds, race, together } from './together.ts';

export function leasesContract(leases: () => Leases, rounds: number): void {
  race('of %i who want it, one gets it', crowds, rounds, async (callers, round) => {
    const results = await together(callers, (caller) => leases().acquire(`job ${round}`, `node ${caller}`, 1000, 0));
    expect(results.filter((token) => token !== undefined)).toHaveLength(1);
  });

  test('its holder may prolong it under the same token, another waits until it has ended', async () => {
    const token = await leases().acquire('job', 'a', 1000, 0);
    expect(await leases().acquire('job', 'b', 2000, 999)).toBeUndefined();
    expect(await leases().acquire('job', 'a', 2000, 999)).toBe(token);
    expect(await leases().acquire('job', 'b', 3000, 1999)).toBeUndefined();
    expect(await leases().acquire('job', 'b', 3000, 2000)).toBeGreaterThan(token ?? 0);
  });

  test('the token grows with every change of holder, through releases too', async () => {
    const tokens: (number | undefined)[] = [];
    for (const holder of ['a', 'b', 'a', 'c']) {
      tokens.push(await leases().acquire('job', holder, 1000, 0));
      await leases().release('job', holder);
    }
    const sorted = tokens.map((token) => token ?? Number.NaN).toSorted((a, b) => a - b);
    expect(tokens).toEqual(sorted);
    expect(new Set(tokens).size).toBe(4);
  });

  race('when it has ended, one of %i takes it over', crowds, rounds, async (callers, round) => {
    await leases().acquire(`job ${round}`, 'old', 1000, 0);
    const results = await together(callers, (caller) => leases().acquire(`job ${round}`, `node ${caller}`, 2000, 1000));
    expect(results.filter((token) => token !== undefined)).toHaveLength(1);
  });

  test('nobody releases what another holds, and leases of other names are free', async () => {
    await leases().acquire('job', 'a', 1000, 0);
    await leases().release('job', 'b');
    await leases().release('unknown', 'b');
    expect(await leases().acquire('job', 'b', 1000, 0)).toBeUndefined();
    expect(await leases().acquire('other', 'b', 1000, 0)).toBeDefined();
  });
}
