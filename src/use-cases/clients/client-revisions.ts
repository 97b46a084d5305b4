/** Shows what was changed of a registration, by whom and when, and goes back to how it was, if today's rules still take that. */

import { clientDocument } from '../../domain/clients/client-document.ts';
import { statesOf } from '../../domain/clients/client-history.ts';
import type { ClientRecord, ClientRevision, Clients } from '../../domain/ports/clients.ts';
import type { Actor } from '../actor.ts';
import { type Denied, deniedTo } from './client-authority.ts';
import { changeClient, type Edited, type EditPorts } from './edit-client.ts';

/** `restorable`: the registration as it was then can be restored; it is not the present one. */
export type ShownRevision = ClientRevision & { restorable: boolean };
export type History = { kind: 'history'; client: ClientRecord; revisions: ShownRevision[] } | Denied;

type Ports = { clients: Pick<Clients, 'find' | 'history'> };

/** Newest first. */
export async function historyOfClient(actor: Actor, id: string, { clients }: Ports): Promise<History> {
  const client = await clients.find(id);
  const denied = deniedTo(actor, 'clients:read', client);
  if (denied !== undefined || client === undefined) return denied ?? { kind: 'not-found' };
  const history = await clients.history(id);
  const known = new Set(statesOf(client, history).map(({ revision }) => revision));
  const revisions = history
    .filter(({ revision }) => revision <= client.revision) // one that was written since
    .map((each) => ({ ...each, restorable: each.revision !== client.revision && known.has(each.revision) }));
  return { kind: 'history', client, revisions: revisions.reverse() };
}

/** The registration as it was at a revision, as `clientDocument` writes it; `unknown-revision`: that is not kept. */
export async function clientAtRevision(
  actor: Actor,
  { id, revision }: { id: string; revision: number },
  { clients }: Ports,
): Promise<
  | { kind: 'found'; client: ClientRecord; earlier: ReturnType<typeof clientDocument> }
  | { kind: 'unknown-revision' }
  | Denied
> {
  const client = await clients.find(id);
  const denied = deniedTo(actor, 'clients:read', client);
  if (denied !== undefined || client === undefined) return denied ?? { kind: 'not-found' };
  const state = statesOf(client, await clients.history(id)).find((each) => each.revision === revision);
  return state === undefined
    ? { kind: 'unknown-revision' }
    : { kind: 'found', client, earlier: clientDocument({ id, ...state }) };
}

/**
 * Makes the registration what it was at revision `to`: metadata and until when it is valid; secrets, and whether it is on, stay as they
 * are.
 * @param revision the one that was seen; undefined: whatever it is now
 */
export async function restoreClient(
  actor: Actor,
  {
    id,
    revision,
    to,
    changeSubjects,
  }: { id: string; revision: number | undefined; to: number; changeSubjects?: boolean },
  ports: EditPorts & Ports,
): Promise<Edited | { kind: 'unknown-revision' }> {
  const found = await clientAtRevision(actor, { id, revision: to }, ports);
  if (found.kind !== 'found') return found;
  if (revision !== undefined && found.client.revision !== revision) return { kind: 'stale', current: found.client };
  const edit = {
    id,
    revision: found.client.revision,
    change: { kind: 'whole', metadata: found.earlier } as const,
    ...(changeSubjects === undefined ? {} : { changeSubjects }),
  };
  return changeClient(actor, edit, { action: 'client.restored', revision: to }, ports);
}
