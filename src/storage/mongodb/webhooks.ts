/** Webhooks, written by compare-and-set. */
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import type { Collections, WebhookDocument } from './collections.ts';
import { firstOf, unlessTaken } from './database.ts';
import { carriedBy, carrying, type PendingAudit } from './pending-audit.ts';

const STAYING = { removed: { $exists: false } } as const;

export function createWebhooks({ webhooks }: Collections, pendingAudit: PendingAudit): Webhooks {
  return {
    find: async (id) => {
      const found = await webhooks.findOne({ _id: id, ...STAYING });
      return found === null ? undefined : webhookOf(found);
    },

    list: async (after = '', limit) => {
      const found = await firstOf(webhooks.find({ _id: { $gt: after }, ...STAYING }).sort({ _id: 1 }), limit);
      return found.map(webhookOf);
    },

    put: async (webhook, expectedRevision, entry) => {
      const { _id, ...document } = documentOf(webhook);
      const happened =
        expectedRevision === 0
          ? (await unlessTaken(webhooks.insertOne({ _id, ...document, ...carriedBy(entry) }))) !== undefined
          : (
              await webhooks.updateOne(
                { _id, revision: expectedRevision, ...STAYING },
                { $set: document, ...carrying(entry) },
              )
            ).matchedCount === 1;
      if (happened) await pendingAudit.settle('webhooks', _id, entry);
      return happened;
    },

    remove: async (id, revision, entry) => {
      const staying = { _id: id, revision, ...STAYING };
      if (entry === undefined) return (await webhooks.deleteOne(staying)).deletedCount === 1;
      const marked = await webhooks.updateOne(staying, { $set: { removed: true }, ...carrying(entry) });
      if (marked.matchedCount === 0) return false;
      await pendingAudit.settle('webhooks', id, entry);
      return true;
    },
  };
}

export function documentOf(webhook: Webhook): WebhookDocument {
  return { _id: webhook.id, revision: webhook.revision, webhook: JSON.stringify(webhook) };
}

export function webhookOf({ webhook }: WebhookDocument): Webhook {
  return JSON.parse(webhook);
}
