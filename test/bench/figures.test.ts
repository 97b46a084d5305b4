/** Medians of ratios: bursts of one round are compared with each other, and with no other. */
import { expect, test } from '@jest/globals';
import { figuresOf, middleOf } from '../../bench/speed/figures.ts';
import type { Sample } from '../../bench/speed/measurement.ts';

const sample = (cpuUs: number, done = 10): Sample => ({
  burst: { done, failed: 0, ms: 1000, latencies: Array.from({ length: done }, () => cpuUs / 1000), failures: [] },
  spent: { mainThreadUs: cpuUs * done * 0.5, mainProcessUs: cpuUs * done * 0.7, allUs: cpuUs * done },
  calibration: { cpuMs: 1, wallMs: 1 },
});

test('the middle of some values, and between which two the middle half lies', () => {
  expect(middleOf([5, 1, 3, 2, 4])).toEqual({ median: 3, low: 2, high: 4 });
  expect(middleOf([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 });
});

test('a ratio is the median of the rounds, so a machine that slows down for both changes nothing', () => {
  const ours = [200, 2000, 220];
  const theirs = [100, 1000, 100];
  const bySubject = new Map([
    ['Pedel', ours.map((us) => sample(us))],
    ['memory', theirs.map((us) => sample(us))],
  ]);
  const { silent } = figuresOf(new Map([['silent', bySubject]]));
  expect(silent?.ratios.memory?.rounds.map((each) => each.toFixed(2))).toEqual(['2.00', '2.00', '2.20']);
  expect(silent?.ratios.memory?.cpu.median).toBeCloseTo(2);
  expect(silent?.costs.Pedel).toMatchObject({ perSecond: 10, done: 30, mainThreadUs: 110 });
  expect(silent?.costs.Pedel?.cpuUs.median).toBeCloseTo(220);
});

test('an act of which a burst failed has no figures: its rounds could no longer be compared', () => {
  const bySubject = new Map([
    ['Pedel', [sample(200)]],
    ['memory', [sample(100), sample(100)]],
  ]);
  expect(figuresOf(new Map([['silent', bySubject]]))).toEqual({});
});
