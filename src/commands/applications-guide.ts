/** The part of docs/applications.md that says what applications get, made from the registry, the scopes and a sample person. */

import type { ClientMemberName } from '../domain/clients/metadata/client-members.ts';
import { type Bundle, bundles, claimsOfBundle } from '../domain/clients/release/bundles.ts';
import { claimsOfScope } from '../domain/clients/release/scopes.ts';
import { sampleClaims } from './sample-person.ts';

/** One row of a table in Markdown. */
export const row = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** A member of the registration, by a name that the registry has. */
const member = (name: ClientMemberName) => `\`${name}\``;

const least = (claim: string): Bundle | undefined => bundles.find((bundle) => claimsOfBundle[bundle].includes(claim));

function claimRows(): string[] {
  const values = sampleClaims();
  return Object.entries(claimsOfScope).flatMap(([scope, claims]) =>
    claims.map((claim) => row([`\`${claim}\``, `\`${scope}\``, valueFor(claim, values), bundleOf(claim, scope)])),
  );
}

/** Facts of the sign-in, which every ID token has, are no claims of the person. */
const ofSignIn: Record<string, string> = {
  sub: 'random, the same for life',
  acr: '`"https://refeds.org/profile/mfa"`',
  amr: '`["pwd","otp","mfa"]`',
  auth_time: '`1789000000`',
};

function valueFor(claim: string, values: ReturnType<typeof sampleClaims>): string {
  const value = values[claim];
  return ofSignIn[claim] ?? (value === undefined ? 'none of this person' : `\`${JSON.stringify(value)}\``);
}

function bundleOf(claim: string, scope: string): string {
  if (claim in ofSignIn) return 'every one';
  return least(claim) ?? (['groups', 'eduperson_entitlement'].includes(scope) ? 'beside any' : 'none');
}

/** What people want of an application, and the members that say it; their help stands in docs/client-metadata.md. */
const wishes: [wish: string, members: ClientMemberName[], words: string][] = [
  [
    'Say what it learns',
    ['pedel_bundle', 'scope', 'pedel_purpose'],
    'Without a word it learns affiliation, home organisation and assurance (*pseudonymous*). `pedel_purpose` is the reason that people read before they consent.',
  ],
  [
    'Know people under one name everywhere, or under one of its own',
    ['subject_type', 'pedel_sector'],
    'With a bundle, `sub` is pairwise: another one in each sector. It stays what it was at the first registration.',
  ],
  [
    'Read people from the ID token alone',
    ['pedel_id_token_claims'],
    'Claims that come by scope are told by userinfo. The ID token says who signed in, how and when; name here what it must say besides.',
  ],
  [
    'Decide by groups',
    ['pedel_derived_claims', 'pedel_rename'],
    'The scope `groups` has the groups of the feeds, and `roles` the affiliations. Derived claims make further ones from both; renamed claims give one the name that the product expects.',
  ],
  [
    'Choose who may use it',
    ['pedel_access'],
    'The others are told why and whom to ask, and the application gets `access_denied`. It is asked again at each refresh.',
  ],
  [
    'Demand a second factor',
    ['pedel_acr', 'default_acr_values', 'default_max_age'],
    '`pedel_acr` holds for every sign-in, `default_acr_values` is a wish.',
  ],
  [
    'Go on while nobody is there',
    ['grant_types', 'pedel_refresh_token_idle_seconds', 'pedel_access_token_seconds'],
    'With the grant type `refresh_token` and the scope `offline_access` it gets a refresh token. An application of others must ask with `prompt=consent`; a first-party one need not.',
  ],
  [
    'Sign out',
    ['post_logout_redirect_uris', 'backchannel_logout_uri', 'pedel_confirm_logout'],
    'It sends people to `end_session_endpoint`. When a session ends elsewhere, Pedel posts a logout token to the back-channel address, also for whoever holds only a refresh token.',
  ],
  [
    'Not ask people for consent',
    ['pedel_first_party'],
    "For the association's own. They are also what people see as links on their start page, with `client_uri`.",
  ],
  [
    'Call an API for people',
    ['pedel_resource_servers', 'pedel_resources'],
    'The API is registered by its own client, with its scopes and the kind of its tokens: opaque ones are introspected and can be recalled, JWTs (RFC 9068) are verified without asking Pedel and live five minutes at most. The application names it by `resource`.',
  ],
  [
    'Call an API as itself',
    ['pedel_service_resources'],
    'Grant type `client_credentials`; no person is in such a token.',
  ],
  [
    "Go on with a person's token to another API",
    ['pedel_exchanges'],
    'Token exchange (RFC 8693), never further than the token that it brings.',
  ],
  [
    'Check tokens of another application',
    ['pedel_introspects', 'pedel_introspection_username'],
    'A mail server checks those of the webmail, and is told one name.',
  ],
  [
    'Sign in on a device without a browser',
    ['grant_types'],
    'Grant type `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628): the device shows a code, and the person confirms it on a phone at `/device`.',
  ],
  [
    'Bear with a product that sends a `resource` nobody means',
    ['pedel_ignored_resources'],
    'Without it such a request is refused.',
  ],
  ['Hold it to FAPI 2.0', ['pedel_profile'], 'One word for all that the profile demands.'],
  ['Close it on a day', ['pedel_valid_until'], 'From then on nobody signs in to it, and its tokens open nothing.'],
];

/** In Markdown, from the second heading on. */
export function guide(): string {
  return `## What an application gets

Three values connect most products: the address of Pedel (the *issuer*), a \`client_id\` and a secret. What an application then
learns of a person is the least of what its registration allows, what it asks for, and what the person consents to. One function decides
it for userinfo, ID token and introspection alike ([decisions/release.md](decisions/release.md)).

| claim | scope | example | bundle |
|---|---|---|---|
${claimRows().join('\n')}

The scope \`offline_access\` has no claims: it gives a refresh token that outlives the session. *bundle* is the smallest one
(${member('pedel_bundle')}) that has the claim; *none* means that only a registration without a bundle, which names the scope, gets it. A claim
without a value is left out, except \`groups\` and \`roles\`, which are then empty lists.

## What it can be told to do

Each member with accepted values and default: [client-metadata.md](client-metadata.md).

| to | register | |
|---|---|---|
${wishes.map(([wish, members, words]) => row([wish, members.map(member).join(', '), words])).join('\n')}

If something is refused, \`bin/pedel clients problems\` says what, with both addresses where two differ, and what to do. Many
applications at once can register themselves: [registration.md](registration.md).`;
}
