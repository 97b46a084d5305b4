/** Delivers the entries of the outbox, a few at once, until each is delivered, refused for good or expired. */
import { setTimeout as wait } from 'node:timers/promises';
import { contained } from '../domain/contained.ts';
import { type Outbox, type OutboxEntry, SET_ASIDE } from '../domain/ports/outbox.ts';
import { atMost } from './at-most.ts';
import { createFailureLog } from './log.ts';
import { createOutage } from './outage.ts';
import { type Claim, createAttempts, type Deliver } from './outbox-attempt.ts';
import { ENDS_NO_LEASE_MS, holdClaim, LEASE_MS, type Moment, PROLONG_EVERY_MS } from './outbox-claim.ts';
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
  outbox: Pick<Outbox, 'claim' | 'prolong' | 'done' | 'retry' | 'failed'>;
  deliver: Deliver;
  /** Deliveries at once. */
  concurrency: number;
  /** The limit of one attempt. */
  deliveryTimeoutMs: number;
  /** Milliseconds between two polls, and between two attempts to record a result. */
  pollMs: number;
  /** Whether people are being answered right now: then what is not urgent leaves little by little. Absent: nobody is. */
  busy?: () => boolean;
  /** Shared by all workers of the process. Absent: this one is alone. */
  doubt?: Doubt;
  /** Whether polling may claim; absent: always. */
  mayClaim?: () => boolean;
  /** Milliseconds on a monotonic clock. Only tests replace it. */
  elapsed?: () => number;
};

/**
 * How many entries a process holds that lost a claim before: one at most, so that if it dies too, all but one of what another
 * process left can still be given to a third.
 */
export type Doubt = { held: number };

/**
 * What was delivered is written down, and more is claimed, in beats, so that many share a commit. A process that is killed
 * repeats what it delivered within one.
 */
const BEAT_MS = 20;
/**
 * While people are being answered, so many of what is not urgent are claimed in a beat. That is a hundred a second: a tenth of a
 * processor where each is an email.
 */
const PATIENT_WHILE_BUSY = 2;
const RECORDING_MS = 2000; // time to record that an attempt was broken off
/** After an outage whoever holds a claim prolongs or ends it within this time. */
const HOLDERS_FIRST_MS = PROLONG_EVERY_MS + 2000;

/** A worker for one kind of entry, not started. Failures of the outbox are logged, not thrown. */
export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const { kind, concurrency, pollMs, now, elapsed = () => performance.now(), log } = options;
  const { mayClaim = () => true, busy = () => false, doubt = { held: 0 } } = options;
  const moment = (): Moment => ({ wall: now(), monotonic: elapsed() });
  const outage = createOutage({ shortMs: ENDS_NO_LEASE_MS, graceMs: HOLDERS_FIRST_MS, moment });
  const outbox: OutboxWorkerOptions['outbox'] = {
    claim: (...args) => outage.watch(() => options.outbox.claim(...args)),
    prolong: (...args) => outage.watch(() => options.outbox.prolong(...args)),
    done: (...args) => outage.watch(() => options.outbox.done(...args)),
    retry: (...args) => outage.watch(() => options.outbox.retry(...args)),
    failed: (...args) => outage.watch(() => options.outbox.failed(...args)),
  };
  const attempts = createAttempts(options);
  const outcomes = createOutcomes({ ...options, outbox });
  const receiver = createReceiver(elapsed);
  const underWay = new Map<string, Promise<void>>();
  /** of those under way, how many are not delivered yet */
  let delivering = 0;
  let beat: Promise<void> | undefined;
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

  /** @returns whether anything was due */
  async function claim(atOnce: number): Promise<boolean> {
    const room = atOnce - delivering;
    if (room <= 0) return false;
    const since = moment();
    const leaseUntil = since.wall + LEASE_MS;
    const doubted = doubt.held === 0 ? 1 : 0;
    doubt.held += doubted; // no other claim gets one meanwhile
    try {
      const claimed = await outbox.claim(kind, since.wall, leaseUntil, room, {
        leasesAsOf: outage.leasesAsOf(),
        doubted,
        patient: busy() ? PATIENT_WHILE_BUSY : room,
        inOrder: receiver.isDown(), // or two urgent ones, which no server takes, would be the only ones that are tried
      });
      for (const entry of claimed) {
        if (entry.state === 'set-aside') {
          tellSetAside(entry);
          continue;
        }
        if (entry.lostClaims !== undefined) doubt.held += 1;
        underWay.set(entry.id, carryOut(hold(entry, entry.leasedUntil ?? leaseUntil, since)));
      }
      return claimed.length > 0;
    } finally {
      doubt.held -= doubted;
    }
  }

  const hold = (entry: OutboxEntry, leasedUntil: number, since: Moment) =>
    holdClaim({
      entry,
      leasedUntil,
      since,
      longestMs: options.deliveryTimeoutMs + LEASE_MS,
      outbox,
      moment,
      onFailure: (error) => log.warn({ err: error, kind, id: entry.id }, 'a lease could not be prolonged yet'),
    });

  function tellSetAside({ id, accountId, attempts }: OutboxEntry): void {
    log.error({ kind, id, accountId, attempts }, `${SET_ASIDE}; pedel outbox retry tries again`);
    options.hooks?.onSetAside?.(kind);
  }

  /** Resolves with the next beat, at which more is claimed. */
  function nextBeat(): Promise<void> {
    beat ??= wait(BEAT_MS).then(() => {
      beat = undefined;
      if (state === 'running') nudge();
    });
    return beat;
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
      if (claim.entry.lostClaims !== undefined) doubt.held -= 1;
      void nextBeat();
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
    delivering += 1;
    const result = await claim
      .whileHeld(() => attempts.attempt(claim))
      .finally(() => {
        delivering -= 1;
      });
    if (suspected && result.kind !== 'delivered' && result.kind !== 'never') {
      log.warn({ kind, id: claim.entry.id }, 'under way when nobody caught an exception; its claim counts as lost');
      return;
    }
    if (result.kind === 'handed-back') return outcomes.handBack(claim);
    receiver.note(result.kind === 'later' && result.receiverDown === true);
    // one that lost a claim before may be what ends processes, or stand beside it: two are never lost for a beat
    if (result.kind === 'delivered' && claim.entry.lostClaims === undefined) await nextBeat();
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
      let claimed: boolean;
      do {
        claimed = (await claim(concurrency)) || underWay.size > 0;
        await Promise.all(underWay.values());
        if (!claimed && doubt.held > 0) {
          await wait(BEAT_MS); // what lost a claim may wait until another worker has ended such an entry
          claimed = true;
        }
      } while (claimed);
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
