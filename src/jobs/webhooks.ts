/** Delivers what webhooks are to hear, and disables one to which nothing gets through for days. */

import type { Email } from '../domain/account/emails.ts';
import type { Language } from '../domain/account/languages.ts';
import { letterItem } from '../domain/account/letter-item.ts';
import type { Leases } from '../domain/ports/leases.ts';
import type { Outbox, OutboxEntry } from '../domain/ports/outbox.ts';
import type { Webhook, Webhooks } from '../domain/ports/webhooks.ts';
import { bodyOf } from '../domain/webhooks/message.ts';
import { disabledAt } from '../domain/webhooks/webhook.ts';
import { type AnnounceDeps, announce, type WebhookMessage } from '../use-cases/webhooks/announce.ts';
import { type SendDeps, sendMessage } from '../use-cases/webhooks/send.ts';
import type { Deliver, Delivery } from './outbox-attempt.ts';
import { createReceivers } from './receivers.ts';

/** Held between the rounds too, so that one node does the work. */
export const WEBHOOKS_LEASE = 'webhooks';
const LEASE_MS = 60_000;
const ATTEMPTS = 20;

export type WebhookJobDeps = SendDeps & {
  webhooks: Webhooks;
  outbox: Pick<Outbox, 'put'>;
  /** whose name the mail to a contact carries, and its language */
  organisation: string;
  language: Language;
};

export function createWebhookDelivery(deps: WebhookJobDeps): {
  deliver: Deliver;
  /** Disables the webhook of a message that was refused for good or given up. Repeating it changes nothing. */
  tellFailed(entry: OutboxEntry, refused: boolean): Promise<void>;
} {
  const { webhooks, now } = deps;
  const receivers = createReceivers(now);

  async function attempt(webhook: Webhook, { message, event }: WebhookMessage, signal: AbortSignal): Promise<Delivery> {
    const sent = await sendMessage(webhook, { id: message, body: bodyOf(event) }, deps, signal);
    switch (sent.kind) {
      case 'accepted':
        return { kind: 'delivered', response: String(sent.status) };
      case 'gone':
        await disable(webhook.id, 'gone');
        return { kind: 'never', error: 'it answered 410, and is disabled' };
      case 'failed':
        return { kind: 'later', error: sent.error };
    }
  }

  /** The mail has the id of what it tells, so it leaves once. */
  async function disable(id: string, because: 'gave-up' | 'gone'): Promise<void> {
    for (let round = 0; round < ATTEMPTS; round += 1) {
      const webhook = await webhooks.find(id);
      if (webhook === undefined || webhook.state === 'disabled') return;
      const mail: Email = {
        template: 'webhook-disabled',
        to: webhook.contact,
        language: deps.language,
        organisation: deps.organisation,
        givenName: '',
        data: { address: new URL(webhook.url).origin, because },
      };
      // first, because a node that dies in between repeats both
      await deps.outbox.put(letterItem(mail, { id: `webhook-disabled:${id}:${webhook.hearsFrom}`, createdAt: now() }));
      const next = disabledAt(webhook, because, now());
      const entry = {
        id: `webhook-disabled:${id}:${webhook.revision}`,
        at: now(),
        actor: { kind: 'system' as const },
        ...(webhook.client === undefined ? {} : { client: webhook.client }),
        action: 'webhook.disabled' as const,
        details: { webhook: id, because },
      };
      if (await webhooks.put(next, webhook.revision, entry)) return;
    }
  }

  return {
    async deliver(entry, signal) {
      const message = entry.payload as unknown as WebhookMessage;
      const webhook = await webhooks.find(message.webhook);
      if (webhook === undefined) return { kind: 'never', error: 'the webhook was deleted' };
      if (webhook.state === 'disabled') return { kind: 'never', error: 'the webhook is disabled' };
      const result = await receivers.attempt(webhook.id, () => attempt(webhook, message, signal));
      return result ?? { kind: 'later', error: entry.lastError ?? 'another message to it has just failed' };
    },
    async tellFailed({ kind, payload, createdAt }, refused) {
      if (kind !== 'webhook' || refused) return;
      const { webhook: id } = payload as unknown as WebhookMessage;
      const webhook = await webhooks.find(id);
      // one that was enabled again since is not judged by what is older
      if (webhook !== undefined && createdAt >= webhook.hearsFrom) await disable(id, 'gave-up');
    },
  };
}

/** Reads the audit log for webhooks, on one node at a time. @returns how many messages are new in the outbox */
export async function announceEvents(
  deps: AnnounceDeps & { leases: Pick<Leases, 'acquire'>; holder: string },
  goOn?: () => boolean,
): Promise<number> {
  const { leases, holder, now } = deps;
  if ((await leases.acquire(WEBHOOKS_LEASE, holder, now() + LEASE_MS, now())) === undefined) return 0;
  return announce(deps, goOn);
}
