/** Bounds what one service, and one network with tokens that open nothing, may ask of a node (rule 30). */
import { createAttemptsInMemory } from '../../domain/rate-limits/attempts-in-memory.ts';
import { Refused } from './problem.ts';

const WINDOW_MS = 60_000;
/** Requests of one service in a minute, on each node: some twenty a second. */
const REQUESTS = 1200;
/** Requests of one network in a minute with tokens that open nothing, each of which costs a read. */
const FAILURES = 120;
const COUNTED = 10_000;

export type ApiLimits = ReturnType<typeof createApiLimits>;

/** `now` returns epoch ms. Each node counts by itself: a counter in the database would be a write for each request. */
export function createApiLimits(now: () => number, requests: number = REQUESTS) {
  const counters = createAttemptsInMemory(COUNTED);

  async function take(key: string, most: number): Promise<void> {
    const at = now();
    const endsAt = (Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS;
    if ((await counters.take(key, endsAt, at)) <= most) return;
    throw new Refused('too-many', { headers: { 'Retry-After': String(Math.ceil((endsAt - at) / 1000)) } });
  }

  return {
    /** @throws Refused `too-many` */
    takeRequest: (clientId: string) => take(`of ${clientId}`, requests),
    /**
     * `groups`: the network's address and what is around it, wider ones last. A token that holds is never refused by it.
     * @throws Refused `too-many`, in place of the answer
     */
    async takeFailure(groups: readonly string[]): Promise<void> {
      for (const [place, group] of groups.entries()) await take(`from ${group}`, FAILURES * 2 ** place);
    },
  };
}
