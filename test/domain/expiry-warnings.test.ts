/** When people are warned that their account ends, in calendar days of Brussels, and what the end changes. */
import { describe, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { windowsOf } from '../../src/domain/lifecycle/access.ts';
import { carryOutEnd, daysLeft, warnedBefore, warnOfEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';

const WARNINGS = [14, 7, 1];
const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  until: '2027-10-31',
  ...change,
});

/** Active, with the end that these affiliations make. */
function ending(affiliations: Affiliation[] = [student()], change: Partial<Account> = {}): Account {
  const endsAt = windowsOf(affiliations, organisations)?.at(-1)?.until;
  return anAccount({ activatedAt: 1, affiliations, ...(endsAt === undefined ? {} : { endsAt }), ...change });
}

const at = (time: string) => Date.parse(time);
const about = (time: string) => ({ organisations, now: at(time) });
const warn = (account: Account, time: string, days = WARNINGS) => warnOfEnd(account, days, about(time));

/** Asks every hour, as the job does, and tells at which moments a letter went out. */
function warnedAt(account: Account, from: string, to: string): string[] {
  const moments: string[] = [];
  let current = account;
  for (let now = at(from); now < at(to); now += 3_600_000) {
    const ruling = warnOfEnd(current, WARNINGS, { organisations, now });
    if (ruling.account === undefined) continue;
    current = ruling.account;
    moments.push(new Date(now).toLocaleString('sv-SE', { timeZone: 'Europe/Brussels' }).slice(0, 16));
  }
  return moments;
}

const letterOf = ({ effects = [] }: ReturnType<typeof warnOfEnd>) =>
  effects.flatMap((effect) => (effect.kind === 'letter' ? [effect.letter] : []))[0];

describe('days left', () => {
  test('are calendar days in Brussels, whatever the hour', () => {
    const { endsAt = 0 } = ending();
    expect(daysLeft(endsAt, at('2027-10-17T00:00:00+02:00'))).toBe(14);
    expect(daysLeft(endsAt, at('2027-10-17T23:59:59+02:00'))).toBe(14);
    expect(daysLeft(endsAt, at('2027-10-30T23:59:59+02:00'))).toBe(1);
    expect(daysLeft(endsAt, at('2027-10-31T23:59:59+01:00'))).toBe(0);
  });

  test('of 31 October are right although that day itself has 25 hours', () => {
    const { endsAt = 0 } = ending();
    // in 2027 winter time begins on 31 October at 3:00
    expect(endsAt).toBe(at('2027-11-01T00:00:00+01:00'));
    expect(daysLeft(endsAt, at('2027-10-31T02:30:00+02:00'))).toBe(0);
    expect(daysLeft(endsAt, at('2027-10-31T02:30:00+01:00'))).toBe(0);
    expect(daysLeft(endsAt, at('2027-10-30T23:59:59+02:00'))).toBe(1);
  });

  test('of an end in spring are right across the night of 23 hours', () => {
    const { endsAt = 0 } = ending([student({ until: '2027-03-28' })]);
    expect(daysLeft(endsAt, at('2027-03-27T23:30:00+01:00'))).toBe(1);
    expect(daysLeft(endsAt, at('2027-03-28T00:30:00+01:00'))).toBe(0);
    expect(daysLeft(endsAt, at('2027-03-14T12:00:00+01:00'))).toBe(14);
  });

  test('no end that is due to be warned of lies beyond what is looked through', () => {
    for (const time of ['2027-10-17T00:00:00+02:00', '2027-10-17T23:59:59+02:00', '2027-03-14T00:00:00+01:00']) {
      const until = time.startsWith('2027-10') ? '2027-10-31' : '2027-03-28';
      const { endsAt = 0 } = ending([student({ until })]);
      expect(endsAt).toBeLessThan(warnedBefore(WARNINGS, at(time)));
      expect(endsAt).toBeGreaterThan(warnedBefore([13], at(time)));
    }
  });
});

