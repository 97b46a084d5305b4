/** What a feed does to an account by itself; the command that brings one in has test/commands/people-import. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { absenceOf } from '../../src/domain/feed/absence.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { joinRefusal } from '../../src/domain/feed/feed-refusal.ts';
import { readRow } from '../../src/domain/feed/feed-row.ts';
import type { Statement } from '../../src/domain/feed/feed-statement.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const now = Date.UTC(2026, 8, 21, 9);
const context = {
  source: csvSource,
  organisations,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  now,
  randomBytes,
  invitationSeconds: 1_209_600,
};

test('an active account that a feed ends is signed out by that very write, and its epoch rises (rule 12)', () => {
  const enrolled = { organisation: 'vives', role: 'student' };
  const account = anAccount({
    userNumbers: ['r0123456'],
    activatedAt: 1,
    affiliations: [{ ...enrolled, source: 'csv' }],
    feeds: [{ source: 'csv', key: 'p1', fields: {} }],
  });
  const says = (affiliation: object) => ({
    key: 'p1',
    lines: [2],
    complete: true,
    numbers: ['r0123456'],
    mainNumber: 'r0123456',
    values: {},
    affiliations: [{ ...enrolled, ...affiliation }],
  });
  const ended = applyStatement(account, says({ endedOn: '2026-08-31' }), context);
  expect(ended.outcome.kind).toBe('ended');
  expect(ended.account?.credentialsEpoch).toBe(account.credentialsEpoch + 1);
  expect(ended.effects).toContainEqual(expect.objectContaining({ kind: 'end-sessions', olderThanEpoch: 2 }));
  const goesOn = applyStatement(account, says({ endedOn: '2026-09-30' }), context);
  expect(goesOn.account?.credentialsEpoch).toBe(account.credentialsEpoch);
  expect(goesOn.effects?.map(({ kind }) => kind)).not.toContain('end-sessions');
});

test('how an affiliation ends is one of four words, and all but withdrawn need their day', () => {
  const row = (fields: Record<string, string>) => {
    const person = { person: 'p1', number: 'r0123456', given_name: 'Kim', organisation: 'vives', role: 'student' };
    const read = readRow(2, { ...person, ...fields }, organisations, csvSource, 'nl');
    return read.row?.affiliation.end ?? read.refusals.map(({ column, reason }) => `${column} ${reason}`);
  };
  expect(row({ end: ' Withdrawn' })).toBe('withdrawn');
  expect(row({ end: 'completed', until: '2027-06-30' })).toBe('completed');
  expect(row({ end: 'expired', ended_on: '2026-06-30' })).toBe('expired');
  expect(row({ end: '' })).toEqual([]);
  expect(row({ end: 'completed' })).toEqual(['end needs its day: give ended_on, or until']);
  expect(row({ end: 'fired', until: '2027-06-30' })).toEqual([
    'end must be one of expired, completed, discontinued, withdrawn',
  ]);
});

test('an alumnus is one by the word of eduPersonAffiliation too', () => {
  const person = { person: 'p1', number: 'r0123456', given_name: 'Kim', organisation: 'vives' };
  for (const role of ['alum', 'Alum', 'alumnus'])
    expect(readRow(2, { ...person, role }, organisations, csvSource, 'nl').row?.affiliation.role).toBe('alumnus');
});

/** A statement of source `csv`. */
const stated = (change: object = {}) => ({
  key: 'p1',
  lines: [2],
  complete: true,
  numbers: ['r0123456'],
  mainNumber: 'r0123456',
  values: {} as Record<string, string>,
  affiliations: [{ organisation: 'vives', role: 'student' }],
  ...change,
});
const fed = (source: string, fields: Record<string, string> = {}) => ({
  source,
  key: 'p1',
  fields: { number: 'r0123456', numbers: 'r0123456', ...fields },
});

test('what somebody put right stays, though the feed changes something else', () => {
  const account = anAccount({
    userNumbers: ['r0123456'],
    givenName: 'Put right',
    feeds: [fed('csv', { given_name: 'Wrong', family_name: 'Before' })],
  });
  const { account: next } = applyStatement(
    account,
    stated({ values: { given_name: 'Wrong', family_name: 'After' } }),
    context,
  );
  expect(next).toMatchObject({ givenName: 'Put right', familyName: 'After' });
});

