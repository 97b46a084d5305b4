/** Members that say what an application learns of people (../release.ts), and why. */
import { z } from 'zod';
import { type Language, languageIds } from '../../../account/languages.ts';
import { bundles } from '../../release/bundles.ts';
import { personalClaims } from '../../release/scopes.ts';
import { type ClientMember, list, ofOne, operatorMember, textThat } from './member.ts';

const PURPOSE_LENGTH = 300;
const purposeText = textThat((purpose) => purpose.length <= PURPOSE_LENGTH && !/\p{Cc}/u.test(purpose));
const purposeWords = `one sentence of at most ${PURPOSE_LENGTH} characters`;

/** `pedel_purpose#nl`, one per known language, as names are (OpenID Connect Registration 2.1). */
const englishName = new Intl.DisplayNames('en', { type: 'language' });
const purposesByLanguage = Object.fromEntries(
  languageIds.map((id) => [
    `pedel_purpose#${id}`,
    operatorMember(purposeText, purposeWords, {
      help: `Purpose for people who use ${englishName.of(id)}.`,
      example: 'To find your loans.',
      otherwise: 'pedel_purpose',
    }),
  ]),
) as Record<`pedel_purpose#${Language}`, ClientMember<typeof purposeText>>;

const claimName = textThat((name) => personalClaims.includes(name));

export const releaseMembers = {
  pedel_bundle: {
    ...ofOne(bundles, {
      help:
        'Personal claims that the application may have at most: anonymous (affiliation and home organisation), ' +
        'pseudonymous (also assurance), personalised (also names, email and preferred_username). Its sub is pairwise, ' +
        'unless subject_type of a personalised one says public.',
      example: 'personalised',
      otherwise: 'pseudonymous without scope; with scope none, so that every claim of its scopes is allowed',
    }),
    setBy: 'operator',
  },
  pedel_id_token_claims: operatorMember(
    z.union([z.enum(['none', 'all']), list(claimName)]),
    '"none", "all" or a list of personal claims such as ["preferred_username", "email"]',
    {
      help:
        'Which of the claims that userinfo tells stand in the ID token as well, for applications that read nothing else ' +
        '(Kubernetes, Auth.js, Cloudflare Access).',
      example: ['preferred_username', 'email'],
      default: 'none',
    },
  ),
  pedel_sector: operatorMember(
    textThat((sector) => /^[a-z0-9[\]:.-]{1,255}$/.test(sector) || /^client\/[\x21-\x7e]{1,200}$/.test(sector)),
    'a host such as "library.example.edu", or the value of another application',
    {
      help:
        'Where people have the same pairwise sub: applications with the same value know them by the same one. Set at the ' +
        'first registration, so that new addresses change nobody; a change makes everybody unknown.',
      example: 'library.example.edu',
      otherwise: 'the host of sector_identifier_uri or redirect_uris, as it was at the first registration',
    },
  ),
  pedel_purpose: operatorMember(purposeText, purposeWords, {
    help: 'For what the application needs what it learns; people read it before they consent.',
    example: 'To find your loans.',
  }),
  ...purposesByLanguage,
} satisfies Record<string, ClientMember>;

/** What `pedel_id_token_claims` may be. */
export type IdTokenClaims = 'none' | 'all' | readonly string[];
