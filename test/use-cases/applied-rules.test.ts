/** Changed rules of access change nobody by themselves; health says so until they are applied. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AccessRules } from '../../src/domain/account/access-terms.ts';
import { withWindows } from '../../src/domain/lifecycle/access.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { noteApplied, rulesNotice } from '../../src/use-cases/lifecycle/applied-rules.ts';
import { recompute } from '../../src/use-cases/lifecycle/recompute.ts';
import { anAccount } from '../support/account.ts';
import { organisations as configured } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';

const now = Date.UTC(2026, 10, 30, 9);
const under = (access: AccessRules) => configured.map((each) => ({ ...each, access }));
const before = under({ default: { discontinued: 'P7D' } });
const after = under({ student: { expired: '10-31' }, default: { discontinued: 'P7D' } });
const affiliation = { organisation: 'vives', source: 'csv', until: '2026-11-29' };
const account = (role: string) =>
  withWindows(
    anAccount({ id: role, activatedAt: 1, userNumbers: [], emails: [], affiliations: [{ ...affiliation, role }] }),
    before,
    now,
  );
let storage: Storage;
beforeEach(async () => {
  storage = await openTestStorage({ now: () => now });
});
afterEach(() => storage.close());

test('of a new installation nothing is told; of changed rules until they are applied, and who has no windows of these', async () => {
  const told = (organisations: typeof before) => rulesNotice(storage, organisations);
  for (const role of ['student', 'staff']) await storage.accounts.insert(account(role));
  expect(await told(before)).toBeUndefined();
  expect(await told(after)).toContain('pedel lifecycle recompute');
  expect(await storage.accounts.findById('student')).toMatchObject({
    revision: 1,
    windows: account('student').windows,
  });

  const options = { ...storage, organisations: after, sources: [], now };
  const counts = { accounts: 2, outdated: 1, changed: 1, closed: 0, opened: 1, losses: 0 };
  expect(await recompute({ ...options, dryRun: true })).toEqual({ kind: 'rehearsed', counts, alarms: [] });
  expect(await told(after)).toContain('pedel lifecycle recompute');
  expect(await recompute({ ...options, dryRun: false })).toEqual({ kind: 'applied', counts, alarms: [] });
  await noteApplied(storage, after);
  expect(await told(after)).toBeUndefined();
  const [student, staff] = await Promise.all(['student', 'staff'].map(storage.accounts.findById));
  expect(student).toMatchObject({ endsAt: Date.parse('2027-11-01T00:00:00+01:00') });
  expect(staff?.revision).toBe(1);
  // another node that has the rules of before is told as well
  expect(await told(before)).toContain('pedel lifecycle recompute');
});

test('of an installation whose accounts a version before wrote it is told from the start', async () => {
  const { rulesVersion: _, ...earlier } = account('student');
  expect(await rulesNotice(storage, before)).toBeUndefined();
  await storage.values.replace('rules of access', 'others', await storage.values.get('rules of access'));
  await storage.accounts.insert(earlier);
  expect(await rulesNotice(storage, before)).toContain('pedel lifecycle recompute');
});
