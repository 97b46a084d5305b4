/** Makes one attempt to deliver, within a time limit and only while this node runs and holds the entry. */
import type { OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import type { JobLog } from './log.ts';

export type Delivery =
  | { kind: 'delivered'; response?: string }
  /** `receiverDown`: the one server that takes all of this kind is down, so other entries would fail too. */
  | { kind: 'later'; error: string; receiverDown?: boolean }
  | { kind: 'never'; error: string };

/**
 * An error counts as `later`. The signal ends an attempt that takes too long. `stillOurs`: whether no other node can
 * have claimed the entry yet; ask right before a step that cannot be undone.
 */
export type Deliver = (entry: OutboxEntry, signal: AbortSignal, stillOurs: () => boolean) => Promise<Delivery>;

/** An entry that this node holds. */
export type Claim = {
  entry: OutboxEntry;
  /** The ends of its lease (epoch ms) that may be stored; the one that is identifies the claim to the port. */
  leases: () => number[];
  stillOurs: () => boolean;
  /** Prolongs the lease until `act` is over. */
  whileHeld<Result>(act: () => Promise<Result>): Promise<Result>;
};

/** The reason of an attempt that the end of this node broke off. */
export const ENDING = 'broken off: this node ends';

const handedBack = { kind: 'handed-back' } as const;

export type Attempts = {
  /** `handed-back`: nothing failed, but this node ends. */
  attempt(claim: Claim): Promise<Delivery | typeof handedBack>;
  /** Breaks off all attempts and starts no others. */
  end(): void;
};

/** `deliver` is called once per attempt. An error that it throws is logged and counts as `later`. */
export function createAttempts(options: {
  kind: OutboxKind;
  deliver: Deliver;
  /** The limit of one attempt. */
  deliveryTimeoutMs: number;
  log: JobLog;
}): Attempts {
  const underWay = new Set<AbortController>();
  let ended = false;

  /** The result, or `later` when the time is up: a delivery that never settles must not keep its slot. */
  async function withinTime({ entry, stillOurs }: Claim): Promise<Delivery | typeof handedBack> {
    const controller = new AbortController();
    underWay.add(controller);
    const { signal } = controller;
    const isOurEnd = () => signal.reason === ENDING;
    const timer = setTimeout(() => controller.abort(), options.deliveryTimeoutMs);
    const over = new Promise<Delivery>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'later', error: 'broken off: it took too long' }));
    });
    try {
      // Another node may hold an entry that was broken off.
      const delivering = options.deliver(entry, signal, () => !signal.aborted && stillOurs());
      const result = await Promise.race([delivering, over]);
      return result.kind === 'later' && isOurEnd() ? handedBack : result;
    } catch (error) {
      if (isOurEnd()) return handedBack;
      options.log.error({ err: error, kind: options.kind, id: entry.id }, 'a delivery failed unexpectedly');
      return { kind: 'later', error: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
      underWay.delete(controller);
    }
  }

  return {
    attempt: async (claim) => (ended ? handedBack : withinTime(claim)),
    end() {
      ended = true;
      for (const controller of underWay) controller.abort(ENDING);
    },
  };
}
