/** Brings a login (a user number or an institution address) from how people type it to how it is stored. */

/** Removes white space, folds full-width forms (NFKC) and lower-cases. Empty: nothing was typed. */
export function normalizeLogin(typed: string): string {
  return typed.normalize('NFKC').replace(/\s/gu, '').toLowerCase();
}
