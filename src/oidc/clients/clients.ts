/** Reads registered clients from storage through a bounded cache that is at most a second behind. */
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { logoOf } from '../../domain/clients/client-logo.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import type { ClientLogo, ClientRecord, Clients } from '../../domain/ports/clients.ts';

/** The number of cached records. A university has hundreds of clients. */
const KEPT = 2000;
const CHECK_EVERY_MS = 1000;
const PAGE = 500;

export type ClientRecords = {
  /**
   * Returns the same object until a registration changes.
   * @throws what the storage throws
   */
  find(id: string): Promise<ClientRecord | undefined>;
  /** The client whose API has this identifier or audience, as `find` knows it. @throws what the storage throws */
  findByResource(key: string): Promise<ClientRecord | undefined>;
  /** The ids of clients that want to be told of sessions that end, as of the last change. */
  withNotices(): Promise<string[]>;
  clear(): void;
  /** Of a registered application; Pedel's own pages have none. */
  logoOf(id: string): Promise<ClientLogo | undefined>;
  /**
   * Runs `compare` on what a registration refers to elsewhere (`sector_identifier_uri`), once per registration since
   * the start: that host may be down later, and other changes do not concern it.
   * @throws what `compare` throws
   */
  compareOnce(record: ClientRecord, compare: (record: ClientRecord) => Promise<unknown>): Promise<void>;
};

/** The registered clients. They outlive the provider, which is built anew when keys change. */
export function createClientRecords(options: {
  clients: Pick<Clients, 'find' | 'findByResource' | 'list' | 'version'>;
  /** Milliseconds on a monotonic clock. Only tests replace it. */
  elapsed?: () => number;
}): ClientRecords {
  const { clients, elapsed = () => performance.now() } = options;
  const records = new LRUCache<string, ClientRecord>({ max: KEPT });
  /** Ids of clients by the names of their APIs. */
  const owners = new LRUCache<string, string>({ max: KEPT });
  let version: number | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let checking: Promise<void> | undefined;

  function forget(): void {
    records.clear();
    owners.clear();
  }

  async function check(): Promise<void> {
    const current = await clients.version();
    if (current !== version) forget();
    version = current;
    checkedAt = elapsed();
  }

  async function checkSometimes(): Promise<void> {
    if (elapsed() - checkedAt < CHECK_EVERY_MS) return;
    checking ??= check().finally(() => {
      checking = undefined;
    });
    await checking;
  }

  async function findByResource(key: string): Promise<ClientRecord | undefined> {
    await checkSometimes();
    const owner = owners.get(key);
    if (owner !== undefined) return find(owner);
    const readAtVersion = version;
    const record = await clients.findByResource(key);
    if (record !== undefined && readAtVersion === version) {
      records.set(record.id, records.get(record.id) ?? record);
      owners.set(key, record.id);
    }
    return record;
  }

  async function find(id: string): Promise<ClientRecord | undefined> {
    if (elapsed() - checkedAt >= CHECK_EVERY_MS) await checkSometimes();
    const kept = records.get(id);
    if (kept !== undefined) return kept;
    const readAtVersion = version;
    const record = await clients.find(id);
    // Do not store a record that was read before a change that was noticed meanwhile.
    if (record !== undefined && readAtVersion === version) records.set(id, record);
    return record;
  }

  let notified: { version: number | undefined; ids: string[] } | undefined;

  async function withNotices(): Promise<string[]> {
    await checkSometimes();
    if (notified !== undefined && notified.version === version) return notified.ids;
    const read = { version, ids: [] as string[] };
    for (let after: string | undefined; ; ) {
      const page = await clients.list(after, PAGE);
      const wanting = page.filter(({ metadata }) => metadata.backchannel_logout_uri !== undefined);
      read.ids.push(...wanting.map(({ id }) => id));
      after = page.at(-1)?.id;
      if (page.length < PAGE) break;
    }
    if (read.version === version) notified = read;
    return read.ids;
  }

  const compared = new LRUCache<string, unknown[]>({ max: KEPT });

  return {
    async logoOf(id) {
      const record = id === ownClientId ? undefined : await find(id);
      return record === undefined ? undefined : logoOf(record);
    },
    async compareOnce(record, compare) {
      const { sector_identifier_uri: uri, redirect_uris: redirects, response_types: types } = record.metadata;
      if (uri === undefined) return;
      const asked = [uri, redirects, types];
      if (isDeepStrictEqual(compared.get(record.id), asked)) return;
      await compare(record);
      compared.set(record.id, asked);
    },
    find,
    findByResource,
    withNotices,
    clear() {
      checkedAt = Number.NEGATIVE_INFINITY;
      forget();
    },
  };
}

/**
 * Built clients by id, each cached as long as its record. `build` turns a record into the library's client; `compare`
 * checks what the record refers to elsewhere.
 */
export function createClientCache<Built extends object>(options: {
  records: Pick<ClientRecords, 'find' | 'compareOnce'>;
  build: (record: ClientRecord) => Built;
  compare: (record: ClientRecord) => Promise<unknown>;
}) {
  const { records, build, compare } = options;
  const built = new WeakMap<ClientRecord, Built>();
  const secrets = new WeakMap<Built, ClientRecord['secrets']>();

  /** `compared` false: skips the comparison, for uses that an uncompared registration may have. */
  async function of(record: ClientRecord, { compared = true } = {}): Promise<Built> {
    if (compared) await records.compareOnce(record, compare);
    const kept = built.get(record);
    if (kept !== undefined) return kept;
    const client = build(record);
    secrets.set(client, record.secrets);
    built.set(record, client);
    return client;
  }

  return {
    of,
    async find(id: string, options: { compared?: boolean } = {}): Promise<Built | undefined> {
      const record = await records.find(id);
      return record === undefined ? undefined : of(record, options);
    },
    /** Hashes of the client's secrets, newest first, as they were when it was built. */
    secretsOf: (client: Built): ClientRecord['secrets'] => secrets.get(client) ?? [],
  };
}
