/** The kinds of work that stored hashes may take, as this node last read them. */
import { foreignWorks } from '../domain/passwords/foreign-hash.ts';
import type { Values } from '../domain/ports/values.ts';

/** How soon a node hears that a feed brought hashes that take other work. */
const REREAD_MS = 2000;

/** What the storage said in the last seconds, or says now. `now`: epoch ms. */
export function createKnownWorks(values: Pick<Values, 'get'>, now: () => number): () => Promise<readonly string[]> {
  let last: { at: number; works: Promise<readonly string[]> } | undefined;
  return () => {
    if (last === undefined || Math.abs(now() - last.at) > REREAD_MS) {
      const reading = { at: now(), works: foreignWorks(values).then(({ works }) => works) };
      reading.works.catch(() => {
        if (last === reading) last = undefined; // the next one asks again
      });
      last = reading;
    }
    return last.works;
  };
}
