/** The sentence that tells a person why a sign-in asks something. A reason that nobody wonders about has none, on purpose. */
import type { MessageKey } from '../../../locales/index.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import type { Language } from '../../domain/account/languages.ts';
import { homeOrganisation, whoRequiresFactor } from '../../domain/account/organisation.ts';
import type { ConsentReason, EnrolReason, FactorReason, PasswordReason } from '../../domain/sign-in/reason.ts';
import type { SignIn } from './sign-in-state.ts';

type Sentence = MessageKey | undefined;

/** Above the form of the whole sign-in. */
export const whyPassword: Record<PasswordReason, Sentence> = {
  'no-session': undefined,
  'session-too-old': undefined,
  'credentials-changed': 'signIn.why_credentials',
  // told after the right password only (rule 1)
  'account-closed': undefined,
  'closed-long': 'signIn.why_closed_long',
  'other-account': 'signIn.why_other_account',
  'prompt-login': 'signIn.again_why',
  'max-age': 'signIn.why_max_age',
  'started-over': undefined,
  'proof-expired': 'signIn.why_proof_expired',
  'requirements-changed': 'signIn.why_changed',
};

/** Above the second step of somebody who is signed in already. In a sign-in it follows the password, as always. */
export const whyStepUp: Record<FactorReason, MessageKey> = {
  'application-requires': 'signIn.step_up',
  'request-requires': 'signIn.step_up',
  'own-page-requires': 'signIn.step_up',
  'application-prefers': 'signIn.step_up_preferred',
  'organisation-requires': 'signIn.step_up_organisation',
  'own-factor': 'signIn.step_up_own',
};

/** Above the steps of setting up a factor. */
export const whyEnrol: Record<EnrolReason | 'codes-due' | 'offered', Sentence> = {
  'application-requires': 'signIn.enrol_why',
  'request-requires': 'signIn.enrol_why',
  'own-page-requires': 'signIn.enrol_why',
  'organisation-requires': 'signIn.enrol_why_organisation',
  offered: 'signIn.enrol_offered',
  'codes-due': undefined, // the page of the codes says it
};

/** Above what an application receives. */
export const whyConsent: Record<ConsentReason, MessageKey> = {
  'first-time': 'signIn.consent_what',
  'more-than-before': 'signIn.consent_more',
  'prompt-consent': 'signIn.consent_again',
  'unassured-application': 'signIn.consent_unassured',
};

/** What the sentences name. */
export function namesIn({ interaction, account, demand }: SignIn, language: Language) {
  const requiring = account && whoRequiresFactor(account, demand.organisations, dayAt(demand.now));
  const days = account && homeOrganisation(account, demand.organisations, dayAt(demand.now)).offerFactorDays;
  return {
    application: interaction.client.name[language],
    organisation: requiring?.name[language] ?? '',
    count: days ?? 0,
  };
}

/** Reasons after which an answer is good for the next time as well. */
export function isRemembered(because: ConsentReason): boolean {
  return because === 'first-time' || because === 'more-than-before';
}
