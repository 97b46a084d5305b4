/**
 * Notes what happened under the incident numbers that pages show: in memory, bounded by network and person, and written some
 * seconds later. It never fails or delays a page.
 */
import { type Incident, storableIncident } from '../../domain/incidents/incident.ts';
import type { Incidents } from '../../domain/ports/incidents.ts';
import { createAttemptsInMemory } from '../../domain/rate-limits/attempts-in-memory.ts';
import type { LimitedNetwork } from '../../domain/rate-limits/limits.ts';

/**
 * That one network causes in an hour, on each node, without being signed in. Each wider group of an IPv6 network has twice as
 * many as the one before.
 */
export const MOST_OF_NETWORK = 100;
/** That all people who are not signed in cause in an hour, on each node: what a botnet can store ends here. */
export const MOST_OF_STRANGERS = 3000;
/** That one person who is signed in causes in an hour, on each node. */
export const MOST_OF_PERSON = 30;
const HOUR_MS = 3_600_000;
/** Networks and people that are remembered at a time. About 2 MB. */
const REMEMBERED = 10_000;
/** That wait to be written: while the database is away, the first ones stay. */
const MOST_WAITING = 2000;

export type IncidentNotes = {
  /** Returns at once. */
  note(incident: Incident, network: LimitedNetwork): void;
  /** Stores what was noted. @throws what the storage throws; then it is tried again with the next call */
  write(): Promise<void>;
};

export function createIncidentNotes({ incidents }: { incidents: Pick<Incidents, 'add'> }): IncidentNotes {
  const counted = createAttemptsInMemory(REMEMBERED);
  const noting = new Set<Promise<void>>();
  let waiting: Incident[] = [];
  let writing: Promise<void> = Promise.resolve();

  function countersOf({ account, at }: Incident, { groups }: LimitedNetwork) {
    const windowEndsAt = at + HOUR_MS;
    if (account !== undefined) return [{ key: `person ${account}`, windowEndsAt, most: MOST_OF_PERSON }];
    const ofNetwork = groups.map((key, place) => ({ key, windowEndsAt, most: MOST_OF_NETWORK * 2 ** place }));
    return [{ key: 'strangers', windowEndsAt, most: MOST_OF_STRANGERS }, ...ofNetwork];
  }

  /** Counters are asked as those of a database are, so this takes a turn of the event loop. */
  async function keep(incident: Incident, network: LimitedNetwork): Promise<void> {
    const counts = await counted.takeAll(countersOf(incident, network), incident.at);
    if (counts !== undefined && waiting.length < MOST_WAITING) waiting.push(incident);
  }

  async function writeNow(): Promise<void> {
    await Promise.all(noting);
    if (waiting.length === 0) return;
    const some = waiting;
    waiting = [];
    try {
      await incidents.add(some);
    } catch (error) {
      waiting = [...some, ...waiting].slice(0, MOST_WAITING);
      throw error;
    }
  }

  return {
    note(incident, network) {
      const storable = storableIncident(incident);
      if (storable === undefined) return;
      const kept = keep(storable, network)
        .catch(() => {}) // a hint less
        .finally(() => noting.delete(kept));
      noting.add(kept);
    },
    write() {
      writing = writing.catch(() => {}).then(writeNow);
      return writing;
    },
  };
}
