/** Members by which people and operators know an application. */
import { isEmailAddress } from '../../../account/email-address.ts';
import { type Language, languageIds } from '../../../account/languages.ts';
import { CLIENT_SECRET_MIN_LENGTH } from '../../client-secret.ts';
import { ownClientId } from '../../own-client.ts';
import { type ClientMember, list, member, ofText, ofWebAddress, operatorMember, text, textThat } from './member.ts';

/** `client_name#nl` (OpenID Connect Registration 2.1), one per known language. */
const englishName = new Intl.DisplayNames('en', { type: 'language' });
const namesByLanguage = Object.fromEntries(
  languageIds.map((id) => [
    `client_name#${id}`,
    ofText({
      help: `Name that people who use ${englishName.of(id)} see.`,
      example: 'Library',
      otherwise: 'client_name',
    }),
  ]),
) as Record<`client_name#${Language}`, ClientMember<typeof text>>;

export const identityMembers = {
  client_id: operatorMember(
    text.superRefine((id, context) => {
      const refuse = (message: string) => context.addIssue({ code: 'custom', message });
      if (id === ownClientId) refuse(`choose another: "${ownClientId}" stands for Pedel's own pages`);
      else if (!/^[\x21-\x7e]{1,200}$/.test(id))
        refuse('use 1 to 200 ASCII letters, digits and signs without spaces; or leave it out');
    }),
    `1 to 200 ASCII letters, digits and signs without spaces, other than "${ownClientId}"`,
    {
      help: 'Identifies the application in every request; it never changes.',
      example: 'library',
      otherwise: 'made from client_name',
    },
  ),
  client_secret: operatorMember(
    textThat((secret) => /^[\x20-\x7e]*$/.test(secret) && secret.length >= CLIENT_SECRET_MIN_LENGTH),
    `at least ${CLIENT_SECRET_MIN_LENGTH} random ASCII characters, or leave it out and one is made`,
    {
      help: 'Secret with which the application authenticates; only a hash of it is kept.',
      example: 'at-least-32-random-ASCII-characters',
      otherwise: 'the one it has; without one, a new one is made and shown once',
      secret: true,
    },
  ),
  client_name: ofText({
    help: 'Name that people see when they sign in, consent and look at their account.',
    example: 'Library',
    otherwise: 'client_id',
  }),
  ...namesByLanguage,
  client_uri: ofWebAddress({
    help: "Home page. Pedel's pages link to it if the application is first-party.",
    example: 'https://library.example.edu/',
  }),
  logo_uri: ofWebAddress({
    help: 'Logo beside its name: an SVG, or a PNG at least 80 pixels high. `clients apply` fetches it once; Pedel serves it.',
    example: 'https://library.example.edu/logo.svg',
  }),
  policy_uri: ofWebAddress({
    help: 'Privacy statement, linked from the consent page.',
    example: 'https://library.example.edu/privacy',
  }),
  tos_uri: ofWebAddress({
    help: 'Terms of use, linked from the consent page.',
    example: 'https://library.example.edu/terms',
  }),
  contacts: member(list(textThat(isEmailAddress)), 'a list of e-mail addresses', {
    help: 'E-mail addresses of the people who run the application; shown to whom it is not open to, as whom to ask, and told before a secret of it expires.',
    example: ['library@example.edu'],
  }),
} satisfies Record<string, ClientMember>;
