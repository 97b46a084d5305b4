/** The invented people of bench/size.ts are as good as real ones. */
import { expect, test } from '@jest/globals';
import { familyNameOf, fillAccounts, fillRecords, numberOf } from '../../bench/size/fill.ts';
import { archiveKinds } from '../../src/domain/installation/archive.ts';
import { openStorage } from '../../src/storage/open.ts';
import { organisations } from '../support/organisations.ts';

test('a filled storage passes every check, and its people are found', async () => {
  const storage = await openStorage('sqlite::memory:', { now: Date.now });
  const told: number[] = [];
  const ending = { every: 10, until: '2027-10-31' };
  const now = Date.parse('2026-11-29T12:00:00Z');
  await fillAccounts(storage, { accounts: 30, now, organisations, ending, told: (count) => told.push(count) });
  await fillRecords(storage, { records: 100, accounts: 30, now, expired: 0.05, told: (count) => told.push(count) });
  for (const kind of archiveKinds)
    await storage.archive.inspect(kind, ({ name, faults }) => expect({ name, faults }).toEqual({ name, faults: [] }));
  expect(told).toEqual([30, 90, 100]);
  const counts = await storage.archive.counts();
  expect([counts.accounts, counts.protocolRecords, counts.sessions]).toEqual([30, 90, 10]);
  const [person] = await storage.accounts.search(familyNameOf(20), undefined, 2);
  expect(person?.userNumbers).toEqual([numberOf(20)]);
  expect(person?.endsAt).toBe(Date.parse('2027-10-31T23:00:00Z'));
  expect((await storage.accounts.findByLogin(numberOf(21)))?.endsAt).toBeUndefined();
  await storage.close();
});
