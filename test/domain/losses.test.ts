/** What the safeguard counts: an open account whose end comes now, soon, or much earlier than it was known. */
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { losesAccess } from '../../src/domain/feed/feed-change.ts';
import type { AccessWindow } from '../../src/domain/lifecycle/lifecycle-records.ts';
import { anAccount } from '../support/account.ts';

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 30, 9);
const at = (day: string) => Date.parse(`${day}T23:00:00Z`);
const open = (windows: AccessWindow[], change: Partial<Account> = {}) =>
  anAccount({ activatedAt: 1, windows, ...change });
const until = (day: string): AccessWindow[] => [{ from: 0, until: at(day) }];
const loses = (before: AccessWindow[], after: AccessWindow[]) => losesAccess(open(before), open(after), now);

describe('an open account loses access', () => {
  test('at once, or within a month and earlier than before', () => {
    expect(loses(until('2027-10-31'), [{ from: 0, until: now - DAY }])).toBe(true);
    expect(loses(until('2026-12-20'), until('2026-12-19'))).toBe(true);
    expect(loses(until('2026-12-20'), until('2026-12-20'))).toBe(false);
    expect(loses(until('2026-12-20'), until('2026-12-21'))).toBe(false);
  });

  test('where its end moves from years away to the next 31 October, which no later file changes again', () => {
    expect(loses(until('2030-10-31'), until('2027-10-31'))).toBe(true);
    expect(loses([{ from: 0 }], until('2027-10-31'))).toBe(true);
    expect(loses([{ from: 0 }], [{ from: 0 }])).toBe(false);
    expect(loses(until('2027-10-31'), until('2030-10-31'))).toBe(false);
  });

  test('not where a far end is put right by some days', () => {
    const at30 = [{ from: 0, until: at('2030-10-31') - 30 * DAY }];
    const beyond = [{ from: 0, until: at('2030-10-31') - 30 * DAY - 1 }];
    expect([loses(until('2030-10-31'), at30), loses(until('2030-10-31'), beyond)]).toEqual([false, true]);
  });

  test('where what was to follow the present access goes', () => {
    const next = { from: at('2028-01-15'), until: at('2030-10-31') };
    expect(loses([...until('2027-10-31'), next], until('2027-10-31'))).toBe(true);
    expect(loses([...until('2027-10-31'), next], [...until('2027-10-31'), next])).toBe(false);
    expect(loses(until('2027-10-31'), [next])).toBe(true); // it opens again later, but not now
  });

  test('only where it was open', () => {
    const [before, after] = [until('2030-10-31'), until('2027-10-31')];
    const never = { activatedAt: undefined } as unknown as Partial<Account>;
    expect(losesAccess(open(before, never), open(after, never), now)).toBe(false);
    expect(loses([{ from: at('2027-01-01'), until: at('2030-10-31') }], until('2026-12-01'))).toBe(false);
  });
});
