/** When an account opens: exactly when one of its affiliations grants access, whatever else is stored. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { accessOf, isOpen } from '../../src/domain/account/account-access.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { opensAt, windowsOf, withWindows } from '../../src/domain/lifecycle/access.ts';
import { endOf } from '../../src/domain/lifecycle/account-expiry.ts';
import { carryOutEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { recomputeAccess } from '../../src/use-cases/lifecycle/recompute.ts';
import { anAccount } from '../support/account.ts';
import { organisations as configured, csvSource } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  ...change,
});
const organisations = configured;
const at = (time: string) => Date.parse(time);
const active = (affiliations: Affiliation[], now: number, change: Partial<Account> = {}) =>
  withWindows(anAccount({ activatedAt: 1, affiliations, ...change }), organisations, now);

/** Two enrolments with a gap: until 31 October 2026, and from 21 September 2027. */
const twice = [student({ until: '2026-10-31' }), student({ from: '2027-09-21', until: '2028-10-31' })];

describe('an account with two enrolments', () => {
  const account = active(twice, at('2026-06-01T00:00:00Z'));

  test('is closed in the gap between them, to the second', () => {
    const open = (time: string) => isOpen(account, at(time));
    expect(open('2026-10-31T23:59:59+01:00')).toBe(true);
    expect(open('2026-11-01T00:00:00+01:00')).toBe(false);
    expect(open('2027-09-20T23:59:59+02:00')).toBe(false);
    expect(open('2027-09-21T00:00:00+02:00')).toBe(true);
    expect(open('2028-11-01T00:00:00+01:00')).toBe(false);
    expect(opensAt(account, at('2027-01-01T00:00:00Z'))).toBe(at('2027-09-21T00:00:00+02:00'));
  });

  test('ends twice: each end is carried out once, and the next one is found afterwards', () => {
    const end = (of: Account, time: string) => carryOutEnd(of, { organisations, now: at(time) });
    expect(account.endsAt).toBe(at('2026-11-01T00:00:00+01:00'));
    const first = end(account, '2026-11-01T00:00:05+01:00');
    expect(first.outcome.kind).toBe('carried-out');
    const between = first.account ?? account;
    expect([between.endsAt, between.credentialsEpoch]).toEqual([at('2028-11-01T00:00:00+01:00'), 2]);
    expect(end(between, '2027-01-01T00:00:00Z')).toEqual({ outcome: { kind: 'none' } });
    expect(end(between, '2027-10-01T00:00:00Z')).toEqual({ outcome: { kind: 'none' } });
    const second = end(between, '2028-11-01T00:00:00+01:00');
    expect(second.outcome.kind).toBe('carried-out');
    expect(second.account?.credentialsEpoch).toBe(3);
    // one that was never activated is found at its second end as well
    const { activatedAt: _, ...never } = account;
    expect(end(never, '2026-11-01T00:00:05+01:00').account?.endsAt).toBe(at('2028-11-01T00:00:00+01:00'));
  });
});

test('an account is closed until its only affiliation begins, but for the days by which its organisation opens early', () => {
  const next = [student({ from: '2027-09-21' })];
  const now = at('2026-09-21T00:00:00Z');
  expect(accessOf(active(next, now), now)).toEqual({ kind: 'later', from: at('2027-09-21T00:00:00+02:00') });
  const early = configured.map((each) => ({ ...each, access: { default: { opens: 'P30D' } } }));
  expect(windowsOf(next, early)).toEqual([{ from: at('2027-08-22T00:00:00+02:00') }]);
  // neither order nor affiliations that touch or overlap make another window
  const touching = [student({ from: '2027-02-01', until: '2027-06-30' }), student({ until: '2027-01-31' })];
  for (const list of [touching, [...touching].reverse()]) {
    expect(windowsOf(list, organisations)).toMatchObject([{ until: at('2027-07-01T00:00:00+02:00') }]);
  }
});

test('access follows exactly the days that some affiliation holds, over many random lives', () => {
  let seed = 7;
  const chance = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const dayOf = (index: number) => new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  for (let life = 0; life < 60; life += 1) {
    const affiliations = Array.from({ length: 1 + chance(4) }, () => {
      const from = chance(300);
      return student({
        ...(chance(4) === 0 ? {} : { from: dayOf(from) }),
        ...(chance(4) === 0 ? {} : { until: dayOf(from + chance(120)) }),
      });
    });
    const account = active(affiliations, at('2026-01-01T00:00:00Z'));
    for (let day = 0; day < 430; day += 1 + chance(5)) {
      const [today, noon] = [dayOf(day), at(`${dayOf(day)}T11:00:00Z`)];
      const holds = affiliations.some(({ from = today, until = today }) => from <= today && today <= until);
      expect([life, today, isOpen(account, noon)]).toEqual([life, today, holds]);
    }
  }
});

describe('changed rules', () => {
  const now = at('2026-09-26T12:00:00+02:00');
  const stopped = [student({ endedOn: '2026-09-20' })];
  const rules = (days: number) =>
    configured.map((each) => ({ ...each, access: { default: { discontinued: `P${days}D` } } }));
  const before = withWindows(anAccount({ activatedAt: 1, affiliations: stopped }), rules(7), now);

  test('change nobody by themselves, and the reason of the stored end stays', () => {
    expect(endOf(before, rules(4), now)).toMatchObject({
      lastAt: at('2026-09-28T00:00:00+02:00') - 1,
      daysLeft: 1,
      because: { organisation: 'vives', endedOn: '2026-09-20' },
    });
    const { windows: _, ...stored } = before; // as a version before windows wrote it
    expect(endOf(stored, rules(4), now)?.because).toMatchObject({ endedOn: '2026-09-20' });
  });

  test('are applied on request; an account that closes by it ends at once, and only once', () => {
    const shorter = { organisations: rules(4), now };
    const closed = recomputeAccess(before, shorter);
    expect(closed.outcome).toEqual({ outdated: true, changed: true, closes: true, loses: true });
    expect(closed.account?.credentialsEpoch).toBe(2);
    expect(closed.effects).toContainEqual(expect.objectContaining({ kind: 'end-sessions' }));
    expect(recomputeAccess(closed.account ?? before, shorter).outcome.changed).toBe(false);
    const again = recomputeAccess(closed.account ?? before, { organisations: rules(14), now });
    expect([again.outcome.closes, isOpen(again.account ?? before, now)]).toEqual([false, true]);
  });
});

test('a feed that puts the beginning off closes an open account now, and signs it out', () => {
  const now = at('2026-09-26T12:00:00+02:00');
  const account = active([student({ from: '2026-09-21' })], now, { feeds: [{ source: 'csv', key: 'p1', fields: {} }] });
  const context = {
    source: csvSource,
    organisations,
    defaultLanguage: 'nl' as const,
    sealer: sealerUnder('a secret of more than thirty-two characters'),
    now,
    randomBytes,
    invitationSeconds: 60,
  };
  const later = applyStatement(
    account,
    {
      key: 'p1',
      lines: [2],
      complete: true,
      numbers: account.userNumbers,
      mainNumber: account.userNumbers[0] ?? '',
      values: {},
      affiliations: [{ organisation: 'vives', role: 'student', from: '2027-02-01' }],
    },
    context,
  );
  expect(later.account?.credentialsEpoch).toBe(2);
  expect(later.effects).toContainEqual(expect.objectContaining({ kind: 'end-sessions' }));
  expect(later.outcome).toMatchObject({ notes: expect.arrayContaining(['closed until 2027-02-01']) });
});
