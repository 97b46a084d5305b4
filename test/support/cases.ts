/**
 * How many cases a test goes through that tries many of a kind. Those of each run say as much as ten times as many would on
 * most days: PEDEL_TEST_CASES=10 makes them ten times as many.
 */
export function cases(usual: number): number {
  const factor = Number(process.env.PEDEL_TEST_CASES ?? 1);
  if (!(factor > 0)) throw new TypeError('PEDEL_TEST_CASES is a factor, such as 10');
  return Math.ceil(usual * factor);
}
