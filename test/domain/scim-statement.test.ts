/** What a source says over SCIM makes the account that the same said in a file makes, and refuses what would let in. */
import { expect, test } from '@jest/globals';
import { endKinds } from '../../src/domain/account/access-terms.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { accountFromStatement, applyStatement } from '../../src/domain/feed/feed.ts';
import { affiliationRoles } from '../../src/domain/feed/feed-columns.ts';
import { readRow } from '../../src/domain/feed/feed-row.ts';
import { statementOf } from '../../src/domain/feed/feed-statement.ts';
import { PEDEL_USER, type ScimUser } from '../../src/domain/feed/scim-entry.ts';
import { accountFromScim, applyScim } from '../../src/domain/feed/scim-feed.ts';
import { statementOfUser } from '../../src/domain/feed/scim-statement.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const context = {
  source: csvSource,
  organisations,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  now: Date.UTC(2026, 8, 21, 9),
  randomBytes: (size: number) => new Uint8Array(size),
  invitationSeconds: 1_209_600,
};

/** Numbers from a seed, the same in every run. */
function chance(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return {
    maybe: <Value>(value: Value): Value | undefined => (next() < 0.6 ? value : undefined),
    one: <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)] as Value,
    digits: (count: number) => Array.from({ length: count }, () => Math.floor(next() * 10)).join(''),
  };
}

/** One person, said in both ways. */
function said(seed: number): { rows: Record<string, string>[]; user: ScimUser } {
  const { maybe, one, digits } = chance(seed);
  const name = {
    givenName: one(['Kim', 'Zoë', 'Ana']),
    familyName: one(['Storm', 'De Smet']),
    middleName: maybe('B.'),
  };
  const numbers = [`r${digits(7)}`, ...(maybe([`q${digits(7)}`]) ?? [])];
  const personal = maybe(`k${digits(3)}@example.org`);
  const days = () => ({
    from: maybe('2026-09-01'),
    until: maybe(one(['2026-09-30', '2027-08-31'])),
    endedOn: maybe('2026-09-10'),
    end: undefined as string | undefined,
  });
  const ended = (affiliation: {
    until?: string | undefined;
    endedOn?: string | undefined;
    end: string | undefined;
  }) => {
    const dated = affiliation.until !== undefined || affiliation.endedOn !== undefined;
    affiliation.end = maybe(dated ? one(endKinds) : 'withdrawn');
  };
  const affiliations = [
    { organisation: 'vives', role: one(affiliationRoles), ...days() },
    ...(maybe([{ organisation: 'kuleuven', role: one(affiliationRoles), ...days() }]) ?? []),
  ];
  for (const each of affiliations) ended(each);
  const work = maybe(`p${digits(3)}@vives.be`);
  const plain = {
    displayName: maybe('Kim S.'),
    nickName: maybe('kimmie'),
    profileUrl: maybe('https://kim.example'),
    preferredLanguage: maybe(one(['nl', 'en-GB'])),
    locale: maybe('nl-BE'),
    timezone: maybe('Europe/Brussels'),
  };
  const phone = maybe('+32 50 30 52 33');
  const address = maybe({
    streetAddress: 'Xaverianenstraat 10',
    locality: 'Brugge',
    postalCode: '8200',
    country: 'BE',
  });
  const defined = <Value extends object>(value: Value) =>
    Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;
  const emails = [
    ...(work === undefined ? [] : [{ value: work, type: 'work' }]),
    ...(personal === undefined ? [] : [{ value: personal, type: 'home' }]),
  ];
  const user = {
    userName: `kim${digits(4)}`,
    externalId: 'p1',
    name: defined(name),
    ...defined(plain),
    ...(emails.length === 0 ? {} : { emails }),
    ...(phone === undefined ? {} : { phoneNumbers: [{ value: phone, type: 'work' }] }),
    ...(address === undefined ? {} : { addresses: [{ ...address, type: 'work' }] }),
    [PEDEL_USER]: { numbers, affiliations: affiliations.map(defined) },
  } as ScimUser;
  const rows = affiliations.map(({ organisation, role, from, until, endedOn, end }) => ({
    person: 'p1',
    number: numbers[0] ?? '',
    other_numbers: numbers.slice(1).join(';'),
    given_name: name.givenName,
    family_name: name.familyName,
    middle_name: name.middleName ?? '',
    name: plain.displayName ?? '',
    nickname: plain.nickName ?? '',
    profile: plain.profileUrl ?? '',
    language: plain.preferredLanguage ?? '',
    locale: plain.locale ?? '',
    zoneinfo: plain.timezone ?? '',
    phone: phone ?? '',
    email: work ?? '',
    personal_email: personal ?? '',
    'address.formatted': '',
    'address.street_address': address?.streetAddress ?? '',
    'address.locality': address?.locality ?? '',
    'address.region': '',
    'address.postal_code': address?.postalCode ?? '',
    'address.country': address?.country ?? '',
    organisation,
    role,
    from: from ?? '',
    until: until ?? '',
    ended_on: endedOn ?? '',
    end: end ?? '',
  }));
  return { rows, user };
}

function statementOfRows(rows: Record<string, string>[]) {
  const read = rows.map((fields) => readRow(2, fields, organisations, csvSource, 'nl').row);
  if (read.some((row) => row === undefined)) throw new Error(JSON.stringify(rows));
  const made = statementOf(
    read.flatMap((row) => row ?? []),
    true,
    organisations,
  );
  if (!('statement' in made)) throw new Error(JSON.stringify(made));
  return made.statement;
}

