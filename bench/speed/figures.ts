/** Figures from samples: medians, and ratios that compare bursts of one round only. */
import { quantile } from '../../test/support/statistics.ts';
import type { ActName } from './acts.ts';
import type { Sample, Samples } from './measurement.ts';

/** Middle, and between which two the middle half lies. */
export type Middle = { median: number; low: number; high: number };
export type Cost = {
  /** microseconds of all its processes for one act; of its main process, and of the main thread of that */
  cpuUs: Middle;
  mainProcessUs: number;
  mainThreadUs: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  done: number;
};
/** `rounds`: the ratio of each round, for processor time. */
export type Ratio = { cpu: Middle; p50: Middle; p99: number; rounds: number[] };
export type ActFigures = {
  costs: Record<string, Cost>;
  /** of the first subject to each other one, by its name */
  ratios: Record<string, Ratio>;
};
export type Figures = Partial<Record<ActName, ActFigures>>;

export function middleOf(values: readonly number[]): Middle {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: at(sorted, 0.5), low: at(sorted, 0.25), high: at(sorted, 0.75) };
}

/** Between two neighbours in proportion. */
function at(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const [below = Number.NaN, above = below] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return below + (above - below) * (place - Math.floor(place));
}

/** Rounds in which one of two failed would pair the wrong ones, so such an act has no figures. */
export function figuresOf(samples: Samples): Figures {
  const figures: Figures = {};
  for (const [act, bySubject] of samples) {
    const [first, ...others] = [...bySubject];
    const counts = new Set([...bySubject.values()].map(({ length }) => length));
    if (first === undefined || counts.size !== 1 || counts.has(0)) continue;
    figures[act] = {
      costs: Object.fromEntries([...bySubject].map(([name, each]) => [name, costOf(each)])),
      ratios: Object.fromEntries(others.map(([name, each]) => [name, ratioOf(first[1], each)])),
    };
  }
  return figures;
}

const cpuOf = ({ spent, burst }: Sample) => spent.allUs / burst.done;
const latenciesOf = (samples: Sample[]) => samples.flatMap(({ burst }) => burst.latencies);

function costOf(samples: Sample[]): Cost {
  const middle = (of: (sample: Sample) => number) => middleOf(samples.map(of));
  const latencies = latenciesOf(samples);
  return {
    cpuUs: middle(cpuOf),
    mainProcessUs: middle(({ spent, burst }) => spent.mainProcessUs / burst.done).median,
    mainThreadUs: middle(({ spent, burst }) => spent.mainThreadUs / burst.done).median,
    perSecond: middle(({ burst }) => (burst.done * 1000) / burst.ms).median,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    done: samples.reduce((sum, { burst }) => sum + burst.done, 0),
  };
}

function ratioOf(ours: Sample[], theirs: Sample[]): Ratio {
  const byRound = (of: (sample: Sample) => number) =>
    ours.map((sample, round) => of(sample) / of(theirs[round] as Sample));
  const rounds = byRound(cpuOf);
  return {
    cpu: middleOf(rounds),
    p50: middleOf(byRound(({ burst }) => quantile(burst.latencies, 0.5))),
    p99: quantile(latenciesOf(ours), 0.99) / quantile(latenciesOf(theirs), 0.99),
    rounds,
  };
}
