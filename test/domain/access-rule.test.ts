/** Whom a rule lets in, day by day, and what others are told. */
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import {
  type AccessLists,
  type AccessRefusal,
  type AccessRule,
  accessRuleOf,
  organisationsIn,
  whyNotAllowed,
} from '../../src/domain/clients/access-rule.ts';
import { unknownNames } from '../../src/domain/clients/metadata/known-names.ts';
import { anAccount } from '../support/account.ts';

const at = (day: string, time = '12:00') => Date.parse(`${day}T${time}:00+02:00`); // summer, in Brussels
const now = at('2026-09-21');
type Kind = AccessRefusal['kind'] | 'allowed';
const judged = (rule: AccessRule, person: Partial<Account>, moment = now): Kind =>
  whyNotAllowed(rule, anAccount(person), moment)?.kind ?? 'allowed';

const staff = { organisation: 'kuleuven', role: 'staff', source: 'csv' };
const student = { organisation: 'vives', role: 'student', source: 'csv' };
const readers = { value: 'readers', organisation: 'kuleuven', role: 'staff', source: 'csv' };

const people: Record<string, Partial<Account>> = {
  'staff of Leuven': { affiliations: [staff], userNumbers: ['u0000001'], groups: [readers] } as never,
  'a student of VIVES': { affiliations: [student], userNumbers: ['r0011111'] },
  both: { affiliations: [student, staff], userNumbers: [] },
  'nobody any longer': { affiliations: [], userNumbers: [], id: 'old', formerNumbers: ['u0000001'] },
  'of a group of that name elsewhere': {
    affiliations: [student],
    userNumbers: [],
    groups: [{ ...readers, organisation: 'vives', role: 'student' }],
  } as never,
};

const rules: [rule: AccessRule, allowed: (keyof typeof people)[]][] = [
  ['everybody', Object.keys(people)],
  [{ affiliations: ['staff'] }, ['staff of Leuven', 'both']],
  [{ affiliations: ['student@vives'] }, ['a student of VIVES', 'both', 'of a group of that name elsewhere']],
  [{ affiliations: ['student@kuleuven'] }, []],
  [{ organisations: ['kuleuven'] }, ['staff of Leuven', 'both']],
  [{ groups: ['readers@kuleuven'] }, ['staff of Leuven']],
  [{ groups: ['readers'] }, []],
  [{ people: ['r0011111'] }, ['a student of VIVES']],
  [{ people: ['U0000001'] }, ['staff of Leuven', 'nobody any longer']],
  [{ people: ['old'] }, ['nobody any longer']],
  [{ people: ['OLD'] }, []],
  [{ people: ['r0011111'], affiliations: ['staff'] }, ['staff of Leuven', 'a student of VIVES', 'both']],
  [{}, []],
];

describe('a rule lets in', () => {
  test.each(rules)('%j: %j', (rule, allowed) => {
    expect(Object.keys(people).filter((name) => judged(rule, people[name] ?? {}) === 'allowed')).toEqual(allowed);
  });

  test('nobody where it cannot be read, and everybody where there is none', () => {
    for (const odd of [null, 7, ['staff'], true, 'nobody', '']) {
      const rule = accessRuleOf({ pedel_access: odd });
      expect(judged(rule, people['staff of Leuven'] ?? {})).toBe('not-among');
    }
    expect(accessRuleOf({})).toBe('everybody');
  });
});

describe('the days of an affiliation', () => {
  const rule = { affiliations: ['staff'] };
  const of = (dates: object) => ({ affiliations: [{ ...staff, ...dates }] });

  test.each<[dates: object, moment: number, Kind]>([
    [{ from: '2026-09-21' }, at('2026-09-20', '23:59'), 'not-begun'],
    [{ from: '2026-09-21' }, at('2026-09-21', '00:00'), 'allowed'],
    [{ until: '2026-09-21' }, at('2026-09-21', '23:59'), 'allowed'],
    [{ until: '2026-09-21' }, at('2026-09-22', '00:00'), 'ended'],
    [{ endedOn: '2026-09-20', until: '2026-12-31' }, now, 'ended'],
  ])('%j', (dates, moment, kind) => {
    expect(judged(rule, of(dates), moment)).toBe(kind);
  });

  test('what is told is the next that begins, else the last that ended', () => {
    const affiliations = [
      { ...staff, until: '2020-06-30' },
      { ...staff, until: '2024-06-30' },
      { ...student, until: '2026-01-01' },
    ];
    expect(whyNotAllowed(rule, anAccount({ affiliations }), now)).toEqual({
      kind: 'ended',
      affiliation: { organisation: 'kuleuven', role: 'staff' },
      day: '2024-06-30',
    });
    const later = [...affiliations, { ...staff, from: '2027-01-01' }, { ...staff, from: '2026-10-01' }];
    expect(whyNotAllowed(rule, anAccount({ affiliations: later }), now)).toMatchObject({
      kind: 'not-begun',
      day: '2026-10-01',
    });
  });
});

describe('organisations that a rule names', () => {
  const rule: AccessLists = {
    affiliations: ['staff', 'student@vives'],
    organisations: ['alum'],
    groups: ['a@b@kuleuven'],
    people: ['x@y'],
  };

  test('are found in each list', () => {
    expect(organisationsIn(rule).sort()).toEqual(['alum', 'kuleuven', 'vives']);
    expect(organisationsIn('everybody')).toEqual([]);
  });

  test('are refused with a remedy that names those of the configuration', () => {
    const sources = [{ id: 'sap', organisations: ['alum', 'kuleuven', 'vives'], groups: ['*'] }];
    const unknown = (organisations: string[]) =>
      unknownNames({ pedel_access: rule as never }, { organisations, sources });
    expect(unknown(['alum', 'kuleuven', 'vives'])).toBeUndefined();
    expect(unknown(['alum', 'kuleuven'])).toEqual({
      member: 'pedel_access',
      value: 'vives',
      remedy: 'use an organisation of the configuration: alum, kuleuven',
    });
  });
});
