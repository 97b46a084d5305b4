/** Decides who is told of a change to an account: both of its addresses (rule 7), each by an email of its own. */
import type { Account, EffectInput } from './account.ts';
import { dayAt } from './affiliation.ts';
import type { Email, EmailData, EmailTemplate } from './emails.ts';
import { homeOrganisation, type Organisation } from './organisation.ts';

/** The personal address, then the first institution address; those that exist, each once. */
export function addressesOf(account: Account): string[] {
  return [...new Set([account.personalEmail, account.emails[0]].filter((address) => address !== undefined))];
}

/** An email to this person, with the name and contacts of the home organisation. `now`: epoch ms. */
export function emailTo<Template extends EmailTemplate>(
  account: Account,
  to: string,
  template: Template,
  data: EmailData[Template],
  context: { organisations: Organisation[]; now: number },
): Email {
  return {
    template,
    to,
    language: account.language,
    organisation: homeOrganisation(account, context.organisations, dayAt(context.now)).id,
    givenName: account.givenName,
    data: { number: account.userNumbers[0] ?? account.emails[0] ?? '', ...data },
  };
}

/** The same notice to both addresses. A notice never carries a secret. */
export function notices<Template extends EmailTemplate>(
  account: Account,
  template: Template,
  data: EmailData[Template],
  context: { organisations: Organisation[]; now: number },
): EffectInput[] {
  return addressesOf(account).map((to) => ({ kind: 'letter', letter: emailTo(account, to, template, data, context) }));
}
