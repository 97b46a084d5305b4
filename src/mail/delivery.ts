/** Turns an outbox entry into an email and sends it. The secret is opened only then. */
import type { Email } from '../domain/account/emails.ts';
import { isAboutEnd, isStillTrue } from '../domain/lifecycle/end-letters.ts';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { OutboxEntry } from '../domain/ports/outbox.ts';
import type { Delivery, Mailer } from './mailer.ts';
import type { EmailRenderer } from './render-email.ts';

/**
 * A letter about an end that has moved since is not sent.
 * @throws what the renderer throws: an email that cannot be rendered yet (a missing secret) is tried again
 */
export function createEmailDelivery(
  render: EmailRenderer,
  mailer: Pick<Mailer, 'send'>,
  { accounts, now }: { accounts: Pick<Accounts, 'findById'>; now: () => number },
) {
  return async (entry: OutboxEntry, signal: AbortSignal, stillOurs: () => boolean): Promise<Delivery> => {
    const email = entry.payload as unknown as Email; // the dispatch of effects stores it complete
    if (isAboutEnd(email) && !isStillTrue(email, await accounts.findById(entry.accountId ?? ''), now()))
      return { kind: 'delivered', response: 'not sent: no longer true' };
    const message = render(email, { id: entry.id, ownerId: entry.accountId ?? '', at: entry.createdAt });
    return mailer.send(message, { signal, stillOurs });
  };
}
