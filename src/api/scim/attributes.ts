/** The attributes of a person, in one table from which schemas, the reading of bodies, paths and filters are made. */

import { endKinds } from '../../domain/account/access-terms.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';
import { PEDEL_USER } from '../../domain/feed/scim-entry.ts';

export const CORE_USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
export { PEDEL_USER };

/** A characteristic that is absent is as RFC 7643, 2.2 has it by default. */
export type Attribute = {
  name: string;
  type: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime';
  description: string;
  multiValued?: true;
  required?: true;
  readOnly?: true;
  caseExact?: true;
  uniqueness?: 'server';
  returned?: 'always' | 'request';
  canonicalValues?: readonly string[];
  subAttributes?: readonly Attribute[];
};

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});
const complex = (name: string, description: string, subAttributes: Attribute[], more: Partial<Attribute> = {}) => ({
  name,
  type: 'complex' as const,
  description,
  subAttributes,
  ...more,
});
const primary: Attribute = { name: 'primary', type: 'boolean', description: 'Whether it comes before the others.' };
const type = (canonicalValues: string[]) => text('type', 'What it is for.', { canonicalValues });
const values = (name: string, description: string, canonicalValues: string[]): Attribute =>
  complex(
    name,
    description,
    [text('value', 'The value itself.'), text('display', 'For people to read.'), type(canonicalValues), primary],
    { multiValued: true },
  );

/** RFC 7643, 3.1: of every resource. */
export const commonAttributes: readonly Attribute[] = [
  text('externalId', 'By which the source knows the person; with it, rows of a file are about the same one.', {
    caseExact: true,
  }),
];

const coreAttributes: readonly Attribute[] = [
  text('userName', 'Unique in the source; signs in where it is a user number or an institution address.', {
    required: true,
    uniqueness: 'server',
  }),
  complex('name', 'The name of the person.', [
    text('formatted', 'The whole name, as it is shown.'),
    text('familyName', 'The family name.'),
    text('givenName', 'The given name.'),
    text('middleName', 'Further given names.'),
    text('honorificPrefix', 'A title before the name.'),
    text('honorificSuffix', 'A title after the name.'),
  ]),
  text('displayName', 'The name as it is shown, where it is not made of the others.'),
  text('nickName', 'How the person is called.'),
  { name: 'profileUrl', type: 'reference', description: 'A web page about the person.' },
  text('userType', 'The role at the organisation of the source, where no affiliations are given.', {
    canonicalValues: affiliationRoles,
  }),
  text('preferredLanguage', 'The language of pages and emails, such as nl-BE.'),
  text('locale', 'How dates and numbers are written, such as nl-BE.'),
  text('timezone', 'The time zone, such as Europe/Brussels.'),
  { name: 'active', type: 'boolean', description: 'false: what the source gave grants no access.' },
  values('emails', 'work: an institution address, which signs in; home: the personal one.', ['work', 'home']),
  values('phoneNumbers', 'The primary one, or the first, is released.', ['work', 'home', 'mobile']),
  complex(
    'addresses',
    'The primary one, or the first, is released.',
    [
      text('formatted', 'The whole address.'),
      text('streetAddress', 'Street and number.'),
      text('locality', 'The town.'),
      text('region', 'The province or state.'),
      text('postalCode', 'The postal code.'),
      text('country', 'The country.'),
      type(['work', 'home']),
      primary,
    ],
    { multiValued: true },
  ),
];

/** The schema of ours; its canonical values show what is configured, and of days the form. */
export function pedelAttributes(organisations: readonly Pick<Organisation, 'id'>[]): readonly Attribute[] {
  const day = (name: string, what: string) =>
    text(name, `${what} (YYYY-MM-DD).`, { caseExact: true, canonicalValues: ['2026-09-21'] });
  return [
    text('numbers', 'User numbers, the main one first.', { multiValued: true }),
    complex(
      'affiliations',
      'The roles of the person at the organisations of the source.',
      [
        text('organisation', 'Its id.', { canonicalValues: organisations.map(({ id }) => id) }),
        text('role', 'The role there.', { canonicalValues: affiliationRoles }),
        day('from', 'The first day'),
        day('until', 'The planned last day'),
        day('endedOn', 'The day of an end that was not planned'),
        text('end', 'How it ends, where that is not expired (until) or discontinued (endedOn).', {
          canonicalValues: endKinds,
        }),
      ],
      { multiValued: true },
    ),
    complex(
      'access',
      'When what the source says lets the person in.',
      [
        { name: 'from', type: 'dateTime', description: 'From then on; absent: from the beginning.', readOnly: true },
        { name: 'until', type: 'dateTime', description: 'Until then; absent: no end is known.', readOnly: true },
      ],
      { readOnly: true, returned: 'request' },
    ),
    text('notes', 'What was not taken as it was said, and why.', {
      multiValued: true,
      readOnly: true,
      returned: 'request',
    }),
  ];
}

export type Schema = { id: string; name: string; description: string; attributes: readonly Attribute[] };

export function schemasOf(organisations: readonly Pick<Organisation, 'id'>[]): { core: Schema; pedel: Schema } {
  return {
    core: { id: CORE_USER, name: 'User', description: 'A person', attributes: coreAttributes },
    pedel: {
      id: PEDEL_USER,
      name: 'PedelUser', // scim2-cli makes an option of it
      description: 'User numbers and affiliations',
      attributes: pedelAttributes(organisations),
    },
  };
}

/** Names are the same whatever their letter case (RFC 7643, 2.1). */
export function attributeNamed(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((each) => each.name.toLowerCase() === wanted);
}

/** An attribute as `/Schemas` tells it (RFC 7643, 7). */
export function describedAttribute(attribute: Attribute): object {
  const { name, type: kind, description, subAttributes, canonicalValues } = attribute;
  return {
    name,
    type: kind,
    multiValued: attribute.multiValued ?? false,
    description,
    required: attribute.required ?? false,
    ...(kind === 'boolean' || kind === 'complex' || kind === 'dateTime'
      ? {}
      : { caseExact: attribute.caseExact ?? false }),
    mutability: attribute.readOnly ? 'readOnly' : 'readWrite',
    returned: attribute.returned ?? 'default',
    uniqueness: attribute.uniqueness ?? 'none',
    ...(kind === 'reference' ? { referenceTypes: ['external'] } : {}),
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...(subAttributes === undefined ? {} : { subAttributes: subAttributes.map(describedAttribute) }),
  };
}
