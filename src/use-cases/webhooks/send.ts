/** Sends one message to a webhook and says what came of it; of an answer nothing but its status is kept. */
import type { Webhook } from '../../domain/ports/webhooks.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { signedHeaders } from '../../domain/webhooks/message.ts';
import { signingSecrets, WEBHOOK_FIELD } from '../../domain/webhooks/webhook.ts';

export type SendDeps = {
  sealer: Pick<Sealer, 'open'>;
  /** the guarded one (rule 18): it follows no redirect. It throws an Error with a short reason */
  fetch(url: string, init: RequestInit): Promise<Response>;
  /** epoch ms */
  now: () => number;
};

/** `gone`: it answered 410, and wants no more. `error`: for people, never of its making; without `status` nothing answered. */
export type Sent =
  | { kind: 'accepted'; status: number }
  | { kind: 'gone' }
  | { kind: 'failed'; error: string; status?: number };

/** @throws Problem `sealed_unreadable` */
export async function sendMessage(
  webhook: Webhook,
  message: { id: string; body: string },
  { sealer, fetch, now }: SendDeps,
  signal?: AbortSignal,
): Promise<Sent> {
  const secrets = signingSecrets(webhook, now()).map(({ sealed }) => sealer.open(sealed, webhook.id, WEBHOOK_FIELD));
  try {
    const { status } = await fetch(webhook.url, {
      method: 'POST',
      body: message.body,
      headers: { ...signedHeaders(message, secrets, now()), 'user-agent': 'Pedel' },
      ...(signal === undefined ? {} : { signal }),
    });
    if (status >= 200 && status < 300) return { kind: 'accepted', status };
    return status === 410 ? { kind: 'gone' } : { kind: 'failed', error: `it answered ${status}`, status };
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message.slice(0, 200) : 'it could not be reached' };
  }
}
