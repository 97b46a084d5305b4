/** Delivers what waits in the outbox, a few at once, until it is delivered, refused for good or of no use any more. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Outbox, OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import { isPassing } from '../domain/problem.ts';
import { atMost } from './at-most.ts';
import { retryDelayMs } from './backoff.ts';
import { failuresTold, type JobLog } from './log.ts';

export type Delivery =
  | { kind: 'delivered'; response?: string }
  /** `receiverDown`: it is the one server that all go to, so others would fare no better for now */
  | { kind: 'later'; error: string; receiverDown?: boolean }
  | { kind: 'never'; error: string };

/**
 * A throw counts as `later`. The signal ends an attempt that takes too long. `stillOurs`: whether no other node can have
 * taken over yet; to be asked right before what cannot be taken back.
 */
export type Deliver = (entry: OutboxEntry, signal: AbortSignal, stillOurs: () => boolean) => Promise<Delivery>;

export type OutboxHooks = {
  onDelivered?(kind: OutboxKind, context: { attempts: number; waitedMs: number }): void;
  onRetry?(kind: OutboxKind, context: { attempts: number }): void;
  onFailed?(kind: OutboxKind, context: { attempts: number }): void;
};

export type OutboxWorker = {
  /** Looks from now on, every `pollMs` and whenever woken. */
  start(): void;
  wake(): void;
  /** Delivers all that is due at `now()` and resolves when nothing is under way. */
  runDue(): Promise<void>;
  /** Takes nothing new, waits for what is under way at most this long, or until hurried, then breaks it off; it is tried again. */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
};

export type OutboxWorkerOptions = {
  kind: OutboxKind;
  outbox: Pick<Outbox, 'claim' | 'done' | 'retry' | 'failed'>;
  deliver: Deliver;
  /** deliveries at once */
  concurrency: number;
  /** one attempt at most; the lease is longer, so that nobody takes over what is still under way */
  deliveryTimeoutMs: number;
  /** after `createdAt`, or at the entry's `expiresAt` where that is earlier */
  giveUpAfterMs: number;
  pollMs: number;
  now: () => number;
  /** milliseconds on a clock that nobody sets; only tests replace it */
  elapsed?: () => number;
  /** [0, 1) */
  random: () => number;
  log: JobLog;
  hooks?: OutboxHooks;
};

const LEASE_MARGIN_MS = 30_000; // for recording the end, on a busy machine
/**
 * A lease is written with the clock of one node and read with that of another. So its holder gives it up this much
 * earlier: clocks may be that far apart before two nodes deliver the same. Meanwhile its own clock may be set, too, so
 * that the lease also counts by the one that nobody sets.
 */
const CLOCKS_APART_MS = 15_000;
const RECORDING_MS = 2000; // for writing down that an attempt was broken off
/** Why an attempt was broken off, where it was not its time. */
const ENDING = 'broken off: this node ends';
/** While the receiver is down one is tried at a time: after 1 s, 2 s, 4 s … and at least twice a minute. */
const PROBE_MS = { first: 1000, longest: 30_000 };
/** So that all leave soon after it is up again, and not an hour later. */
const LONGEST_WHILE_DOWN_MS = 60_000;

const handedBack = { kind: 'handed back' } as const;

