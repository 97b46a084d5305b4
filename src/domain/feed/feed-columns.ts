/** The columns of a feed: which there are, what the claims among them hold, and what a header line may lack. */
import { Temporal } from 'temporal-polyfill';
import { isDay } from './feed-cell.ts';

const REQUIRED = ['person', 'number', 'given_name', 'family_name', 'organisation', 'role'];
/** Those of a second step. */
export const totpColumns: readonly string[] = [
  'totp',
  'totp_seed',
  'totp_type',
  'totp_digits',
  'totp_period',
  'totp_algorithm',
];
const OPTIONAL = [
  'other_numbers',
  'email',
  'personal_email',
  'phone',
  'language',
  'from',
  'until',
  'ended_on',
  'end',
  'end_reason',
  'groups',
  'entitlements',
  'orcid',
  'password_hash',
  ...totpColumns,
];
/** Those that hold a secret which opens the second step. */
export const seedColumns: readonly string[] = ['totp', 'totp_seed'];
/** What stands in their place in a record that is to be mended: empty, it would be forgotten unnoticed. */
export const SEED_LEFT_OUT = 'left-out';

// biome-ignore format: a list of words
export const affiliationRoles = ['student', 'staff', 'employee', 'faculty', 'alumnus', 'affiliate', 'member', 'guest'];

type Check = (value: string) => boolean;
const isText: Check = () => true;
const isTruth: Check = (value) => value === 'true' || value === 'false';
const isWebAddress: Check = (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? '');
const isBirthdate: Check = (value) => /^\d{4}$/.test(value) || isDay(value.replace(/^0000-/, '2000-')); // 0000: the year is not told
export const isLanguageTag: Check = (value) => /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/.test(value);
const isTimeZone: Check = (value) => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value).timeZoneId !== '';
  } catch {
    return false;
  }
};
/** Columns that are stored as the claim of that name (OpenID Connect Core, 5.1). */
export const CLAIMS: Record<string, { accepts: Check; expected: string; multiline?: true }> = {
  name: { accepts: isText, expected: 'a text' },
  middle_name: { accepts: isText, expected: 'a text' },
  nickname: { accepts: isText, expected: 'a text' },
  preferred_username: { accepts: isText, expected: 'a text' },
  profile: { accepts: isWebAddress, expected: 'a web address' },
  picture: { accepts: isWebAddress, expected: 'a web address' },
  website: { accepts: isWebAddress, expected: 'a web address' },
  gender: { accepts: isText, expected: 'a text' },
  phone_number_verified: { accepts: isTruth, expected: 'true or false' },
  birthdate: { accepts: isBirthdate, expected: 'YYYY-MM-DD' },
  zoneinfo: { accepts: isTimeZone, expected: 'a time zone such as Europe/Brussels' },
  locale: { accepts: isLanguageTag, expected: 'a language tag such as nl-BE' },
  'address.formatted': { accepts: isText, expected: 'a text', multiline: true },
  'address.street_address': { accepts: isText, expected: 'a text', multiline: true },
  'address.locality': { accepts: isText, expected: 'a text' },
  'address.region': { accepts: isText, expected: 'a text' },
  'address.postal_code': { accepts: isText, expected: 'a text' },
  'address.country': { accepts: isText, expected: 'a text' },
};
/** Those of them that are claims, `address.…` with its member. */
export const claimColumns: readonly string[] = Object.keys(CLAIMS);

/** Every column that a feed may have. */
export const feedColumns: readonly string[] = [...REQUIRED, ...OPTIONAL, ...claimColumns];
/** What a column of a file is called in `columns` of the configuration that is not to be read. */
export const IGNORED = 'ignore';
/** What the file of refused rows adds to each; the next import passes over it. */
export const quarantineColumns: readonly string[] = ['line', 'reason'];
/** The member of refused JSON lines that holds the text of one that is no JSON object. */
export const UNREAD = 'unread';

// biome-ignore format: a list of words
const OF_AFFILIATION = ['organisation', 'role', 'from', 'until', 'ended_on', 'end', 'end_reason', 'groups', 'entitlements'];
/** Whether the column belongs to the affiliation of its row, and not to the person. */
export const isAffiliationColumn = (column: string): boolean => OF_AFFILIATION.includes(column);

/**
 * The faults of a header line, each a sentence with its remedy. Empty: the rows can be read.
 * @param names what the file calls the columns, where the configuration gives them other names
 * @param organisationKnown the source has one organisation, so no row has to name it
 */
export function headerFaults(header: string[], names: string[] = header, organisationKnown = false): string[] {
  const passed = [...quarantineColumns, IGNORED];
  const required = REQUIRED.filter((column) => column !== 'organisation' || !organisationKnown);
  if (!header.some((column) => required.includes(column)))
    return [
      `it holds none of their names: write ${required.join(',')} above the rows, or map the names in columns of the source`,
    ];
  const nameAt = (index: number) => (names[index] ?? header[index] ?? '').trim().slice(0, 60);
  const missing = required.filter((column) => !header.includes(column));
  const unknown: string[] = [];
  const faults: string[] = [];
  header.forEach((column, index) => {
    if (passed.includes(column)) return;
    if (column === '') faults.push(`column ${index + 1} has no name: give it one, or delete it`);
    else if (header.indexOf(column) !== index) faults.push(`${named([nameAt(index)])} there twice: delete one`);
    else if (!feedColumns.includes(column)) unknown.push(nameAt(index));
  });
  const them = missing.length === 1 ? 'it' : 'them';
  if (missing.length > 0)
    faults.push(`${named(missing)} missing: add ${them}, or map ${them} in columns of the source`);
  if (unknown.length > 0)
    faults.push(
      `${named(unknown)} unknown: leave out what is not needed, map it in columns of the source, or use ${feedColumns.join(', ')}`,
    );
  return faults;
}

function named(columns: string[]): string {
  const names = columns
    .slice(0, 20)
    .map((each) => `"${each}"`)
    .join(', ');
  return columns.length === 1 ? `the column ${names} is` : `the columns ${names} are`;
}
