/** Deletes webhooks whose application is gone, once what it was still to hear has been tried for as long as anything is. */
import type { Clients } from '../../domain/ports/clients.ts';
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { all } from './places.ts';

/** As long as a message is tried, so that the other system hears of the removal itself. */
const STAYS_MS = 72 * 3_600_000;

export type OrphanDeps = {
  webhooks: Webhooks;
  clients: Pick<Clients, 'find'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};

/** Any number of nodes may: each webhook is deleted once. @returns how many this call deleted */
export async function deleteOrphans(deps: OrphanDeps, goOn: () => boolean = () => true): Promise<number> {
  const { webhooks, now, randomBytes } = deps;
  let deleted = 0;
  for (const webhook of await all(webhooks)) {
    if (!goOn()) break;
    if (!(await isOrphan(webhook, deps))) continue;
    const { id, client = '', revision, clientGoneSince } = webhook;
    if (clientGoneSince === undefined) {
      await webhooks.put({ ...webhook, clientGoneSince: now(), revision: revision + 1 }, revision);
      continue;
    }
    if (now() - clientGoneSince < STAYS_MS) continue;
    const entry = {
      ...{ id: randomId(randomBytes), at: now(), actor: { kind: 'system' as const }, client },
      ...{ action: 'webhook.deleted' as const, details: { webhook: id } },
    };
    if (await webhooks.remove(id, revision, entry)) deleted += 1;
  }
  return deleted;
}

/** One that was registered later under the same id is another application. */
async function isOrphan({ client: id, createdAt }: Webhook, { clients }: Pick<OrphanDeps, 'clients'>) {
  if (id === undefined) return false;
  const client = await clients.find(id);
  return client === undefined || client.createdAt > createdAt;
}
