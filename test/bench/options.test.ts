/** The words of the bench: what they mean, and what is refused. */
import { describe, expect, test } from '@jest/globals';
import { parseOptions } from '../../bench/speed/options.ts';

describe('the options of the bench', () => {
  test('are seven rounds of everything against both baselines where nothing is said', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({ rounds: 7, warmUpSeconds: 30, burstMs: 700, connections: 16 });
    expect(options.baselines).toEqual(['memory', 'sqlite']);
    expect(options.only).toEqual(expect.arrayContaining(['silent', 'no-hash', 'password', 'userinfo', 'jwks']));
  });

  test('--quick is short, and what is said beside it counts', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 3, warmUpSeconds: 8 });
    expect(parseOptions(['--quick', '--rounds', '9'])).toMatchObject({ rounds: 9, warmUpSeconds: 8 });
  });

  test('name acts and baselines', () => {
    expect(parseOptions(['--only', 'silent, userinfo', '--baselines', 'none'])).toMatchObject({
      only: ['silent', 'userinfo'],
      baselines: [],
    });
  });
});
