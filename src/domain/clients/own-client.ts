/** Pedel's own pages, which are a client of Pedel themselves. */
import type { Localized } from '../account/languages.ts';

/** Their client id. Reserved, and never in storage. */
export const ownClientId = 'pedel';

/** What people call them, to be read after "continue to", by how their paths begin; the others count to the account page. */
export type OwnPageNames = { account: Localized; admin: Localized };

/** The name of the page at this address of ours. */
export function ownPageName(names: OwnPageNames, address: string): Localized {
  return /^\/admin(\/|$)/.test(URL.parse(address)?.pathname ?? '') ? names.admin : names.account;
}
