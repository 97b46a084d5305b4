/** Lists the applications that somebody may read, by id, a page at a time, and finds those that have some words in them. */
import { type ClientWarning, warningsOf } from '../../domain/clients/client-warnings.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { covers } from '../../domain/roles/role.ts';
import { type Actor, reachOf } from '../actor.ts';
import { type ClientSummary, pageOfSummarised, type SummaryPorts, summariesOf } from './client-summaries.ts';

/**
 * `words`: all of them in its id, its names, or an address to which it sends people. `after`: the last id of the page before.
 * `of`: only of this organisation; empty: of the association. `only`: what else it must have.
 */
export type ListInput = {
  words: string;
  after: string | undefined;
  limit: number;
  of?: string | undefined;
  only?: ((summary: ClientSummary) => boolean) | undefined;
};
/** `next`: what to give as `after` for the page that follows; absent: there is none. */
export type ListedClients = { kind: 'listed'; clients: ClientRecord[]; next?: string };

/** @throws what the storage throws */
export async function listClients(
  actor: Actor,
  { words, after, limit, of, only }: ListInput,
  { clients }: { clients: SummaryPorts },
): Promise<ListedClients | { kind: 'not-found' }> {
  const organisations = reachOf(actor, 'clients:read');
  if (organisations.length === 0) return { kind: 'not-found' };
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const which = (summary: ClientSummary) =>
    covers({ organisations }, summary.owner) &&
    (of === undefined || (summary.owner ?? '') === of) &&
    wanted.every((word) => summary.text.includes(word)) &&
    only?.(summary) !== false;
  const every = organisations === 'association' && of === undefined && wanted.length === 0 && only === undefined;
  return { kind: 'listed', ...(await pageOfSummarised(clients, { which: every ? undefined : which, after, limit })) };
}

/** Of which kinds there are warnings among the applications that somebody may read. `refused`: as `refusedOf`; `now`: epoch ms. */
export async function warningKindsSeen(
  actor: Actor,
  { now, refused }: { now: number; refused: ReadonlyMap<string, number> },
  { clients }: { clients: Pick<SummaryPorts, 'list' | 'version'> },
): Promise<Set<ClientWarning['kind']>> {
  const organisations = reachOf(actor, 'clients:read');
  const seen = new Set<ClientWarning['kind']>();
  if (organisations.length === 0) return seen;
  for (const summary of await summariesOf(clients))
    if (covers({ organisations }, summary.owner))
      for (const { kind } of warningsOf(summary, { now, refused: refused.get(summary.id) ?? 0 })) seen.add(kind);
  return seen;
}
