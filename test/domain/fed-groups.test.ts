/** Groups, entitlements and ORCID iDs as sources give them. Cost: under a second. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import {
  entitlementFault,
  entitlementsOf,
  groupEntitlement,
  groupFault,
  groupsOf,
  isGroupNamespace,
} from '../../src/domain/account/groups.ts';
import { readOrcid } from '../../src/domain/account/orcid.ts';
import { openValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { headerFaults } from '../../src/domain/feed/feed-columns.ts';
import { type FeedRow, readRow } from '../../src/domain/feed/feed-row.ts';
import { statementOf } from '../../src/domain/feed/feed-statement.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const now = Date.UTC(2026, 8, 21, 9);
const today = '2026-09-21';
const source = { ...csvSource, groups: ['ict-*', 'chess club'], entitlements: ['urn:mace:dir:entitlement:*'] };
const context = {
  source,
  organisations,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  now,
  randomBytes,
  invitationSeconds: 1_209_600,
};
const person = {
  person: 'p1',
  number: 'r0011111',
  given_name: 'An',
  family_name: 'P',
  organisation: 'vives',
  role: 'student',
};
const read = (fields: object, of = source, line = 2) =>
  readRow(line, { ...person, ...fields }, organisations, of, 'nl');
const row = (fields: object, line = 2): FeedRow => {
  const { row, refusals } = read(fields, source, line);
  if (row === undefined) throw new Error(JSON.stringify(refusals));
  return row;
};
/** What the account is after the rows of one file; `complete` false: another row of the person was refused. */
function fedWith(account: Account, rows: FeedRow[], { complete = true, by = source } = {}): Account {
  const read = statementOf(rows, complete, organisations);
  if ('refusals' in read) throw new Error(JSON.stringify(read.refusals));
  const { outcome, account: next = account } = applyStatement(account, read.statement, { ...context, source: by });
  if (outcome.kind === 'refused') throw new Error(outcome.reason);
  return next;
}
const known = (change: Partial<Account> = {}) =>
  anAccount({
    userNumbers: ['r0011111'],
    affiliations: [],
    feeds: [{ source: 'csv', key: 'p1', fields: { number: 'r0011111', numbers: 'r0011111' } }],
    ...change,
  });

test('a feed gives groups and entitlements, each once, and an empty cell takes them away', () => {
  const groups = 'ict-staff; chess club;;ict-staff';
  const entitlements = 'urn:mace:dir:entitlement:common-lib-terms';
  const fed = fedWith(known(), [row({ groups, entitlements })]);
  expect(groupsOf(fed, today)).toEqual(['chess club', 'ict-staff']);
  expect(entitlementsOf(fed, today)).toEqual([entitlements]);
  const without = fedWith(fed, [row({ given_name: 'Anna' })]);
  expect(groupsOf(without, today)).toEqual(['chess club', 'ict-staff']);
  const emptied = fedWith(fed, [row({ groups: '', entitlements: '' })]);
  expect([emptied.groups, emptied.entitlements]).toEqual([undefined, undefined]);
});

test('the same file again changes nothing', () => {
  const rows = [row({ groups: 'ict-b;ict-a' })];
  const fed = fedWith(known(), rows);
  const again = statementOf([row({ groups: 'ict-a; ict-b' })], true, organisations);
  if (!('statement' in again)) throw new Error('refused');
  expect(applyStatement(fed, again.statement, context)).toEqual({
    outcome: expect.objectContaining({ kind: 'unchanged', fields: [] }),
  });
  expect(fedWith(fed, rows)).toBe(fed);
});

