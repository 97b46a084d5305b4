/** Makes the value of every claim of an account; which of them an application gets, `../clients/release/release.ts` decides. */
import type { JsonValue } from '../json-value.ts';
import type { Account } from './account.ts';
import { dayAt } from './affiliation.ts';
import { edupersonClaims } from './eduperson.ts';
import type { Organisation } from './organisation.ts';
import { isVerified } from './proven-addresses.ts';

/** Standard claims that the feed supplies as they are (`birthdate`, `address` …). */
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
 * Every known claim of the account at `now` (ms), those of `eduperson` where they are wanted. For `name`, `preferred_username` and `locale`, the source's value takes precedence over one made here.
 * An address from the institution counts as verified, and a personal one from which a code or link came back (OpenID
 * Connect Core 5.1). A telephone number is verified where the source says so.
 */
export function claimsOf(
  account: Account,
  organisations: Organisation[],
  now: number,
  eduperson: boolean,
): Record<string, JsonValue> {
  const email = account.emails[0] ?? account.personalEmail;
  const known: Record<string, JsonValue | undefined> = {
    ...Object.fromEntries(recorded.map((name) => [name, account.claims[name]])),
    name: account.claims.name ?? `${account.givenName} ${account.familyName}`.trim(),
    given_name: account.givenName,
    family_name: account.familyName,
    preferred_username: preferredUsernameOf(account),
    locale: localeOf(account),
    email,
    email_verified: email === undefined ? undefined : isVerified(account, email),
    phone_number: account.phone,
    phone_number_verified: account.phone === undefined ? undefined : account.claims.phone_number_verified === true,
    ...(eduperson ? edupersonClaims(account, organisations, dayAt(now)) : {}),
  };
  return Object.fromEntries(
    Object.entries(known).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/** The source's tag, such as `nl-BE`, if it is in the language that the person chose. */
function localeOf({ claims, language }: Account): string {
  const { locale } = claims;
  const same = typeof locale === 'string' && locale.split(/[-_]/)[0]?.toLowerCase() === language;
  return same ? locale.replaceAll('_', '-') : language;
}

/** The source's, else a name that is unique in the association: the first user number, else the first email address. */
export function preferredUsernameOf({ claims, userNumbers, emails }: Account): string | undefined {
  const { preferred_username: given } = claims;
  return typeof given === 'string' && given !== '' ? given : (userNumbers[0] ?? emails[0]);
}
