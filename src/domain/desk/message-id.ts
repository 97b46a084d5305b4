/** The Message-ID of an email, by which a report of a mail server says which one it is about. */
import { createHash } from 'node:crypto';

/** What stands before its `@`. @param entryId of the outbox; equal at every attempt, and it tells nobody the id */
export function messageIdOf(entryId: string): string {
  return createHash('sha256').update(entryId).digest('hex');
}
