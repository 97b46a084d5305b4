/** The scopes that an application can request, and the claims of each. */
import { edupersonClaimNames } from '../../account/eduperson.ts';

/** OpenID Connect Core 5.1 and 5.4; `eduperson` and the scopes after it of research and education (eduperson.ts, membership.ts). */
export const claimsOfScope: Record<string, string[]> = {
  // Every ID token says how the person signed in, whether or not it was requested.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  eduperson: [...edupersonClaimNames],
  // A scope of its own for each: nobody who consented to another one consented to these (docs/decisions/groups.md).
  groups: ['groups', 'roles'],
  eduperson_entitlement: ['eduperson_entitlement'],
  orcid: ['orcid'],
  voperson_id: ['voperson_id'],
};

/** What the one sentence of a scope on the consent page says; its other claims have sentences of their own. */
export const saidByScope: Record<string, string[]> = {
  ...claimsOfScope,
  profile: ['name', 'family_name', 'given_name', 'preferred_username'],
  eduperson: ['eduperson_scoped_affiliation', 'eduperson_affiliation', 'schac_home_organization'],
};

/** All of these, and the scope that gives a refresh token instead of claims (OpenID Connect Core 11). */
export const scopes = [...Object.keys(claimsOfScope), 'offline_access'];

/** Those of a registration that names none: as many as version 0.2 had, so that a later one gives nobody more than before. */
export const scopesUnnamed = ['openid', 'profile', 'email', 'phone', 'address', 'eduperson', 'offline_access'];

/** Claims that consent asks about. The others are facts of the sign-in. */
export const personalClaims = Object.entries(claimsOfScope)
  .filter(([scope]) => scope !== 'openid')
  .flatMap(([, names]) => names);
