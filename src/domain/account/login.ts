/** Brings a login (a user number or an institution address) from how people type it to how it is stored. */

import { withAsciiDomain } from './email-address.ts';

/** No address is longer (RFC 3696). One character that is typed may become 18 in NFKC, and counters are named by a login. */
const LONGEST_LOGIN = 320;

/** Removes white space, folds full-width forms (NFKC), lower-cases, and writes an address's domain in ASCII. Empty: nothing was typed. */
export function normalizeLogin(typed: string): string {
  return withAsciiDomain(typed.normalize('NFKC').replace(/\s/gu, '').toLowerCase()).slice(0, LONGEST_LOGIN);
}
