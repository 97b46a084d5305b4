/** Any number of registered clients from storage, through a bounded cache that is at most a second behind. */
import { LRUCache } from 'lru-cache';
import type { ClientRecord, Clients } from '../domain/ports.ts';

/** How many records are kept; a university has hundreds. */
const KEPT = 2000;
const CHECK_EVERY_MS = 1000;

export type ClientRecords = {
  /** the same object as long as nothing was registered anew */
  find(id: string): Promise<ClientRecord | undefined>;
  clear(): void;
  /** those that what they refer to elsewhere was compared with */
  compared: WeakSet<ClientRecord>;
};

/** What is registered; outlives the change of keys for which the library is built anew. */
export function createClientRecords(options: {
  clients: Pick<Clients, 'find' | 'version'>;
  now: () => number;
}): ClientRecords {
  const { clients, now } = options;
  const records = new LRUCache<string, ClientRecord>({ max: KEPT });
  let version: number | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  async function check(): Promise<void> {
    const current = await clients.version();
    if (current !== version) records.clear();
    version = current;
    checkedAt = now();
  }

  return {
    compared: new WeakSet(),
    async find(id) {
      if (now() - checkedAt >= CHECK_EVERY_MS) {
        checking ??= check().finally(() => {
          checking = undefined;
        });
        await checking;
      }
      const kept = records.get(id);
      if (kept !== undefined) return kept;
      const readAtVersion = version;
      const record = await clients.find(id);
      // a change that was noticed meanwhile must not be covered by what was read before it
      if (record !== undefined && readAtVersion === version) records.set(id, record);
      return record;
    },
    clear() {
      checkedAt = Number.NEGATIVE_INFINITY;
      records.clear();
    },
  };
}

/** Built clients by id, each as long as its record is kept. `build` turns a record into what the library works with. */
export function createClientCache<Built extends object>(options: {
  records: Pick<ClientRecords, 'find'>;
  build: (record: ClientRecord) => Promise<Built>;
}) {
  const { records, build } = options;
  const built = new WeakMap<ClientRecord, Built>();
  const secrets = new WeakMap<Built, ClientRecord['secrets']>();
  return {
    async find(id: string): Promise<Built | undefined> {
      const record = await records.find(id);
      if (record === undefined) return undefined;
      const kept = built.get(record);
      if (kept !== undefined) return kept;
      const client = await build(record);
      secrets.set(client, record.secrets);
      built.set(record, client);
      return client;
    },
    /** hashes of the client's secrets, newest first, as they were when it was built */
    secretsOf: (client: Built): ClientRecord['secrets'] => secrets.get(client) ?? [],
  };
}