test('a source takes away no group of another source, nor one of another organisation (rule 26)', () => {
  const theirs = { value: 'ict-theirs', organisation: 'vives', role: 'student', source: 'sap' };
  const elsewhere = { value: 'ict-elsewhere', organisation: 'kuleuven', role: 'staff', source: 'csv' };
  const affiliations = [
    { organisation: 'vives', role: 'student', source: 'sap' },
    { organisation: 'kuleuven', role: 'staff', source: 'csv' },
  ];
  const account = known({ groups: [theirs, elsewhere], affiliations });
  const fed = fedWith(fedWith(account, [row({ groups: 'ict-ours' })]), [row({ groups: '' })]);
  expect(fed.groups).toEqual([theirs, elsewhere]);
  expect(groupsOf(fed, today)).toEqual(['ict-elsewhere', 'ict-theirs']);
});

test('where another row of the person was refused, no group is taken away', () => {
  const fed = fedWith(known(), [row({ groups: 'ict-a;ict-b' })]);
  expect(groupsOf(fedWith(fed, [row({ groups: 'ict-c' })], { complete: false }), today)).toHaveLength(3);
});

test('a group holds no longer than the affiliation of its row, and not before it', () => {
  const rows = [
    row({ role: 'student', until: '2026-09-30', groups: 'ict-students' }),
    row({ role: 'staff', from: '2026-10-01', groups: 'ict-staff' }, 3),
  ];
  const fed = fedWith(known(), rows);
  expect(groupsOf(fed, '2026-09-30')).toEqual(['ict-students']);
  expect(groupsOf(fed, '2026-10-01')).toEqual(['ict-staff']);
});

test('a source names only the groups and entitlements that its configuration allows', () => {
  const fault = (fields: object, of = source) => read(fields, of).refusals;
  expect(fault({ groups: 'ict-staff;admins' })).toEqual([
    {
      line: 2,
      column: 'groups',
      value: 'admins',
      reason:
        'is not a group that source "csv" may give (ict-*, chess club): leave it out, or add it to groups of the source',
    },
  ]);
  expect(fault({ groups: 'chess club 2' })).toHaveLength(1);
  expect(fault({ entitlements: 'https://example.org/all' })).toMatchObject([{ column: 'entitlements' }]);
  const { groups: _g, entitlements: _e, ...undeclared } = source;
  expect(fault({ groups: 'ict-staff' }, undeclared as typeof source)[0]?.reason).toContain("groups: ['ict-*']");
  expect(fault({ groups: '' }, undeclared as typeof source)).toEqual([]);
});

test('what would be two groups in a header, or none in a token, is no name of a group', () => {
  for (const name of ['ict staff', 'system:masters', 'Économie 1', 'R&D (Leuven)', 'a'.repeat(100)])
    expect([name, groupFault(name)]).toEqual([name, undefined]);
  const bad = [
    '',
    'a,admins',
    'a@b',
    'a"b',
    "a'b",
    ' a',
    'a ',
    '-a',
    'a\nb',
    'a\0',
    'a\u202eb',
    'a\u200bb',
    '😀',
    'a'.repeat(101),
    'a\\b',
  ];
  for (const name of bad) expect([name, groupFault(name)]).toEqual([name, expect.any(String)]);
  expect(read({ groups: 'ict-a,admins' }).refusals).toMatchObject([{ value: 'ict-a,admins' }]);
  expect(read({ groups: 'ict-a\nict-b' }).refusals).toMatchObject([{ column: 'groups' }]);
});

test('an entitlement is a URN or a web address', () => {
  for (const uri of [
    'urn:mace:dir:entitlement:common-lib-terms',
    'https://example.edu/a?b=%3B',
    'urn:geant:x.be:group:a#b',
  ])
    expect([uri, entitlementFault(uri)]).toEqual([uri, undefined]);
  const bad = [
    '',
    'member',
    'javascript:alert(1)',
    'urn:x',
    'urn:mace:',
    'https://',
    'https://a b',
    'urn:mace:é',
    'urn:mace:a%zz',
    `urn:mace:${'a'.repeat(250)}`,
  ];
  for (const uri of bad) expect([uri, entitlementFault(uri)]).toEqual([uri, expect.any(String)]);
});

