/**
 * Notices that the storage does not answer for so long that leases end meanwhile. Whoever held one may live on and could
 * neither prolong nor end it, so for a moment after the outage nobody takes it over.
 */
import { isPassing } from '../domain/problem.ts';
import type { Moment } from './outbox-claim.ts';

/**
 * `shortMs`: an outage that is shorter ends no lease. `graceMs`: the time that holders have after a longer one to write
 * down what they could not.
 */
export function createOutage(options: { shortMs: number; graceMs: number; moment: () => Moment }) {
  const { shortMs, graceMs, moment } = options;
  let since: Moment | undefined;
  /** monotonic */
  let backAt: number | undefined;

  function answered(): void {
    if (since === undefined || backAt !== undefined) return;
    const { monotonic } = moment();
    if (monotonic - since.monotonic < shortMs) since = undefined;
    else backAt = monotonic;
  }

  return {
    /** Makes a call to the storage: what it returns or throws is passed on, and tells whether the storage answers. */
    async watch<Result>(call: () => Promise<Result>): Promise<Result> {
      const began = moment();
      try {
        const result = await call();
        answered();
        return result;
      } catch (error) {
        if (isPassing(error)) {
          since ??= began;
          backAt = undefined;
        }
        throw error;
      }
    },

    /** As of when (epoch ms) leases count as over: now, or the beginning of an outage that ended leases. */
    leasesAsOf(): number {
      const { wall, monotonic } = moment();
      if (since === undefined) return wall;
      if (backAt !== undefined && monotonic - backAt >= graceMs) {
        since = undefined;
        backAt = undefined;
        return wall;
      }
      return monotonic - since.monotonic < shortMs ? wall : Math.min(wall, since.wall);
    },
  };
}
