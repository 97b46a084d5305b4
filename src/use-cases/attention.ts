/** Gathers what needs somebody, of what this person may see: refused requests, ends that come near, what waits, what failed. */

import { ownerOf } from '../domain/clients/client-owner.ts';
import { type ClientWarning, warningsOf } from '../domain/clients/client-warnings.ts';
import { isHint, type RefusalRecord } from '../domain/clients/refusals/refusal.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import type { Storage } from '../domain/ports/storage.ts';
import { covers } from '../domain/roles/role.ts';
import { type Actor, reachOf } from './actor.ts';
import { type ClientSummary, summariesOf, summaryOf } from './clients/client-summaries.ts';

export type AttentionItem =
  /** requests of an application, or with an id that none has (`client` absent); `record`: the last of them */
  | { kind: 'refused'; client?: ClientRecord; record: RefusalRecord; times: number }
  | { kind: 'warning'; client: ClientRecord; warning: Exclude<ClientWarning, { kind: 'refused' }> }
  | { kind: 'deliveries'; failed: number; setAside: number };

/** `now`: people notice it already. `soon`: there is time. */
export type Attention = { now: AttentionItem[]; soon: AttentionItem[] };

const DAY_MS = 24 * 60 * 60 * 1000;
/** Refusals that are looked at: more of them would not change what is to be done. */
const MOST_REFUSALS = 200;
/** Lines of one kind; the list of applications has them all. */
const MOST_LINES = 20;

export type AttentionPorts = Pick<Storage, 'refusals' | 'outbox' | 'clients'>;

/** @throws what the storage throws */
export async function needsAttention(
  actor: Actor,
  { refusals, outbox, clients }: AttentionPorts,
  now: number,
): Promise<Attention> {
  const organisations = reachOf(actor, 'clients:read');
  const seen = (client: ClientRecord) => covers({ organisations }, ownerOf(client));
  const warnings = await warnedOf(clients, (client) => covers({ organisations }, client.owner), now);
  const refused: AttentionItem[] = [];
  for (const { record, times } of organisations.length === 0
    ? []
    : grouped(await refusals.page('all', undefined, MOST_REFUSALS), now - DAY_MS)) {
    const { party } = record;
    if (refused.length === MOST_LINES) break;
    if (!('client' in party)) {
      if (organisations === 'association') refused.push({ kind: 'refused', record, times });
      continue;
    }
    const client = await clients.find(party.client);
    if (client !== undefined && seen(client)) refused.push({ kind: 'refused', client, record, times });
  }
  return {
    now: [...refused, ...(await failedDeliveries(actor, outbox, now)), ...warnings.filter(isUrgent)].slice(
      0,
      3 * MOST_LINES,
    ),
    soon: warnings.filter((item) => !isUrgent(item)).slice(0, MOST_LINES),
  };
}

type Warning = Extract<AttentionItem, { kind: 'warning' }>['warning'];

const isUrgent = ({ warning: { kind } }: { warning: Warning }) => kind === 'expired' || kind === 'secret-expired';

/** By id. Those that are shown are read as they are stored now. */
async function warnedOf(
  clients: AttentionPorts['clients'],
  seen: (client: ClientSummary) => boolean,
  now: number,
): Promise<Extract<AttentionItem, { kind: 'warning' }>[]> {
  const ownOf = (client: ClientSummary) =>
    warningsOf(client, { now, refused: 0 }).flatMap((warning) => (warning.kind === 'refused' ? [] : [{ warning }]));
  const found = (await summariesOf(clients))
    .filter(seen)
    .flatMap((client) => ownOf(client).map((each) => ({ ...each, id: client.id })));
  const shown = [
    ...found.filter(isUrgent).slice(0, 3 * MOST_LINES),
    ...found.filter((each) => !isUrgent(each)).slice(0, MOST_LINES),
  ];
  const records = await clients.findAll([...new Set(shown.map(({ id }) => id))]);
  return records.flatMap((client) => {
    const summary = summaryOf(client);
    return seen(summary) ? ownOf(summary).map((each) => ({ kind: 'warning' as const, client, ...each })) : [];
  });
}

/** Those that happened since `since`, of the same application and kind together, the last one first. */
function grouped(records: readonly RefusalRecord[], since: number): { record: RefusalRecord; times: number }[] {
  const groups = new Map<string, { record: RefusalRecord; times: number }>();
  for (const record of records) {
    if (record.lastAt < since || isHint(record.refusal)) continue;
    const key = JSON.stringify(['client' in record.party ? record.party.client : null, record.refusal.code]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { record, times: record.count });
    else group.times += record.count;
  }
  return [...groups.values()];
}

async function failedDeliveries(actor: Actor, outbox: AttentionPorts['outbox'], now: number): Promise<AttentionItem[]> {
  if (reachOf(actor, 'deliveries:read').length === 0) return [];
  const { failed, setAside } = await outbox.backlog(now);
  return failed + setAside === 0 ? [] : [{ kind: 'deliveries', failed, setAside }];
}
