/** Lists, adds and changes webhooks, each change with its audit entry in the same act. Of two who change one at once, one does. */
import type { AuditDetails } from '../../domain/audit/audit-entry.ts';
import type { AuditLog, ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { Clients } from '../../domain/ports/clients.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { newWebhookSecret } from '../../domain/webhooks/message.ts';
import {
  disabledAt,
  enabledAt,
  WEBHOOK_FIELD,
  type WebhookAsked,
  type WebhookFault,
  webhookFaults,
  withNewSecret,
} from '../../domain/webhooks/webhook.ts';
import { type Actor, auditActorOf } from '../actor.ts';
import { type Denied, rightsTo, webhookFor } from './authority.ts';
import { listenFromNow } from './heard.ts';
import { all, takePlace } from './places.ts';

export type WebhookDeps = {
  webhooks: Webhooks;
  clients: Pick<Clients, 'find'>;
  auditLog: Pick<AuditLog, 'heads'>;
  values: Values;
  sealer: Pick<Sealer, 'seal'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
};
type Changing = Pick<WebhookDeps, 'webhooks' | 'clients' | 'now' | 'randomBytes'>;

/** `secret`: as both sides type it; it can be shown only now. */
export type WithSecret<Kind extends string> = { kind: Kind; webhook: Webhook; secret: string };
/** `stale`: it is no longer what the form or request was made from. */
type Refused = Denied | { kind: 'stale'; webhook: Webhook };

/** Those that `actor` may see, by id. `of`: only those of this client. */
export async function listWebhooks(
  actor: Actor,
  { of }: { of?: string },
  { webhooks, clients }: { webhooks: Pick<Webhooks, 'list'>; clients: Pick<Clients, 'find'> },
): Promise<{ webhook: Webhook; mayChange: boolean }[]> {
  const seen: { webhook: Webhook; mayChange: boolean }[] = [];
  const rights = new Map<string | undefined, Promise<{ read: boolean; write: boolean }>>();
  for (const webhook of await all(webhooks)) {
    if (of !== undefined && webhook.client !== of) continue;
    const asked = rights.get(webhook.client) ?? rightsTo(actor, webhook.client, clients);
    rights.set(webhook.client, asked);
    const { read, write } = await asked;
    if (read) seen.push({ webhook, mayChange: write });
  }
  return seen;
}

/** `was-added`: by this form before; its secret was shown then. `too-many`: the association, or this client, has as many as are allowed. */
export type WebhookAdded =
  | WithSecret<'added'>
  | { kind: 'was-added'; webhook: Webhook }
  | { kind: 'faulty'; faults: WebhookFault[] }
  | { kind: 'too-many' }
  | Denied;

/**
 * @param once names the form, and becomes the id: the same form makes one webhook however often it is sent
 * @returns `not-found`: no such client, as far as `actor` sees
 */
export async function addWebhook(
  actor: Actor,
  { once, ...asked }: WebhookAsked & { once?: string },
  deps: WebhookDeps,
): Promise<WebhookAdded> {
  const { clients, sealer, now, randomBytes } = deps;
  const { read, write } = await rightsTo(actor, asked.client, clients);
  if (!write) return { kind: read ? 'not-allowed' : 'not-found' };
  if (asked.client !== undefined && (await clients.find(asked.client)) === undefined) return { kind: 'not-found' };
  const faults = webhookFaults(asked);
  if (faults.length > 0) return { kind: 'faulty', faults };
  const id = once ?? randomId(randomBytes);
  const before = once === undefined ? undefined : await deps.webhooks.find(once);
  if (before !== undefined) return repeated(before, asked);
  if (!(await takePlace({ id, ...(asked.client === undefined ? {} : { client: asked.client }) }, deps)))
    return { kind: 'too-many' };
  // before it is there: what happens from now on is read, however long nobody listened
  await listenFromNow(deps);
  const at = now();
  const secret = newWebhookSecret(randomBytes);
  const webhook: Webhook = {
    id,
    revision: 1,
    url: asked.url,
    contact: asked.contact,
    ...(asked.client === undefined ? {} : { client: asked.client }),
    ...(asked.note === undefined || asked.note === '' ? {} : { note: asked.note }),
    events: [...new Set(asked.events)].sort(),
    secrets: [{ sealed: sealer.seal(secret, id, WEBHOOK_FIELD), createdAt: at }],
    state: 'enabled',
    hearsFrom: at,
    createdAt: at,
    updatedAt: at,
  };
  const details = { url: new URL(asked.url).origin, events: webhook.events.join(' ') };
  if (await deps.webhooks.put(webhook, 0, entryOf('webhook.added', webhook, details, actor, deps)))
    return { kind: 'added', webhook, secret };
  const faster = await deps.webhooks.find(id);
  return faster === undefined ? { kind: 'not-found' } : repeated(faster, asked);
}

/** What a form that was sent before is answered; one that names another's webhook learns nothing of it. */
const repeated = (webhook: Webhook, { client }: WebhookAsked): WebhookAdded =>
  webhook.client === client ? { kind: 'was-added', webhook } : { kind: 'not-found' };

/** @param change members to put in place of those that are there; `note`: '' removes it */
export async function changeWebhook(
  actor: Actor,
  { id, revision, change }: { id: string; revision?: number; change: Partial<Omit<WebhookAsked, 'client'>> },
  deps: Changing,
): Promise<
  { kind: 'changed'; webhook: Webhook } | { kind: 'unchanged' } | { kind: 'faulty'; faults: WebhookFault[] } | Refused
> {
  const found = await current(actor, id, revision, deps);
  if (found.kind !== 'found') return found;
  const { webhook } = found;
  const { note: noteBefore, ...rest } = webhook;
  const { url = webhook.url, contact = webhook.contact, events = webhook.events, note = noteBefore ?? '' } = change;
  const wanted: Webhook = {
    ...rest,
    url,
    contact,
    events: [...new Set(events)].sort(),
    ...(note === '' ? {} : { note }),
  };
  const faults = webhookFaults(wanted);
  if (faults.length > 0) return { kind: 'faulty', faults };
  const members = (['url', 'events', 'contact', 'note'] as const).filter(
    (name) => JSON.stringify(wanted[name]) !== JSON.stringify(webhook[name]),
  );
  if (members.length === 0) return { kind: 'unchanged' };
  const next = { ...wanted, revision: webhook.revision + 1, updatedAt: deps.now() };
  return store('changed', next, entryOf('webhook.changed', webhook, { members: members.join(' ') }, actor, deps), deps);
}

/** The secret before signs beside the new one for a day. */
export async function rotateWebhookSecret(
  actor: Actor,
  { id, revision }: { id: string; revision?: number },
  deps: Changing & Pick<WebhookDeps, 'sealer'>,
): Promise<WithSecret<'rotated'> | Refused> {
  const found = await current(actor, id, revision, deps);
  if (found.kind !== 'found') return found;
  const secret = newWebhookSecret(deps.randomBytes);
  const next = withNewSecret(found.webhook, deps.sealer.seal(secret, id, WEBHOOK_FIELD), deps.now());
  const stored = await store('rotated', next, entryOf('webhook.secret-rotated', next, {}, actor, deps), deps);
  return stored.kind === 'rotated' ? { ...stored, secret } : stored;
}

/** What it missed while it was disabled is not made up for. */
export async function switchWebhook(
  actor: Actor,
  { id, revision, to }: { id: string; revision?: number; to: 'enabled' | 'disabled' },
  deps: Changing & Pick<WebhookDeps, 'auditLog' | 'values'>,
): Promise<{ kind: 'switched'; webhook: Webhook } | { kind: 'unchanged' } | Refused> {
  const found = await current(actor, id, revision, deps);
  if (found.kind !== 'found') return found;
  const { webhook } = found;
  if (webhook.state === to) return { kind: 'unchanged' };
  if (to === 'enabled') await listenFromNow(deps);
  const at = deps.now();
  const next = to === 'enabled' ? enabledAt(webhook, at) : disabledAt(webhook, 'operator', at);
  const entry =
    to === 'enabled'
      ? entryOf('webhook.enabled', webhook, {}, actor, deps)
      : entryOf('webhook.disabled', webhook, { because: 'operator' }, actor, deps);
  return store('switched', next, entry, deps);
}

/** What waits for it is not sent any more. */
export async function deleteWebhook(
  actor: Actor,
  { id, revision }: { id: string; revision?: number },
  deps: Changing,
): Promise<{ kind: 'deleted' } | Refused> {
  const found = await current(actor, id, revision, deps);
  if (found.kind !== 'found') return found;
  const { webhook } = found;
  const entry = entryOf('webhook.deleted', webhook, {}, actor, deps);
  if (await deps.webhooks.remove(id, webhook.revision, entry)) return { kind: 'deleted' };
  return lost(id, deps);
}

/** As it is now, if it is at the revision that the caller saw. */
async function current(actor: Actor, id: string, revision: number | undefined, deps: Changing) {
  const found = await webhookFor(actor, id, 'write', deps);
  if (found.kind === 'found' && revision !== undefined && found.webhook.revision !== revision)
    return { kind: 'stale', webhook: found.webhook } as const;
  return found;
}

async function store<Kind extends string>(kind: Kind, webhook: Webhook, entry: ChangeEntry, deps: Changing) {
  if (await deps.webhooks.put(webhook, webhook.revision - 1, entry)) return { kind, webhook };
  return lost(webhook.id, deps);
}

async function lost(
  id: string,
  { webhooks }: Changing,
): Promise<{ kind: 'not-found' } | { kind: 'stale'; webhook: Webhook }> {
  const webhook = await webhooks.find(id);
  return webhook === undefined ? { kind: 'not-found' } : { kind: 'stale', webhook };
}

type WebhookAction = Extract<keyof AuditDetails, `webhook.${string}`>;

/** The entry of a change to a webhook; one of a client is found by it. */
export function entryOf<Action extends WebhookAction>(
  action: Action,
  { id, client }: Pick<Webhook, 'id' | 'client'>,
  details: Omit<AuditDetails[Action], 'webhook'>,
  actor: Actor,
  { now, randomBytes }: Pick<WebhookDeps, 'now' | 'randomBytes'>,
): ChangeEntry {
  return {
    id: randomId(randomBytes),
    at: now(),
    actor: auditActorOf(actor),
    ...(client === undefined ? {} : { client }),
    action,
    details: { webhook: id, ...details },
  } as ChangeEntry;
}
