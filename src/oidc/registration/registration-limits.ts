/** Bounds what one token, one registered application and one network may try at the registration endpoints (rule 30). */
import { LRUCache } from 'lru-cache';
import { Problem } from '../../domain/problem.ts';

const WINDOW_MS = 15 * 60_000;
/** Registrations of one token, or changes of one application, that are judged; on each node. */
const TRIES = 100;
/** Answers to tokens that open nothing, of one network; wider groups twice as many each. */
const FAILURES = 100;
const COUNTED = 10_000;

/** `now` returns epoch ms. Each node counts by itself, in memory: a counter in the database would be a write for each try. */
export function createRegistrationLimits(now: () => number) {
  const counters = new LRUCache<string, { count: number; endsAt: number }>({ max: COUNTED });

  function take(key: string, most: number): void {
    const at = now();
    const known = counters.get(key);
    const window = known !== undefined && at < known.endsAt ? known : { count: 0, endsAt: at + WINDOW_MS };
    counters.set(key, window);
    window.count += 1;
    if (window.count > most)
      throw new Problem('too_many', 'too many registrations were tried', {
        retryAfterSeconds: Math.ceil((window.endsAt - at) / 1000),
      });
  }

  return {
    /** @param id of an initial access token, or a client: its token was right. @throws Problem `too_many` */
    mayTry: (id: string) => take(`of ${id}`, TRIES),
    /** @throws Problem `too_many`, in place of the answer; a token that is right is never refused by it */
    countFailure: (groups: readonly string[]) => {
      for (const [place, group] of groups.entries()) take(`from ${group}`, FAILURES * 2 ** place);
    },
  };
}
