/** Turns an outbox entry into an email and sends it. The secret is opened only then. */
import type { Email } from '../domain/account/emails.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import type { Delivery, Mailer } from './mailer.ts';
import type { EmailRenderer } from './render-email.ts';

/** @throws what the renderer throws: an email that cannot be rendered yet (a missing secret) is tried again */
export function createEmailDelivery(render: EmailRenderer, mailer: Pick<Mailer, 'send'>) {
  return async (entry: OutboxEntry, signal: AbortSignal, stillOurs: () => boolean): Promise<Delivery> => {
    const email = entry.payload as unknown as Email; // the dispatch of effects stores it complete
    const message = render(email, { id: entry.id, ownerId: entry.accountId ?? '', at: entry.createdAt });
    return mailer.send(message, { signal, stillOurs });
  };
}
