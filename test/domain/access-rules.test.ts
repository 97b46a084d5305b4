/**
 * The rules by which an affiliation opens and closes an account: at midnight in Brussels, in summer and in winter, by the
 * kind of its end. Random lives are compared with a calendar that is counted day by day.
 */
import { describe, expect, test } from '@jest/globals';
import { type AccessRules, endKinds, type RoleRules } from '../../src/domain/account/access-terms.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { isOpen } from '../../src/domain/account/account-access.ts';
import { isCurrent } from '../../src/domain/account/affiliation.ts';
import type { Organisation } from '../../src/domain/account/organisation.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { accountFromStatement, applyStatement } from '../../src/domain/feed/feed.ts';
import type { StatedAffiliation } from '../../src/domain/feed/feed-row.ts';
import { windowsOf, withWindows } from '../../src/domain/lifecycle/access.ts';
import { allRulesVersion, closesAt, rulesVersionOf } from '../../src/domain/lifecycle/access-rules.ts';
import { erasureDue } from '../../src/domain/lifecycle/erasure.ts';
import { anAccount } from '../support/account.ts';
import { organisations as configured, csvSource } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const at = (time: string) => Date.parse(time);
const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  ...change,
});
const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
const closes = (change: Partial<Affiliation>, rules: RoleRules = {}) => iso(closesAt(student(change), rules));
const under = (access: AccessRules): Organisation[] => configured.map((each) => ({ ...each, access }));
const yearEnd: RoleRules = { expired: '10-31', discontinued: 'P7D' };

describe('an end', () => {
  test('lasts to midnight in Brussels: that of 31 October is in winter time, that of 30 September in summer time', () => {
    expect(closes({ until: '2026-10-31' })).toBe('2026-10-31T23:00:00.000Z');
    expect(closes({ until: '2026-09-30' })).toBe('2026-09-30T22:00:00.000Z');
    // the day on which the clock goes back is 25 hours long and counts whole; in 2027 it is 31 October itself
    expect(closes({ until: '2026-10-24' })).toBe('2026-10-24T22:00:00.000Z');
    expect(closes({ until: '2026-10-25' })).toBe('2026-10-25T23:00:00.000Z');
    expect(closes({ until: '2027-07-02' }, yearEnd)).toBe('2027-10-31T23:00:00.000Z');
    expect(closes({ endedOn: '2026-10-20' }, yearEnd)).toBe('2026-10-27T23:00:00.000Z');
  });

  test('by a day of the year lasts to the first such day on or after it', () => {
    expect(closes({ until: '2026-10-31' }, yearEnd)).toBe('2026-10-31T23:00:00.000Z');
    expect(closes({ until: '2026-11-01' }, yearEnd)).toBe('2027-10-31T23:00:00.000Z');
    expect(closes({ until: '2026-10-30' }, yearEnd)).toBe('2026-10-31T23:00:00.000Z');
    // a leap day
    expect(closes({ until: '2028-02-29' }, { expired: '02-28' })).toBe('2029-02-28T23:00:00.000Z');
    expect(closes({ until: '2028-02-29' }, { expired: '03-01' })).toBe('2028-03-01T23:00:00.000Z');
    expect(closes({ endedOn: '2028-02-28' }, { discontinued: 'P1D' })).toBe('2028-02-29T23:00:00.000Z');
    expect(closes({ endedOn: '2027-02-28' }, { discontinued: 'P1D' })).toBe('2027-03-01T23:00:00.000Z');
  });

  test('counts by its kind; one that is not listed as expired, and that to the end of the day', () => {
    expect(closes({ endedOn: '2026-06-30', end: 'completed' }, yearEnd)).toBe('2026-10-31T23:00:00.000Z');
    expect(closes({ until: '2026-06-30', end: 'completed' }, { completed: 'P2D' })).toBe('2026-07-02T22:00:00.000Z');
    expect(closes({ until: '2026-06-30', end: 'discontinued' }, yearEnd)).toBe('2026-07-07T22:00:00.000Z');
    expect(closes({ endedOn: '2026-06-30', end: 'expired' }, yearEnd)).toBe('2026-10-31T23:00:00.000Z');
    expect(closes({ endedOn: '2026-06-30' }, { expired: '10-31' })).toBe('2026-10-31T23:00:00.000Z');
    expect(closes({ endedOn: '2026-06-30' }, {})).toBe('2026-06-30T22:00:00.000Z');
  });

  test('of several the earliest closes an affiliation, and the latest affiliation the account', () => {
    const stopped = student({ until: '2026-10-31', endedOn: '2026-03-01' });
    expect(closes(stopped, { discontinued: 'P7D' })).toBe('2026-03-08T23:00:00.000Z');
    const last = (...affiliations: Affiliation[]) => windowsOf(affiliations, configured)?.at(-1)?.until;
    expect(iso(last(stopped, student({ until: '2026-06-30' })))).toBe('2026-06-30T22:00:00.000Z');
    expect(last(stopped, student({ role: 'alumnus', organisation: 'alum' }))).toBeUndefined();
    expect(closesAt(student(), yearEnd)).toBeUndefined();
  });

  test('that is withdrawn closes in that second, and nothing of that day is claimed any more', () => {
    const withdrawnAt = at('2026-11-25T11:30:00+01:00');
    const gone = student({ until: '2027-10-31', end: 'withdrawn', withdrawnAt });
    expect(closesAt(gone, yearEnd)).toBe(withdrawnAt);
    expect([isCurrent(gone, '2026-11-24'), isCurrent(gone, '2026-11-25')]).toEqual([true, false]);
    // it was over before
    expect(closes({ ...gone, until: '2026-10-31' }, yearEnd)).toBe('2026-10-31T23:00:00.000Z');
  });
});

