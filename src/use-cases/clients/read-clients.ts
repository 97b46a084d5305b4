/** Reads clients, the refusals of one, and those that wait for approval, for somebody who may see them. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { isExpired, isPending } from '../../domain/clients/client-validity.ts';
import type { RefusalRecord } from '../../domain/clients/refusals/refusal.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import type { Permission } from '../../domain/roles/permissions.ts';
import { covers } from '../../domain/roles/role.ts';
import { type Actor, may, reachOf } from '../actor.ts';
import { type ClientSummary, pageOfSummarised, type SummaryPorts } from './client-summaries.ts';

type Ports = { clients: Pick<Clients, 'find'> };

/** `next`: the id after which the next page begins; absent: these were all. */
export type ClientPage = { kind: 'page'; clients: ClientRecord[]; next?: string } | { kind: 'not-found' };

/** By id. `which`: what of those that he may see. */
export async function pageOfClients(
  actor: Actor,
  {
    permission,
    after,
    limit,
    which,
  }: {
    permission: Extract<Permission, 'clients:read' | 'registration:read'>;
    after: string | undefined;
    limit: number;
    which?: (client: ClientSummary) => boolean;
  },
  { clients }: { clients: SummaryPorts },
): Promise<ClientPage> {
  const organisations = reachOf(actor, permission);
  if (organisations.length === 0) return { kind: 'not-found' };
  const seen = (client: ClientSummary) => covers({ organisations }, client.owner) && which?.(client) !== false;
  const every = organisations === 'association' && which === undefined;
  return { kind: 'page', ...(await pageOfSummarised(clients, { which: every ? undefined : seen, after, limit })) };
}

/** Another organisation's client is answered as one that is not there. */
export async function readClient(
  actor: Actor,
  id: string,
  { clients }: Ports,
  permission: Extract<Permission, 'clients:read' | 'registration:read'> = 'clients:read',
): Promise<{ kind: 'client'; client: ClientRecord } | { kind: 'not-found' }> {
  const client = await clients.find(id);
  if (client === undefined || may(actor, permission, ownerOf(client)) !== 'yes') return { kind: 'not-found' };
  return { kind: 'client', client };
}

/** Whether it waits for an operator, and is not too late. */
export const waits =
  (now: number) =>
  (client: Pick<ClientSummary, 'registration' | 'validUntil'>): boolean =>
    isPending(client) && !isExpired(client, now);

/** Newest first. @param before the last one of the page before */
export async function refusalsOfClient(
  actor: Actor,
  { id, before, limit }: { id: string; before: { lastAt: number; id: string } | undefined; limit: number },
  { refusals, ...ports }: Ports & { refusals: Pick<Refusals, 'page'> },
): Promise<{ kind: 'page'; refusals: RefusalRecord[]; more: boolean } | { kind: 'not-found' }> {
  const read = await readClient(actor, id, ports);
  if (read.kind === 'not-found') return read;
  const found = await refusals.page({ client: id }, before, limit + 1);
  return { kind: 'page', refusals: found.slice(0, limit), more: found.length > limit };
}
