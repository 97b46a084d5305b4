/** An organisation of the association as configured, and which of them decides for a person. */
import type { Brand } from '../brand/brand.ts';
import type { Affiliation } from '../feed/fed-records.ts';
import type { AccessRules } from './access-terms.ts';
import type { Account } from './account.ts';
import { isCurrent } from './affiliation.ts';
import type { Localized } from './languages.ts';

export type Contact = { label: Localized; email?: string; phone?: string; url?: string };

export type Organisation = Brand & {
  id: string;
  /** institution domains, lower-case; also the scope of eduPersonPrincipalName, the first one counts */
  domains: string[];
  contacts: Contact[];
  homeUrl?: string;
  /** `required`: nobody signs in without one; `offered`: proposed after activation, and "later" is allowed */
  secondFactor: 'required' | 'offered';
  /** days after which a sign-in offers a second factor again to who said "not now"; absent or 0: never */
  offerFactorDays?: number;
  /** how a new person activates: an invitation with a link is mailed at import, or number + email + code */
  activation: 'link' | 'code';
  /** a URN under which its groups are released as entitlements too (AARC-G069); absent: they are not */
  groupNamespace?: string;
  /** when its affiliations open and close accounts, and how long these are kept; absent: on their days, and forever */
  access?: AccessRules;
  /** how long a slow recovery of the second step takes, `P1D` to `P30D`; absent: it is switched off */
  slowRecovery?: string;
};

/** The organisations where an affiliation holds today; where none holds, all that the person ever belonged to. */
function organisationsOf(account: Account, organisations: Organisation[], today: string): Organisation[] {
  const at = (affiliations: Affiliation[]) =>
    organisations.filter(({ id }) => affiliations.some(({ organisation }) => organisation === id));
  const current = at(account.affiliations.filter((affiliation) => isCurrent(affiliation, today)));
  return current.length > 0 ? current : at(account.affiliations);
}

/**
 * The organisation whose name, colour and contacts a page or email to this person carries: the first by configuration.
 * @throws TypeError where no organisation is configured
 */
export function homeOrganisation(account: Account, organisations: Organisation[], today: string): Organisation {
  const home = organisationsOf(account, organisations, today)[0] ?? organisations[0];
  if (home === undefined) throw new TypeError('at least one organisation must be configured');
  return home;
}

/** Whether this person needs a second factor, whatever the client asks: one organisation that requires it is enough. */
export function secondFactorRequired(account: Account, organisations: Organisation[], today: string): boolean {
  return whoRequiresFactor(account, organisations, today) !== undefined;
}

/** The first organisation that requires a second factor of this person. */
export function whoRequiresFactor(
  account: Account,
  organisations: Organisation[],
  today: string,
): Organisation | undefined {
  return organisationsOf(account, organisations, today).find(({ secondFactor }) => secondFactor === 'required');
}
