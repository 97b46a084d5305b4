/**
 * A stored client as its registration is written: the JSON that `pedel clients apply` reads, that the API shows, and that a
 * PUT takes. Never a secret.
 */
import type { JsonValue } from '../json-value.ts';
import type { ClientRecord } from '../ports/clients.ts';

export type ClientDocument = { client_id: string; [member: string]: JsonValue };

export function clientDocument({
  id,
  metadata,
  validUntil,
}: Pick<ClientRecord, 'id' | 'metadata' | 'validUntil'>): ClientDocument {
  return {
    client_id: id,
    ...metadata,
    ...(validUntil === undefined
      ? {}
      : { pedel_valid_until: new Date(validUntil).toISOString().replace('.000Z', 'Z') }),
  };
}
