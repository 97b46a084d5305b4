import { describe, expect, test } from '@jest/globals';
import { dayAt, goesOn, isCurrent, lastDayOf } from '../../src/domain/account/affiliation.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';

const student = (change: Partial<Affiliation>): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  ...change,
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