describe('a person whose account ends', () => {
  test('is told 14, 7 and 1 days before its last day, from the first hour of each of those days', () => {
    expect(warnedAt(ending(), '2027-10-01T00:00:00+02:00', '2027-11-03T00:00:00+01:00')).toEqual([
      '2027-10-17 00:00',
      '2027-10-24 00:00',
      '2027-10-30 00:00',
    ]);
  });

  test('hears of it at one address, the personal one, in a letter that names the day and who decides it', () => {
    const ruling = warn(ending(), '2027-10-17T08:00:00+02:00');
    expect(letterOf(ruling)).toMatchObject({
      template: 'account-ends',
      to: 'annelies@example.org',
      organisation: 'vives',
      data: { number: 'r0011111', lastDay: '2027-10-31', organisation: 'vives' },
      expiresAt: at('2027-11-01T00:00:00+01:00'),
    });
    expect(ruling.effects?.map(({ kind }) => kind)).toEqual(['letter', 'audit']);
  });

  test('hears of an official end by its day, and when access ends after the days of grace', () => {
    const stopped = ending([student({ endedOn: '2027-02-01' })]);
    const ruling = warn(stopped, '2027-02-02T08:00:00+01:00');
    expect(ruling.outcome).toEqual({ kind: 'warned', days: 7 });
    expect(letterOf(ruling)?.data).toMatchObject({ lastDay: '2027-02-08', how: 'stopped', day: '2027-02-01' });
  });

  test('gets after days without a mailer only the nearest warning, and no earlier one later', () => {
    const ruling = warn(ending(), '2027-10-29T08:00:00+02:00'); // two days left
    expect(ruling.outcome).toEqual({ kind: 'warned', days: 7 });
    expect(letterOf(ruling)?.data.lastDay).toBe('2027-10-31');
    const told = ruling.account ?? ending();
    expect(warn(told, '2027-10-29T09:00:00+02:00').outcome).toEqual({ kind: 'none' });
    expect(warn(told, '2027-10-30T09:00:00+02:00').outcome).toEqual({ kind: 'warned', days: 1 });
    expect(warn(ending(), '2027-10-31T12:00:00+01:00').outcome).toEqual({ kind: 'warned', days: 1 });
  });

  test('is warned anew where the end moves, and not again where it only comes back', () => {
    const told = warn(ending(), '2027-10-30T08:00:00+02:00').account ?? ending();
    const later = { ...told, ...ending([student({ until: '2027-12-31' })]), endings: told.endings ?? [] };
    expect(warn(later, '2027-11-30T08:00:00+01:00').outcome).toEqual({ kind: 'none' });
    const toldLater = warn(later, '2027-12-17T08:00:00+01:00');
    expect(toldLater.outcome).toEqual({ kind: 'warned', days: 14 });
    const back = { ...(toldLater.account ?? later), endsAt: told.endsAt ?? 0 };
    expect(warn(back, '2027-10-30T09:00:00+02:00').outcome).toEqual({ kind: 'none' });
  });

  test('is warned at the institution address if there is no personal address, and not at all without any address', () => {
    const { personalEmail: _, ...institutional } = ending();
    expect(letterOf(warn(institutional, '2027-10-17T08:00:00+02:00'))?.to).toBe('annelies.peeters@student.vives.be');
    const nowhere = warn({ ...institutional, emails: [] }, '2027-10-17T08:00:00+02:00');
    expect(nowhere).toEqual({ outcome: { kind: 'no-address' } });
  });

  test('remembers no end for longer than a year', () => {
    const endings = [
      { endsAt: at('2026-06-01T00:00:00Z'), carriedOutAt: 1 },
      { endsAt: at('2027-06-01T00:00:00Z'), carriedOutAt: 2 },
    ];
    const { account } = warn(ending([student()], { endings }), '2027-10-17T08:00:00+02:00');
    expect(account?.endings?.map(({ endsAt }) => new Date(endsAt).getUTCFullYear())).toEqual([2027, 2027]);
  });
});

describe('nobody is warned', () => {
  const none = (account: Account) =>
    expect(warn(account, '2027-10-30T08:00:00+02:00').outcome).toEqual({ kind: 'none' });

  test('who holds another affiliation that goes on', () => {
    none(ending([student(), student({ organisation: 'kuleuven', until: '2028-10-31' })]));
    const { until: _, ...open } = student({ organisation: 'alum' });
    none(ending([student(), open]));
  });
  test('who was never active', () => {
    const { activatedAt: _, ...never } = ending();
    none(never);
  });
  test('whose account has ended, or has no end', () => {
    none(ending([student({ until: '2027-10-29' })]));
    const { endsAt: _, ...endless } = ending();
    none(endless);
  });
  test('where no warnings are configured', () => {
    expect(warn(ending(), '2027-10-30T08:00:00+02:00', []).outcome).toEqual({ kind: 'none' });
  });
});

describe('the end', () => {
  const end = (account: Account, time: string) => carryOutEnd(account, about(time));

  test('is not carried out before its second, which is midnight after the last day', () => {
    expect(end(ending(), '2027-10-31T23:59:59.999+01:00').outcome).toEqual({ kind: 'none' });
    expect(end(ending(), '2027-11-01T00:00:00+01:00').outcome).toEqual({ kind: 'carried-out' });
  });

  test('ends sessions of the epoch that it leaves behind, tells the audit log, and mails the person once', () => {
    const { account, effects } = end(ending(), '2027-11-01T00:00:05+01:00');
    expect(account?.credentialsEpoch).toBe(2);
    expect(effects).toMatchObject([
      { kind: 'end-sessions', reason: 'account ended', olderThanEpoch: 2 },
      { kind: 'audit', entry: { action: 'account.ended', details: { lastDay: '2027-10-31' } } },
      { letter: { template: 'account-ended', to: 'annelies@example.org', data: { lastDay: '2027-10-31' } } },
    ]);
    // one that is found long after is no news
    const late = end(ending(), '2027-11-09T00:00:00+01:00').effects ?? [];
    expect(late.map(({ kind }) => kind)).toEqual(['end-sessions', 'audit']);
  });

  test('is carried out once, and once more where the account woke up and ends again', () => {
    const over = end(ending(), '2027-11-01T00:00:05+01:00').account ?? ending();
    expect(end(over, '2027-11-01T00:00:06+01:00').outcome).toEqual({ kind: 'none' });
    const awake = { ...over, endsAt: at('2028-11-01T00:00:00+01:00') };
    expect(end(awake, '2027-11-02T00:00:00+01:00').outcome).toEqual({ kind: 'none' });
    expect(awake.id).toBe(ending().id);
    expect(end(awake, '2028-11-01T00:00:00+01:00').outcome).toEqual({ kind: 'carried-out' });
  });

  test('of an account that was never active changes nothing', () => {
    const { activatedAt: _, ...never } = ending();
    expect(end(never, '2027-11-02T00:00:00+01:00')).toEqual({ outcome: { kind: 'none' } });
  });
});