test('a number that another source still says stays', () => {
  const account = anAccount({ userNumbers: ['r0123456', 'q0000001'], feeds: [fed('csv'), fed('alumni')] });
  const moved = stated({ numbers: ['q0000001'], mainNumber: 'q0000001' });
  expect(applyStatement(account, moved, context).account?.userNumbers.sort()).toEqual(['q0000001', 'r0123456']);
  const alone = { ...account, feeds: [fed('csv')] };
  expect(applyStatement(alone, moved, context).account?.userNumbers).toEqual(['q0000001']);
});

test('nothing of another source, of another person, or of an administrator is taken over', () => {
  const other = anAccount({ userNumbers: ['u0000009'], feeds: [{ source: 'alumni', key: 'x', fields: {} }] });
  expect(applyStatement(other, stated(), context).outcome.kind).toBe('refused');
  const samePerson = anAccount({ userNumbers: ['r0123456'], feeds: [fed('csv')] });
  expect(applyStatement(samePerson, stated({ key: 'p2' }), context).outcome).toMatchObject({
    kind: 'refused',
    column: 'number',
  });
  const joinable = anAccount({ userNumbers: ['r0123456'], feeds: [fed('alumni')] });
  expect(joinRefusal(joinable, stated(), 'csv')).toBeUndefined();
  expect(joinRefusal({ ...joinable, roles: ['client-administrator'] }, stated(), 'csv')).toMatchObject({
    kind: 'refused',
  });
});

test('sources that contradict each other are told with both keys (rule 26)', () => {
  const hr = { ...fed('hr', { given_name: 'An', phone: '1' }), key: '4711' };
  const joinable = anAccount({ userNumbers: ['r0123456'], givenName: 'An', feeds: [hr] });
  const notesOf = (account: Account, values: Record<string, string>) => {
    const { outcome, account: next = account } = applyStatement(account, stated({ values }), context);
    return { next, notes: 'notes' in outcome ? outcome.notes.filter((note) => note.includes('otherwise')) : [] };
  };
  const joined = notesOf(joinable, { given_name: 'Anna', family_name: 'Maes' });
  expect(joined.notes).toEqual(['given_name is not changed: source "hr" (person 4711) says otherwise']);
  // said again it is no news, and what both say is no contradiction
  expect(notesOf(joined.next, { given_name: 'Anna', family_name: 'Maes' }).notes).toEqual([]);
  expect(notesOf(joined.next, { given_name: 'An' }).notes).toEqual([]);
  const later = notesOf(joined.next, { given_name: 'Anneke' });
  expect(later.notes).toEqual(['given_name is changed, though source "hr" (person 4711) says otherwise']);
  expect(later.next.givenName).toBe('Anneke');
});

