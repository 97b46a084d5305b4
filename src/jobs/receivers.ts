/**
 * Of many receivers that one worker calls, one that fails or takes long keeps no place from the others: what is for it is put
 * off without a call while as many as it may have are under way.
 */
import type { Delivery } from './outbox-attempt.ts';

/** After a failure a receiver is left alone for 5 s, 10 s … and then one attempt at a time finds out whether it is back. */
const REST_MS = { first: 5000, longest: 60_000 };
const SLOW_MS = 500;
const SLOW_AT_ONCE = 5;

type State = { underWay: number; failures: number; restsUntil: number; isSlow: boolean };

export type Receivers = {
  /**
   * Makes one attempt to deliver to the receiver of this name. Undefined: not now. Throws what `act` throws, which counts as
   * a failure, as `later` does.
   */
  attempt(name: string, act: () => Promise<Delivery>): Promise<Delivery | undefined>;
};

/** `now`: epoch ms. */
export function createReceivers(now: () => number): Receivers {
  const states = new Map<string, State>();

  // a clock that was set back makes nobody rest for longer
  const rests = ({ restsUntil }: State) => now() < restsUntil && now() >= restsUntil - REST_MS.longest;

  function mayBeCalled(state: State): boolean {
    if (state.failures > 0) return !rests(state) && state.underWay === 0;
    return !state.isSlow || state.underWay < SLOW_AT_ONCE;
  }

  function noteFailure(state: State): void {
    if (rests(state)) return; // those that failed side by side count as one
    state.failures += 1;
    state.restsUntil = now() + Math.min(REST_MS.first * 2 ** (state.failures - 1), REST_MS.longest);
  }

  return {
    async attempt(name, act) {
      const state = states.get(name) ?? { underWay: 0, failures: 0, restsUntil: 0, isSlow: false };
      if (!mayBeCalled(state)) return undefined;
      states.set(name, state);
      state.underWay += 1;
      const began = performance.now();
      let failed = true;
      try {
        const result = await act();
        failed = result.kind === 'later';
        return result;
      } finally {
        state.underWay -= 1;
        state.isSlow = performance.now() - began > SLOW_MS;
        if (failed) noteFailure(state);
        else state.failures = 0;
        if (!failed && !state.isSlow && state.underWay === 0) states.delete(name);
      }
    },
  };
}
