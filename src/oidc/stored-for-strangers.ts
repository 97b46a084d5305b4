/**
 * Bounds what requests of people who have not signed in store, per network and per application (rule 30). Each node
 * counts by itself, in memory: a counter in the database would itself be written at each refused request.
 */
import { LRUCache } from 'lru-cache';
import { Problem } from '../domain/problem.ts';
import type { Log } from './page-sources.ts';

const WINDOW_MS = 15 * 60_000;

/**
 * Bytes per window. A waiting sign-in is about a kilobyte, so a campus behind one address may begin some fifteen
 * thousand in a quarter of an hour, and an application a hundred thousand. With the largest requests one address stores
 * 64 MB an hour on each node, of which a third is there at a time.
 */
export const strangersMayStore = { network: 16 * 1024 * 1024, client: 128 * 1024 * 1024 } as const;

/** Who began so little of what an application may store begins more though others have used it up: a hundredth. */
const SPARED = 0.01;

/** The largest request that is stored until it is answered, in bytes: as a URL, and as what was pushed. */
export const LARGEST_REQUEST = 8 * 1024;

/** How many networks and applications are counted at a time: those that were seen last. About 10 MB. */
const COUNTED = 50_000;

export type StrangersStore = {
  /**
   * Counts what is about to be stored; a refused request counts nothing. `what` is stored is counted by itself.
   * `network`: the groups that limits count by, narrowest first; each wider one may store twice as much as the one
   * before. An application that has stored all it may stays open to networks that stored little of it.
   * @throws Problem `too_many` with the seconds until the window ends
   */
  take(input: {
    what: 'requests' | 'proofs';
    network: readonly string[];
    client: string | undefined;
    bytes: number;
  }): void;
};

/** `now` returns epoch ms. The first refusal of each window is logged. */
export function createStrangersStore(options: {
  now: () => number;
  log: Log;
  /** Only tests replace it. */
  mayStore?: Readonly<Record<'network' | 'client', number>> | undefined;
}): StrangersStore {
  const { now, log, mayStore = strangersMayStore } = options;
  const windows = new LRUCache<string, { bytes: number; endsAt: number; refused: boolean }>({ max: COUNTED });

  return {
    take({ what, network, client, bytes }) {
      const at = now();
      const bounds = network.map((group, place) => ({
        key: `${what} of network ${group}`,
        most: mayStore.network * 2 ** place,
        spared: 0,
      }));
      if (client !== undefined) {
        bounds.push({ key: `${what} of client ${client}`, most: mayStore.client, spared: mayStore.client * SPARED });
      }
      const counted = bounds.map(({ key, most, spared }) => {
        const known = windows.get(key);
        const window =
          known !== undefined && at < known.endsAt ? known : { bytes: 0, endsAt: at + WINDOW_MS, refused: false };
        windows.set(key, window);
        return { key, most, spared, window };
      });
      const own = counted[0]?.window.bytes ?? 0;
      const full = counted.find(({ most, spared, window }) => window.bytes + bytes > most && own + bytes > spared);
      if (full === undefined) {
        for (const { window } of counted) window.bytes += bytes;
        return;
      }
      const { key, window } = full;
      if (!window.refused) log.warn({ of: key }, 'what strangers may store has reached its limit');
      window.refused = true;
      throw new Problem('too_many', 'requests of this network or application have stored too much', {
        retryAfterSeconds: Math.ceil((window.endsAt - at) / 1000),
      });
    },
  };
}
