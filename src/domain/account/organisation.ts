/** An organisation of the association and its rules, as configured. */
import type { Account, Affiliation, Language } from './account.ts';
import { isCurrent } from './affiliation.ts';

export type Localized = Record<Language, string>;
export type Contact = { label: Localized; email?: string; phone?: string; url?: string };

export type Organisation = {
  id: string;
  name: Localized;
  /** institution domains, lower-case; also the scope of eduPersonPrincipalName, the first one counts */
  domains: string[];
  contacts: Contact[];
  /** CSS colour of the band and the main button; contrast 4.5:1 with white is checked at start */
  colour: string;
  /** path of an SVG or PNG, served by Pedel; absent = the name in letters */
  logo?: string;
  homeUrl?: string;
  /** `required`: nothing opens without; `offered`: proposed after activation, "later" is allowed */
  secondFactor: 'required' | 'offered';
  /** how a new person activates: an invitation with a link is mailed at import, or number + e-mail + code */
  activation: 'link' | 'code';
  /** days after the official end that access goes on */
  graceDays: number;
};

/** The organisations at which this person now holds an affiliation; at least one where any is known at all. */
function organisationsOf(account: Account, organisations: Organisation[], today: string): Organisation[] {
  const at = (affiliations: Affiliation[]) =>
    organisations.filter(({ id }) => affiliations.some(({ organisation }) => organisation === id));
  const current = at(account.affiliations.filter((affiliation) => isCurrent(affiliation, today)));
  return current.length > 0 ? current : at(account.affiliations);
}

/** The one whose name, colour and contacts a page or letter to this person carries: the first by configuration. */
export function homeOrganisation(account: Account, organisations: Organisation[], today: string): Organisation {
  const home = organisationsOf(account, organisations, today)[0] ?? organisations[0];
  if (home === undefined) throw new TypeError('at least one organisation must be configured');
  return home;
}

/** Whether a second factor is owed by this person whatever the client asks: one requiring organisation is enough. */
export function secondFactorRequired(account: Account, organisations: Organisation[], today: string): boolean {
  return organisationsOf(account, organisations, today).some(({ secondFactor }) => secondFactor === 'required');
}
