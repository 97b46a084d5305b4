/** One row of a feed: says which columns there are, what each may hold, and why a row is refused. */
import { Temporal } from 'temporal-polyfill';
import type { Affiliation } from '../account/account.ts';
import { EMAIL_ADDRESS_LENGTH, isEmailAddress, withAsciiDomain } from '../account/email-address.ts';
import { type Language, languageOfTag } from '../account/languages.ts';
import { readOrcid } from '../account/orcid.ts';
import type { Organisation } from '../account/organisation.ts';
import { foreignHashFault } from '../passwords/foreign-hash.ts';
import { fedLists } from './feed-groups.ts';
import { isAddressOf, isNumberOf, type Source } from './source.ts';

export type Refusal = { line: number; column?: string; value?: string; reason: string };
export type StatedAffiliation = Omit<Affiliation, 'source'>;

/** An accepted row. `values` holds only the columns that the file has; '' means that the source says "none". */
export type FeedRow = {
  line: number;
  key: string;
  number: string;
  otherNumbers: string[];
  /** absent = the file has no such column */
  email?: string;
  values: Record<string, string>;
  affiliation: StatedAffiliation;
  /** absent = the file has no such column */
  groups?: string[];
  entitlements?: string[];
  passwordHash?: string;
};

const REQUIRED = ['person', 'number', 'given_name', 'family_name', 'organisation', 'role'];
const OPTIONAL = [
  'other_numbers',
  'email',
  'personal_email',
  'phone',
  'language',
  'from',
  'until',
  'ended_on',
  'end_reason',
  'groups',
  'entitlements',
  'orcid',
  'password_hash',
];

// biome-ignore format: a list of words
export const affiliationRoles = ['student', 'staff', 'employee', 'faculty', 'alumnus', 'affiliate', 'member', 'guest'];

const NAME_LENGTH = 100;
const TEXT_LENGTH = 300;

