/** An organisation of the association, and whom it names for help. */
import { z } from 'zod';
import { isEmailAddress } from '../../domain/account/email-address.ts';
import { isGroupNamespace } from '../../domain/account/groups.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';
import { roleRules, standardAccess } from './access.ts';
import { option } from './option.ts';
import { colour, pictures } from './pictures.ts';
import { localized, localizedText } from './texts.ts';

export const contact = z
  .strictObject({
    label: option(localized(), {
      purpose: 'Who this is',
      expected: localizedText,
      example: '{ nl: Helpdesk, en: Helpdesk }',
    }),
    email: option(z.string().refine(isEmailAddress).exactOptional(), {
      purpose: 'Email address',
      expected: 'an email address',
      example: 'helpdesk@example.edu',
    }),
    phone: option(
      z
        .string()
        .regex(/^\+[0-9][0-9 ]{6,20}$/)
        .exactOptional(),
      {
        purpose: 'Telephone number',
        expected: 'a number in international form',
        example: '"+32 16 32 28 00"',
      },
    ),
    url: option(z.url({ protocol: /^https?$/ }).exactOptional(), {
      purpose: 'Page',
      expected: 'a web address',
      example: 'https://example.edu/help',
    }),
  })
  .refine(({ email, phone }) => email !== undefined || phone !== undefined, {
    error: 'give an e-mail address or a telephone number, or leave this contact out',
  });

export const organisation = z.strictObject({
  id: option(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), {
    purpose: 'Short name, used in the columns of a feed; never changes',
    expected: 'small letters, digits and dashes, beginning with a letter',
    example: 'kuleuven',
  }),
  name: option(localized(), {
    purpose: 'Name on pages and in emails',
    expected: localizedText,
    example: '{ nl: KU Leuven, en: KU Leuven }',
  }),
  domains: option(z.array(z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/)).min(1), {
    purpose: 'Domains of the institution addresses; the first is the scope of eduPersonPrincipalName',
    expected: 'a list of domain names in lower case',
    example: '[kuleuven.be]',
  }),
  contacts: option(z.array(contact).min(1), {
    purpose: 'Contacts for help; on every page and in every email',
    expected: 'a list of contacts, each with a label and an email address or telephone number',
    example: '[{ label: { nl: Helpdesk, en: Helpdesk }, email: helpdesk@example.edu }]',
  }),
  colour: option(colour, {
    purpose: 'Colour of the band and the main button; text on it and its borders are made readable',
    expected: 'a colour #rrggbb',
    example: '"#00407a"',
  }),
  ...pictures('kuleuven'),
  homeUrl: option(z.url({ protocol: /^https?$/ }).exactOptional(), {
    purpose: 'Home page',
    expected: 'a web address',
    example: 'https://www.kuleuven.be',
  }),
  secondFactor: option(z.enum(['required', 'offered']).default('required'), {
    purpose: 'Whether everybody must have a second factor (required), or may set one up after activation (offered)',
    expected: 'required or offered',
    example: 'required',
  }),
  offerFactorDays: option(z.int().min(0).max(366).default(30), {
    purpose:
      'Days after the activation, and after each “not now”, at which a sign-in offers a second factor to who need not have one; 0: never',
    expected: 'a whole number of days, 0 to 366',
    example: '30',
  }),
  activation: option(z.enum(['link', 'code']).default('link'), {
    purpose:
      'How new people activate: by the link of an emailed invitation (link), or by number, email address and emailed code (code)',
    expected: 'link or code',
    example: 'link',
  }),
  groupNamespace: option(z.string().max(150).refine(isGroupNamespace).exactOptional(), {
    purpose:
      'URN namespace registered for it, under which its groups are released in eduperson_entitlement too, by AARC-G069: <namespace>:group:<name>',
    expected: 'a URN of its own without :group:, such as urn:geant:kuleuven.be',
    example: 'urn:geant:kuleuven.be',
  }),
  access: option(
    z
      .strictObject(
        Object.fromEntries([...affiliationRoles, 'default'].map((role) => [role, roleRules.exactOptional()])),
      )
      .default(standardAccess),
    {
      purpose:
        'By role of an affiliation (default: those not listed), when it opens an account and when it closes it, and how long the account is kept; a change counts for people already stored after pedel lifecycle recompute',
      expected: `rules by role: ${affiliationRoles.join(', ')}, default`,
      example: '{ student: { opens: P90D, expired: 10-31, discontinued: P7D, retain: P1Y }, default: {} }',
    },
  ),
  slowRecovery: option(
    z
      .string()
      .regex(/^P(?:[1-9]|[12]\d|30)D$/)
      .exactOptional(),
    {
      purpose:
        'How long people wait who lost their second step and every other way, before they may set up a new one with password and an emailed code; they hear of it every day at both addresses and can stop it. Of several organisations each has to allow it, and the longest wait counts; never for people with a role. Without it only the service desk helps',
      expected: 'days as an ISO 8601 duration, P1D to P30D',
      example: 'P3D',
    },
  ),
});
