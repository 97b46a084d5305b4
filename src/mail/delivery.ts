/** From an outbox entry to a letter on its way: opened and rendered at the last moment, and only then. */
import type { Email } from '../domain/account/emails.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import type { EmailRenderer } from './letter.ts';
import type { Delivery, Mailer } from './mailer.ts';

/** @throws what the renderer throws: a letter that cannot be written yet (a missing secret) is worth another try */
export function createEmailDelivery(render: EmailRenderer, mailer: Pick<Mailer, 'send'>) {
  return async (entry: OutboxEntry, signal: AbortSignal, stillOurs: () => boolean): Promise<Delivery> => {
    const letter = entry.payload as unknown as Email; // put there whole by whoever dispatched the effect
    const message = render(letter, { id: entry.id, ownerId: entry.accountId ?? '', at: entry.createdAt });
    return mailer.send(message, { signal, stillOurs });
  };
}
