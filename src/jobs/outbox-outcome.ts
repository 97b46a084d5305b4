/** Records the result of an attempt under its claim, logs and counts it, and gives up entries that are too late. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Outbox, OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import { isPassing } from '../domain/problem.ts';
import { retryDelayMs } from './backoff.ts';
import type { JobLog } from './log.ts';
import { type Claim, type Delivery, ENDING } from './outbox-attempt.ts';

/** Ensures that entries leave within a minute after the receiver is back, not an hour later. */
const LONGEST_WHILE_DOWN_MS = 60_000;

/** What is too late by a clock that may be wrong is looked at again after this time. */
const HELD_MS = 10 * 60_000;

export type OutboxHooks = {
  onDelivered?(kind: OutboxKind, context: { attempts: number; waitedMs: number }): void;
  onRetry?(kind: OutboxKind, context: { attempts: number }): void;
  onFailed?(kind: OutboxKind, context: { attempts: number }): void;
  onSetAside?(kind: OutboxKind): void;
};

export type OutcomeOptions = {
  kind: OutboxKind;
  outbox: Pick<Outbox, 'done' | 'retry' | 'failed'>;
  /** After `createdAt`. If the entry's `expiresAt` is earlier, that counts. */
  giveUpAfterMs: number;
  /** Milliseconds between two attempts to record a result. */
  pollMs: number;
  now: () => number;
  /** Whether what is too late may be given up; absent: always. */
  mayGiveUp?: () => boolean;
  /** In [0, 1). */
  random: () => number;
  log: JobLog;
  hooks?: OutboxHooks;
  /** Tells of an entry that will not be delivered, before that is recorded; it may be told again. A fault that will not pass is logged. */
  tellFailed?(entry: OutboxEntry, refused: boolean, error: string): Promise<void>;
};

/** Its methods throw what the outbox throws, unless trying again may help. */
export function createOutcomes(options: OutcomeOptions) {
  const { kind, outbox, now, log, hooks = {}, mayGiveUp = () => true } = options;
  /** Aborted when results are no longer recorded. */
  const over = new AbortController();
  const giveUpAt = ({ createdAt, expiresAt }: OutboxEntry) =>
    Math.min(createdAt + options.giveUpAfterMs, expiresAt ?? Infinity);

  const pause = () => wait(options.pollMs, undefined, { signal: over.signal }).catch(() => {});

  /**
   * Tells whom it concerns, and tries again until the storage answers.
   * @throws what the storage throws, if this node ends: the next claim tells it
   */
  async function tell(entry: OutboxEntry, refused: boolean, error: string): Promise<void> {
    for (;;) {
      try {
        return await options.tellFailed?.(entry, refused, error);
      } catch (err) {
        if (isPassing(err) && over.signal.aborted) throw err;
        if (!isPassing(err)) {
          log.error({ err, kind, id: entry.id }, 'it could not be told that this was not delivered');
          return;
        }
      }
      await pause();
    }
  }

  /**
   * Records the end of a claim and tries again until the storage answers, even after the lease is over, as long as
   * nobody else has claimed the entry: an unrecorded delivery is delivered twice, and its claim counts as lost.
   * @throws what the storage throws, if it does not pass or this node ends
   */
  async function record(
    { leases, stillOurs }: Claim,
    write: (leasedUntil: number) => Promise<boolean>,
  ): Promise<boolean> {
    for (let again = false; ; again = true) {
      try {
        // The claim is ours and yet the write finds nothing to do: an earlier try wrote it, but its answer was lost.
        for (const leasedUntil of leases()) if (await write(leasedUntil)) return true;
        return again && stillOurs();
      } catch (error) {
        if (!isPassing(error) || over.signal.aborted) throw error;
      }
      await pause();
    }
  }

  async function fail(claim: Claim, error: string, refused = false): Promise<void> {
    const { id, accountId, attempts } = claim.entry;
    await tell(claim.entry, refused, error);
    if (!(await record(claim, (leasedUntil) => outbox.failed(id, leasedUntil, now(), error)))) return; // another node has it now
    log.error({ kind, id, accountId, attempts, error }, 'not delivered');
    hooks.onFailed?.(kind, { attempts });
  }

  async function delivered(claim: Claim, response: string | undefined): Promise<void> {
    const { id, attempts, createdAt } = claim.entry;
    const kept = await record(claim, (leasedUntil) => outbox.done(id, leasedUntil, now()));
    if (!kept) log.warn({ kind, id }, 'delivered after its lease was lost; it may arrive twice');
    log.info({ kind, id, attempts, response }, 'delivered');
    hooks.onDelivered?.(kind, { attempts, waitedMs: now() - createdAt });
  }

  async function putOff(claim: Claim, error: string, receiverDown: boolean): Promise<void> {
    const { id, attempts } = claim.entry;
    const delay = retryDelayMs(attempts, options.random);
    // counted from when it is written down, so that after an outage of the storage not everything is tried at once
    const next = () => now() + (receiverDown ? Math.min(delay, LONGEST_WHILE_DOWN_MS) : delay);
    if (next() >= giveUpAt(claim.entry) && mayGiveUp()) return fail(claim, `given up: ${error}`);
    await record(claim, (leasedUntil) => outbox.retry(id, leasedUntil, next(), error));
    log.warn({ kind, id, attempts, error, nextAttemptAt: next() }, 'not delivered yet');
    hooks.onRetry?.(kind, { attempts });
  }

  return {
    isTooLate: (entry: OutboxEntry) => giveUpAt(entry) <= now(),

    async giveUp(claim: Claim): Promise<void> {
      if (!mayGiveUp()) {
        const { id, lastError = '' } = claim.entry;
        await record(claim, (leasedUntil) => outbox.retry(id, leasedUntil, now() + HELD_MS, lastError));
        return;
      }
      await fail(claim, `given up: too late to be useful${claim.entry.lastError ? `: ${claim.entry.lastError}` : ''}`);
    },

    async handBack(claim: Claim): Promise<void> {
      const { id, attempts } = claim.entry;
      await record(claim, (leasedUntil) => outbox.retry(id, leasedUntil, now(), ENDING));
      log.info({ kind, id, attempts }, 'broken off because this node ends; due at once on another node');
    },

    async settle(claim: Claim, result: Delivery): Promise<void> {
      switch (result.kind) {
        case 'delivered':
          return delivered(claim, result.response);
        case 'never':
          return fail(claim, result.error, true);
        case 'later':
          return putOff(claim, result.error, result.receiverDown === true);
      }
    },

    /** From now on, stop trying to record results that failed. */
    end: () => over.abort(),
  };
}
