/**
 * Makes the statement of what a source says over SCIM, by the same rows and checks as a line of a file. What grants access
 * is refused where it is wrong; what else cannot be used is kept as it was said, left out, and noted.
 */
import type { Language } from '../account/languages.ts';
import type { Organisation } from '../account/organisation.ts';
import { affiliationRoles } from './feed-columns.ts';
import { type FeedRow, ownerOfDomain, readRow, type StatedAffiliation } from './feed-row.ts';
import { type Statement, statementOf } from './feed-statement.ts';
import { PEDEL_USER, type ScimAffiliation, type ScimUser } from './scim-entry.ts';
import { isAddressOf, isNumberOf, type Source } from './source.ts';

/** `path`: the attribute, as SCIM writes it. */
export type ScimFault = { path: string; detail: string };
export type ScimStated = { statement: Statement; notes: string[] } | { faults: ScimFault[] };

export type ScimContext = { source: Source; organisations: readonly Organisation[]; defaultLanguage: Language };

/** The role of whom the source names neither affiliations nor a role of ours: it makes nobody a member (eduPerson 202208). */
const PLAIN_ROLE = 'affiliate';

/** @param active whether anything of it grants access; what does not is withdrawn */
export function statementOfUser(user: ScimUser, key: string, active: boolean, context: ScimContext): ScimStated {
  const notes: string[] = [];
  const numbers = numbersOf(user, context, notes);
  const affiliations = affiliationsOf(user, context, notes);
  if (!Array.isArray(affiliations)) return { faults: [affiliations] };
  const places = new Set(affiliations.map(({ organisation = '' }) => organisation.toLowerCase()));
  const { institution, personal } = emailsOf(user, places, context, notes);
  const common = { ...plainFields(user, key), ...numbers, personal_email: personal };
  const rows: FeedRow[] = [];
  for (const [index, affiliation] of affiliations.entries()) {
    const read = rowOf({ ...common, ...fieldsOf(affiliation), email: institution[index] ?? '' }, context);
    if ('faults' in read) return { faults: read.faults.map((fault) => placed(fault, index)) };
    if (index === 0) notes.push(...read.notes);
    rows.push(read.row);
  }
  const [first] = rows;
  if (first !== undefined) rows.push(...institution.slice(rows.length).map((email): FeedRow => ({ ...first, email })));
  const read = statementOf(rows, true, [...context.organisations]);
  if ('refusals' in read) return { faults: read.refusals.map(({ column = '', reason }) => faultOf(column, reason)) };
  const { statement } = read;
  return {
    statement: {
      ...statement,
      organisations: context.source.organisations,
      affiliations: active ? statement.affiliations : statement.affiliations.map(withdrawn),
    },
    notes: [...new Set(notes)],
  };
}

const withdrawn = (each: StatedAffiliation): StatedAffiliation => ({ ...each, end: 'withdrawn' });

const NUMBER = /^[a-z]\d{7}$/;

/** A user name that has the form of a number of this source is one, and so the main one where no other is said. */
function numbersOf(user: ScimUser, { source }: ScimContext, notes: string[]) {
  const said = (user[PEDEL_USER]?.numbers ?? []).map((number) => number.trim().toLowerCase());
  const userName = (user.userName ?? '').toLowerCase();
  const numbers = [...new Set([...said, ...(NUMBER.test(userName) ? [userName] : [])])];
  const usable = numbers.filter((number) => NUMBER.test(number) && isNumberOf(source, number));
  for (const number of numbers.filter((each) => !usable.includes(each)))
    notes.push(`the number "${shown(number)}" is not used: the source may name ${source.numbers.join(', ')}`);
  const [main = '', ...others] = usable;
  return { number: main, other_numbers: others.join(';') };
}

/** What the source says of roles; where it says nothing, one at its organisation. */
function affiliationsOf(user: ScimUser, { source, organisations }: ScimContext, notes: string[]) {
  const said = user[PEDEL_USER]?.affiliations ?? [];
  if (said.length > 0) return said;
  const userType = (user.userType ?? '').trim().toLowerCase();
  const known = affiliationRoles.includes(userType);
  if (!known && userType !== '')
    notes.push(`userType "${shown(user.userType ?? '')}" is no role of ours: taken as ${PLAIN_ROLE}`);
  const [only, ...more] = source.organisations;
  const addresses = [user.userName, ...(user.emails ?? []).map(({ value }) => value)];
  const organisation =
    more.length === 0
      ? only
      : addresses
          .map((address = '') => ownerOfDomain(address, organisations)?.id)
          .find((id) => id !== undefined && source.organisations.includes(id));
  if (organisation === undefined) {
    const detail = `the source speaks for ${source.organisations.join(', ')}: name at least one affiliation`;
    return { path: `${PEDEL_USER}:affiliations`, detail };
  }
  return [{ organisation, role: known ? userType : PLAIN_ROLE }];
}

