import { expect, test } from '@jest/globals';
import type { Values } from '../../../src/domain/ports.ts';
import { count, crowds, together } from './together.ts';

export function valuesContract(values: () => Values): void {
  test.each(crowds)('%i who make a value at once all get the one that is kept', async (callers) => {
    const results = await together(callers, (caller) => values().getOrInsert('salt', `salt ${caller}`));
    expect(new Set(results).size).toBe(1);
    expect(await values().get('salt')).toBe(results[0]);
    expect(await values().get('pepper')).toBeUndefined();
  });

  test.each(crowds)('of %i who replace the same value, one does', async (callers) => {
    await values().getOrInsert('v', 'old');
    const results = await together(callers, (caller) => values().replace('v', `new ${caller}`, 'old'));
    expect(count(results, true)).toBe(1);
    expect(await values().get('v')).toBe(`new ${results.indexOf(true)}`);
  });

  test('a value that must be absent is stored once', async () => {
    expect(await values().replace('v', 'x', 'y')).toBe(false);
    expect(count(await together(20, () => values().replace('v', 'x', undefined)), true)).toBe(1);
  });
}
