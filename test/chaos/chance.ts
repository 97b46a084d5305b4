/** Random numbers from a seed, so that a run can be repeated by its seed. */

export type Chance = {
  /** [0, 1) */
  next(): number;
  /** a whole number, [from, to) */
  between(from: number, to: number): number;
  /** true in this part of all cases */
  in(part: number): boolean;
  pick<T>(all: readonly T[]): T | undefined;
};

/** mulberry32: 32 bits of state are plenty for choosing what to do next. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from));
  return { next, between, in: (part) => next() < part, pick: (all) => all[between(0, all.length)] };
}
