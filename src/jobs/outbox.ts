/** Delivers what waits in the outbox, a few at once, until it is delivered, refused for good or of no use any more. */
import type { Outbox } from '../domain/ports/outbox.ts';
import { atMost } from './at-most.ts';
import { failuresTold } from './log.ts';
import { type Claim, createAttempts, type Deliver } from './outbox-attempt.ts';
import { createOutcomes, type OutcomeOptions } from './outbox-outcome.ts';
import { createReceiver } from './receiver.ts';

export type OutboxWorker = {
  /** Looks from now on, every `pollMs` and whenever woken. */
  start(): void;
  wake(): void;
  /** Delivers all that is due at `now()` and resolves when nothing is under way. */
  runDue(): Promise<void>;
  /** Takes nothing new, waits for what is under way at most this long, or until hurried, then breaks it off; it is tried again. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
};

export type OutboxWorkerOptions = OutcomeOptions & {
  outbox: Pick<Outbox, 'claim'>;
  deliver: Deliver;
  /** deliveries at once */
  concurrency: number;
  /** one attempt at most; the lease is longer, so that nobody takes over what is still under way */
  deliveryTimeoutMs: number;
  /** between two looks into the outbox, and between two tries to write an outcome down */
  pollMs: number;
  /** milliseconds on a clock that nobody sets; only tests replace it */
  elapsed?: () => number;
};

const LEASE_MARGIN_MS = 30_000; // for recording the end, on a busy machine
/**
 * A lease is written with the clock of one node and read with that of another. So its holder gives it up this much
 * earlier: clocks may be that far apart before two nodes deliver the same. Meanwhile its own clock may be set, too, so
 * that the lease also counts by the one that nobody sets.
 */
const CLOCKS_APART_MS = 15_000;
const RECORDING_MS = 2000; // for writing down that an attempt was broken off

export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { kind, outbox, concurrency, pollMs, now, elapsed = () => performance.now(), log } = options;
  const attempts = createAttempts(options);
  const outcomes = createOutcomes(options);
  const receiver = createReceiver(elapsed);
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'running' | 'stopped' = 'idle';
  let claiming: Promise<unknown> | undefined;
  let wanted = false;
  const told = failuresTold(log, { kind });

  const pump = async () => {
    wanted = true;
    if (claiming !== undefined) return; // it looks once more when it is done
    while (wanted && state === 'running' && receiver.mayBeTried()) {
      wanted = false;
      claiming = claim(receiver.isDown() ? 1 : concurrency).then(
        told.worked,
        (error: unknown) => told.failed(error, 'the outbox could not be read'), // the next poll tries again
      );
      await claiming;
      claiming = undefined;
    }
  };
  const nudge = () => void pump();

  async function claim(atOnce: number): Promise<void> {
    const room = atOnce - underWay.size;
    if (room <= 0) return;
    const claimedAt = now();
    const began = elapsed();
    const leaseMs = options.deliveryTimeoutMs + LEASE_MARGIN_MS;
    const leaseUntil = claimedAt + leaseMs;
    const safeMs = leaseMs - CLOCKS_APART_MS;
    const stillOurs = () => now() - claimedAt < safeMs && elapsed() - began < safeMs;
    for (const entry of await outbox.claim(kind, claimedAt, leaseUntil, room)) {
      const delivering = deliverOne({ entry, leasedUntil: entry.leasedUntil ?? leaseUntil, stillOurs })
        .catch((error) => log.error({ err: error, kind, id: entry.id }, 'a delivery could not be recorded')) // the lease ends
        .finally(() => {
          underWay.delete(entry.id);
          if (state === 'running') nudge();
        });
      underWay.set(entry.id, delivering);
    }
  }

  async function deliverOne(claim: Claim): Promise<void> {
    if (outcomes.isTooLate(claim.entry)) return outcomes.giveUp(claim);
    if (!claim.stillOurs()) {
      log.warn({ kind, id: claim.entry.id }, 'slept past its lease; left to whoever claims it next');
      return;
    }
    const result = await attempts.attempt(claim);
    if (result.kind === 'handed-back') return outcomes.handBack(claim);
    receiver.note(result.kind === 'later' && result.receiverDown === true);
    return outcomes.settle(claim, result);
  }

  return {
    start() {
      if (state !== 'idle') return;
      state = 'running';
      timer = setInterval(nudge, pollMs);
      timer.unref();
      nudge();
    },
    wake: nudge,
    async runDue() {
      let busy: boolean;
      do {
        await claim(concurrency);
        busy = underWay.size > 0;
        await Promise.all(underWay.values());
      } while (busy);
    },
    async stop(graceMs, hurry) {
      state = 'stopped';
      clearInterval(timer);
      await atMost(undefined, [Promise.resolve(claiming)], hurry);
      await atMost(graceMs, [...underWay.values()], hurry);
      attempts.end();
      await atMost(RECORDING_MS, [...underWay.values()]);
      outcomes.end();
    },
  };
}
