/**
 * Keeps watches among the records of the protocol, which expire by themselves. Steps are stored in numbered places, and
 * `insert` gives each place to one node.
 */
import { isWatching, WATCH_READ_MS, type Watch, type WatchStep } from '../../domain/clients/watch/watch.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { Watches } from '../../domain/ports/watches.ts';

const WATCH = 'Watch';
const STEPS = 'WatchSteps';
/** Expires with the last watch. */
const ANY = ['Watching', 'any'] as const;

/** Times that a node writes steps of one watch. */
const MOST_PLACES = 100;
/** Places that are read at once. */
const AT_ONCE = 20;

export function createWatches(records: Pick<ProtocolRecords, 'find' | 'put' | 'insert'>): Watches {
  const watchOf = async (client: string, now: number) =>
    (await records.find(WATCH, recordKeyOf(client), now)) as Watch | undefined;
  const placeOf = ({ client, startedAt }: Watch, place: number) => recordKeyOf(`${startedAt} ${place} ${client}`);

  /** In their order, up to the first that is free. */
  async function places(watch: Watch, now: number): Promise<WatchStep[][]> {
    const found: WatchStep[][] = [];
    for (let from = 0; from < MOST_PLACES; from += AT_ONCE) {
      const some = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, next) => records.find(STEPS, placeOf(watch, from + next), now)),
      );
      const taken = some.map((record) => record?.steps as WatchStep[] | undefined);
      const free = taken.indexOf(undefined);
      found.push(...(taken.slice(0, free === -1 ? undefined : free) as WatchStep[][]));
      if (free !== -1) break;
    }
    return found;
  }

  return {
    async start(watch) {
      const readUntil = watch.endsAt + WATCH_READ_MS;
      await records.put(WATCH, recordKeyOf(watch.client), { ...watch }, readUntil);
      await records.put(...ANY, {}, watch.endsAt);
    },

    any: async (now) => (await records.find(...ANY, now)) !== undefined,

    async find(client, now) {
      const watch = await watchOf(client, now);
      if (watch === undefined) return undefined;
      const found = await places(watch, now);
      const steps = found.flat().toSorted((one, other) => one.at - other.at);
      return { ...watch, steps, full: found.length === MOST_PLACES };
    },

    async add(client, steps, now) {
      const watch = await watchOf(client, now);
      const watched = watch === undefined ? [] : steps.filter(({ at }) => isWatching(watch, at));
      if (watch === undefined || watched.length === 0) return;
      const record = { steps: watched };
      const readUntil = watch.endsAt + WATCH_READ_MS;
      for (let place = 0; place < MOST_PLACES; place += 1)
        if (await records.insert(STEPS, placeOf(watch, place), record, readUntil, now)) return;
    },
  };
}
