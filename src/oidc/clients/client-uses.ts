/**
 * Notes when applications were last used: once an hour for each secret and each application, in memory, and written a few
 * seconds later. A request waits for none of it.
 */
import { LRUCache } from 'lru-cache';
import type { ClientUse, ClientUses } from '../../domain/ports/client-uses.ts';

const HOUR_MS = 3_600_000;
/** Of what was noted in this hour already; a university has hundreds of applications. About 2 MB. */
const REMEMBERED = 10_000;

export type ClientUseNotes = {
  /** Costs a look into a map, unless it is the first of its kind in an hour. */
  note(client: string, of: ClientUse['of']): void;
  /** Stores what was noted. @throws what the storage throws; then it is tried again with the next call */
  write(): Promise<void>;
};

export function createClientUseNotes({
  clientUses,
  now,
}: {
  clientUses: Pick<ClientUses, 'note'>;
  now: () => number;
}): ClientUseNotes {
  /** The hour that was noted last. */
  const lately = new LRUCache<string, number>({ max: REMEMBERED });
  let waiting = new Map<string, ClientUse>();
  let writing: Promise<void> = Promise.resolve();

  async function writeNow(): Promise<void> {
    if (waiting.size === 0) return;
    const some = waiting;
    waiting = new Map();
    try {
      await clientUses.note([...some.values()]);
    } catch (error) {
      waiting = new Map([...some, ...waiting]); // what came meanwhile is later
      throw error;
    }
  }

  return {
    note(client, of) {
      const at = now();
      const hour = at - (at % HOUR_MS);
      const key = `${of} ${client}`;
      if (lately.get(key) === hour) return;
      lately.set(key, hour);
      waiting.set(key, { client, of, hour });
    },
    write() {
      writing = writing.catch(() => {}).then(writeNow);
      return writing;
    },
  };
}