export function createOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const {
    kind,
    outbox,
    deliver,
    concurrency,
    deliveryTimeoutMs,
    giveUpAfterMs,
    pollMs,
    now,
    elapsed = () => performance.now(),
    random,
    log,
    hooks = {},
  } = options;
  const underWay = new Map<string, Promise<void>>();
  const attempts = new Set<AbortController>();
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'running' | 'stopped' = 'idle';
  let claiming: Promise<unknown> | undefined;
  let wanted = false;
  let breakingOff = false;
  /** aborted when nothing is written down any more */
  const over = new AbortController();
  let failuresInARow = 0;
  let resumeAt = Number.NEGATIVE_INFINITY; // by `elapsed`
  const told = failuresTold(log, { kind });

  const pump = async () => {
    wanted = true;
    if (claiming !== undefined) return; // it looks once more when it is done
    while (wanted && state === 'running' && elapsed() >= resumeAt) {
      wanted = false;
      claiming = claim(failuresInARow > 0 ? 1 : concurrency).then(
        told.worked,
        (error: unknown) => told.failed(error, 'the outbox could not be read'), // the next poll tries again
      );
      await claiming;
      claiming = undefined;
    }
  };
  const nudge = () => void pump();

  async function claim(atOnce: number): Promise<number> {
    const room = atOnce - underWay.size;
    if (room <= 0) return 0;
    const claimedAt = now();
    const began = elapsed();
    const leaseMs = deliveryTimeoutMs + LEASE_MARGIN_MS;
    const leaseUntil = claimedAt + leaseMs;
    const safeMs = leaseMs - CLOCKS_APART_MS;
    const stillOurs = () => now() - claimedAt < safeMs && elapsed() - began < safeMs;
    const entries = await outbox.claim(kind, claimedAt, leaseUntil, room);
    for (const entry of entries) {
      const attempt = attemptOnce(entry, entry.leasedUntil ?? leaseUntil, stillOurs)
        .catch((error) => log.error({ err: error, kind, id: entry.id }, 'a delivery could not be recorded')) // the lease ends
        .finally(() => {
          underWay.delete(entry.id);
          if (state === 'running') nudge();
        });
      underWay.set(entry.id, attempt);
    }
    return entries.length;
  }

  async function attemptOnce(entry: OutboxEntry, leasedUntil: number, stillOurs: () => boolean): Promise<void> {
    const giveUpAt = Math.min(entry.createdAt + giveUpAfterMs, entry.expiresAt ?? Infinity);
    if (giveUpAt <= now()) {
      await fail(
        entry,
        leasedUntil,
        stillOurs,
        `given up, too late to be of use${entry.lastError ? `: ${entry.lastError}` : ''}`,
      );
      return;
    }
    if (!stillOurs()) {
      log.warn({ kind, id: entry.id }, 'slept past its lease; left to whoever claims it next');
      return;
    }
    const result = breakingOff ? handedBack : await withinTime(entry, stillOurs);
    if (result.kind === 'handed back') {
      await record(stillOurs, () => outbox.retry(entry.id, leasedUntil, now(), ENDING));
      log.info(
        { kind, id: entry.id, attempts: entry.attempts },
        'broken off by the end of this node: due at once elsewhere',
      );
      return;
    }
    noteReceiver(result);
    const context = { attempts: entry.attempts };
    switch (result.kind) {
      case 'delivered': {
        const kept = await record(stillOurs, () => outbox.done(entry.id, leasedUntil, now()));
        if (!kept) log.warn({ kind, id: entry.id }, 'delivered after its lease was lost; it may arrive twice');
        log.info({ kind, id: entry.id, ...context, response: result.response }, 'delivered');
        hooks.onDelivered?.(kind, { ...context, waitedMs: now() - entry.createdAt });
        return;
      }
      case 'never':
        await fail(entry, leasedUntil, stillOurs, result.error);
        return;
      case 'later': {
        const delay = retryDelayMs(entry.attempts, random);
        const next = now() + (result.receiverDown === true ? Math.min(delay, LONGEST_WHILE_DOWN_MS) : delay);
        if (next >= giveUpAt) {
          await fail(entry, leasedUntil, stillOurs, `given up: ${result.error}`);
          return;
        }
        await record(stillOurs, () => outbox.retry(entry.id, leasedUntil, next, result.error));
        log.warn({ kind, id: entry.id, ...context, error: result.error, nextAttemptAt: next }, 'not delivered yet');
        hooks.onRetry?.(kind, context);
      }
    }
  }

  /**
   * Writes down the end of a claim, again and again until its lease is nearly over: what left and is not known to have left
   * leaves once more. @throws where it cannot be written down until then
   */
  async function record(stillOurs: () => boolean, write: () => Promise<boolean>): Promise<boolean> {
    for (let again = false; ; again = true) {
      try {
        // still ours, and yet not to be written: it was, by a try of which the answer was lost
        return (await write()) || (again && stillOurs());
      } catch (error) {
        if (!isPassing(error) || !stillOurs() || over.signal.aborted) throw error;
      }
      await wait(pollMs, undefined, { signal: over.signal }).catch(() => {});
    }
  }

  async function fail(entry: OutboxEntry, leasedUntil: number, stillOurs: () => boolean, error: string): Promise<void> {
    if (!(await record(stillOurs, () => outbox.failed(entry.id, leasedUntil, now(), error)))) return; // another has it now
    log.error({ kind, id: entry.id, accountId: entry.accountId, attempts: entry.attempts, error }, 'not delivered');
    hooks.onFailed?.(kind, { attempts: entry.attempts });
  }

  /**
   * The outcome, or `later` at the latest when the time is up: whatever does not settle must not keep its place. What it
   * was broken off for by our own end is nobody's failure.
   */
  async function withinTime(entry: OutboxEntry, stillOurs: () => boolean): Promise<Delivery | typeof handedBack> {
    const attempt = new AbortController();
    attempts.add(attempt);
    const { signal } = attempt;
    const isOurEnd = () => signal.reason === ENDING;
    const timer = setTimeout(() => attempt.abort(), deliveryTimeoutMs);
    const over = new Promise<Delivery>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'later', error: 'broken off: it took too long' }));
    });
    try {
      // whatever was broken off may be another's any moment
      const result = await Promise.race([deliver(entry, signal, () => !signal.aborted && stillOurs()), over]);
      return result.kind === 'later' && isOurEnd() ? handedBack : result;
    } catch (error) {
      if (isOurEnd()) return handedBack;
      log.error({ err: error, kind, id: entry.id }, 'a delivery failed unexpectedly');
      return { kind: 'later', error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
      attempts.delete(attempt);
    }
  }

  function noteReceiver(result: Delivery): void {
    if (result.kind !== 'later' || result.receiverDown !== true) {
      failuresInARow = 0;
      resumeAt = Number.NEGATIVE_INFINITY;
    } else if (elapsed() >= resumeAt) {
      // those that were under way together count as one failure
      resumeAt = elapsed() + Math.min(PROBE_MS.first * 2 ** failuresInARow, PROBE_MS.longest);
      failuresInARow += 1;
    }
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
      breakingOff = true;
      for (const attempt of attempts) attempt.abort(ENDING);
      await atMost(RECORDING_MS, [...underWay.values()]);
      over.abort();
    },
  };
}
