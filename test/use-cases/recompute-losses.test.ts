/** Changed rules of access stand under the safeguard of imports: what they take away is counted, and asked about, before. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessRules } from '../../src/domain/account/access-terms.ts';
import type { Account } from '../../src/domain/account/account.ts';
import { losesAccess } from '../../src/domain/feed/feed-change.ts';
import { rulesAlarmsOf } from '../../src/domain/feed/safeguard.ts';
import type { Source } from '../../src/domain/feed/source.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import { organisationsOfLoss } from '../../src/domain/lifecycle/losses.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { recompute } from '../../src/use-cases/lifecycle/recompute.ts';
import { anAccount } from '../support/account.ts';
import { organisations as configured, csvSource } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';

const now = Date.parse('2026-09-30T10:00:00Z');
const midnightAfter = (day: string) => Date.parse(`${day}T22:00:00Z`); // in summer
const student = (expired: string): AccessRules => ({ student: { expired }, default: {} });
/** The rules of VIVES; elsewhere those of before. */
const under = (rules: AccessRules) =>
  configured.map((each) => ({ ...each, access: each.id === 'vives' ? rules : student('10-31') }));
const BEFORE = student('10-31');
const source = (id: string, organisations: string[], least: number, lose = 5): Source => ({
  ...csvSource,
  id,
  organisations,
  safeguard: { lose, least, shrink: 20 },
});
const enrolled = (organisation: string, until = '2026-09-30') => ({
  organisation,
  role: 'student',
  source: 'csv',
  until,
});
const accountAt = (affiliations: Account['affiliations'], id = 'one') =>
  withWindows(anAccount({ id, activatedAt: 1, userNumbers: [], emails: [], affiliations }), under(BEFORE), now);

let storage: Storage;
beforeEach(async () => {
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

/** So many open students of VIVES whose studies end on this day. */
async function students(count: number, until: string) {
  for (let index = 0; index < count; index += 1)
    await storage.accounts.insert(accountAt([enrolled('vives', until)], `${until} ${index}`));
}
const apply = (rules: AccessRules, answer: { dryRun?: boolean; allowLosses?: number; sources?: Source[] } = {}) =>
  recompute({ ...storage, organisations: under(rules), sources: [csvSource], now, dryRun: false, ...answer });
const endOf = async (id: string) => (await storage.accounts.findById(id))?.endsAt;

describe('changed rules ask before they take much away', () => {
  test('where ends move to tonight, although nobody closes at once; only that very number goes on', async () => {
    await students(30, '2026-09-30');
    const before = await endOf('2026-09-30 0');
    const asks = {
      kind: 'losses',
      counts: { changed: 30, closed: 0, losses: 30 },
      alarms: [{ organisation: 'vives', losses: { lose: 30, allowed: 25 } }],
    };
    const rules = student('P0D');
    expect(await apply(rules, { dryRun: true })).toMatchObject(asks);
    for (const answer of [{}, { allowLosses: 29 }, { allowLosses: 31 }])
      expect(await apply(rules, answer)).toMatchObject(asks);
    expect(await apply(rules, { allowLosses: 30, dryRun: true })).toMatchObject({ kind: 'rehearsed' });
    expect(await endOf('2026-09-30 0')).toBe(before);
    expect((await storage.accounts.findById('2026-09-30 0'))?.revision).toBe(1);
    expect(await apply(rules, { allowLosses: 30 })).toMatchObject({ kind: 'applied', counts: { losses: 30 } });
    expect(await endOf('2026-09-30 0')).toBe(midnightAfter('2026-09-30'));
    expect(await apply(rules)).toMatchObject({ kind: 'applied', counts: { changed: 0, losses: 0 } });
  });

  test('where ends move to next month, or are months earlier however far away', async () => {
    await students(26, '2026-11-15'); // to 31 October of the next year
    expect(await apply(student('P0D'))).toMatchObject({ kind: 'losses', counts: { closed: 0, losses: 26 } });
    await students(4, '2029-06-30'); // to 31 October of that year
    expect(await apply(student('P7D'))).toMatchObject({ kind: 'losses', counts: { closed: 0, losses: 30 } });
  });

  test('and not where a few lose access, or ends far away come some days earlier', async () => {
    await students(25, '2026-09-30');
    await students(30, '2029-10-05');
    expect(await apply(student('P0D'))).toMatchObject({ kind: 'applied', counts: { losses: 25, changed: 55 } });
    expect(await endOf('2029-10-05 0')).toBe(midnightAfter('2029-10-05'));
  });

  test('a number that is not the right one stops them also where nothing had to be asked', async () => {
    await students(3, '2026-09-30');
    expect(await apply(student('P0D'), { allowLosses: 2 })).toMatchObject({ kind: 'losses', alarms: [] });
    expect(await apply(student('P0D'), { allowLosses: 3 })).toMatchObject({ kind: 'applied' });
  });

  test('by what the strictest source of that organisation lets go, of all its open accounts', async () => {
    await students(4, '2026-09-30');
    await students(56, '2029-10-31');
    const sources = [
      source('sap', ['vives'], 10),
      source('hr', ['vives', 'alum'], 0),
      source('kul', ['kuleuven'], 0, 0),
    ];
    expect(await apply(student('P0D'), { sources, dryRun: true })).toMatchObject({
      alarms: [{ organisation: 'vives', losses: { lose: 4, allowed: 3 } }], // 5% of 60
    });
    expect(await apply(student('P0D'), { sources: sources.slice(0, 1), dryRun: true })).toMatchObject({ alarms: [] });
  });
});

test('each organisation has its own number; one without sources may lose 25, or 5% of its people', () => {
  const sources = [source('sap', ['vives'], 5), source('all', ['vives', 'kuleuven'], 9)];
  const open = { vives: 100, kuleuven: 1000, alum: 1000 };
  expect(rulesAlarmsOf(sources, { losses: { vives: 6, kuleuven: 50, alum: 51 }, open })).toEqual([
    { organisation: 'vives', losses: { lose: 6, allowed: 5 } },
    { organisation: 'alum', losses: { lose: 51, allowed: 50 } },
  ]);
  expect(rulesAlarmsOf(sources, { losses: { gone: 26 }, open })).toMatchObject([{ losses: { allowed: 25 } }]);
});

describe('a loss is of the organisation', () => {
  const lossesOf = (affiliations: Account['affiliations'], rules: AccessRules) => {
    const before = accountAt(affiliations);
    const after = withWindows(before, under(rules), now);
    return losesAccess(before, after, now) ? organisationsOfLoss(before, after, now) : [];
  };

  test('that decided the end which has gone, and not of another one that the account knows', () => {
    const both = [enrolled('kuleuven', '2026-06-30'), enrolled('vives', '2027-06-30')];
    expect(lossesOf(both, student('P0D'))).toEqual(['vives']);
    expect(lossesOf([enrolled('kuleuven', '2027-06-30'), enrolled('vives')], student('P0D'))).toEqual([]);
  });

  test('and of all where that end stays, and only the opening moved', () => {
    const later = { ...enrolled('vives', '2027-06-30'), from: '2026-11-01' };
    const before = withWindows(
      accountAt([enrolled('alum', '2020-01-01'), later]),
      under({ student: { opens: 'P90D' } }),
      now,
    );
    const after = withWindows(before, under({ student: { opens: 'P0D' } }), now);
    expect([losesAccess(before, after, now), organisationsOfLoss(before, after, now)]).toEqual([
      true,
      ['alum', 'vives'],
    ]);
  });
});
