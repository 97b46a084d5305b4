/** One message to a webhook by the Standard Webhooks specification 1.0.0: its id, its thin body, and its signatures. */
import { createHash, createHmac } from 'node:crypto';
import type { RandomBytes } from '../random.ts';
import type { WebhookEvent } from './events.ts';

/** 256 bits; the specification asks for 24 to 64 bytes ("Symmetric signatures"). */
const SECRET_BYTES = 32;
const PREFIX = 'whsec_';

/** A new secret, as both sides type it. */
export function newWebhookSecret(randomBytes: RandomBytes): string {
  return PREFIX + Buffer.from(randomBytes(SECRET_BYTES)).toString('base64');
}

/** The id of the message about that entry to that webhook: the same at each attempt, so that a receiver notices a repetition. */
export function messageId(webhook: string, entry: string): string {
  return `msg_${createHash('sha256')
    .update(JSON.stringify([webhook, entry]))
    .digest('base64url')
    .slice(0, 27)}`;
}

/** Thin: the receiver fetches what its own scopes allow. */
export function bodyOf({ type, at, id }: Omit<WebhookEvent, 'client'>): string {
  return JSON.stringify({ type, timestamp: new Date(at).toISOString(), data: { id } });
}

/**
 * The headers of an attempt, signed by each secret, newest first.
 * @param now epoch ms; the attempt's own, because receivers refuse what is minutes old
 */
export function signedHeaders(
  message: { id: string; body: string },
  secrets: readonly string[],
  now: number,
): Record<string, string> {
  const timestamp = Math.floor(now / 1000);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    const hmac = createHmac('sha256', key).update(`${message.id}.${timestamp}.${message.body}`).digest('base64');
    return `v1,${hmac}`;
  });
  return {
    'content-type': 'application/json',
    'webhook-id': message.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