/** Without what SCIM keeps beside, and in an order that tells nothing. */
const plainly = (account: Account | undefined) =>
  account && {
    ...account,
    feeds: account.feeds.map(({ scim: _, ...feed }) => feed),
    affiliations: account.affiliations.toSorted((a, b) => (a.organisation < b.organisation ? -1 : 1)),
    effects: [],
  };

test('the same said in a file and over SCIM makes the same account, and changes it in the same way', () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    const [first, second] = [said(seed), said(seed + 1000)];
    const ofFile = accountFromStatement(statementOfRows(first.rows), context, 'a').account;
    const ofScim = accountFromScim({ said: { user: first.user, ignored: [] }, id: 'e' }, context, 'a').account;
    expect(plainly(ofScim)).toEqual(plainly(ofFile));
    if (ofFile === undefined || ofScim === undefined) throw new Error(String(seed));
    // a file says nothing of an organisation that it does not name; so it is compared where both name the same
    const placesOf = ({ rows }: typeof first) => rows.map(({ organisation }) => organisation).join();
    if (placesOf(first) !== placesOf(second)) continue;
    const write = { said: { user: second.user, ignored: [] }, id: 'e', mayClose: true };
    const next = applyScim(ofScim, write, context).account;
    expect(plainly(next)).toEqual(plainly(applyStatement(ofFile, statementOfRows(second.rows), context).account));
    // said again, it changes nothing
    expect(next && applyScim(next, write, context).outcome.kind).toBe('unchanged');
  }
});

const stated = (user: ScimUser, active = true) => statementOfUser(user, 'p1', active, context);

test('what would let somebody in is refused where it is wrong; what else is wrong is left out and noted', () => {
  const affiliation = { organisation: 'vives', role: 'student' };
  for (const change of [
    { organisation: 'elsewhere' },
    { role: 'king' },
    { until: 'soon' },
    { end: 'soon' },
    { from: '2026-02-30' },
  ])
    expect(stated({ userName: 'k', [PEDEL_USER]: { affiliations: [{ ...affiliation, ...change }] } })).toMatchObject({
      faults: [{ path: expect.stringContaining(':affiliations[1].') }],
    });
  const odd = stated({
    userName: 'k',
    locale: '?',
    timezone: 'Mars',
    emails: [{ value: 'k@elsewhere.example', type: 'work' }],
    [PEDEL_USER]: { numbers: ['X1'], affiliations: [affiliation] },
  });
  expect(odd).toMatchObject({ statement: { numbers: [], values: { locale: '', zoneinfo: '', personal_email: '' } } });
  expect('notes' in odd ? odd.notes.length : 0).toBe(4);
});

test('whom the source gives neither affiliation nor role is no member of anything', () => {
  const only = { ...context, source: { ...csvSource, organisations: ['vives'] } };
  const roleOf = (userType?: string) => {
    const made = statementOfUser({ userName: 'k', ...(userType === undefined ? {} : { userType }) }, 'p1', true, only);
    return 'statement' in made ? made.statement.affiliations : made;
  };
  expect(roleOf()).toEqual([{ organisation: 'vives', role: 'affiliate' }]);
  expect(roleOf('Employee')).toEqual([{ organisation: 'vives', role: 'employee' }]);
  expect(roleOf('Contractor')).toEqual([{ organisation: 'vives', role: 'affiliate' }]);
  // a source of several organisations says where
  expect(stated({ userName: 'k' })).toMatchObject({
    faults: [{ detail: expect.stringContaining('name at least one') }],
  });
});

test('what an inactive person had is withdrawn, whatever its days', () => {
  const affiliations = [{ organisation: 'vives', role: 'student', until: '2030-10-31', endedOn: '2029-10-31' }];
  expect(stated({ userName: 'k', [PEDEL_USER]: { affiliations } }, false)).toMatchObject({
    statement: { affiliations: [{ until: '2030-10-31', end: 'withdrawn' }] },
  });
  const account = accountFromScim(
    { said: { user: { userName: 'k', active: false, [PEDEL_USER]: { affiliations } }, ignored: [] }, id: 'e' },
    context,
    'a',
  ).account;
  expect(account).toMatchObject({ windows: [{ until: context.now }], endsAt: context.now });
});

test('that studies stopped is told the person however the source says it', () => {
  const student = { organisation: 'vives', role: 'student' };
  const said = (affiliation: object) => ({
    user: { userName: 'r0123456', [PEDEL_USER]: { affiliations: [{ ...student, ...affiliation }] } },
    ignored: [],
  });
  const made = accountFromScim({ said: said({ until: '2027-10-31' }), id: 'e' }, context, 'a').account;
  if (made === undefined) throw new TypeError('there is an account');
  const account = { ...made, activatedAt: 1, emails: ['kim@student.vives.be'] };
  for (const affiliation of [
    { until: '2026-09-18', end: 'discontinued' },
    { until: '2027-10-31', endedOn: '2026-09-18' },
  ]) {
    const { effects } = applyScim(account, { said: said(affiliation), id: 'e', mayClose: true }, context);
    const letter = {
      template: 'registration-stopped',
      data: expect.objectContaining({ how: 'stopped', day: '2026-09-18' }),
    };
    expect(effects).toContainEqual({ kind: 'letter', letter: expect.objectContaining(letter) });
  }
});
