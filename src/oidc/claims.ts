/** What an account answers to the claims behind each scope (domain/clients/scopes.ts). */
import type { Account, JsonValue } from '../domain/account/account.ts';
import { dayAt } from '../domain/account/affiliation.ts';
import { edupersonClaims } from '../domain/account/eduperson.ts';
import type { Organisation } from '../domain/account/organisation.ts';

/** Standard claims that come from the record as they are (`birthdate`, `address` …). */
const recorded = [
  'middle_name',
  'nickname',
  'profile',
  'picture',
  'website',
  'gender',
  'birthdate',
  'zoneinfo',
  'updated_at',
  'address',
] as const;

/**
 * Every claim that is known of the account at `now` (ms); the library releases what was asked, consented and registered.
 * What a source says of `name`, `preferred_username` and `locale` goes before what would be put together here.
 * The address that the institution gave counts as verified, a personal one does not.
 */
export function claimsOf(account: Account, organisations: Organisation[], now: number): Record<string, JsonValue> {
  const [email] = account.emails;
  const known: Record<string, JsonValue | undefined> = {
    ...Object.fromEntries(recorded.map((name) => [name, account.claims[name]])),
    name: account.claims.name ?? `${account.givenName} ${account.familyName}`.trim(),
    given_name: account.givenName,
    family_name: account.familyName,
    preferred_username: account.claims.preferred_username ?? usernameOf(account),
    locale: localeOf(account),
    email: email ?? account.personalEmail,
    email_verified: email === undefined && account.personalEmail === undefined ? undefined : email !== undefined,
    phone_number: account.phone,
    phone_number_verified: account.phone === undefined ? undefined : account.claims.phone_number_verified === true,
    ...edupersonClaims(account, organisations, dayAt(now)),
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/** The source's `nl-BE`, as long as that is the language the person has chosen. */
function localeOf({ claims, language }: Account): string {
  const { locale } = claims;
  const same = typeof locale === 'string' && locale.split(/[-_]/)[0]?.toLowerCase() === language;
  return same ? locale.replaceAll('_', '-') : language;
}

/** A name that nobody else of the association has: the first user number, else the first address. */
export function usernameOf(account: Account): string | undefined {
  return account.userNumbers[0] ?? account.emails[0];
}
