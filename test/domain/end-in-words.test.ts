/** What is said of an end, in both languages, and which letters about it are still true when they go out. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { endInWords, wordsIn } from '../../locales/end-in-words.ts';
import { createTranslations } from '../../locales/index.ts';
import type { Account } from '../../src/domain/account/account.ts';
import type { Affiliation } from '../../src/domain/feed/fed-records.ts';
import { applyStatement } from '../../src/domain/feed/feed.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { isStillTrue } from '../../src/domain/lifecycle/end-letters.ts';
import { carryOutEnd, warnOfEnd } from '../../src/domain/lifecycle/expiry-warnings.ts';
import { explain } from '../../src/domain/lifecycle/explain.ts';
import { anAccount } from '../support/account.ts';
import { csvSource, organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const translations = createTranslations();
const at = (time: string) => Date.parse(time);
const now = at('2026-11-28T10:00:00+01:00');
const student = (change: Partial<Affiliation> = {}): Affiliation => ({
  organisation: 'vives',
  role: 'student',
  source: 'csv',
  ...change,
});
const holding = (affiliations: Affiliation[], change: Partial<Account> = {}, when = now) =>
  withWindows(anAccount({ activatedAt: 1, affiliations, ...change }), organisations, when);
const said = (account: Account, language: 'en' | 'nl', when = now) =>
  endInWords(explain(account, organisations, when), wordsIn(language, translations(language), organisations)).join(' ');

describe('an end in words', () => {
  test('says why first, then the day, and counts what is left; days of grace and the reason are not told', () => {
    const account = holding([student({ endedOn: '2026-11-25', until: '2027-10-31', endReason: 'fraud' })]);
    expect(said(account, 'en')).toBe(
      'Your studies at VIVES stopped on 25 November 2026. Your account ends on 2 December 2026 at midnight, in 4 days.',
    );
    expect(said(account, 'nl')).toBe(
      'Je studie aan VIVES stopte op 25 november 2026. Je account eindigt op 2 december 2026 om middernacht, over 4 dagen.',
    );
    expect(said(account, 'en', at('2026-12-01T23:59:00+01:00'))).toContain('2 December 2026 at midnight, tomorrow.');
    expect(said(account, 'en', at('2026-12-02T00:00:00+01:00'))).toContain('ends today, 2 December 2026, at midnight.');
  });

  test('of each kind: planned, announced, over, closed until a day, without an end, suspended', () => {
    const staff = student({ role: 'staff', organisation: 'kuleuven' });
    const cases: [Account, string][] = [
      [holding([student({ until: '2027-10-31' })]), 'Your studies at VIVES run until 31 October 2027.'],
      [holding([student({ endedOn: '2027-01-31' })]), 'Your studies at VIVES stop on 31 January 2027.'],
      [holding([{ ...staff, until: '2027-01-31' }]), 'Your employment at KU Leuven runs until 31 January 2027.'],
      [
        holding([student({ role: 'guest', until: '2026-10-31' })]),
        'Your registration at VIVES ran until 31 October 2026. Your account ended on 31 October 2026 at midnight.',
      ],
      [
        holding([student({ until: '2026-10-31' }), student({ from: '2027-09-01' })]),
        'Your account ended on 31 October 2026 at midnight. It opens again on 1 September 2027.',
      ],
      [holding([student({ from: '2027-09-01' })]), 'Your account opens on 1 September 2027.'],
      [holding([student()]), 'Your account has no end date.'],
      [
        holding([student()], {
          suspension: { kind: 'security', reason: 'x', at: 0, until: at('2027-03-01T00:00+01:00') },
        }),
        'The service desk has closed your account until the end of 28 February 2027.',
      ],
    ];
    for (const [account, sentence] of cases) {
      expect(said(account, 'en')).toContain(sentence);
      expect(said(account, 'nl')).not.toMatch(/\{\{|lifecycle\./);
    }
  });
});

const feeds = [{ source: 'csv', key: 'p1', fields: {} }];
const feed = {
  organisations,
  now,
  source: csvSource,
  defaultLanguage: 'nl' as const,
  sealer: sealerUnder('a secret of more than thirty-two characters'),
  randomBytes,
  invitationSeconds: 1000,
};
const says = (...affiliations: object[]) => ({
  key: 'p1',
  lines: [2],
  complete: true,
  numbers: ['r0011111'],
  mainNumber: 'r0011111',
  values: {},
  affiliations: affiliations.map((each) => ({ organisation: 'vives', role: 'student', ...each })),
});
const letters = (effects: unknown[] = []) =>
  effects.flatMap((effect) => (effect as { letter?: { template: string; data: Record<string, string> } }).letter ?? []);
const fedTo = (account: Account, ...affiliations: object[]) => applyStatement(account, says(...affiliations), feed);

describe('what a feed says', () => {
  const studying = () => holding([student({ until: '2027-10-31' })], { feeds });

  test('that studies stopped is told when it is first said, not again, and the warning of that day is not sent as well', () => {
    const stopped = fedTo(studying(), { until: '2027-10-31', endedOn: '2026-11-25' });
    expect(letters(stopped.effects)).toMatchObject([
      {
        template: 'registration-stopped',
        to: 'annelies@example.org',
        data: { organisation: 'vives', role: 'student', how: 'stopped', day: '2026-11-25', lastDay: '2026-12-02' },
      },
    ]);
    const { account = studying() } = stopped;
    expect(letters(fedTo(account, { until: '2027-09-30', endedOn: '2026-11-25' }).effects)).toEqual([]);
    const warned = (time: string) => warnOfEnd(account, [14, 7, 1], { organisations, now: at(time) }).outcome.kind;
    expect(warned('2026-11-28T11:00:00+01:00')).toBe('none');
    expect(warned('2026-12-01T11:00:00+01:00')).toBe('warned');
  });

  test.each([
    {
      kind: 'discontinued',
      until: '2026-11-25',
      how: 'stopped',
      en: 'Your studies at VIVES stopped on 25 November 2026.',
      nl: 'Je studie aan VIVES stopte op 25 november 2026.',
    },
    {
      kind: 'completed',
      until: '2026-12-05',
      how: 'complete',
      en: 'You complete your studies at VIVES on 5 December 2026.',
      nl: 'Je rondt je studie aan VIVES af op 5 december 2026.',
    },
  ])('that it is $kind on its last day is told as ended_on is', ({ kind, until, how, en, nl }) => {
    const end = { until, end: kind };
    const { account = studying(), effects } = fedTo(studying(), end);
    const [letter] = letters(effects);
    expect(letter).toMatchObject({ template: 'registration-stopped', data: { how, day: until } });
    expect(said(account, 'en')).toContain(en);
    expect(said(account, 'nl')).toContain(nl);
    expect(isStillTrue(letter as never, account, now)).toBe(true);
    expect(isStillTrue(letter as never, studying(), now)).toBe(false);
    expect(letters(fedTo(account, { ...end, from: '2026-09-21' }).effects)).toEqual([]);
    // but that they stop before that day is
    const sooner = { endedOn: '2026-11-24', end: 'discontinued' };
    expect(letters(fedTo(account, sooner).effects)).toMatchObject([{ template: 'registration-stopped' }]);
    expect(letters(fedTo(studying(), { until: '2026-12-05', end: 'expired' }).effects)).toEqual([]);
  });

  test('that studies stopped is not told while another source, or another row, has them go on', () => {
    const other = (change: Partial<Affiliation>) =>
      holding([student({ until: '2027-10-31' }), student({ source: 'hr', ...change })], { feeds });
    const told = (account: Account, ...says: object[]) =>
      letters(fedTo(account, ...says).effects).map(({ template }) => template);
    const ends = [{ endedOn: '2026-11-25' }, { until: '2026-11-30', end: 'discontinued' }, { end: 'withdrawn' }];
    for (const end of ends) {
      expect(told(other({ until: '2027-10-31' }), end)).toEqual([]);
      expect(told(other({ until: '2027-10-31', role: 'staff' }), end)).toEqual(['registration-stopped']);
      expect(told(studying(), end, { until: '2027-06-30' })).toEqual([]);
    }
    const [later, gap] = ['2026-11-26', '2026-12-01'].map((from) => other({ until: '2027-10-31', from }));
    expect(told(later ?? studying(), { endedOn: '2026-11-25' })).toEqual([]);
    expect(told(gap ?? studying(), { endedOn: '2026-11-25' })).toEqual(['registration-stopped']);
    const { account = studying(), effects } = fedTo(studying(), { endedOn: '2026-11-25' });
    const [letter] = letters(effects);
    const again = holding([...account.affiliations, student({ source: 'hr' })]);
    expect(isStillTrue(letter as never, again, now)).toBe(false);
  });

  test('a new enrolment opens the account again with one letter to each address; who was never active hears nothing', () => {
    const over = holding([student({ until: '2026-10-31' })], { feeds });
    const again = fedTo(over, { until: '2027-10-31' });
    expect(letters(again.effects).map(({ template }) => template)).toEqual([
      'account-open-again',
      'account-open-again',
    ]);
    const { activatedAt: _, ...never } = over;
    expect(letters(fedTo(never, { until: '2027-10-31' }).effects).map(({ template }) => template)).not.toContain(
      'account-open-again',
    );
  });

  test('that a registration was withdrawn, or completed, is told in its own words', () => {
    const member = student({ role: 'member', organisation: 'kuleuven', source: 'hr', until: '2027-06-30' });
    const both = holding([student({ until: '2027-10-31' }), member], { feeds });
    const [withdrawn] = letters(fedTo(both, { until: '2027-10-31', end: 'withdrawn' }).effects);
    expect(withdrawn).toMatchObject({
      template: 'registration-stopped',
      data: { how: 'withdrawn', day: '2026-11-28', lastDay: '2027-06-30' },
    });
    const gone = fedTo(studying(), { until: '2027-10-31', end: 'withdrawn' });
    expect(letters(gone.effects)).toMatchObject([{ template: 'account-ended', data: { how: 'withdrawn' } }]);
    expect(said(gone.account ?? both, 'en')).toBe(
      'VIVES withdrew your registration as a student on 28 November 2026. Your account was closed on 28 November 2026.',
    );
    expect(said(gone.account ?? both, 'nl')).toBe(
      'VIVES trok je inschrijving als student in op 28 november 2026. Je account werd gesloten op 28 november 2026.',
    );
    const passed = fedTo(studying(), { endedOn: '2026-11-25', end: 'completed' });
    expect(said(passed.account ?? both, 'en')).toContain('You completed your studies at VIVES on 25 November 2026.');
    expect(said(passed.account ?? both, 'nl')).toContain('Je hebt je studie aan VIVES afgerond op 25 november 2026.');
  });

  test('that access ended is told once, as an end', () => {
    const ended = fedTo(studying(), { until: '2026-11-01' });
    expect(letters(ended.effects).map(({ template }) => template)).toEqual(['account-ended']);
  });
});

describe('when it is delivered, a letter', () => {
  const letterOf = (effects: unknown[] = []) => {
    const [letter] = letters(effects);
    if (letter === undefined) throw new TypeError('there is a letter');
    return letter as Parameters<typeof isStillTrue>[0];
  };
  const context = { organisations, now };

  test('that warns of an end is not sent where the end has moved, or the account closed before', () => {
    const account = holding([student({ until: '2026-12-05' })]);
    const letter = letterOf(warnOfEnd(account, [7], context).effects);
    expect(isStillTrue(letter, account, now)).toBe(true);
    expect(isStillTrue(letter, holding([student({ until: '2027-10-31' })]), now)).toBe(false);
    expect(isStillTrue(letter, holding([student({ until: '2026-11-27' })]), now)).toBe(false);
    expect(isStillTrue(letter, undefined, now)).toBe(false);
  });

  test('that tells an end is not sent to whom a feed has opened the account again, nor the other way round', () => {
    const account = holding([student({ until: '2026-11-27' })], { feeds });
    const ended = letterOf(carryOutEnd(account, context).effects);
    const opened = fedTo(account, { until: '2027-10-31' });
    expect(isStillTrue(ended, account, now)).toBe(true);
    expect(isStillTrue(ended, opened.account, now)).toBe(false);
    const again = letterOf(opened.effects);
    expect(isStillTrue(again, opened.account, now)).toBe(true);
    expect(isStillTrue(again, account, now)).toBe(false);
  });

  test('that studies stopped is not sent where the source took it back', () => {
    const studying = holding([student({ until: '2027-10-31' })], { feeds });
    const stopped = fedTo(studying, { until: '2027-10-31', endedOn: '2026-11-25' });
    const letter = letterOf(stopped.effects);
    expect(isStillTrue(letter, stopped.account, now)).toBe(true);
    expect(isStillTrue(letter, studying, now)).toBe(false);
  });
});
