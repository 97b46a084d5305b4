/** Who may see and change which webhook: the association's as the association says, one of a client as that client. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { type Actor, may } from '../actor.ts';

export type Denied = { kind: 'not-found' } | { kind: 'not-allowed' };

/** The organisation of a client; undefined: the association's, or the client is gone. */
async function organisationOf(client: string, clients: Pick<Clients, 'find'>): Promise<string | undefined> {
  const found = await clients.find(client);
  return found && ownerOf(found);
}

/** What `actor` may do with a webhook of this client, or of the association (undefined). */
export async function rightsTo(
  actor: Actor,
  client: string | undefined,
  clients: Pick<Clients, 'find'>,
): Promise<{ read: boolean; write: boolean }> {
  if (client === undefined)
    return {
      read: may(actor, 'webhooks:read', undefined) === 'yes',
      write: may(actor, 'webhooks:write', undefined) === 'yes',
    };
  const organisation = await organisationOf(client, clients);
  return {
    read: may(actor, 'clients:read', organisation) === 'yes',
    write: may(actor, 'clients:write', organisation) === 'yes',
  };
}

/** The webhook, where `actor` may do that with it. */
export async function webhookFor(
  actor: Actor,
  id: string,
  what: 'read' | 'write',
  { webhooks, clients }: { webhooks: Pick<Webhooks, 'find'>; clients: Pick<Clients, 'find'> },
): Promise<{ kind: 'found'; webhook: Webhook; mayChange: boolean } | Denied> {
  const webhook = await webhooks.find(id);
  if (webhook === undefined) return { kind: 'not-found' };
  const { read, write } = await rightsTo(actor, webhook.client, clients);
  if (what === 'read' ? read : write) return { kind: 'found', webhook, mayChange: write };
  return { kind: read ? 'not-allowed' : 'not-found' };
}
