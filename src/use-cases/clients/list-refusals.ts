/** What applications were refused, for whoever may read it, and whether an address that came may be added at once. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { addableAddress, isOfForeignHost } from '../../domain/clients/refusals/addable-address.ts';
import type { RefusalRecord } from '../../domain/clients/refusals/refusal.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Refusals } from '../../domain/ports/refusals.ts';
import { type Actor, may, reachOf } from '../actor.ts';

/** One of them. `addable`: the address, where adding it is no more than a correction. `foreignHost`: whose it is, nobody said. */
export type Problem = { record: RefusalRecord; addable?: string; foreignHost: boolean };

export type RefusalsInput = {
  /** of one application, of requests that name none, or of all; the last two are the association's */
  of: Parameters<Refusals['page']>[0];
  /** the last one of the page before */
  before?: { lastAt: number; id: string } | undefined;
  limit: number;
};
/** `next`: pass it as `before`; absent: there are no more. `client`: of one application, as it is now. */
export type ListedRefusals = {
  kind: 'listed';
  problems: Problem[];
  client?: ClientRecord;
  next?: { lastAt: number; id: string };
};

/**
 * One that was removed is the association's: its requests may still come.
 * @throws what the storage throws
 */
export async function listRefusals(
  actor: Actor,
  { of, before, limit }: RefusalsInput,
  ports: { clients: Pick<Clients, 'find'>; refusals: Pick<Refusals, 'page'> },
): Promise<ListedRefusals | { kind: 'not-found' }> {
  const client = typeof of === 'string' ? undefined : await ports.clients.find(of.client);
  const allowed =
    typeof of === 'string'
      ? reachOf(actor, 'clients:read') === 'association'
      : may(actor, 'clients:read', client && ownerOf(client)) === 'yes';
  if (!allowed) return { kind: 'not-found' };
  const found = await ports.refusals.page(of, before, limit + 1);
  const problems = found.slice(0, limit).map((record) => problemOf(record, client));
  const last = problems.at(-1)?.record;
  return {
    kind: 'listed',
    problems,
    ...(client === undefined ? {} : { client }),
    ...(found.length > limit && last !== undefined ? { next: { lastAt: last.lastAt, id: last.id } } : {}),
  };
}

function problemOf(record: RefusalRecord, client: ClientRecord | undefined): Problem {
  const addable = client === undefined ? undefined : addableAddress(record.refusal, client.metadata);
  return { record, foreignHost: isOfForeignHost(record.refusal), ...(addable === undefined ? {} : { addable }) };
}