/** The institution addresses, which sign in, and the personal one, which is mailed. */
function emailsOf(
  user: ScimUser,
  places: ReadonlySet<string>,
  { source, organisations }: ScimContext,
  notes: string[],
): { institution: string[]; personal: string } {
  const emails = primaryFirst(user.emails ?? []);
  const isOwn = (address: string) =>
    isAddressOf(source, address.toLowerCase()) && places.has(ownerOfDomain(address, organisations)?.id ?? '');
  const institution: string[] = [];
  const userName = user.userName ?? '';
  if (userName.includes('@') && isOwn(userName)) institution.push(userName.toLowerCase());
  let personal = '';
  for (const { value = '', type = '' } of emails) {
    const kind = type.toLowerCase();
    if (kind !== 'home' && isOwn(value)) institution.push(value.toLowerCase());
    else if (personal === '' && (kind === 'home' || kind === '')) personal = value;
    else if (kind === 'work')
      notes.push(
        `the address "${shown(value)}" is not used as one of work: the source may give none of its domain here`,
      );
    else
      notes.push(
        `the address "${shown(value)}" is not used: there is one of type home already, or its type is another`,
      );
  }
  return { institution: [...new Set(institution)], personal };
}

/** The columns that are the same in every row. One that the source does not say is said to be none. */
function plainFields(user: ScimUser, key: string): Record<string, string> {
  const { name = {}, addresses = [], phoneNumbers = [] } = user;
  const [address = {}] = primaryFirst(addresses);
  const [phone] = primaryFirst(phoneNumbers);
  const nameless = (name.givenName ?? '') === '' && (name.familyName ?? '') === '';
  return {
    person: key,
    given_name: name.givenName ?? '',
    family_name: nameless ? (user.displayName ?? name.formatted ?? user.userName ?? '') : (name.familyName ?? ''),
    middle_name: name.middleName ?? '',
    name: user.displayName ?? name.formatted ?? '',
    nickname: user.nickName ?? '',
    profile: user.profileUrl ?? '',
    language: user.preferredLanguage ?? '',
    locale: user.locale ?? '',
    zoneinfo: user.timezone ?? '',
    phone: (phone?.value ?? '').replace(/^tel:/i, ''),
    'address.formatted': address.formatted ?? '',
    'address.street_address': address.streetAddress ?? '',
    'address.locality': address.locality ?? '',
    'address.region': address.region ?? '',
    'address.postal_code': address.postalCode ?? '',
    'address.country': address.country ?? '',
  };
}

function fieldsOf({ organisation = '', role = '', from = '', until = '', endedOn = '', end = '' }: ScimAffiliation) {
  return { organisation, role, from, until, ended_on: endedOn, end };
}

/** Column -> attribute. A fault of one that is not in `needed` costs only its value. */
const attributes: Record<string, string> = {
  person: 'externalId',
  number: `${PEDEL_USER}:numbers`,
  other_numbers: `${PEDEL_USER}:numbers`,
  given_name: 'name.givenName',
  family_name: 'name.familyName',
  middle_name: 'name.middleName',
  name: 'displayName',
  nickname: 'nickName',
  profile: 'profileUrl',
  language: 'preferredLanguage',
  locale: 'locale',
  zoneinfo: 'timezone',
  phone: 'phoneNumbers',
  email: 'emails.value',
  personal_email: 'emails.value',
  organisation: `${PEDEL_USER}:affiliations.organisation`,
  role: `${PEDEL_USER}:affiliations.role`,
  from: `${PEDEL_USER}:affiliations.from`,
  until: `${PEDEL_USER}:affiliations.until`,
  ended_on: `${PEDEL_USER}:affiliations.endedOn`,
  end: `${PEDEL_USER}:affiliations.end`,
};
const needed = ['person', 'given_name', 'family_name', 'organisation', 'role', 'from', 'until', 'ended_on', 'end'];

const faultOf = (column: string, detail: string): ScimFault => ({
  path: attributes[column] ?? `addresses.${column.replace('address.', '')}`,
  detail,
});

/** Which affiliation it is, where there are several. */
const placed = ({ path, detail }: ScimFault, index: number): ScimFault => ({
  path: path.replace(':affiliations.', `:affiliations[${index + 1}].`),
  detail,
});

function rowOf(
  fields: Record<string, string>,
  { source, organisations, defaultLanguage }: ScimContext,
): { row: FeedRow; notes: string[] } | { faults: ScimFault[] } {
  const notes: string[] = [];
  const given = { ...fields };
  // a value that cannot be used is left out and the rest read again, so this ends with the last of them
  for (;;) {
    const read = readRow(1, given, organisations, source, defaultLanguage, 'no-number');
    if (read.row !== undefined) return { row: read.row, notes };
    const hard = read.refusals.filter(({ column = '' }) => needed.includes(column) || given[column] === '');
    if (hard.length > 0) return { faults: hard.map(({ column = '', reason }) => faultOf(column, reason)) };
    for (const { column = '', reason } of read.refusals) {
      notes.push(`${faultOf(column, '').path} is not used: it ${reason}`);
      given[column] = '';
    }
  }
}

const primaryFirst = <Value extends { primary?: boolean }>(values: readonly Value[]): Value[] =>
  values.toSorted((a, b) => Number(b.primary ?? false) - Number(a.primary ?? false));

const shown = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
