/** Who may suspend whom, and what the audit log has of it; the rules themselves: test/domain/suspension.test.ts. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { isOpen } from '../../src/domain/account/account-access.ts';
import { openValues } from '../../src/domain/audit/sealed-audit-values.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import type { Actor } from '../../src/use-cases/actor.ts';
import { holdPerson, releaseHoldOf } from '../../src/use-cases/people/hold.ts';
import { liftSuspensionOf, suspendPerson } from '../../src/use-cases/people/suspend.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';
import { openTestStorage } from '../support/storage.ts';

const now = Date.UTC(2026, 10, 30, 9);
const sealer = sealerUnder('a secret of more than thirty-two characters');
let storage: Storage;
let granted: RoleGrant[] = [];
const deps = () => ({
  accounts: storage.accounts,
  roleGrants: { read: async () => ({ grants: granted, revision: 1, effects: [] }) },
  sealer,
  organisations,
  now: () => now,
  randomBytes,
});
const somebody = (role: RoleName, at: RoleGrant['organisations'] = ['vives'], id: string = role): Actor => ({
  kind: 'person',
  id,
  name: id,
  via: 'console',
  grants: [{ id: `g-${id}`, holder: { kind: 'person', id }, role, organisations: at, grantedBy: 'x', grantedAt: 0 }],
});
const desk = somebody('desk');
const owner = somebody('owner', 'association');
const asked = { kind: 'security', reason: '  seen in a\npublic list ' } as const;
const account = async () => (await storage.accounts.findById('account-1')) ?? anAccount();

beforeEach(async () => {
  granted = [];
  storage = await openTestStorage({ now: () => now });
  await storage.accounts.insert(anAccount({ activatedAt: 1, password: { hash: 'h', setAt: 1 } }));
});
afterEach(() => storage.close());

test('the desk of the person’s own organisation suspends and lifts; another one learns nothing of the person', async () => {
  const elsewhere = somebody('desk', ['kuleuven']);
  expect(await suspendPerson(elsewhere, 'account-1', asked, deps())).toEqual({ kind: 'not-found' });
  expect(await suspendPerson(somebody('auditor'), 'account-1', asked, deps())).toEqual({
    kind: 'not-allowed',
    because: 'no-right',
  });
  expect(await suspendPerson(desk, 'account-1', asked, deps())).toEqual({ kind: 'suspended' });
  expect(isOpen(await account(), now)).toBe(false);
  expect(await liftSuspensionOf(elsewhere, 'account-1', 'called', deps())).toEqual({ kind: 'not-found' });
  expect(await liftSuspensionOf(desk, 'account-1', 'called', deps())).toEqual({ kind: 'lifted', was: 'security' });
  expect(await liftSuspensionOf(desk, 'account-1', 'called', deps())).toEqual({ kind: 'not-suspended' });
  expect(isOpen(await account(), now)).toBe(true);
});

test('nobody suspends himself, nor somebody with a higher role', async () => {
  const himself = { ...desk, id: 'account-1' };
  expect(await suspendPerson(himself, 'account-1', asked, deps())).toEqual({ kind: 'not-allowed', because: 'himself' });
  granted = somebody('owner', 'association', 'account-1').grants as RoleGrant[];
  expect(await suspendPerson(desk, 'account-1', asked, deps())).toEqual({
    kind: 'not-allowed',
    because: 'higher-role',
  });
  expect((await suspendPerson(owner, 'account-1', asked, deps())).kind).toBe('suspended');
});

test('the audit log says who, of what kind and until when; the reason only opens with the person’s own key', async () => {
  await suspendPerson(desk, 'account-1', { ...asked, until: '2026-12-31' }, deps());
  const stored = await account();
  const entry = stored.effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry] : [])).at(-1);
  expect(entry).toMatchObject({
    action: 'account.suspended',
    actor: { kind: 'person', id: 'desk', roles: ['desk vives'] },
    subject: 'account-1',
    details: { kind: 'security', until: '2026-12-31' },
  });
  expect(openValues(sealer, stored, entry?.sealedValues ?? '')).toEqual({ reason: 'seen in a public list' });
  expect(stored.suspension).toMatchObject({ until: Date.parse('2027-01-01T00:00:00+01:00') });
});

test('without a reason, or until no day or one that has passed, nothing happens', async () => {
  const refusals = [
    [{ ...asked, reason: ' \n ' }, 'no-reason'],
    [{ ...asked, reason: 'x'.repeat(501) }, 'no-reason'],
    [{ ...asked, until: '31/12/2026' }, 'no-day'],
    [{ ...asked, until: '2026-02-30' }, 'no-day'],
    [{ ...asked, until: '2026-11-29' }, 'over'],
  ] as const;
  for (const [input, because] of refusals)
    expect(await suspendPerson(desk, 'account-1', input, deps())).toEqual({ kind: 'refused', because });
  expect((await account()).revision).toBe(1);
});

test('a suspension is lifted with a reason, which the audit log keeps sealed for the person', async () => {
  await suspendPerson(desk, 'account-1', asked, deps());
  for (const reason of ['', ' \n ', 'x'.repeat(501)])
    expect(await liftSuspensionOf(desk, 'account-1', reason, deps())).toEqual({
      kind: 'refused',
      because: 'no-reason',
    });
  expect(isOpen(await account(), now)).toBe(false);
  await liftSuspensionOf(desk, 'account-1', 'a new password at the counter', deps());
  const stored = await account();
  const entry = stored.effects.flatMap((effect) => (effect.kind === 'audit' ? [effect.entry] : [])).at(-1);
  expect(entry).toMatchObject({ action: 'account.suspension-lifted', details: { kind: 'security' } });
  expect(openValues(sealer, stored, entry?.sealedValues ?? '')).toEqual({ reason: 'a new password at the counter' });
});

test('a legal hold is for owners', async () => {
  for (const role of ['desk', 'people-administrator'] as const)
    expect(await holdPerson(somebody(role), 'account-1', 'court', deps())).toEqual({
      kind: 'not-allowed',
      because: 'no-right',
    });
  expect(await holdPerson(owner, 'account-1', 'court', deps())).toEqual({ kind: 'held' });
  expect((await account()).legalHold?.reason).toBe('court');
  expect(await releaseHoldOf(desk, 'account-1', deps())).toEqual({ kind: 'not-allowed', because: 'no-right' });
  expect(await releaseHoldOf(owner, 'account-1', deps())).toEqual({ kind: 'released' });
});

test('of twenty who suspend and lift at once, each is applied whole', async () => {
  const acts = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0
      ? suspendPerson(desk, 'account-1', asked, deps())
      : liftSuspensionOf(desk, 'account-1', 'x', deps()),
  );
  const done = await Promise.all(acts);
  const changes = done.filter(({ kind }) => kind === 'suspended' || kind === 'lifted').length;
  const { effects, revision } = await account();
  expect(revision).toBe(1 + changes);
  expect(effects.filter(({ kind }) => kind === 'audit')).toHaveLength(changes);
});
