/** Tells the operator which applications expire within 30 days: each day once in the log, whatever node, and in `/readyz`. */
import { dayAt } from '../domain/account/affiliation.ts';
import { expiring, isPending } from '../domain/clients/client-validity.ts';
import type { ClientRecord, Clients } from '../domain/ports/clients.ts';
import type { Values } from '../domain/ports/values.ts';
import type { JobLog } from './log.ts';

const PAGE = 500;
/** The day (`YYYY-MM-DD`) on which a node told it last. */
const TOLD = 'client-expiry-told';

export type ClientExpiryDeps = {
  storage: { clients: Pick<Clients, 'list'>; values: Pick<Values, 'get' | 'replace'> };
  now: () => number;
  log: JobLog;
};

export type ClientExpiry = {
  /** Reads every registration. @throws what the storage throws */
  check(): Promise<void>;
  /** What an operator should know; undefined: nothing. As of the last check. */
  notice(): string | undefined;
};

export function watchClientExpiry({ storage, now, log }: ClientExpiryDeps): ClientExpiry {
  const { clients, values } = storage;
  let soon: ClientRecord[] = [];

  async function read(): Promise<ClientRecord[]> {
    const found: ClientRecord[] = [];
    for (let after: string | undefined; ; ) {
      const page = await clients.list(after, PAGE);
      // one that nobody has approved yet does not expire: it goes (pending-clients.ts)
      found.push(...expiring(page, now()).soon.filter((client) => !isPending(client)));
      after = page.at(-1)?.id;
      if (page.length < PAGE) return found;
    }
  }

  /** Of nodes that look at the same moment one tells. */
  async function isFirstToday(): Promise<boolean> {
    const today = dayAt(now());
    const told = await values.get(TOLD);
    return told !== today && (await values.replace(TOLD, today, told));
  }

  return {
    async check() {
      soon = await read();
      if (soon.length === 0 || !(await isFirstToday())) return;
      for (const { id, validUntil = 0 } of soon)
        log.warn({ client: id, validUntil: new Date(validUntil).toISOString() }, 'an application expires soon');
    },
    notice: () =>
      soon.length === 0
        ? undefined
        : `${soon.length} of the applications expire within 30 days: see pedel clients list`,
  };
}
