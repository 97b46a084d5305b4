/** Makes an entry of the outbox from an email. */
import type { JsonValue } from '../json-value.ts';
import type { OutboxItem } from '../ports/outbox.ts';
import { type Email, isUrgent } from './emails.ts';

/**
 * An email as it waits. Its secret stays sealed until delivery (rule 25). `id`: of what it tells, so that it is
 * sent once. `createdAt`: epoch ms.
 */
export function letterItem(
  email: Email,
  { id, accountId, createdAt }: Pick<OutboxItem, 'id' | 'accountId' | 'createdAt'>,
): OutboxItem {
  return {
    id,
    kind: 'letter',
    ...(accountId === undefined ? {} : { accountId }),
    payload: { ...email } as Record<string, JsonValue>,
    createdAt,
    ...(email.expiresAt === undefined ? {} : { expiresAt: email.expiresAt }),
    ...(isUrgent(email.template) ? { urgent: true } : {}),
  };
}
