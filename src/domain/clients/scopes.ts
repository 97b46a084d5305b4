/** Every scope that an application can ask for, and the claims behind it. */
import { edupersonClaimNames } from '../account/eduperson.ts';

/** OpenID Connect Core 5.1 and 5.4, and the scope of research and education (eduperson.ts). */
export const claimsOfScope: Record<string, string[]> = {
  // how somebody signed in is told with every ID token, asked for or not
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

/** With the one that brings a refresh token instead of claims (OpenID Connect Core 11). */
export const scopes = [...Object.keys(claimsOfScope), 'offline_access'];

/** Claims that a person is asked about; the others are facts of the sign-in. */
export const personalClaims = Object.entries(claimsOfScope)
  .filter(([scope]) => scope !== 'openid')
  .flatMap(([, names]) => names);
