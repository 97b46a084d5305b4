import { describe, expect, test } from '@jest/globals';
import type { Affiliation } from '../../src/domain/account/account.ts';
import { dayAt, endsAtOf, goesOn, isCurrent, lastDayOf } from '../../src/domain/account/affiliation.ts';

const student = (change: Partial<Affiliation>): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  ...change,
});
const sevenDays = () => 7;
const iso = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());

describe('when an account ends', () => {
  test('not enrolled again: at the end of 31 October in Brussels, winter time', () => {
    expect(iso(endsAtOf([student({ until: '2026-10-31' })], sevenDays))).toBe('2026-10-31T23:00:00.000Z');
  });

  test('on a day in summer time the same midnight is an hour earlier in UTC', () => {
    expect(iso(endsAtOf([student({ until: '2026-09-30' })], sevenDays))).toBe('2026-09-30T22:00:00.000Z');
  });

  test('the day on which the clock goes back is 25 hours long and counts whole', () => {
    expect(iso(endsAtOf([student({ until: '2026-10-24' })], sevenDays))).toBe('2026-10-24T22:00:00.000Z');
    expect(iso(endsAtOf([student({ until: '2026-10-25' })], sevenDays))).toBe('2026-10-25T23:00:00.000Z');
  });

  test('studies stopped: seven days after the official date, across the change to winter time', () => {
    expect(iso(endsAtOf([student({ endedOn: '2026-10-20' })], sevenDays))).toBe('2026-10-27T23:00:00.000Z');
  });

  test('the earlier of planned and official end counts, and the latest affiliation', () => {
    const stopped = student({ until: '2026-10-31', endedOn: '2026-03-01' });
    expect(iso(endsAtOf([stopped], sevenDays))).toBe('2026-03-08T23:00:00.000Z');
    expect(iso(endsAtOf([stopped, student({ until: '2026-06-30' })], sevenDays))).toBe('2026-06-30T22:00:00.000Z');
  });

  test('a person with an affiliation without end keeps the account', () => {
    expect(
      endsAtOf([student({ until: '2020-10-31' }), student({ role: 'alumnus', organisation: 'alum' })], sevenDays),
    ).toBeUndefined();
  });
});

describe('which affiliations are current', () => {
  test('first and last day included', () => {
    const year = student({ from: '2026-09-21', until: '2026-10-31' });
    expect(['2026-09-20', '2026-09-21', '2026-10-31', '2026-11-01'].map((day) => isCurrent(year, day))).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('of two ends the earlier one is the last day; one that begins later goes on without being current', () => {
    const stopped = student({ until: '2026-10-31', endedOn: '2026-03-01' });
    expect([lastDayOf(stopped), lastDayOf(student({}))]).toEqual(['2026-03-01', undefined]);
    expect(['2026-03-01', '2026-03-02'].map((day) => goesOn(stopped, day))).toEqual([true, false]);
    const next = student({ from: '2027-09-21' });
    expect([goesOn(next, '2026-10-01'), isCurrent(next, '2026-10-01')]).toEqual([true, false]);
  });

  test('the day is that of Brussels: half past eleven at night in UTC is tomorrow', () => {
    expect(dayAt(Date.UTC(2026, 9, 31, 22, 59))).toBe('2026-10-31');
    expect(dayAt(Date.UTC(2026, 9, 31, 23, 0))).toBe('2026-11-01');
  });

  test('the day is exact to the millisecond, whichever was asked for before, over every change of the clock', () => {
    const inBrussels = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Brussels' });
    const midnight = (month: number, day: number) => Date.UTC(2026, month, day);
    // new year, the days before and after summer and winter time begin, 31 October, the middle of a day
    const days = [midnight(0, 1), midnight(2, 29), midnight(2, 30), midnight(9, 25), midnight(9, 26), midnight(10, 1)];
    for (const start of days) {
      for (const hours of [-2, -1, 0, 1, 2, 12]) {
        const at = start + hours * 3_600_000;
        for (const now of [at - 1, at, at + 1, at - 1, at - 900_000, at + 899_999]) {
          expect([now, dayAt(now)]).toEqual([now, inBrussels.format(now)]);
        }
      }
    }
  });
});
