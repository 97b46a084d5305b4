/** Bounds what one source, and one network with tokens that open nothing, may ask of a node (rule 30). */
import { createAttemptsInMemory } from '../../domain/rate-limits/attempts-in-memory.ts';
import { ScimError } from './errors.ts';

const WINDOW_MS = 60_000;
/** Requests of one source in a minute, on each node: some twenty a second. */
const REQUESTS = 1200;
/** Requests of one network in a minute with tokens that open nothing, each of which costs a read. */
const FAILURES = 120;
const COUNTED = 10_000;

export type ScimLimits = ReturnType<typeof createScimLimits>;

/** `now` returns epoch ms. Each node counts by itself: a counter in the database would be a write for each request. */
export function createScimLimits(now: () => number, requests: number = REQUESTS) {
  const counters = createAttemptsInMemory(COUNTED);

  async function take(key: string, most: number): Promise<void> {
    const at = now();
    const endsAt = (Math.floor(at / WINDOW_MS) + 1) * WINDOW_MS;
    if ((await counters.take(key, endsAt, at)) <= most) return;
    const headers = { 'Retry-After': String(Math.ceil((endsAt - at) / 1000)) };
    throw new ScimError(429, 'too many requests: wait as many seconds as Retry-After says', { headers });
  }

  return {
    /** @throws ScimError 429 */
    takeRequest: (source: string) => take(`of ${source}`, requests),
    /** `groups`: the network's address and what is around it, wider ones last. @throws ScimError 429 in place of the answer */
    async takeFailure(groups: readonly string[]): Promise<void> {
      for (const [place, group] of groups.entries()) await take(`from ${group}`, FAILURES * 2 ** place);
    },
  };
}
