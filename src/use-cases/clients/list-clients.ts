/** Lists the applications that somebody may read, by id, a page at a time, and finds those that have some words in them. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { covers } from '../../domain/roles/role.ts';
import { type Actor, reachOf } from '../actor.ts';

/**
 * `after`: the last id of the page before. `of`: only of this organisation; empty: of the association. `only`: what else a record
 * must have.
 */
export type ListInput = {
  words: string;
  after: string | undefined;
  limit: number;
  of?: string | undefined;
  only?: ((record: ClientRecord) => boolean) | undefined;
};
/** `next`: what to give as `after` for the page that follows; absent: there is none. */
export type ListedClients = { kind: 'listed'; clients: ClientRecord[]; next?: string };

/** Records that are read at a time. */
const PAGE = 200;

/** @throws what the storage throws */
export async function listClients(
  actor: Actor,
  { words, after, limit, of, only = () => true }: ListInput,
  { clients }: { clients: Pick<Clients, 'list'> },
): Promise<ListedClients | { kind: 'not-found' }> {
  const organisations = reachOf(actor, 'clients:read');
  if (organisations.length === 0) return { kind: 'not-found' };
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found: ClientRecord[] = [];
  for (let last = after; ; ) {
    const page = await clients.list(last, PAGE);
    for (const record of page) {
      if (!covers({ organisations }, ownerOf(record)) || !hasAll(record, wanted) || !only(record)) continue;
      if (of !== undefined && (ownerOf(record) ?? '') !== of) continue;
      // one more than fits says that a page follows
      if (found.length === limit) return { kind: 'listed', clients: found, next: found.at(-1)?.id ?? '' };
      found.push(record);
    }
    last = page.at(-1)?.id;
    if (page.length < PAGE) return { kind: 'listed', clients: found };
  }
}

/** In its id, its names, or an address to which it sends people. */
function hasAll({ id, metadata }: ClientRecord, words: string[]): boolean {
  if (words.length === 0) return true;
  const named = Object.entries(metadata).filter(([name]) => /^(?:client_(?:name|uri)|redirect_uris)(?:#|$)/.test(name));
  const text = [id, ...named.flatMap(([, value]) => value)].join('\n').toLowerCase();
  return words.every((word) => text.includes(word));
}