test('at most 100 groups are kept of a person, in one cell and in all rows together', () => {
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) => `ict-${from + index}`).join(';');
  expect(read({ groups: many(100) }).refusals).toEqual([]);
  expect(read({ groups: many(101) }).refusals).toMatchObject([
    { column: 'groups', reason: expect.stringContaining('101') },
  ]);
  expect(read({ groups: 'ict-'.repeat(20_000) }).refusals).toMatchObject([{ column: 'groups' }]);
  const rows = [row({ groups: many(60) }), row({ role: 'staff', groups: many(60, 60) }, 7)];
  expect(statementOf(rows, true, organisations)).toMatchObject({ refusals: [{ line: 7, column: 'groups' }] });
});

test('an ORCID iD is taken in each form in which it is written, with its checksum right', () => {
  const iri = 'https://orcid.org/0000-0002-1825-0097';
  for (const written of [
    '0000-0002-1825-0097',
    iri,
    'http://orcid.org/0000-0002-1825-0097',
    'orcid.org/0000-0002-1825-0097/',
  ])
    expect(readOrcid(written)).toBe(iri);
  expect(readOrcid('0000-0002-1694-233x')).toBe('https://orcid.org/0000-0002-1694-233X');
  const bad = [
    '0000-0002-1825-0098',
    '0000-0002-1694-2330',
    '0000000218250097',
    'https://evil.example/0000-0002-1825-0097',
  ];
  for (const written of bad) expect([written, readOrcid(written)]).toEqual([written, undefined]);
  expect(read({ orcid: '0000-0002-1825-0098' }).refusals).toMatchObject([{ column: 'orcid' }]);
  const fed = fedWith(known(), [row({ orcid: '0000-0002-1825-0097' })]);
  expect(fed.orcid).toBe(iri);
  expect(fedWith(fed, [row({ orcid: '' })])).not.toHaveProperty('orcid');
});

test('the audit log keeps, sealed, what a feed says of groups, and the report names them by organisation', () => {
  const read = statementOf(
    [row({ groups: 'ict-a', entitlements: 'urn:mace:dir:entitlement:x', orcid: '0000-0002-1825-0097' })],
    true,
    organisations,
  );
  if (!('statement' in read)) throw new Error('refused');
  const { outcome, effects } = applyStatement(known(), read.statement, context);
  expect(outcome).toMatchObject({ fields: expect.arrayContaining(['groups.vives', 'entitlements.vives']) });
  expect(JSON.stringify(effects)).not.toContain('ict-a');
  const sealed = effects?.flatMap((each) => (each.kind === 'audit' ? [each.entry.sealedValues ?? ''] : [])) ?? [];
  expect(openValues(context.sealer, known(), sealed[0] ?? '')).toMatchObject({
    new: {
      groups: [{ value: 'ict-a' }],
      entitlements: [{ value: 'urn:mace:dir:entitlement:x' }],
      orcid: expect.any(String),
    },
  });
});

test('a group is an entitlement of its organisation by AARC-G069, and no name leaves the namespace', () => {
  expect(isGroupNamespace('urn:geant:kuleuven.be')).toBe(true);
  for (const urn of ['urn:geant', 'https://kuleuven.be', 'urn:geant:a:group:b', 'urn:geant:a#b', 'urn:geant:', ''])
    expect([urn, isGroupNamespace(urn)]).toEqual([urn, false]);
  expect(groupEntitlement('urn:geant:kuleuven.be', 'chess club')).toBe('urn:geant:kuleuven.be:group:chess%20club');
  expect(groupEntitlement('urn:geant:kuleuven.be', 'a:b#c')).toBe('urn:geant:kuleuven.be:group:a%3Ab%23c');
});

test('a feed has columns of these names', () => {
  const header = [
    'person',
    'number',
    'given_name',
    'family_name',
    'organisation',
    'role',
    'groups',
    'entitlements',
    'orcid',
  ];
  expect(headerFaults(header)).toEqual([]);
});
