/** What `--check` says of ratios that moved, and what it leaves to chance. */
import { expect, test } from '@jest/globals';
import { judge, storedWith } from '../../bench/speed/check.ts';
import { type Figures, middleOf } from '../../bench/speed/figures.ts';

const figures = (rounds: number[]): Figures => ({
  silent: { costs: {}, ratios: { memory: { cpu: middleOf(rounds), p50: middleOf(rounds), p99: 1, rounds } } },
});
const stored = storedWith({}, figures([1.31, 1.28, 1.33, 1.3, 1.27, 1.32, 1.3]), 'a machine', ['memory', 'sqlite']);
const verdict = (...rounds: number[]) => judge(stored, figures(rounds))[0]?.verdict;

test('a twentieth more is as before', () => {
  expect(verdict(1.37, 1.36, 1.35, 1.38, 1.36, 1.37, 1.37)).toBe('as before');
});

test('a fifth more, round by round, is dearer', () => {
  expect(verdict(1.55, 1.57, 1.54, 1.56, 1.6, 1.52, 1.56)).toBe('dearer');
});

test('a fifth more of rounds that lie all over the place may be chance', () => {
  expect(verdict(0.9, 1.56, 1.2, 2.4, 1.1, 1.7, 1.6)).toBe('perhaps dearer');
});

test('a fifth less is cheaper', () => {
  expect(verdict(1.0, 1.05, 1.04, 1.02, 1.06, 1.03, 1.04)).toBe('cheaper');
});

test('acts and baselines of which only one side knows are not judged', () => {
  const other = { of: '', rounds: { memory: [1], sqlite: [1] } };
  expect(judge({ userinfo: other }, figures([1]))).toEqual([]);
  expect(judge({ silent: other }, figures([1])).map(({ to }) => to)).toEqual(['memory']);
});

test('what is stored anew leaves other acts as they were', () => {
  const other = { of: 'before', rounds: { memory: [1] } };
  const kept = storedWith({ userinfo: other, silent: other }, figures([1.23456]), 'now', ['memory', 'sqlite']);
  expect(kept).toEqual({ userinfo: other, silent: { of: 'now', rounds: { memory: [1.235] } } });
});
