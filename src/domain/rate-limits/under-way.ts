/**
 * The tries that this process is judging at the moment, by counter: who comes while they hold the last places waits for
 * one of them to end, and nobody waits for nothing.
 */
export type UnderWay = {
  /** One more is being judged. Call what it returns when it is judged; a second call does nothing. */
  begin(counter: string): () => void;
  /**
   * Waits for one of them to end. Undefined: as many wait already as are being judged, or none is, so there is nothing
   * to wait for.
   */
  wait(counter: string): Waiting | undefined;
};

/** `leave`: who no longer waits makes room for another. */
export type Waiting = { ended: Promise<void>; leave(): void };

export function createUnderWay(): UnderWay {
  const counters = new Map<string, { judged: number; waiting: Set<() => void> }>();

  return {
    begin(counter) {
      const known = counters.get(counter) ?? { judged: 0, waiting: new Set() };
      counters.set(counter, known);
      known.judged += 1;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        known.judged -= 1;
        if (known.judged === 0) counters.delete(counter);
        const [first] = known.waiting;
        if (first === undefined) return;
        known.waiting.delete(first);
        first();
      };
    },

    wait(counter) {
      const known = counters.get(counter);
      if (known === undefined || known.waiting.size >= known.judged) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      known.waiting.add(resolve);
      return { ended: promise, leave: () => void known.waiting.delete(resolve) };
    },
  };
}
