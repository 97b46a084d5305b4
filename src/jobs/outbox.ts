/** Delivers the entries of the outbox, a few at once, until each is delivered, refused for good or expired. */
import { contained } from '../domain/contained.ts';
import { type Outbox, type OutboxEntry, SET_ASIDE } from '../domain/ports/outbox.ts';
import { atMost } from './at-most.ts';
import { createFailureLog } from './log.ts';
import { type Claim, createAttempts, type Deliver } from './outbox-attempt.ts';
import { createOutcomes, type OutcomeOptions } from './outbox-outcome.ts';
import { createReceiver } from './receiver.ts';

export type OutboxWorker = {
  /** Polls the outbox every `pollMs` and whenever woken. */
  start(): void;
  wake(): void;
  /** Delivers everything due at `now()`. Resolves when nothing is in flight. */
  runDue(): Promise<void>;
  /**
   * Claims nothing new and waits for deliveries in flight, at most `graceMs` or until `hurry` aborts. Then it breaks
   * them off; they are tried again.
   */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
  /**
   * Call it when nobody caught an exception and the process is about to end. A delivery under way may have thrown it, so
   * from now on one that does not succeed keeps its lease: its claim counts as lost. Claims nothing new.
   */
  suspect(): void;
};

export type OutboxWorkerOptions = OutcomeOptions & {
  outbox: Pick<Outbox, 'claim'>;
  deliver: Deliver;
  /** Deliveries at once. */
  concurrency: number;
  /** The limit of one attempt. The lease is longer, so that no other node claims an entry in flight. */
  deliveryTimeoutMs: number;
  /** Milliseconds between two polls, and between two attempts to record a result. */
  pollMs: number;
  /** Whether polling may claim; absent: always. */
  mayClaim?: () => boolean;
  /** Milliseconds on a monotonic clock. Only tests replace it. */
  elapsed?: () => number;
};

const LEASE_MARGIN_MS = 30_000; // time to record the result, on a busy machine
/**
 * One node's clock writes a lease and another node's clock reads it. So the holder gives it up this much earlier:
 * clocks may differ by this much before two nodes deliver the same entry. The holder's own clock may be set meanwhile,
 * so the lease is also measured on a monotonic clock.
 */
const CLOCKS_APART_MS = 15_000;
const RECORDING_MS = 2000; // time to record that an attempt was broken off

/** A worker for one kind of entry, not started. Failures of the outbox are logged, not thrown. */
export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { kind, outbox, concurrency, pollMs, now, elapsed = () => performance.now(), log } = options;
  const { mayClaim = () => true } = options;
  const attempts = createAttempts(options);
  const outcomes = createOutcomes(options);
  const receiver = createReceiver(elapsed);
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'running' | 'stopped' = 'idle';
  let suspected = false;
  let claiming: Promise<unknown> | undefined;
  let wanted = false;
  const failureLog = createFailureLog(log, { kind });

  const pump = async () => {
    wanted = true;
    if (claiming !== undefined) return; // it polls once more when it is done
    while (wanted && state === 'running' && receiver.mayBeTried() && mayClaim()) {
      wanted = false;
      claiming = claim(receiver.isDown() ? 1 : concurrency).then(
        failureLog.worked,
        (error: unknown) => failureLog.failed(error, 'the outbox could not be read'), // the next poll tries again
      );
      try {
        await claiming;
      } finally {
        claiming = undefined;
      }
    }
  };
  const nudge = contained(pump, (error) => log.error({ err: error, kind }, 'the outbox could not be polled'));

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
      if (entry.state === 'set-aside') tellSetAside(entry);
      else underWay.set(entry.id, carryOut({ entry, leasedUntil: entry.leasedUntil ?? leaseUntil, stillOurs }));
    }
  }

  function tellSetAside({ id, accountId, attempts }: OutboxEntry): void {
    log.error({ kind, id, accountId, attempts }, `${SET_ASIDE}; pedel outbox retry tries again`);
    options.hooks?.onSetAside?.(kind);
  }

  /** Never rejects. */
  async function carryOut(claim: Claim): Promise<void> {
    const { id } = claim.entry;
    try {
      await deliverOne(claim);
    } catch (error) {
      tellUnrecorded(error, id); // the lease ends
    } finally {
      underWay.delete(id);
      if (state === 'running') nudge();
    }
  }

  const tellUnrecorded = contained(
    (error: unknown, id: string) => log.error({ err: error, kind, id }, 'a delivery could not be recorded'),
    () => undefined,
  );

  async function deliverOne(claim: Claim): Promise<void> {
    if (outcomes.isTooLate(claim.entry)) return outcomes.giveUp(claim);
    if (!claim.stillOurs()) {
      log.warn({ kind, id: claim.entry.id }, 'this node slept past its lease; the next claim delivers the entry');
      return;
    }
    const result = await attempts.attempt(claim);
    if (suspected && result.kind !== 'delivered' && result.kind !== 'never') {
      log.warn({ kind, id: claim.entry.id }, 'under way when nobody caught an exception; its claim counts as lost');
      return;
    }
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
    suspect() {
      suspected = true;
      state = 'stopped';
      clearInterval(timer);
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
