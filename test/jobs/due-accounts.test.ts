/** Accounts of which something is due are handled by one node, whatever becomes of those before them. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Account } from '../../src/domain/account/account.ts';
import { halfwayTerm } from '../../src/domain/account/account-keys.ts';
import { updateAccount } from '../../src/domain/account/update-account.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { type Due, handleDue } from '../../src/jobs/due-accounts.ts';
import { anAccount } from '../support/account.ts';
import { openTestStorage } from '../support/storage.ts';
import { keepLog } from './support/quiet.ts';

const NOW = Date.UTC(2026, 8, 21);
let storage: Storage;
let log: ReturnType<typeof keepLog>;
let asked: string[];

beforeEach(async () => {
  storage = await openTestStorage({ now: () => NOW });
  log = keepLog();
  asked = [];
});
afterEach(() => storage.close());

const due = async (id: string, at = NOW) =>
  storage.accounts.insert(
    anAccount({ id, userNumbers: [`r-${id}`], emails: [], halfway: [{ browser: 'b', address: '192.0.2.9', at }] }),
  );
const take = async ({ id }: Account) => {
  await updateAccount(storage.accounts, id, ({ halfway: _, ...account }) => ({ outcome: undefined, account }));
  return 'done' as const;
};
const round = (handle: Due['handle'], afterMs = 0, goOn?: () => boolean) => {
  const leases: Storage['leases'] = {
    ...storage.leases,
    acquire: (name, ...more) => {
      asked.push(name);
      return storage.leases.acquire(name, ...more);
    },
  };
  return handleDue(
    { lease: 'tests', term: halfwayTerm, afterMs, handle, failed: 'not yet' },
    { storage: { accounts: storage.accounts, leases }, holder: 'one', now: () => NOW, log },
    goOn,
  );
};

test('where nothing is due, no lease is asked for, which would be a write each minute', async () => {
  await due('later', NOW + 1);
  await due('waits', NOW - 999);
  expect(await round(take, 1000)).toBe(0);
  expect(asked).toEqual([]);
});

test('more accounts than a page, which wait or fail, keep nothing from the one behind them', async () => {
  for (let n = 0; n < 105; n += 1) await due(`before${n}`, NOW - 1);
  await due('eva');
  const handled = await round(async (account) => {
    if (account.id === 'eva') return take(account);
    if (account.id === 'before7') throw new Error('away');
    return 'waits';
  });
  expect(handled).toBe(1);
  expect((await storage.accounts.findById('eva'))?.halfway).toBeUndefined();
  expect(log.written).toMatchObject([{ level: 'error', message: 'not yet', fields: { accountId: 'before7' } }]);
});

test('a node that is to stop ends after a page, and gives the lease back', async () => {
  for (let n = 0; n < 105; n += 1) await due(`person${n}`);
  expect(await round(take, 0, () => false)).toBe(100);
  expect(await round(take)).toBe(5);
  expect(asked).toEqual(['tests', 'tests']);
});
