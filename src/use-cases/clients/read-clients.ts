/** Reads clients, the refusals of one, and those that wait for approval, for somebody who may see them. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { isExpired, isPending } from '../../domain/clients/client-validity.ts';
import type { RefusalRecord } from '../../domain/clients/refusals/refusal.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import type { Permission } from '../../domain/roles/permissions.ts';
import { type Actor, may, reachOf } from '../actor.ts';

type Ports = { clients: Pick<Clients, 'find' | 'list'> };

const PAGE = 200;
/** Clients that are looked at for one page, so that a search for what is nowhere ends (rule 30). */
const MOST_LOOKED_AT = 10_000;

/** `next`: the id after which the next page begins; absent: these were all. */
export type ClientPage = { kind: 'page'; clients: ClientRecord[]; next?: string } | { kind: 'not-found' };

/** By id. `which`: what of those that he may see. */
export async function pageOfClients(
  actor: Actor,
  {
    permission,
    after,
    limit,
    which = () => true,
  }: {
    permission: Extract<Permission, 'clients:read' | 'registration:read'>;
    after: string | undefined;
    limit: number;
    which?: (client: ClientRecord) => boolean;
  },
  { clients }: Ports,
): Promise<ClientPage> {
  const reach = reachOf(actor, permission);
  if (reach !== 'association' && reach.length === 0) return { kind: 'not-found' };
  const found: ClientRecord[] = [];
  let last = after;
  for (let looked = 0; looked < MOST_LOOKED_AT; looked += PAGE) {
    const page = await clients.list(last, PAGE);
    for (const client of page) {
      last = client.id;
      if (may(actor, permission, ownerOf(client)) !== 'yes' || !which(client)) continue;
      if (found.length === limit) return { kind: 'page', clients: found, next: found.at(-1)?.id ?? '' };
      found.push(client);
    }
    if (page.length < PAGE) return { kind: 'page', clients: found };
  }
  return { kind: 'page', clients: found, ...(last === undefined ? {} : { next: last }) };
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
  (client: ClientRecord): boolean =>
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
