/** One visitor must not be able to block the thread that serves all others. */
import { expect, test } from '@jest/globals';
import { judgePassword } from '../../src/domain/passwords/judge-password.ts';

/** The quickest of several, so that a busy machine does not decide. */
function millisecondsFor(password: string): number {
  const times = Array.from({ length: 9 }, () => {
    const started = performance.now();
    judgePassword(password, { secondFactorRequired: true, words: ['Sofia', 'Marchetti', 'q0123456'] });
    return performance.now() - started;
  });
  return Math.min(...times);
}

test('judging a password made of look-alikes costs little more than judging one of words', () => {
  const words = millisecondsFor('seven brass lanterns wander');
  for (const awkward of ['4@4@4@4@4@4@4@4@4@4@4@4@', '@4(<{[3[&691!|0$5+7%2/vu', 'a4@e3i1!o0s5$t7+l1|g9b8z']) {
    expect(millisecondsFor(awkward)).toBeLessThan(6 * words);
  }
});

test('look-alikes are still read as the words that they stand for', () => {
  for (const password of ['T0l3d0!T0l3d0!', 'P@ssw0rd!P@ssw0rd!', 'w4chtw00rd!w4chtw00rd!']) {
    expect(judgePassword(password, { secondFactorRequired: true, words: ['Toledo'] }).ok).toBe(false);
  }
});
