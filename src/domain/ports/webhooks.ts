/** The port for webhooks: where other systems hear what happened. Each change and its audit entry are one act. */
import type { WebhookPattern } from '../webhooks/events.ts';
import type { ChangeEntry } from './audit-log.ts';

/** Sealed for owner `webhook.id`, field `webhook` (rule 25). `endsAt`: until when (epoch ms) it signs beside a newer one. */
export type WebhookSecret = { sealed: string; createdAt: number; endsAt?: number };

/** Times in epoch ms. */
export type Webhook = {
  id: string;
  /** from 1 */
  revision: number;
  url: string;
  /** whose events it hears, and no others; absent: it is the association's */
  client?: string;
  events: WebhookPattern[];
  /** who is written to when it is disabled because nothing arrives: an email address */
  contact: string;
  note?: string;
  /** newest first: one, or two while the other side changes over */
  secrets: WebhookSecret[];
  state: 'enabled' | 'disabled';
  /** `gave-up`: nothing arrived for days; `gone`: it answered 410 */
  disabled?: { at: number; because: 'operator' | 'gave-up' | 'gone' };
  /** it hears what happened from then on */
  hearsFrom: number;
  createdAt: number;
  updatedAt: number;
  /** its application was seen to be gone then; it goes too, once nothing is tried any more (use-cases/webhooks/orphans.ts) */
  clientGoneSince?: number;
};

/** `entry` goes into the audit log in the same act, where something was changed. */
export type Webhooks = {
  find(id: string): Promise<Webhook | undefined>;
  /** by id, after the id `after` */
  list(after: string | undefined, limit: number): Promise<Webhook[]>;
  /** compare-and-set on the revision; 0: there must be none. False: somebody was faster, and nothing changes */
  put(webhook: Webhook, expectedRevision: number, entry?: ChangeEntry): Promise<boolean>;
  /** deletes it at that revision. False: it is gone, or another one by now */
  remove(id: string, revision: number, entry?: ChangeEntry): Promise<boolean>;
};