type Check = (value: string) => boolean;
const isText: Check = () => true;
const isTruth: Check = (value) => value === 'true' || value === 'false';
const isWebAddress: Check = (value) => /^https?:$/.test(URL.parse(value)?.protocol ?? '');
const isBirthdate: Check = (value) => /^\d{4}$/.test(value) || isDay(value.replace(/^0000-/, '2000-')); // 0000: the year is not told
const isLanguageTag: Check = (value) => /^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$/.test(value);
const isTimeZone: Check = (value) => {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(value).timeZoneId !== '';
  } catch {
    return false;
  }
};
/** Columns that are stored as the claim of that name (OpenID Connect Core, 5.1). */
const CLAIMS: Record<string, { accepts: Check; expected: string; multiline?: true }> = {
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
/** The columns above, `address.…` with its member. */
export const claimColumns: readonly string[] = Object.keys(CLAIMS);

/** The faults of a header line, each a sentence with its remedy. Empty: the rows can be read. */
export function headerFaults(header: string[]): string[] {
  const known = [...REQUIRED, ...OPTIONAL, ...claimColumns];
  const faults: string[] = [];
  for (const column of REQUIRED) {
    if (!header.includes(column)) faults.push(`the column "${column}" is missing`);
  }
  header.forEach((column, index) => {
    if (header.indexOf(column) !== index) faults.push(`the column "${column}" is there twice`);
    else if (!known.includes(column)) {
      faults.push(`the column "${column.slice(0, 60)}" is unknown: leave it out, or use one of ${known.join(', ')}`);
    }
  });
  return faults;
}

/**
 * Reads a row (column -> text). A row with a fault is refused as a whole, and every fault is named. `key` is set where
 * it could be read. `source`: what it may not say is a fault. A language that
 * is none of ours becomes `defaultLanguage`. `no-number`: a person needs none.
 */
export function readRow(
  line: number,
  fields: Record<string, string>,
  organisations: readonly Organisation[],
  source: Source,
  defaultLanguage: Language,
  needs: 'number' | 'no-number' = 'number',
): { row: FeedRow; refusals: [] } | { row?: undefined; key?: string; refusals: Refusal[] } {
  const refusals: Refusal[] = [];
  const refuse = (column: string, value: string, reason: string) => {
    refusals.push({ line, column, ...(column === 'password_hash' ? {} : { value: clipped(value) }), reason });
  };
  const read = (column: string, longest = TEXT_LENGTH): string => {
    const raw = fields[column] ?? '';
    const fault = textFault(raw, longest, CLAIMS[column]?.multiline === true);
    if (fault !== undefined) refuse(column, raw, fault);
    return fault === undefined ? raw.normalize('NFC').replace(/\r\n?/g, '\n').trim() : '';
  };
  const oneOf = (column: string, value: string, allowed: readonly string[]) => {
    if (value !== '' && !allowed.includes(value)) refuse(column, value, `must be one of ${allowed.join(', ')}`);
  };
  const faultless = (column: string) => !refusals.some((refusal) => refusal.column === column);
  const needed = (column: string, value: string) => {
    if (value === '' && faultless(column)) refuse(column, '', 'must not be empty');
  };
  const number = (column: string, raw: string) => {
    const value = raw.toLowerCase();
    if (value !== '' && !/^[a-z]\d{7}$/.test(value))
      refuse(column, raw, 'must be a letter and seven digits, such as r0123456');
    else if (value !== '' && !isNumberOf(source, value))
      refuse(column, raw, `is not a number that source "${source.id}" may name (${source.numbers.join(', ')})`);
    return value;
  };
  const day = (column: string) => {
    const value = read(column, 30).replace(/[T ]00:00(?::00(?:\.0+)?)?Z?$/, ''); // midnight, as databases write a date
    if (/^\d{5}$/.test(value)) {
      const what = 'is the number that a spreadsheet keeps for a date: give the column the format YYYY-MM-DD';
      refuse(column, value, what);
    } else if (value !== '' && !isDay(value)) refuse(column, value, 'must be a date, YYYY-MM-DD');
    return value;
  };

  const key = read('person', 200);
  needed('person', key);
  const mainNumber = number('number', read('number', 20));
  if (needs === 'number') needed('number', mainNumber);
  const otherNumbers = read('other_numbers')
    .split(';')
    .map((part) => number('other_numbers', part.trim()))
    .filter((part) => part !== '');
  const values: Record<string, string> = {};
  const keep = (column: string, value: string) => {
    if (fields[column] !== undefined) values[column] = value;
  };
  keep('given_name', read('given_name', NAME_LENGTH));
  keep('family_name', read('family_name', NAME_LENGTH));
  if (values.given_name === '' && values.family_name === '' && faultless('given_name')) needed('family_name', '');
  keep('personal_email', address('personal_email'));
  const phone = read('phone', 40);
  if (phone !== '' && !/^[+0-9(][0-9 ()./-]{3,}$/.test(phone)) refuse('phone', phone, 'must be a telephone number');
  keep('phone', phone);
  const orcid = read('orcid', 60);
  if (orcid !== '' && readOrcid(orcid) === undefined)
    refuse('orcid', orcid, 'must be an ORCID iD such as 0000-0002-1825-0097, whose last character is its checksum');
  keep('orcid', readOrcid(orcid) ?? '');
  const language = read('language', 40);
  const ours = languageOfTag(language);
  if (language !== '' && ours === undefined && !isLanguageTag(language))
    refuse('language', language, 'must be a language tag such as nl or nl-BE');
  keep('language', language === '' ? '' : (ours ?? defaultLanguage));
  for (const [column, { accepts, expected }] of Object.entries(CLAIMS)) {
    if (fields[column] === undefined) continue;
    const value = column === 'phone_number_verified' ? read(column).toLowerCase() : read(column);
    if (value !== '' && !accepts(value)) refuse(column, value, `must be ${expected}`);
    keep(column, value);
  }

  const email = address('email');
  if (email !== '' && faultless('email') && ownerOfDomain(email, organisations) === undefined) {
    refuse(
      'email',
      email,
      'is of no organisation of the association: an address from outside belongs into personal_email',
    );
  } else if (email !== '' && faultless('email') && !isAddressOf(source, email)) {
    refuse('email', email, `is not an address that source "${source.id}" may give (${source.domains.join(', ')})`);
  }
  const organisation = read('organisation', 40).toLowerCase();
  needed('organisation', organisation);
  oneOf(
    'organisation',
    organisation,
    organisations.map(({ id }) => id),
  );
  if (organisation !== '' && faultless('organisation') && !source.organisations.includes(organisation)) {
    const own = source.organisations.join(', ');
    refuse('organisation', organisation, `is not an organisation of source "${source.id}" (${own})`);
  }
  const role = read('role', 40).toLowerCase();
  needed('role', role);
  oneOf('role', role, affiliationRoles);
  const [from, until, endedOn] = [day('from'), day('until'), day('ended_on')];
  if (isDay(from) && isDay(until) && from > until) refuse('until', until, `is before the beginning (${from})`);
  const endReason = read('end_reason');
  const lists = fedLists(fields, source, read, refuse);
  const passwordHash = (fields.password_hash ?? '').trim();
  const hashFault = passwordHash === '' ? undefined : foreignHashFault(passwordHash);
  if (hashFault !== undefined) refuse('password_hash', '', hashFault);
  else if (passwordHash !== '' && !source.credentials) {
    const remedy = 'leave it empty, or set credentials: true for this source in the configuration';
    refuse('password_hash', '', `source "${source.id}" may not give credentials: ${remedy}`);
  }

  function address(column: 'email' | 'personal_email'): string {
    const value = withAsciiDomain(read(column, EMAIL_ADDRESS_LENGTH));
    if (value !== '' && !isEmailAddress(value)) refuse(column, value, 'must be an e-mail address');
    // the part before @ of a personal address may matter to its server; an institution address is a login
    return column === 'email' ? value.toLowerCase() : value;
  }

  if (refusals.length > 0) return { ...(key === '' ? {} : { key }), refusals };
  const affiliation: StatedAffiliation = {
    organisation,
    role,
    ...(from === '' ? {} : { from }),
    ...(until === '' ? {} : { until }),
    ...(endedOn === '' ? {} : { endedOn }),
    ...(endReason === '' ? {} : { endReason }),
  };
  const row: FeedRow = {
    line,
    key,
    number: mainNumber,
    otherNumbers,
    ...(fields.email === undefined ? {} : { email }),
    values,
    affiliation,
    ...lists,
    ...(passwordHash === '' ? {} : { passwordHash }),
  };
  return { row, refusals: [] };
}

/**
 * The organisation whose domain the address is in. The longest match counts: alum.kuleuven.be may belong to another
 * than kuleuven.be.
 */
export function ownerOfDomain(address: string, organisations: readonly Organisation[]): Organisation | undefined {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  let best: { organisation: Organisation; length: number } | undefined;
  for (const organisation of organisations) {
    for (const own of organisation.domains) {
      const within = domain === own || domain.endsWith(`.${own}`);
      if (within && (best === undefined || own.length > best.length)) best = { organisation, length: own.length };
    }
  }
  return best?.organisation;
}

/** Why this text cannot be stored; undefined: it can. */
function textFault(value: string, longest: number, multiline: boolean): string | undefined {
  if (value.length > longest) return `is too long: ${value.length} characters, at most ${longest}`;
  if (value.includes('\0')) return 'holds a null byte';
  if (value.includes('\uFFFD')) return 'holds bytes that are not UTF-8: save the file as UTF-8';
  if ((multiline ? /[^\P{Cc}\n\r\t]/u : /\p{Cc}/u).test(value.trim())) {
    return multiline ? 'holds a control character' : 'holds a line break or another control character';
  }
  // embeddings, overrides and isolates let a name rewrite the line that shows it; no script needs them
  if (/[\u202A-\u202E\u2066-\u2069]/.test(value))
    return 'holds an invisible character that changes the direction of writing';
  if (/^[\d]+[.,]\d+E\+\d+$/i.test(value.trim()))
    return 'was made a number by a spreadsheet: give the column the format Text, and enter it again';
  if (/^\s*"/.test(value)) return 'begins with a quotation mark: the quotes of this row do not match';
  return undefined;
}

function isDay(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  try {
    return Temporal.PlainDate.from(value, { overflow: 'reject' }).year >= 1900;
  } catch {
    return false;
  }
}

function clipped(value: string): string {
  const shown = value.replace(/\p{C}/gu, '\uFFFD');
  return shown.length > 40 ? `${shown.slice(0, 39)}…` : shown;
}