test('a role that is not listed has the default, and one that is listed has nothing of it', () => {
  const access = { default: { opens: 'P10D', expired: 'P3D', retain: 'P1Y' }, alumnus: { expired: 'P1D' } };
  const window = (role: string) =>
    windowsOf([student({ role, from: '2026-05-20', until: '2026-06-30' })], under(access))?.[0];
  expect(window('guest')).toMatchObject({ from: at('2026-05-10T00:00+02:00'), until: at('2026-07-04T00:00+02:00') });
  expect(window('alumnus')).toMatchObject({ from: at('2026-05-20T00:00+02:00'), until: at('2026-07-02T00:00+02:00') });
  const due = (role: string) => {
    const affiliations = [student({ role, until: '2026-06-30' })];
    return erasureDue({ affiliations, windows: windowsOf(affiliations, under(access)) ?? [] }, under(access));
  };
  expect([due('guest')?.rule, due('alumnus')]).toEqual(['vives guest P1Y', undefined]);
});

test('the version of the rules is that of what they say of these affiliations, and of nothing else', () => {
  const version = (access: AccessRules, role = 'student') => rulesVersionOf([student({ role })], under(access));
  const before = version({ student: yearEnd });
  expect(version({ student: { ...yearEnd, completed: '10-31', opens: 'P0D' }, staff: { expired: 'P1D' } })).toBe(
    before,
  );
  expect(version({ student: { ...yearEnd, retain: 'P1Y' } })).toBe(before);
  expect(version({ student: { ...yearEnd, discontinued: 'P8D' } })).not.toBe(before);
  expect(version({ default: yearEnd })).toBe(before);
  expect(allRulesVersion(under({ student: yearEnd }))).not.toBe(allRulesVersion(under({ default: yearEnd })));
  const account = withWindows(anAccount({ affiliations: [student()] }), under({ student: yearEnd }), 0);
  expect(account.rulesVersion).toBe(before);
});

