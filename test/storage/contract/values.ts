import { expect, test } from '@jest/globals';
import type { Values } from '../../../src/domain/ports/values.ts';
import { count, crowds, race, together } from './together.ts';

export function valuesContract(values: () => Values, rounds: number): void {
  race('%i who make a value at once all get the one that is kept', crowds, rounds, async (callers, round) => {
    const name = `salt ${round}`;
    const results = await together(callers, (caller) => values().getOrInsert(name, `salt ${caller}`));
    expect(new Set(results).size).toBe(1);
    expect(await values().get(name)).toBe(results[0]);
    expect(await values().get(`pepper ${round}`)).toBeUndefined();
  });

  race('of %i who replace the same value, one does', crowds, rounds, async (callers, round) => {
    const name = `v ${round}`;
    await values().getOrInsert(name, 'old');
    const results = await together(callers, (caller) => values().replace(name, `new ${caller}`, 'old'));
    expect(count(results, true)).toBe(1);
    expect(await values().get(name)).toBe(`new ${results.indexOf(true)}`);
  });

  test('a value that must be absent is stored once', async () => {
    expect(await values().replace('v', 'x', 'y')).toBe(false);
    expect(count(await together(20, () => values().replace('v', 'x', undefined)), true)).toBe(1);
  });
}
