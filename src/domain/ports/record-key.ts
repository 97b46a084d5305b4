/** Under which key a protocol record is stored, so that nobody who reads the database can act as a visitor or application. */
import { hash } from 'node:crypto';

/** SHA-256 (base64url) of the identifier: of a session, code, token or grant. Identifiers are random, so it needs no salt. */
export function recordKeyOf(identifier: string): string {
  return hash('sha256', identifier, 'base64url');
}