describe('sources that end one role at one organisation differently (rule 26)', () => {
  const student = { organisation: 'vives', role: 'student' };
  /** What source `hr` says of person 4711, and then `csv` of p1. */
  const known = (...theirs: object[]) => {
    const entry = { ...fed('hr', { 'affiliations.vives': JSON.stringify(theirs) }), key: '4711' };
    const affiliations = theirs.map((each) => ({ ...student, source: 'hr', ...each }));
    return anAccount({ activatedAt: 1, userNumbers: ['r0123456'], feeds: [entry], affiliations });
  };
  const notesOf = (account: Account, ...own: object[]) => {
    const affiliations = own.map((each) => ({ ...student, ...each }));
    const { outcome, account: next = account } = applyStatement(account, stated({ affiliations }), context);
    return { next, notes: 'notes' in outcome ? outcome.notes.filter((note) => note.includes('differs')) : [] };
  };
  const told = (own: string, theirs: string) =>
    `the end of student at vives differs: ${own} in source "csv" (person p1), ${theirs} in source "hr" (person 4711); the longer access counts`;
  const hr = { ...student, until: '2027-10-31' };

  test.each([
    [{ endedOn: '2026-11-25' }, '2026-11-25 (discontinued)'],
    [{ until: '2026-10-31' }, '2026-10-31 (expired)'],
    [{ end: 'withdrawn' }, '2026-09-21 (withdrawn)'],
    [{}, 'none'],
    [{ until: '2027-10-31', end: 'completed' }, '2027-10-31 (completed)'],
  ])('are told with both keys and days: %j', (own, words) => {
    const { next, notes } = notesOf(known(hr), own);
    expect(notes).toEqual([told(words, '2027-10-31 (expired)')]);
    // said again, or with another beginning, it is no news
    expect(notesOf(next, own).notes).toEqual([]);
    expect(notesOf(next, { ...own, from: '2026-09-14' }).notes).toEqual([]);
    expect(notesOf(next, hr).notes).toEqual([]);
  });

  test('are told when either moves, whichever spoke first', () => {
    const agreed = notesOf(known(hr), { until: '2027-10-31' }).next;
    const moved = applyStatement(
      agreed,
      { ...stated({ affiliations: [{ ...student, endedOn: '2026-11-25' }] }), key: '4711' },
      { ...context, source: { ...csvSource, id: 'hr' } },
    );
    expect(moved.outcome).toMatchObject({
      notes: [
        expect.stringMatching(/: 2026-11-25 \(disc.* "hr" \(person 4711\), 2027-10-31 \(exp.* "csv" \(person p1\)/),
      ],
    });
    expect(moved.effects?.filter(({ kind }) => kind === 'letter')).toEqual([]);
    expect(notesOf(moved.account ?? agreed, { until: '2027-09-30' }).notes).toEqual([
      told('2027-09-30 (expired)', '2026-11-25 (discontinued)'),
    ]);
  });

  test('are not told of another role or place, of what is over, or of one after the other', () => {
    expect(notesOf(known({ ...hr, role: 'staff' }), { endedOn: '2026-11-25' }).notes).toEqual([]);
    expect(notesOf(known(hr), { organisation: 'kuleuven', endedOn: '2026-11-25' }).notes).toEqual([]);
    expect(notesOf(known({ ...hr, until: '2024-06-30' }), { until: '2024-09-30' }).notes).toEqual([]);
    expect(notesOf(known({ ...hr, until: '2026-08-31' }), { from: '2026-09-01', until: '2027-10-31' }).notes).toEqual(
      [],
    );
    expect(notesOf(known({ ...hr, until: '2026-08-31' }), { until: '2027-10-31' }).notes).toHaveLength(1);
    // of several rows the last end is that of the role
    expect(notesOf(known(hr, { ...hr, until: '2027-01-31' }), { until: '2027-10-31' }).notes).toEqual([]);
    const withdrawn = { ...student, end: 'withdrawn' };
    expect(notesOf(known({ ...withdrawn, withdrawnAt: now - 86_400_000 }), { end: 'withdrawn' }).notes).toEqual([]);
  });
});

test('whose a number or an address is, is told with the keys of its sources, so that both sides can be asked', () => {
  const hr = { ...fed('hr', { birthdate: '2000-01-01' }), key: '4711' };
  const account = anAccount({ userNumbers: ['r0123456'], claims: { birthdate: '2000-01-01' }, feeds: [hr] });
  const reason = (change: Partial<Account>, statement: object) =>
    joinRefusal({ ...account, ...change }, stated(statement), 'csv')?.reason;
  const owner = 'the account of source "hr" (person 4711)';
  const join = 'an administrator may join them';
  expect(reason({}, { numbers: ['r0000009'] })).toBe(`belongs to ${owner}, and no number is shared: ${join}`);
  expect(reason({ userNumbers: ['r0000009'] }, { numbers: ['r0000009'] })).toBe(
    `r0000009 belongs to ${owner}, and no source confirms that number: ${join}`,
  );
  expect(reason({}, { values: { birthdate: '2001-01-01' } })).toBe(
    `r0123456 belongs to ${owner}, with another date of birth: ${join}`,
  );
  expect(reason({ formerNumbers: ['r0000008'] }, { numbers: ['r0000008'] })).toBe(
    `r0000008 was a number of ${owner}, which was active, and never goes to anybody else: give a new number`,
  );
  expect(reason({ feeds: [{ ...hr, key: '47\u202E11\n' }] }, { numbers: ['r0000009'] })).toContain(
    'source "hr" (person 47\uFFFD11\uFFFD), and no number',
  );
  expect(reason({ feeds: [] }, { numbers: ['r0000009'] })).toContain('belongs to an account that no source names, and');
});

test('an address from outside is no login', () => {
  const row = {
    person: 'p1',
    number: 'r0123456',
    given_name: 'An',
    family_name: 'P',
    organisation: 'vives',
    role: 'student',
  };
  const refusals = (email: string) => readRow(2, { ...row, email }, organisations, csvSource, 'nl').refusals;
  expect(refusals('an@student.vives.be')).toEqual([]);
  expect(refusals('an@vives.be.example.org')).toMatchObject([{ column: 'email' }]);
  expect(JSON.stringify(refusals('an@vives.be.example.org'))).toContain('belongs into personal_email');
});

test('a source whose identities are proofed leaves evidence, once, and none on the account of another organisation', () => {
  const proofing = { ...context, source: { ...csvSource, identity: 'medium' as const } };
  const account = anAccount({ userNumbers: ['r0123456'], feeds: [fed('csv')] });
  const { account: next, outcome } = applyStatement(account, stated(), proofing);
  expect([outcome.kind, next?.evidence]).toEqual([
    'changed',
    [{ source: 'csv', level: 'medium', day: '2026-09-21', mac: context.sealer.mac('evidence', 'csv', 'p1') }],
  ]);
  expect(JSON.stringify(next?.evidence)).not.toContain('p1');
  const later = { ...proofing, now: now + 86_400_000 };
  expect(applyStatement(next ?? account, stated(), later).outcome.kind).toBe('unchanged');
  const high = applyStatement(next ?? account, stated(), {
    ...later,
    source: { ...csvSource, identity: 'high' as const },
  });
  expect(high.account?.evidence).toMatchObject([{ level: 'high', day: '2026-09-22' }]);
  expect(applyStatement(next ?? account, stated(), context).account?.evidence).toBeUndefined();
  const leuven = { ...csvSource, id: 'leuven', organisations: ['kuleuven'], identity: 'high' as const };
  const joined = applyStatement(
    { ...account, affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }] },
    stated({ affiliations: [{ organisation: 'kuleuven', role: 'staff' }] }),
    { ...context, source: leuven },
  );
  expect([joined.outcome.kind, joined.account?.evidence]).toEqual(['changed', undefined]);
});

