/** Whether two series of times differ, for the output of a test. */

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/**
 * Mann-Whitney U of two samples: the chance that one of `a` is larger than one of `b` (0.5 = cannot be told apart), and
 * the z of the normal approximation (beyond 1.96 in 1 of 20 runs where there is no difference; ties count half).
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): { chance: number; z: number } {
  let wins = 0;
  for (const one of a) for (const other of b) wins += one > other ? 1 : one === other ? 0.5 : 0;
  const pairs = a.length * b.length;
  const deviation = Math.sqrt((pairs * (a.length + b.length + 1)) / 12);
  return { chance: wins / pairs, z: (wins - pairs / 2) / deviation };
}

/** One line: how many, median, 90th percentile, in milliseconds. */
export function described(name: string, times: readonly number[]): string {
  const ms = (value: number) => `${value.toFixed(1)} ms`;
  return `${name}: ${times.length} tries, median ${ms(quantile(times, 0.5))}, p90 ${ms(quantile(times, 0.9))}`;
}

/** The two lines, and what tells them apart. */
export function compared(first: [string, readonly number[]], second: [string, readonly number[]]): string {
  const { chance, z } = mannWhitney(first[1], second[1]);
  const verdict = `Mann-Whitney: z ${z.toFixed(2)}, the first is slower in ${(chance * 100).toFixed(1)} % of pairs (50 % = cannot be told apart)`;
  return [described(...first), described(...second), verdict].join('\n');
}
