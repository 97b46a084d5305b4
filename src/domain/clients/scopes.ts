/** The scopes that an application can request, and the claims of each. */
import { edupersonClaimNames } from '../account/eduperson.ts';

/** OpenID Connect Core 5.1 and 5.4, and `eduperson` of research and education (eduperson.ts). */
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
};

/** All of these, and the scope that gives a refresh token instead of claims (OpenID Connect Core 11). */
export const scopes = [...Object.keys(claimsOfScope), 'offline_access'];

/** Claims that consent asks about. The others are facts of the sign-in. */
export const personalClaims = Object.entries(claimsOfScope)
  .filter(([scope]) => scope !== 'openid')
  .flatMap(([, names]) => names);
