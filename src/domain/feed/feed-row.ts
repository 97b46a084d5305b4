/** One row of a feed: says which columns there are, what each may hold, and why a row is refused. */
import { type EndKind, endKinds } from '../account/access-terms.ts';
import { EMAIL_ADDRESS_LENGTH, isEmailAddress, withAsciiDomain } from '../account/email-address.ts';
import { type Language, languageOfTag } from '../account/languages.ts';
import { readOrcid } from '../account/orcid.ts';
import type { Organisation } from '../account/organisation.ts';
import { foreignHashFault } from '../passwords/foreign-hash.ts';
import { canonicalHash, whyHashLeft } from '../passwords/foreign-scheme.ts';
import type { Affiliation } from './fed-records.ts';
import { type FedTotp, fedTotpIn, type SealedTotp } from './fed-totp.ts';
import { clipped, isDay, readDay, spreadsheetFault, textFault } from './feed-cell.ts';
import { affiliationRoles, CLAIMS, isLanguageTag, seedColumns, totpColumns } from './feed-columns.ts';
import { fedLists } from './feed-groups.ts';
import { isAddressOf, isNumberOf, type Source } from './source.ts';

export type Refusal = { line: number; column?: string; value?: string; reason: string };
/** Of `end`, what it says: at which second it was withdrawn is when it was first said. */
export type StatedAffiliation = Omit<Affiliation, 'source' | 'withdrawnAt'>;

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
  totp?: FedTotp;
  /** its place, once it is sealed */
  sealedTotp?: SealedTotp;
  /** why the second step that is given is not taken */
  totpLeft?: string;
  /** why the hash that is given is not taken; its person is invited */
  hashLeft?: string;
};

const isEndKind = (value: string): value is EndKind => endKinds.some((kind) => kind === value);
/** Whose values no report repeats. */
const CREDENTIALS = ['password_hash', ...seedColumns];
export const KEY_LENGTH = 200;
const NAME_LENGTH = 100;
const TEXT_LENGTH = 300;
const ofSource = (option: 'numbers' | 'domains' | 'organisations') =>
  `give one of these, or extend ${option} of the source`;
const NO_CREDENTIALS = 'leave it empty, or set credentials: true for this source in the configuration';

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
    refusals.push({ line, column, ...(CREDENTIALS.includes(column) ? {} : { value: clipped(value) }), reason });
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
    if (value === '' && faultless(column)) refuse(column, '', 'is empty: fill it in');
  };
  const number = (column: string, raw: string) => {
    const value = raw.toLowerCase();
    if (value !== '' && !/^[a-z]\d{7}$/.test(value)) refuse(column, raw, numberFault(value));
    else if (value !== '' && !isNumberOf(source, value))
      refuse(
        column,
        raw,
        `is not a number that source "${source.id}" may name (${source.numbers.join(', ')}): ${ofSource('numbers')}`,
      );
    return value;
  };
  const day = (column: string) => {
    const value = read(column, 40);
    const written = readDay(value, source.dates ?? 'yyyy-mm-dd', source.id);
    if ('day' in written) return written.day;
    refuse(column, value, written.fault);
    return value;
  };

  const key = read('person', KEY_LENGTH);
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
    const value = claimText(column);
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
    refuse(
      'email',
      email,
      `is not an address that source "${source.id}" may give (${source.domains.join(', ')}): ${ofSource('domains')}`,
    );
  }
  const [only = '', ...others] = source.organisations;
  const implied = fields.organisation === undefined && others.length === 0 ? only : '';
  const organisation = implied || read('organisation', 40).toLowerCase();
  needed('organisation', organisation);
  oneOf(
    'organisation',
    organisation,
    organisations.map(({ id }) => id),
  );
  if (organisation !== '' && faultless('organisation') && !source.organisations.includes(organisation)) {
    const own = source.organisations.join(', ');
    refuse(
      'organisation',
      organisation,
      `is not an organisation of source "${source.id}" (${own}): ${ofSource('organisations')}`,
    );
  }
  const role = roleNamed(read('role', 40).toLowerCase());
  needed('role', role);
  oneOf('role', role, affiliationRoles);
  const [from, until, endedOn] = [day('from'), day('until'), day('ended_on')];
  if (isDay(from) && isDay(until) && from > until)
    refuse('until', until, `is before the beginning (${from}): correct one of them`);
  const end = read('end', 40).toLowerCase();
  oneOf('end', end, endKinds);
  if (isEndKind(end) && end !== 'withdrawn' && until === '' && endedOn === '')
    refuse('end', end, 'needs its day: give ended_on, or until');
  const endReason = read('end_reason');
  const lists = fedLists(fields, source, read, refuse);
  const givenHash = canonicalHash(credential('password_hash'));
  const hashLeft = whyHashLeft(givenHash);
  const passwordHash = hashLeft === undefined ? givenHash : '';
  const hashFault = passwordHash === '' ? undefined : foreignHashFault(passwordHash);
  if (hashFault !== undefined) refuse('password_hash', '', hashFault);
  else if (passwordHash !== '' && !source.credentials) {
    refuse('password_hash', '', `source "${source.id}" may not give credentials: ${NO_CREDENTIALS}`);
  }

  const second = fedTotpIn(Object.fromEntries(totpColumns.map((column) => [column, credential(column)])));
  if (second !== undefined && 'fault' in second) refuse(second.column, fields[second.column] ?? '', second.fault);
  else if (second !== undefined && !source.credentials)
    refuse(second.column, '', `source "${source.id}" may not give credentials: ${NO_CREDENTIALS}`);

  function claimText(column: string): string {
    const value = read(column);
    if (column === 'phone_number_verified') return value.toLowerCase();
    if (column !== 'birthdate') return value;
    const birth = readDay(value, source.dates ?? 'yyyy-mm-dd', source.id);
    if ('day' in birth) return birth.day;
    if (CLAIMS.birthdate?.accepts(value)) return value;
    refuse(column, value, birth.fault);
    return '';
  }

  function credential(column: string): string {
    const raw = (fields[column] ?? '').trim();
    const fault = spreadsheetFault(raw);
    if (fault !== undefined) refuse(column, raw, fault);
    return fault === undefined ? raw : '';
  }

  function address(column: 'email' | 'personal_email'): string {
    const value = withAsciiDomain(read(column, EMAIL_ADDRESS_LENGTH));
    if (value !== '' && !isEmailAddress(value))
      refuse(
        column,
        value,
        /@.*[\s,;].*@/.test(value) ? 'holds several addresses: give one' : 'must be an e-mail address',
      );
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
    ...(isEndKind(end) ? { end } : {}),
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
    ...(second !== undefined && 'totp' in second ? { totp: second.totp } : {}),
    ...(second !== undefined && 'left' in second ? { totpLeft: second.left } : {}),
    ...(hashLeft === undefined ? {} : { hashLeft }),
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

/** As eduPersonAffiliation has it, where a directory is the source. */
const roleNamed = (given: string) => (given === 'alum' ? 'alumnus' : given);

function numberFault(value: string): string {
  if (/^\d{7}$/.test(value)) return 'lacks its letter: must be a letter and seven digits, such as r0123456';
  if (/^[a-z]\d{1,6}$/.test(value))
    return 'lacks digits (did a spreadsheet cut zeros?): must be a letter and seven digits, such as r0123456';
  return 'must be a letter and seven digits, such as r0123456';
}
