/** Pedel's own members, which only an operator sets (rule 15). */
import { z } from 'zod';
import { acrValues } from '../../../sign-in/acr.ts';
import { readValidUntil } from '../../client-validity.ts';
import { accessMember } from './access.ts';
import { type ClientMember, DAY, list, ofYesOrNo, operatorMember, text, textThat, words, yesOrNo } from './member.ts';

/** What a resource server may be told as `username` (RFC 7662, 2.2). */
const introspectionUsernames = ['user_number', 'preferred_username', 'email', 'none'] as const;
export type IntrospectionUsername = (typeof introspectionUsernames)[number];

/** How long an application may refresh before the person must sign in to it again; no refresh token lives longer. */
export const LONGEST_REFRESHING_SECONDS = 366 * DAY;

export const operatorMembers = {
  pedel_first_party: {
    ...ofYesOrNo({ help: "The association's own application: people are not asked for consent." }),
    setBy: 'operator',
  },
  pedel_organisation: operatorMember(
    textThat((id) => /^[a-z0-9-]+$/.test(id)),
    'the id of an organisation, as configured',
    {
      help: 'Whose application it is: administrators of this organisation look after its registration. It decides nothing about who may sign in.',
      example: 'vives',
      otherwise: "the association's: only administrators of the whole association look after it",
    },
  ),
  pedel_confirm_logout: operatorMember(yesOrNo, words.yesOrNo, {
    help:
      'Asks people before it signs them out of everything. Without the question, only a request with an id_token_hint of ' +
      'the very session signs out at once.',
    example: true,
    otherwise: 'true; false if the application is first-party',
  }),
  pedel_acr: operatorMember(
    textThat((acr) => acrValues.includes(acr)),
    words.oneOf(acrValues),
    {
      help: 'Strength that every sign-in to it must have, whatever the request and the organisation say.',
      example: acrValues[0] ?? '',
      otherwise: 'as the request and the organisation say',
    },
  ),
  pedel_introspects: operatorMember(list(text), 'a list of client_ids', {
    help: 'Applications whose access tokens it may introspect, beside its own (a mail server: those of the webmail).',
    example: ['webmail'],
    default: [],
  }),
  pedel_introspection_username: operatorMember(z.enum(introspectionUsernames), words.oneOf(introspectionUsernames), {
    help: "Name of the person (username) that it is told of other applications' tokens; email: the institution's.",
    example: 'email',
    otherwise: 'user_number; none of tokens that are made out to it (pedel_resource_servers)',
  }),
  pedel_require_pkce: {
    ...ofYesOrNo({ help: 'Requires PKCE even if the application authenticates.' }),
    setBy: 'operator',
  },
  pedel_profile: operatorMember(z.enum(['fapi2']), words.oneOf(['fapi2']), {
    help:
      'Holds it to the FAPI 2.0 security profile. Implies private_key_jwt, require_pushed_authorization_requests, ' +
      'dpop_bound_access_tokens, PKCE, ES256 for what Pedel signs unless PS256 is named, response type code only, ' +
      'signatures by PS256, ES256, EdDSA or Ed25519 only, and codes that live 60 seconds at most. What contradicts ' +
      'it is refused.',
    example: 'fapi2',
  }),
  pedel_cors_origins: operatorMember(
    list(textThat((origin) => URL.parse(origin)?.origin === origin)),
    'a list of origins such as https://app.example.edu, without a path',
    {
      help: 'Origins whose pages may call the token and userinfo endpoints from a browser.',
      example: ['https://app.example.edu'],
      otherwise: 'for a public client those of its redirect_uris, which are always allowed; for others none',
    },
  ),
  pedel_access_token_seconds: operatorMember(z.int().min(1).max(DAY), words.seconds(1, DAY), {
    help: 'How long its access tokens live.',
    example: 300,
    otherwise: 'lifetimes.accessTokenSeconds of the configuration',
  }),
  pedel_refresh_token_idle_seconds: operatorMember(
    z.int().min(1).max(LONGEST_REFRESHING_SECONDS),
    `${words.seconds(1, LONGEST_REFRESHING_SECONDS)} (366 days)`,
    {
      help: 'How long its unused refresh tokens live; 366 days after a sign-in to it people must sign in again anyway.',
      example: 7 * DAY,
      otherwise: 'lifetimes.refreshTokenIdleSeconds of the configuration',
    },
  ),
  pedel_access: accessMember,
  pedel_valid_until: operatorMember(
    textThat((value) => readValidUntil(value) !== undefined),
    'a day (2027-06-30, which counts as a whole) or a moment with an offset (2027-06-30T12:00:00Z), of the years 2000 to 2199',
    {
      help:
        'Until when the application may be used. From then on nobody signs in to it and its tokens open nothing; ' +
        'a later date restores both.',
      example: '2027-06-30',
      otherwise: 'for ever',
    },
  ),
} satisfies Record<string, ClientMember>;