test('whom a full feed names no more on the very day on which the studies stop, as it said, it ends no second time', () => {
  const absence = (affiliation: object) => {
    const said = JSON.stringify([{ organisation: 'vives', role: 'student', ...affiliation }]);
    return absenceOf(fed('csv', { 'affiliations.vives': said }), csvSource, now)?.affiliations;
  };
  expect(absence({ until: '2026-09-21' })).toMatchObject([{ endedOn: '2026-09-21', end: 'discontinued' }]);
  expect(absence({ until: '2026-09-21', end: 'completed' })).toBeUndefined();
  expect(absence({ endedOn: '2026-09-21' })).toBeUndefined();
});

describe('an account that was merged has two entries of one source, and', () => {
  const enrolled = (role: string, until?: string) => ({ organisation: 'vives', role, ...(until && { until }) });
  const entry = (key: string, fields: Record<string, string>, affiliation: object) => ({
    source: 'csv',
    key,
    fields: { ...fields, 'affiliations.vives': JSON.stringify([affiliation]) },
  });
  const group = (value: string, role: string) => ({ value, organisation: 'vives', role });
  const source = { ...csvSource, identity: 'medium' as const, groups: ['*'] };
  const both = { ...context, source };
  const merged = anAccount({
    userNumbers: ['r0000001', 'r0000002'],
    emails: ['one@student.vives.be', 'two@student.vives.be'],
    affiliations: ['student', 'staff'].map((role) => ({ ...enrolled(role), source: 'csv' })),
    feeds: [
      entry('p1', { number: 'r0000001', numbers: 'r0000001', email: 'one@student.vives.be' }, enrolled('student')),
      entry('p2', { number: 'r0000002', numbers: 'r0000002', email: 'two@student.vives.be' }, enrolled('staff')),
    ],
  });
  const first: Statement = stated({
    numbers: ['r0000001'],
    mainNumber: 'r0000001',
    emails: ['one@student.vives.be'],
    affiliations: [enrolled('student')],
    groups: [group('choir', 'student')],
  });
  const second: Statement = stated({
    key: 'p2',
    numbers: ['r0000002'],
    mainNumber: 'r0000002',
    emails: ['two@student.vives.be'],
    affiliations: [enrolled('staff')],
    groups: [group('ict', 'staff')],
  });
  const apply = (account: Account, ...statements: Statement[]) =>
    statements.reduce((before, each) => applyStatement(before, each, both).account ?? before, account);

  test('the same feed again changes nothing, whichever of them comes first', () => {
    const once = apply(merged, first, second);
    expect(once.affiliations.map(({ role }) => role).sort()).toEqual(['staff', 'student']);
    expect(once.groups?.map(({ value }) => value).sort()).toEqual(['choir', 'ict']);
    expect(once.evidence).toHaveLength(2);
    for (const again of [first, second, second, first])
      expect(applyStatement(once, again, both)).toMatchObject({ outcome: { kind: 'unchanged', fields: [] } });
    const other = apply(merged, second, first);
    expect([...other.affiliations].sort((a, b) => (a.role < b.role ? -1 : 1))).toEqual(
      [...once.affiliations].sort((a, b) => (a.role < b.role ? -1 : 1)),
    );
  });

  test('each takes away what it gave itself, and nothing of the other', () => {
    const next = apply(merged, first, second, { ...first, numbers: [], mainNumber: '', emails: [], affiliations: [enrolled('student', '2026-01-31')], groups: [] }); // biome-ignore format: one change
    expect(next.userNumbers).toEqual(['r0000002']);
    expect(next.emails).toEqual(['two@student.vives.be']);
    expect(next.affiliations).toContainEqual({ ...enrolled('staff'), source: 'csv' });
    expect(next.affiliations).toContainEqual({ ...enrolled('student', '2026-01-31'), source: 'csv' });
    expect(next.groups?.map(({ value }) => value)).toEqual(['ict']);
  });

  test('what both say stays until neither does', () => {
    const same = { ...second, numbers: ['r0000001'], mainNumber: 'r0000001', affiliations: [enrolled('student')] };
    const next = apply(merged, first, same);
    expect(next.affiliations).toHaveLength(1);
    const left = apply(next, { ...first, numbers: [], mainNumber: '', affiliations: [enrolled('staff')] });
    expect(left.userNumbers).toEqual(['r0000001']);
    expect(left.affiliations.map(({ role }) => role).sort()).toEqual(['staff', 'student']);
  });

  test('a third person of the source does not get in by their numbers', () => {
    const third = { ...first, key: 'p3' };
    expect(joinRefusal(merged, third, 'csv')).toMatchObject({
      reason: 'belongs to person p1 of this source: correct one of them',
    });
    expect(applyStatement(merged, third, both).outcome).toMatchObject({ kind: 'refused', column: 'number' });
  });

  test('an end that one of them had long is no news when the other changes', () => {
    const ended = { ...enrolled('student'), endedOn: '2026-08-31' };
    const active = { ...merged, activatedAt: 1, personalEmail: 'me@example.org' };
    const account = apply(
      active,
      { ...second, affiliations: [enrolled('student')] },
      { ...first, affiliations: [ended] },
    );
    const changed = applyStatement(account, { ...second, affiliations: [enrolled('student', '2027-09-30')] }, both);
    expect(changed.outcome.kind).toBe('changed');
    expect(JSON.stringify(changed.effects)).not.toContain('registration-stopped');
  });
});
