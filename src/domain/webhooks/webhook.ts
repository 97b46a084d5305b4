/** What makes a webhook: whether what was asked for can be one, its secrets, and how it changes. */
import { isEmailAddress } from '../account/email-address.ts';
import type { Webhook, WebhookSecret } from '../ports/webhooks.ts';
import { isPattern } from './events.ts';

/** Field under which secrets are sealed; the owner is the webhook's id. */
export const WEBHOOK_FIELD = 'webhook';
/** How long the secret before still signs after a rotation, so that the other side can change over. */
const CHANGE_OVER_MS = 24 * 3600 * 1000;
/** An association has dozens of systems, and each event is looked at for each webhook. */
export const MOST_WEBHOOKS = 200;
/** Of one application, so that nobody takes the room of all others. */
export const MOST_OF_CLIENT = 10;
const LONGEST_URL = 1000;
const LONGEST_NOTE = 200;
const MOST_EVENTS = 50;

export type WebhookAsked = { url: string; events: string[]; contact: string; client?: string; note?: string };
/** `member`: of what was asked; `value`: at most 80 characters of it. */
export type WebhookFault = { member: keyof WebhookAsked; value: string; code: string };

/** What is wrong with it, all at once; nothing: it can be made. `code`: what, for whoever has the sentences. */
export function webhookFaults({ url, events, contact, client, note = '' }: WebhookAsked): WebhookFault[] {
  const faults: WebhookFault[] = [];
  const fault = (member: keyof WebhookAsked, value: string, code: string) =>
    faults.push({ member, value: value.slice(0, 80), code });
  const address = urlFault(url);
  if (address !== undefined) fault('url', url, address);
  if (events.length === 0 || events.length > MOST_EVENTS) fault('events', events.join(' '), 'events_number');
  for (const each of events.slice(0, MOST_EVENTS))
    if (!isPattern(each, client !== undefined))
      fault('events', each, client === undefined ? 'event_unknown' : 'event_not_of_clients');
  if (!isEmailAddress(contact)) fault('contact', contact, 'contact_address');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (note.length > LONGEST_NOTE || /[\u0000-\u001f\u007f]/.test(note)) fault('note', note, 'note_text');
  return faults;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function urlFault(text: string): string | undefined {
  const url = text.length > LONGEST_URL ? null : URL.parse(text);
  if (url === null) return 'url_not_an_address';
  // what is signed is not secret, but the ids in it are nobody's business on the way
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) return 'url_not_https';
  if (url.username !== '' || url.password !== '') return 'url_with_password';
  return url.hash === '' ? undefined : 'url_with_fragment';
}

/** The secrets that sign at `now` (epoch ms), newest first. */
export function signingSecrets({ secrets }: Pick<Webhook, 'secrets'>, now: number): WebhookSecret[] {
  return secrets.filter(({ endsAt = Number.POSITIVE_INFINITY }, index) => index === 0 || now < endsAt);
}

/** With a new secret; the one before it signs beside it for a day, and one before that no more. */
export function withNewSecret(webhook: Webhook, sealed: string, now: number): Webhook {
  const before = webhook.secrets.slice(0, 1).map((each) => ({ ...each, endsAt: now + CHANGE_OVER_MS }));
  return changedAt({ ...webhook, secrets: [{ sealed, createdAt: now }, ...before] }, now);
}

/** It hears nothing any more. */
export function disabledAt(webhook: Webhook, because: 'operator' | 'gave-up' | 'gone', now: number): Webhook {
  return changedAt({ ...webhook, state: 'disabled', disabled: { at: now, because } }, now);
}

/** It hears what happens from now on; what it missed is not made up for. */
export function enabledAt({ disabled: _, ...webhook }: Webhook, now: number): Webhook {
  return changedAt({ ...webhook, state: 'enabled', hearsFrom: now }, now);
}

function changedAt(webhook: Webhook, now: number): Webhook {
  return { ...webhook, revision: webhook.revision + 1, updatedAt: now };
}
