/** What an attempt leads to: written down under the claim, logged and counted; given up where it is too late. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Outbox, OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import { isPassing } from '../domain/problem.ts';
import { retryDelayMs } from './backoff.ts';
import type { JobLog } from './log.ts';
import { type Claim, type Delivery, ENDING } from './outbox-attempt.ts';

/** So that all leave soon after the receiver is up again, and not an hour later. */
const LONGEST_WHILE_DOWN_MS = 60_000;

export type OutboxHooks = {
  onDelivered?(kind: OutboxKind, context: { attempts: number; waitedMs: number }): void;
  onRetry?(kind: OutboxKind, context: { attempts: number }): void;
  onFailed?(kind: OutboxKind, context: { attempts: number }): void;
};

export type OutcomeOptions = {
  kind: OutboxKind;
  outbox: Pick<Outbox, 'done' | 'retry' | 'failed'>;
  /** after `createdAt`, or at the entry's `expiresAt` where that is earlier */
  giveUpAfterMs: number;
  /** between two tries to write an outcome down */
  pollMs: number;
  now: () => number;
  /** [0, 1) */
  random: () => number;
  log: JobLog;
  hooks?: OutboxHooks;
};

export function createOutcomes(options: OutcomeOptions) {
  const { kind, outbox, now, log, hooks = {} } = options;
  /** aborted when nothing is written down any more */
  const over = new AbortController();
  const giveUpAt = ({ createdAt, expiresAt }: OutboxEntry) =>
    Math.min(createdAt + options.giveUpAfterMs, expiresAt ?? Infinity);

  /**
   * Writes down the end of a claim, again and again until its lease is nearly over: what left and is not known to have left
   * leaves once more. @throws where it cannot be written down until then
   */
  async function record({ stillOurs }: Claim, write: () => Promise<boolean>): Promise<boolean> {
    for (let again = false; ; again = true) {
      try {
        // still ours, and yet not to be written: it was, by a try of which the answer was lost
        return (await write()) || (again && stillOurs());
      } catch (error) {
        if (!isPassing(error) || !stillOurs() || over.signal.aborted) throw error;
      }
      await wait(options.pollMs, undefined, { signal: over.signal }).catch(() => {});
    }
  }

  async function fail(claim: Claim, error: string): Promise<void> {
    const { id, accountId, attempts } = claim.entry;
    if (!(await record(claim, () => outbox.failed(id, claim.leasedUntil, now(), error)))) return; // another has it now
    log.error({ kind, id, accountId, attempts, error }, 'not delivered');
    hooks.onFailed?.(kind, { attempts });
  }

  async function delivered(claim: Claim, response: string | undefined): Promise<void> {
    const { id, attempts, createdAt } = claim.entry;
    const kept = await record(claim, () => outbox.done(id, claim.leasedUntil, now()));
    if (!kept) log.warn({ kind, id }, 'delivered after its lease was lost; it may arrive twice');
    log.info({ kind, id, attempts, response }, 'delivered');
    hooks.onDelivered?.(kind, { attempts, waitedMs: now() - createdAt });
  }

  async function putOff(claim: Claim, error: string, receiverDown: boolean): Promise<void> {
    const { id, attempts } = claim.entry;
    const delay = retryDelayMs(attempts, options.random);
    const next = now() + (receiverDown ? Math.min(delay, LONGEST_WHILE_DOWN_MS) : delay);
    if (next >= giveUpAt(claim.entry)) return fail(claim, `given up: ${error}`);
    await record(claim, () => outbox.retry(id, claim.leasedUntil, next, error));
    log.warn({ kind, id, attempts, error, nextAttemptAt: next }, 'not delivered yet');
    hooks.onRetry?.(kind, { attempts });
  }

  return {
    isTooLate: (entry: OutboxEntry) => giveUpAt(entry) <= now(),

    giveUp: (claim: Claim) =>
      fail(claim, `given up, too late to be of use${claim.entry.lastError ? `: ${claim.entry.lastError}` : ''}`),

    async handBack(claim: Claim): Promise<void> {
      const { id, attempts } = claim.entry;
      await record(claim, () => outbox.retry(id, claim.leasedUntil, now(), ENDING));
      log.info({ kind, id, attempts }, 'broken off by the end of this node: due at once elsewhere');
    },

    async settle(claim: Claim, result: Delivery): Promise<void> {
      switch (result.kind) {
        case 'delivered':
          return delivered(claim, result.response);
        case 'never':
          return fail(claim, result.error);
        case 'later':
          return putOff(claim, result.error, result.receiverDown === true);
      }
    },

    /** From now on nothing is written down again that could not be written down. */
    end: () => over.abort(),
  };
}
