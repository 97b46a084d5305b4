/** What leaves through the outbox: emails, logout notices and webhooks, each with its own limits. */
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import { createOutboxWorker, type OutboxWorker, type OutboxWorkerOptions } from './outbox.ts';
import type { Deliver, Delivery } from './outbox-attempt.ts';
import { createReceivers } from './receivers.ts';

export type DeliveryDeps = {
  deliverEmail: Deliver;
  /**
   * Resolves when the client has accepted the notice, or needs none any longer. Throws if another attempt may work, or
   * with `permanent: true` if not.
   */
  deliverBackchannelLogout(entry: OutboxEntry, signal: AbortSignal): Promise<void>;
};
type Workers = { emails: OutboxWorker; logouts: OutboxWorker; webhooks: OutboxWorker };

/** More than the mailer's connections, so that each has enough at hand until more is claimed (`BEAT_MS` of outbox.ts). */
export const EMAILS_AT_ONCE = 40;
/** To all applications together; one that fails or takes long has few of these (receivers.ts). */
export const LOGOUTS_AT_ONCE = 20;
/**
 * Longer than the mailer's limits of one email together (`SMTP_LIMITS`), for each that goes before it on its connection and
 * for itself: one that is broken off while the server takes it is sent again.
 */
export const EMAIL_TIMEOUT_MS = 450_000;
const WEBHOOKS_AT_ONCE = 10;
const LOGOUT_TIMEOUT_MS = 30_000;
const WEBHOOK_TIMEOUT_MS = 30_000;
const DAY_MS = 24 * 3600 * 1000;
const POLL_MS = 1000;

/** Makes one worker per kind. They are not started. */
export function createWorkers(
  { deliverEmail, deliverBackchannelLogout, deliverWebhook }: DeliveryDeps & { deliverWebhook: Deliver },
  {
    busy,
    ...given
  }: Pick<
    OutboxWorkerOptions,
    'outbox' | 'now' | 'random' | 'log' | 'hooks' | 'mayClaim' | 'mayGiveUp' | 'tellFailed' | 'busy'
  >,
): Workers {
  const common = { ...given, pollMs: POLL_MS, doubt: { held: 0 } };
  const applications = createReceivers(given.now);
  const emails = createOutboxWorker({
    ...common,
    kind: 'letter',
    deliver: deliverEmail,
    ...(busy === undefined ? {} : { busy }),
    concurrency: EMAILS_AT_ONCE,
    deliveryTimeoutMs: EMAIL_TIMEOUT_MS,
    giveUpAfterMs: 3 * DAY_MS,
  });
  const logouts = createOutboxWorker({
    ...common,
    kind: 'backchannel-logout',
    async deliver(entry, signal) {
      const tell = () => resultOf(deliverBackchannelLogout(entry, signal));
      const result = await applications.attempt(String(entry.payload.clientId), tell);
      return result ?? { kind: 'later', error: entry.lastError ?? 'the application takes long or has just failed' };
    },
    concurrency: LOGOUTS_AT_ONCE,
    deliveryTimeoutMs: LOGOUT_TIMEOUT_MS,
    giveUpAfterMs: 7 * DAY_MS,
  });
  const webhooks = createOutboxWorker({
    ...common,
    kind: 'webhook',
    deliver: deliverWebhook,
    concurrency: WEBHOOKS_AT_ONCE,
    deliveryTimeoutMs: WEBHOOK_TIMEOUT_MS,
    giveUpAfterMs: 3 * DAY_MS,
  });
  return { emails, logouts, webhooks };
}

async function resultOf(notifying: Promise<void>): Promise<Delivery> {
  try {
    await notifying;
    return { kind: 'delivered' };
  } catch (error) {
    const { message, permanent } = error as Error & { permanent?: boolean };
    return permanent === true ? { kind: 'never', error: message } : { kind: 'later', error: message };
  }
}
