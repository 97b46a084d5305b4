/**
 * Bounds what requests of people who have not signed in store, per network and per application (rule 30). Each node
 * counts by itself, in memory: a counter in the database would itself be written at each refused request.
 */
import { LRUCache } from 'lru-cache';
import { Problem } from '../../domain/problem.ts';
import { type LimitedNetwork, limits } from '../../domain/rate-limits/limits.ts';
import type { Log } from '../page-sources.ts';

const WINDOW_MS = 15 * 60_000;

const MEGABYTE = 1024 * 1024;
/** Bytes per window, of a network without a limit of its own, of an application, and of a browser that signed in before. */
export const strangersMayStore = {
  network: limits.megabytesBegunPerNetwork.tries * MEGABYTE,
  client: 128 * MEGABYTE,
  known: MEGABYTE,
} as const;

/** Requests of more bytes may take only a part of what a network stores, so that ordinary ones still begin. */
const LARGE = 3 * 1024;
const PART_OF_LARGE = 1 / 3;

/** Who began so little of what an application may store begins more though others have used it up: a hundredth. */
const SPARED = 0.01;

/** The largest request that is stored until it is answered, in bytes: as a URL, and as what was pushed. */
export const LARGEST_REQUEST = 8 * 1024;

/** How many networks and applications are counted at a time: those that were seen last. About 10 MB. */
const COUNTED = 50_000;

export type MayStore = Readonly<Record<'network' | 'client', number> & { known?: number }>;

export type StrangersStore = {
  /**
   * Counts what is about to be stored; a refused request counts nothing. `what` is stored is counted by itself.
   * Each wider group of `network` may store twice as much as the one before. `known`: the id of a browser that signed in
   * before, which has bytes of its own before it takes those of its network. An application that has stored all it may
   * stays open to networks that stored little of it.
   * @throws Problem `too_many` with the seconds until the window ends
   */
  take(input: {
    what: 'requests' | 'proofs' | 'registrations';
    network: Pick<LimitedNetwork, 'groups' | 'limits'>;
    client: string | undefined;
    known?: string | undefined;
    bytes: number;
  }): void;
};

/** `now` returns epoch ms. The first refusal of each window is logged. */
export function createStrangersStore(options: {
  now: () => number;
  log: Log;
  /** Only tests replace it. */
  mayStore?: MayStore | undefined;
}): StrangersStore {
  const { now, log, mayStore = strangersMayStore } = options;
  const windows = new LRUCache<string, { bytes: number; endsAt: number; refused: boolean }>({ max: COUNTED });

  function windowOf(key: string, at: number) {
    const known = windows.get(key);
    const window =
      known !== undefined && at < known.endsAt ? known : { bytes: 0, endsAt: at + WINDOW_MS, refused: false };
    windows.set(key, window);
    return window;
  }

  return {
    take({ what, network, client, known, bytes }) {
      const at = now();
      const own = known === undefined ? undefined : windowOf(`${what} of browser ${known}`, at);
      if (own !== undefined && own.bytes + bytes <= (mayStore.known ?? strangersMayStore.known)) {
        own.bytes += bytes;
        return;
      }
      const configured = network.limits?.megabytesBegunPerNetwork;
      const most = configured === undefined ? mayStore.network : configured * MEGABYTE;
      const bounds = network.groups.flatMap((group, place) => {
        const all = { key: `${what} of network ${group}`, most: most * 2 ** place, spared: 0 };
        const large = { ...all, key: `large ${all.key}`, most: all.most * PART_OF_LARGE };
        return bytes > LARGE ? [all, large] : [all];
      });
      if (client !== undefined) {
        bounds.push({ key: `${what} of client ${client}`, most: mayStore.client, spared: mayStore.client * SPARED });
      }
      const counted = bounds.map((bound) => ({ ...bound, window: windowOf(bound.key, at) }));
      const before = counted[0]?.window.bytes ?? 0;
      const full = counted.find(({ most, spared, window }) => window.bytes + bytes > most && before + bytes > spared);
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
