/** Decides what each email says: one model of plain sentences, from which both text and HTML are rendered. */
import type { EmailTemplate } from '../domain/account/emails.ts';
import type { Language } from '../domain/account/languages.ts';
import type { BrandRoles, Theme } from '../domain/brand/brand-roles.ts';
import { activationEmails } from './activation-emails.ts';
import { addressEmails } from './address-emails.ts';
import { administrationEmails } from './administration-emails.ts';
import type { Content } from './blocks.ts';
import {
  accountEnded,
  accountEnds,
  accountErasedSoon,
  accountOpenAgain,
  accountSuspended,
  registrationStopped,
} from './end-emails.ts';
import { mergeEmails } from './merge-emails.ts';
import { type Context, read, type Templates } from './read-email.ts';
import { recoveryEmails } from './recovery-emails.ts';
import { securityEmails } from './security-emails.ts';

/** Everything that both renderers print, from top to bottom. */
export type Page = Content & {
  language: Language;
  /** Of the band and the button. */
  brand: Record<Theme, BrandRoles>;
  organisation: string;
  greeting: string;
  closing: string;
  contactsTitle: string;
  contacts: { label: string; ways: { text: string; href: string }[] }[];
  automatic: string;
};

const TEMPLATES: Templates<EmailTemplate> = {
  ...activationEmails,
  ...securityEmails,
  ...recoveryEmails,
  ...addressEmails,
  'account-suspended': (read) => accountSuspended(read.about()),
  'account-open-again': (read) => accountOpenAgain(read.about()),
  'account-ends': (read) => accountEnds(read.about()),
  'account-erased-soon': (read) => accountErasedSoon(read.about()),
  'account-ended': (read) => accountEnded(read.about()),
  'registration-stopped': (read) => registrationStopped(read.about()),
  ...administrationEmails,
  ...mergeEmails,
};

/**
 * The subject and blocks of an email.
 * @throws TypeError if a member that the template needs is missing: an incomplete email is never sent
 */
export function contentOf(context: Context): Content {
  return written(context.email.template, context);
}

function written<Template extends EmailTemplate>(template: Template, context: Context): Content {
  return TEMPLATES[template](read<Template>(context));
}
