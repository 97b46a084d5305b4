/** Adds an address that an application was refused for to its redirect URIs, on a host that it has there already. */
import { type AddressFault, addressFault, redirectUrisOf } from '../../domain/clients/refusals/addable-address.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf } from '../actor.ts';
import { type AuthorityPorts, mayChange } from './client-authority.ts';

export type AddRedirectUri = {
  client: string;
  /** as it came, and as it will be compared */
  uri: string;
  /** of the registration that the actor looked at */
  revision: number;
};
export type AddedRedirectUri =
  | { kind: 'added'; client: ClientRecord }
  /** it was changed since; `client` as it is now */
  | { kind: 'stale'; client: ClientRecord }
  | { kind: 'refused'; because: AddressFault }
  | { kind: 'not-found' | 'not-allowed' };

/** Change and audit entry are one act. @throws what the storage throws */
export async function addRedirectUri(
  actor: Actor,
  { client: id, uri, revision }: AddRedirectUri,
  {
    clients,
    grants,
    now,
    randomBytes,
  }: Pick<AuthorityPorts, 'grants'> & {
    clients: Pick<Clients, 'find' | 'put'>;
    now: () => number;
    randomBytes: RandomBytes;
  },
): Promise<AddedRedirectUri> {
  const stored = await clients.find(id);
  const denied = await mayChange(actor, stored, { grants });
  if (denied !== undefined || stored === undefined) return denied ?? { kind: 'not-found' };
  const fault = addressFault(uri, stored.metadata);
  if (fault !== undefined) return { kind: 'refused', because: fault };
  if (stored.revision !== revision) return { kind: 'stale', client: stored };
  const client: ClientRecord = {
    ...stored,
    revision: revision + 1,
    metadata: { ...stored.metadata, redirect_uris: [...redirectUrisOf(stored.metadata), uri] },
    updatedAt: now(),
  };
  const entry = {
    id: randomId(randomBytes),
    at: now(),
    actor: auditActorOf(actor),
    client: id,
    action: 'client.changed',
    details: { members: 'redirect_uris' },
  } as const;
  if (await clients.put(client, revision, entry)) return { kind: 'added', client };
  return { kind: 'stale', client: (await clients.find(id)) ?? stored };
}
