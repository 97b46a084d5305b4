/**
 * Compares ratios with those that were stored. An act became dearer where the median of its ratios grew by more than a
 * tenth and its rounds can be told from the stored ones (Mann-Whitney); where only the first is so, more rounds will tell.
 */
import { mannWhitney } from '../../test/support/statistics.ts';
import type { Figures } from './figures.ts';
import { middleOf } from './figures.ts';

/** By act: when and where it was measured, and the ratio of each round by baseline. */
export type Stored = Record<string, { of: string; rounds: Record<string, number[]> }>;
export type Verdict = 'dearer' | 'perhaps dearer' | 'as before' | 'cheaper';
export type Judgement = { act: string; to: string; before: number; now: number; verdict: Verdict };

const GROWN = 1.1;
const TOLD_APART = 1.96; // standard deviations: 1 in 40 where there is no difference, on either side

/** What was stored before of other acts stays. */
export function storedWith(before: Stored, figures: Figures, of: string, baselines: readonly string[]): Stored {
  const acts = Object.entries(figures).map(([act, { ratios }]) => {
    const kept = baselines.flatMap((name) => {
      const rounds = ratios[name]?.rounds.map((each) => Number(each.toFixed(3)));
      return rounds === undefined ? [] : [[name, rounds]];
    });
    return [act, { of, rounds: Object.fromEntries(kept) }];
  });
  return { ...before, ...Object.fromEntries(acts) };
}

/** Of what both have. */
export function judge(stored: Stored, figures: Figures): Judgement[] {
  return Object.entries(figures).flatMap(([act, { ratios }]) =>
    Object.entries(stored[act]?.rounds ?? {}).flatMap(([to, before]) => {
      const now = ratios[to]?.rounds;
      return now === undefined ? [] : [{ act, to, ...judgeOne(before, now) }];
    }),
  );
}

function judgeOne(before: number[], now: number[]): Omit<Judgement, 'act' | 'to'> {
  const medians = { before: middleOf(before).median, now: middleOf(now).median };
  const { z } = mannWhitney(now, before);
  const grown = medians.now / medians.before;
  const verdict =
    grown > GROWN
      ? z > TOLD_APART
        ? 'dearer'
        : 'perhaps dearer'
      : grown < 1 / GROWN && z < -TOLD_APART
        ? 'cheaper'
        : 'as before';
  return { ...medians, verdict };
}
