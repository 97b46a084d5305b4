/** Sends a webhook a message of type `webhook.tested` at once, whether or not it is enabled, and tells its answer. */
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import { randomId } from '../../domain/random.ts';
import { bodyOf, messageId } from '../../domain/webhooks/message.ts';
import type { Actor } from '../actor.ts';
import { type Denied, webhookFor } from './authority.ts';
import { type SendDeps, type Sent, sendMessage } from './send.ts';
import { entryOf, type WebhookDeps } from './webhooks.ts';

export async function testWebhook(
  actor: Actor,
  { id }: { id: string },
  deps: SendDeps & Pick<WebhookDeps, 'webhooks' | 'clients' | 'randomBytes'> & { auditLog: Pick<AuditLog, 'append'> },
): Promise<{ kind: 'tested'; sent: Sent } | Denied> {
  const found = await webhookFor(actor, id, 'write', deps);
  if (found.kind !== 'found') return found;
  const body = bodyOf({ type: 'webhook.tested', at: deps.now(), id });
  const sent = await sendMessage(found.webhook, { id: messageId(id, randomId(deps.randomBytes)), body }, deps);
  const answer = sent.kind === 'accepted' ? String(sent.status) : sent.kind === 'gone' ? '410' : sent.error;
  await deps.auditLog.append(entryOf('webhook.tested', found.webhook, { answer }, actor, deps));
  return { kind: 'tested', sent };
}
