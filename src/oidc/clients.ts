/** Any number of registered clients from storage, through a bounded cache that is at most a second behind. */
import { LRUCache } from 'lru-cache';
import type { ClientRecord, Clients } from '../domain/ports.ts';

/** How many built clients are kept; a university has hundreds. */
const KEPT = 2000;
const CHECK_EVERY_MS = 1000;

/** Built clients by id. `build` turns a stored record into what the library works with. */
export function createClientCache<Built extends object>(options: {
  clients: Pick<Clients, 'find' | 'version'>;
  build: (record: ClientRecord) => Promise<Built>;
  now: () => number;
}) {
  const { clients, build, now } = options;
  const built = new LRUCache<string, Built>({ max: KEPT });
  const secrets = new WeakMap<Built, ClientRecord['secrets']>();
  let version: number | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  async function check(): Promise<void> {
    const current = await clients.version();
    if (current !== version) built.clear();
    version = current;
    checkedAt = now();
  }

  return {
    async find(id: string): Promise<Built | undefined> {
      if (now() - checkedAt >= CHECK_EVERY_MS) {
        checking ??= check().finally(() => {
          checking = undefined;
        });
        await checking;
      }
      const kept = built.get(id);
      if (kept !== undefined) return kept;
      const readAtVersion = version;
      const record = await clients.find(id);
      if (record === undefined) return undefined;
      const client = await build(record);
      secrets.set(client, record.secrets);
      // a change that was noticed meanwhile must not be covered by what was read before it
      if (readAtVersion === version) built.set(id, client);
      return client;
    },
    /** hashes of the client's secrets, newest first, as they were when it was built */
    secretsOf: (client: Built): ClientRecord['secrets'] => secrets.get(client) ?? [],
    clear(): void {
      checkedAt = Number.NEGATIVE_INFINITY;
      built.clear();
    },
  };
}
