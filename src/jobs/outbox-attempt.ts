/** One attempt to deliver: within its time, and only as long as this node goes on and holds the entry. */
import type { OutboxEntry, OutboxKind } from '../domain/ports/outbox.ts';
import type { JobLog } from './log.ts';

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

/** An entry that this node holds. `leasedUntil` (epoch ms) names the claim to the port. */
export type Claim = { entry: OutboxEntry; leasedUntil: number; stillOurs: () => boolean };

/** Why an attempt was broken off, where it was not its time. */
export const ENDING = 'broken off: this node ends';

const handedBack = { kind: 'handed-back' } as const;

export type Attempts = {
  /** `handed-back`: nobody's failure, this node ends */
  attempt(claim: Claim): Promise<Delivery | typeof handedBack>;
  /** Breaks off those under way, and begins no other. */
  end(): void;
};

export function createAttempts(options: {
  kind: OutboxKind;
  deliver: Deliver;
  /** one attempt at most */
  deliveryTimeoutMs: number;
  log: JobLog;
}): Attempts {
  const underWay = new Set<AbortController>();
  let ended = false;

  /** The outcome, or `later` at the latest when the time is up: whatever does not settle must not keep its place. */
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
      // whatever was broken off may be another's any moment
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
