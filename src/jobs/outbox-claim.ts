/**
 * Holds a claim on an entry of the outbox. Its lease is short, so that another node soon takes over from one that died,
 * and is prolonged as long as this node works on the entry, but no longer than an attempt can take.
 */
import { contained } from '../domain/contained.ts';
import type { Outbox, OutboxEntry } from '../domain/ports/outbox.ts';
import type { Claim } from './outbox-attempt.ts';

export const LEASE_MS = 45_000;
export const PROLONG_EVERY_MS = 10_000;
/**
 * One node's clock writes a lease and another node's clock reads it. So the holder gives it up this much earlier:
 * clocks may differ by this much before two nodes deliver the same entry. The holder's own clock may be set meanwhile,
 * so the lease is also measured on a monotonic clock.
 */
const CLOCKS_APART_MS = 15_000;
const SAFE_MS = LEASE_MS - CLOCKS_APART_MS;
/** While the storage is away for less, no lease ends that was prolonged until then, by the clock of any node. */
export const ENDS_NO_LEASE_MS = SAFE_MS - PROLONG_EVERY_MS;

/** A moment on both clocks, in ms. */
export type Moment = { wall: number; monotonic: number };

/**
 * `since`: just before the entry was claimed. `longestMs`: after this time the lease is no longer prolonged, so that a
 * node that hangs while its timer goes on keeps nothing for ever. `onFailure`: the lease could not be prolonged, and is tried again.
 */
export function holdClaim(options: {
  entry: OutboxEntry;
  leasedUntil: number;
  since: Moment;
  longestMs: number;
  outbox: Pick<Outbox, 'prolong'>;
  moment: () => Moment;
  onFailure: (error: unknown) => void;
}): Claim {
  const { entry, outbox, moment } = options;
  let { since } = options;
  const endsAt = since.monotonic + options.longestMs;
  /** What may be stored as the end of this lease: several, if the answer to a prolongation was lost. */
  let leases = [options.leasedUntil];
  let lost = false;
  const tell = contained(options.onFailure, () => undefined);

  const stillOurs = () => {
    const { wall, monotonic } = moment();
    return !lost && wall - since.wall < SAFE_MS && monotonic - since.monotonic < SAFE_MS;
  };

  async function prolong(): Promise<void> {
    if (lost) return;
    const at = moment();
    if (at.monotonic >= endsAt) return;
    const until = at.wall + LEASE_MS;
    const before = leases;
    // Later another node may claim the entry at this moment, to the same end; then only an answer tells whose that is.
    if (stillOurs()) leases = [...new Set([until, ...before])];
    for (const lease of before) {
      if (!(await outbox.prolong(entry.id, lease, until))) continue;
      leases = [until];
      since = at;
      return;
    }
    lost = true;
  }

  return {
    entry,
    leases: () => leases,
    stillOurs,
    async whileHeld(act) {
      let prolonging: Promise<void> | undefined; // never rejects
      const tick = () => {
        prolonging ??= prolong()
          .catch(tell)
          .finally(() => {
            prolonging = undefined;
          });
      };
      const timer = setInterval(contained(tick, tell), PROLONG_EVERY_MS);
      timer.unref();
      try {
        return await act();
      } finally {
        clearInterval(timer);
        await prolonging; // whoever ends the claim must know its lease
      }
    },
  };
}