/** Numbers from a seed, the same in every run. */
function chance(seed: number) {
  let state = seed;
  const below = (limit: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
  return {
    below,
    maybe: <Value>(value: Value) => (below(5) < 3 ? value : undefined),
    one: <Value>(values: readonly Value[]) => values[below(values.length)] as Value,
  };
}

const START = Date.UTC(2027, 5, 1);
const dayOf = (index: number) => new Date(START + index * 86_400_000).toISOString().slice(0, 10);
const DAYS = 500; // over the leap day of 2028
const places = new Map(Array.from({ length: DAYS + 400 }, (_, day) => [dayOf(day - 100), day - 100]));
const defined = <Value extends object>(value: Value) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Value;

function aLife(seed: number): { stated: StatedAffiliation[]; access: AccessRules } {
  const { below, maybe, one } = chance(seed);
  const after = () => maybe(one(['P0D', 'P1D', 'P45D', '10-31', '02-28', '03-01', '12-31']));
  const rules = () =>
    defined({ opens: maybe(one(['P0D', 'P30D'])), expired: after(), completed: after(), discontinued: after() });
  const access = { student: rules(), default: rules() } as AccessRules;
  const stated = Array.from({ length: 1 + below(4) }, () => {
    const from = below(300);
    const [until, endedOn] = [maybe(dayOf(from + below(150))), maybe(dayOf(from + below(150)))];
    const kinds = until === undefined && endedOn === undefined ? (['withdrawn'] as const) : endKinds;
    const end = below(3) === 0 ? one(kinds) : undefined;
    return defined({
      organisation: one(['vives', 'kuleuven']),
      role: one(['student', 'guest']),
      from: maybe(dayOf(from)),
      until,
      endedOn,
      end,
    }) as StatedAffiliation;
  });
  return { stated, access };
}

/** Whether an affiliation opens an account at noon of a day, counted day by day. */
function opens(each: StatedAffiliation, rules: RoleRules, index: number, withdrawnFrom: number): boolean {
  if (each.end === 'withdrawn' && index >= withdrawnFrom) return false;
  const place = (day: string) => places.get(day) ?? Number.NaN;
  const lastAfter = (day: string, kind: 'expired' | 'completed' | 'discontinued'): number => {
    const rule = rules[kind] ?? rules.expired ?? 'P0D';
    if (rule.startsWith('P')) return place(day) + Number(rule.slice(1, -1));
    let last = place(day);
    while (!dayOf(last).endsWith(rule)) last += 1;
    return last;
  };
  const kind = each.end === 'withdrawn' ? undefined : each.end;
  const ends = [
    ...(each.endedOn === undefined ? [] : [lastAfter(each.endedOn, kind ?? 'discontinued')]),
    ...(each.until === undefined
      ? []
      : [lastAfter(each.until, (each.endedOn === undefined ? kind : undefined) ?? 'expired')]),
  ];
  const early = Number((rules.opens ?? 'P0D').slice(1, -1));
  return (each.from === undefined || place(each.from) - early <= index) && ends.every((last) => index <= last);
}

const context = {
  source: csvSource,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  randomBytes: (size: number) => new Uint8Array(size),
  invitationSeconds: 60,
};
const saying = (affiliations: StatedAffiliation[]) => ({
  key: 'p1',
  lines: [2],
  complete: true,
  numbers: ['r0011111'],
  mainNumber: 'r0011111',
  values: { given_name: 'Kim' },
  affiliations,
});

test('what is withdrawn stays so since the second in which it was first said, and opens again where it is said no more', () => {
  const [first, later] = [at('2026-11-25T11:30:00+01:00'), at('2026-12-10T09:00:00+01:00')];
  const fed = (now: number) => ({ ...context, organisations: under({ student: yearEnd }), now });
  const withdrawn: StatedAffiliation = {
    organisation: 'vives',
    role: 'student',
    until: '2027-10-31',
    end: 'withdrawn',
  };
  const account = accountFromStatement(saying([withdrawn]), fed(first), 'a').account as Account;
  const { end: _, ...going } = withdrawn;
  const added = applyStatement(
    account,
    saying([withdrawn, { ...going, role: 'guest', until: '2026-11-30' }]),
    fed(later),
  );
  const stored = added.account?.affiliations.find(({ role }) => role === 'student');
  expect([stored?.withdrawnAt, added.account?.windows?.[0]?.until]).toEqual([first, at('2026-12-01T00:00:00+01:00')]);
  const again = applyStatement(account, saying([going]), fed(later)).account;
  expect(again?.affiliations[0]).not.toHaveProperty('withdrawnAt');
  expect(again?.endsAt).toBe(at('2027-11-01T00:00:00+01:00'));
});

describe('over many random lives', () => {
  test('an account is open exactly when an interval holds, whatever the order, and a feed said twice is said once', () => {
    const outcomes = { open: 0, closed: 0 };
    for (let seed = 1; seed <= 40; seed += 1) {
      const { stated, access } = aLife(seed);
      const organisations = under(access);
      const saidOn = 200;
      const fed = { ...context, organisations, now: at(`${dayOf(saidOn)}T08:00:00Z`) };
      const made = accountFromStatement(saying(stated), fed, 'a').account as Account;
      const account: Account = { ...made, activatedAt: 1 };
      for (let index = saidOn; index < DAYS; index += 1 + (index % 7)) {
        const noon = at(`${dayOf(index)}T11:00:00Z`);
        const holds = stated.some((each) => opens(each, access[each.role] ?? access.default ?? {}, index, saidOn));
        expect([seed, dayOf(index), isOpen(account, noon)]).toEqual([seed, dayOf(index), holds]);
        outcomes[holds ? 'open' : 'closed'] += 1;
      }
      const other = accountFromStatement(saying(stated.toReversed()), fed, 'a').account;
      expect(other?.windows?.map(({ from, until }) => [from, until])).toEqual(
        account.windows?.map(({ from, until }) => [from, until]),
      );
      const later = { ...fed, now: fed.now + 40 * 86_400_000 };
      expect(applyStatement(made, saying(stated.toReversed()), later).account).toBeUndefined();
    }
    expect(Math.min(outcomes.open, outcomes.closed)).toBeGreaterThan(200);
  });
});
