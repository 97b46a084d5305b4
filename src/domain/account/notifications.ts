/** Who is told when something about an account changes: both of its addresses (rule 7), each in a letter of its own. */
import type { Account, EffectInput, Letter, LetterTemplate } from './account.ts';
import { dayAt } from './affiliation.ts';
import { homeOrganisation, type Organisation } from './organisation.ts';

/** The personal address and the first institution address, where there are any; the personal one first. */
export function addressesOf(account: Account): string[] {
  return [...new Set([account.personalEmail, account.emails[0]].filter((address) => address !== undefined))];
}

/** A letter to this person, carrying the name and contacts of the organisation where he or she is at home. */
export function emailTo(
  account: Account,
  to: string,
  template: LetterTemplate,
  data: Record<string, string>,
  context: { organisations: Organisation[]; now: number },
): Letter {
  return {
    template,
    to,
    language: account.language,
    organisation: homeOrganisation(account, context.organisations, dayAt(context.now)).id,
    givenName: account.givenName,
    data: { number: account.userNumbers[0] ?? account.emails[0] ?? '', ...data },
  };
}

/** The same notice to both addresses; no secret goes into one. */
export function notices(
  account: Account,
  template: LetterTemplate,
  data: Record<string, string>,
  context: { organisations: Organisation[]; now: number },
): EffectInput[] {
  return addressesOf(account).map((to) => ({ kind: 'letter', letter: emailTo(account, to, template, data, context) }));
}
