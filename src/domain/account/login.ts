/** A login as people type it, and as it is stored: a user number or an institution's address. */

/** Spaces anywhere are forgiven, full-width forms folded (NFKC), letters lower-cased. */
export function normalizeLogin(typed: string): string {
  return typed.normalize('NFKC').replace(/\s/gu, '').toLowerCase();
}
