/** Which entries of the audit log other systems hear of, and what little they are told: what happened, when, and to which id. */
import type { AuditAction } from '../audit/audit-entry.ts';
import type { AuditEntry } from '../ports/audit-log.ts';

const groups = ['client', 'person', 'account', 'role', 'signing-key', 'initial-access-token'] as const;
type Group = (typeof groups)[number];
/** Every action of these groups is told or is not told; a new one compiles once it stands here. */
type Actions<Of extends Group> = { [Each in Extract<AuditAction, `${Of}.${string}`>]: Place };
/** Where an entry has the id of what it was done to; `not-told`: nobody outside has a use for it. */
type Place = 'client' | 'subject' | { detail: string } | 'not-told';

const ofPerson = 'subject' as const;
const ofKey = { detail: 'kid' };
const ofToken = { detail: 'token' };
const ofGrant = { detail: 'grant' } as const;

const places: { [Each in Group]: Actions<Each> } = {
  client: {
    'client.approved': 'client',
    'client.changed': 'client',
    'client.created': 'client',
    'client.deleted': 'client',
    'client.disabled': 'client',
    'client.enabled': 'client',
    'client.refused': 'client',
    'client.registered': 'client',
    'client.removed': 'client',
    'client.restored': 'client',
    'client.secret-added': 'client',
    'client.secret-renamed': 'client',
    'client.secret-retired': 'client',
    'client.tried': 'not-told',
    'client.watched': 'not-told',
  },
  person: {
    'person.changed': ofPerson,
    'person.created': ofPerson,
    'person.merge-undone': ofPerson,
    'person.merged': ofPerson,
    'person.merged-in': ofPerson,
    'person.split': ofPerson,
  },
  account: {
    'account.activated': ofPerson,
    'account.disowned': ofPerson,
    'account.end-announced': 'not-told',
    'account.ended': ofPerson,
    'account.erased': ofPerson,
    'account.erasure-announced': 'not-told',
    'account.held': 'not-told',
    'account.hold-released': 'not-told',
    'account.recomputed': 'not-told',
    'account.suspended': ofPerson,
    'account.suspension-lifted': ofPerson,
  },
  role: {
    'role.ended': 'not-told',
    'role.granted': ofGrant,
    'role.refused': 'not-told',
    'role.revoked': ofGrant,
  },
  'signing-key': {
    'signing-key.brought-forward': ofKey,
    'signing-key.deleted': ofKey,
    'signing-key.published': ofKey,
    'signing-key.retired': ofKey,
    'signing-key.scheduled': ofKey,
    'signing-key.withdrawn': ofKey,
  },
  'initial-access-token': {
    'initial-access-token.made': ofToken,
    'initial-access-token.revoked': ofToken,
  },
};

const placeOf = new Map<string, Place>(Object.values(places).flatMap((each) => Object.entries(each)));

/** The types of events, each the action of the audit log that it tells, sorted. */
export const webhookEvents: readonly string[] = [...placeOf]
  .filter(([, place]) => place !== 'not-told')
  .map(([action]) => action)
  .sort();

/** What a webhook may ask for: a type, all of a group (`client.*`), or `*`. A group includes types of later versions. */
export type WebhookPattern = string;
export const webhookGroups: readonly string[] = groups.map((group) => `${group}.*`);

/** Whether it names something that can be heard; one of a client hears only of clients. */
export function isPattern(text: string, ofClient: boolean): boolean {
  if (ofClient && !text.startsWith('client.')) return false;
  return text === '*' || webhookGroups.includes(text) || webhookEvents.includes(text);
}

/** `id`: the client's, the person's, the key's, the token's or the grant's. */
export type WebhookEvent = { type: string; at: number; id: string; client?: string };

/** What other systems are told of an entry. Undefined: nothing. */
export function eventOf(entry: AuditEntry): WebhookEvent | undefined {
  const place = placeOf.get(entry.action);
  if (place === undefined || place === 'not-told') return undefined;
  const id = typeof place === 'object' ? entry.details?.[place.detail] : entry[place];
  if (id === undefined) return undefined;
  return { type: entry.action, at: entry.at, id, ...(place === 'client' ? { client: id } : {}) };
}

/** Whether a webhook asks for it, and may hear it. */
export function hears(
  webhook: {
    events: readonly WebhookPattern[];
    client?: string;
    hearsFrom: number;
    state: 'enabled' | 'disabled';
    clientGoneSince?: number;
  },
  event: WebhookEvent,
): boolean {
  if (webhook.state !== 'enabled' || event.at < webhook.hearsFrom) return false;
  // another application may have the id by now
  if (event.at >= (webhook.clientGoneSince ?? Number.POSITIVE_INFINITY)) return false;
  if (webhook.client !== undefined && webhook.client !== event.client) return false;
  const group = event.type.slice(0, event.type.indexOf('.'));
  return webhook.events.some((pattern) => pattern === '*' || pattern === event.type || pattern === `${group}.*`);
}
