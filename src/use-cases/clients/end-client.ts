/**
 * Switches an application off and on, and deletes it with 30 days to change one's mind. From the write on nothing is issued to
 * it or accepted from it; a job tells it of the sessions that people have there, and another one removes what was deleted.
 */
import { isDisabled } from '../../domain/clients/client-validity.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ClientRecord, Clients } from '../../domain/ports/clients.ts';
import { Problem } from '../../domain/problem.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { type Actor, auditActorOf } from '../actor.ts';
import { type AuthorityPorts, type Denied, mayChange } from './client-authority.ts';

export type EndPorts = Pick<AuthorityPorts, 'grants'> & {
  clients: Pick<Clients, 'find' | 'put'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};

export const endActs = ['disable', 'enable', 'delete'] as const;
export type EndAct = (typeof endActs)[number];
export type Ended =
  | { kind: 'done'; record: ClientRecord }
  /** it is so already */
  | { kind: 'unchanged'; record: ClientRecord }
  | { kind: 'stale'; current: ClientRecord }
  /** its 30 days are over, and it is being removed */
  | { kind: 'too-late' }
  | Denied;

const DAY_MS = 86_400_000;
/** The way back from a deletion. */
export const REMOVED_AFTER_DAYS = 30;
const ATTEMPTS = 20;

const actions = { disable: 'client.disabled', enable: 'client.enabled', delete: 'client.deleted' } as const;

/**
 * @param revision the one that was seen; undefined: whatever it is now
 * @throws Problem `lost_race` where no revision was named and too many change it at once
 */
export async function endClient(
  actor: Actor,
  { id, revision, act }: { id: string; revision: number | undefined; act: EndAct },
  ports: EndPorts,
): Promise<Ended> {
  const { clients, now, randomBytes } = ports;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await clients.find(id);
    const denied = await mayChange(actor, stored, ports);
    if (denied !== undefined || stored === undefined) return denied ?? { kind: 'not-found' };
    if (revision !== undefined && stored.revision !== revision) return { kind: 'stale', current: stored };
    const at = now();
    if (isRemovable(stored, at)) return { kind: 'too-late' };
    if (isSo(stored, act)) return { kind: 'unchanged', record: stored };
    const { disabled, ...rest } = stored;
    const since = disabled?.at ?? at;
    const state = {
      disable: { disabled: { at: since } },
      enable: {},
      delete: { disabled: { at: since, removeAt: at + REMOVED_AFTER_DAYS * DAY_MS } },
    }[act];
    const record: ClientRecord = { ...rest, ...state, revision: stored.revision + 1, updatedAt: at };
    const entry: ChangeEntry = {
      id: randomId(randomBytes),
      at,
      action: actions[act],
      actor: auditActorOf(actor),
      client: id,
    };
    if (await clients.put(record, stored.revision, entry)) return { kind: 'done', record };
  }
  throw new Problem('lost_race', `the client ${id} is being changed by too many at once`, { retryAfterSeconds: 1 });
}

function isSo(client: ClientRecord, act: EndAct): boolean {
  const deleted = client.disabled?.removeAt !== undefined;
  if (act === 'delete') return deleted;
  // to switch off what is deleted would take it back half
  return act === 'disable' ? isDisabled(client) : !isDisabled(client);
}

/** Whether it was deleted, and the time to take it back is over at `now` (epoch ms). */
export function isRemovable({ disabled }: Pick<ClientRecord, 'disabled'>, now: number): boolean {
  return disabled?.removeAt !== undefined && disabled.removeAt <= now;
}

/**
 * Removes a deleted client whose time is over, with all that people allowed it and that was issued to it. What depends on it goes
 * first: broken off between the two, the next call finds the client again. False: it is not to be removed (any more).
 */
export async function removeDeleted(
  id: string,
  {
    clients,
    now,
    randomBytes,
  }: { clients: Pick<Clients, 'find' | 'clear' | 'remove'>; now: () => number; randomBytes: RandomBytes },
): Promise<boolean> {
  const client = await clients.find(id);
  if (client === undefined || !isRemovable(client, now())) return false;
  await clients.clear(id);
  const entry: ChangeEntry = {
    id: randomId(randomBytes),
    at: now(),
    action: 'client.removed',
    actor: { kind: 'system' },
    client: id,
  };
  return clients.remove(id, entry, client.revision);
}
