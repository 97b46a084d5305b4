/** Begins a watch of an application's sign-ins, and reads what it saw. */
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { WATCH_MS, type Watch, type WatchSteps } from '../../domain/clients/watch/watch.ts';
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import type { Watches } from '../../domain/ports/watches.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf, may } from '../actor.ts';

type Ports = { clients: Pick<Clients, 'find'>; watches: Watches; now: () => number };

/**
 * The entry is written first: whoever looks is on record, also where nothing came of it.
 * @throws what the storage throws
 */
export async function startWatch(
  actor: Actor,
  { client: id }: { client: string },
  {
    clients,
    watches,
    auditLog,
    now,
    randomBytes,
  }: Ports & {
    auditLog: Pick<AuditLog, 'append'>;
    randomBytes: RandomBytes;
  },
): Promise<{ kind: 'started'; watch: Watch } | { kind: 'not-found' | 'not-allowed' }> {
  const client = await clients.find(id);
  const allowed = client === undefined ? 'hidden' : may(actor, 'clients:write', ownerOf(client));
  if (allowed === 'hidden') return { kind: 'not-found' };
  if (allowed === 'refused') return { kind: 'not-allowed' };
  const startedAt = now();
  await auditLog.append({
    id: randomId(randomBytes),
    at: startedAt,
    actor: auditActorOf(actor),
    client: id,
    action: 'client.watched',
  });
  const watch = { client: id, startedAt, endsAt: startedAt + WATCH_MS, by: actor.id };
  await watches.start(watch);
  return { kind: 'started', watch };
}

/** `watch` absent: there is none, or it ended an hour ago. @throws what the storage throws */
export async function readWatch(
  actor: Actor,
  { client: id }: { client: string },
  { clients, watches, now }: Ports,
): Promise<{ kind: 'read'; client: ClientRecord; watch?: Watch & WatchSteps } | { kind: 'not-found' }> {
  const client = await clients.find(id);
  if (client === undefined || may(actor, 'clients:read', ownerOf(client)) !== 'yes') return { kind: 'not-found' };
  const watch = await watches.find(id, now());
  return { kind: 'read', client, ...(watch === undefined ? {} : { watch }) };
}
