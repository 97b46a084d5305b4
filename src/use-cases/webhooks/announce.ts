/** Puts what happened into the outbox, once for each webhook that asks for it. */
import type { AuditLog } from '../../domain/ports/audit-log.ts';
import type { Outbox } from '../../domain/ports/outbox.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { eventOf, hears, type WebhookEvent } from '../../domain/webhooks/events.ts';
import { messageId } from '../../domain/webhooks/message.ts';
import { type Heard, headsNow, moveHeard, readHeard } from './heard.ts';
import { all } from './places.ts';

const PAGE = 500;
/** Where nobody listens, the place is moved this often, so that a first webhook does not read years. */
const IDLE_MS = 3_600_000;

export type AnnounceDeps = {
  webhooks: Pick<Webhooks, 'list'>;
  auditLog: Pick<AuditLog, 'heads' | 'chained'>;
  values: Pick<Values, 'get' | 'replace'>;
  outbox: Pick<Outbox, 'put'>;
  /** epoch ms */
  now: () => number;
};

/** What an entry of the outbox holds. */
export type WebhookMessage = { webhook: string; message: string; event: WebhookEvent };

/**
 * Reads each chain of the audit log from where it was read to. A page is put into the outbox before the place is moved, and
 * messages have the ids of their entries: whoever repeats a page puts nothing twice. @returns how many are new
 */
export async function announce(deps: AnnounceDeps, goOn: () => boolean = () => true): Promise<number> {
  const { auditLog, values, now } = deps;
  const stored = await readHeard(values);
  if (stored === undefined) {
    await moveHeard(values, await headsNow(auditLog, now()), undefined);
    return 0;
  }
  // before the webhooks are listed: what happens after one was added lies behind these
  const idle = now() - stored.heard.at >= IDLE_MS ? await headsNow(auditLog, now()) : undefined;
  const listening = (await all(deps.webhooks)).filter(({ state }) => state === 'enabled');
  if (listening.length > 0) return read(stored, listening, deps, goOn);
  if (idle !== undefined) await moveHeard(values, idle, stored.text);
  return 0;
}

async function read(
  stored: { heard: Heard; text: string },
  listening: Webhook[],
  deps: AnnounceDeps,
  goOn: () => boolean,
): Promise<number> {
  const { auditLog, values, now } = deps;
  const heads = await auditLog.heads();
  let { text } = stored;
  // a chain of which nothing is left need not be remembered
  let chains = Object.fromEntries(heads.map(({ node }) => [node, stored.heard.chains[node] ?? 0]));
  let put = 0;
  for (const { node, seq: end } of heads) {
    for (let seq = chains[node] ?? 0; seq < end; seq = chains[node] ?? end) {
      if (!goOn()) return put;
      const page = (await auditLog.chained({ node, seq }, PAGE)).filter(({ chain }) => chain.node === node);
      const events = page.flatMap(({ id, entry }) => {
        const event = entry === undefined ? undefined : eventOf(entry);
        return event === undefined ? [] : [{ entry: id, event }];
      });
      for (const { entry, event } of events) put += await tell(listening, entry, event, deps);
      const reached = { ...chains, [node]: page.at(-1)?.chain.seq ?? end };
      const moved = await moveHeard(values, { at: now(), chains: reached }, text);
      if (moved === undefined) return put; // another node reads
      text = moved;
      chains = reached;
    }
  }
  return put;
}

async function tell(listening: Webhook[], entry: string, event: WebhookEvent, { outbox, now }: AnnounceDeps) {
  let put = 0;
  for (const webhook of listening) {
    if (!hears(webhook, event)) continue;
    const message = messageId(webhook.id, entry);
    const payload = { webhook: webhook.id, message, event };
    if (await outbox.put({ id: `webhook:${message}`, kind: 'webhook', payload, createdAt: now() })) put += 1;
  }
  return put;
}
