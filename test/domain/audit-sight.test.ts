/** Who reads what of the audit log, and who tries a delivery again: the matrix of roles, without pages. */
import { expect, test } from '@jest/globals';
import type { AuditEntry } from '../../src/domain/ports/audit-log.ts';
import type { RoleGrant, RoleName } from '../../src/domain/roles/role.ts';
import { type Actor, auditActorOf } from '../../src/use-cases/actor.ts';
import { seesEverybody, seesPerson } from '../../src/use-cases/audit/masking.ts';
import { searchAudit } from '../../src/use-cases/audit/search.ts';
import { listDeliveries, retryDelivery } from '../../src/use-cases/operation/deliveries.ts';

const actorWith = (role: RoleName, organisations: RoleGrant['organisations']): Actor => ({
  kind: 'person',
  id: 'me',
  name: 'Me',
  grants: [{ id: 'g', holder: { kind: 'person', id: 'me' }, role, organisations, grantedBy: 'x', grantedAt: 0 }],
  via: 'api',
  requestId: 'r1',
});
const entry = (id: string, more: Partial<AuditEntry>): AuditEntry => ({
  id,
  at: 1,
  action: 'client.changed',
  actor: { kind: 'person', id: 'somebody' },
  ...more,
});
const log = [
  entry('own act', { actor: { kind: 'person', id: 'me' } }),
  entry('a service of that id', { actor: { kind: 'client', id: 'me' } }),
  entry('client of kuleuven', { client: 'of-kuleuven' }),
  entry('client of vives', { client: 'of-vives' }),
  entry('client of the association', { client: 'of-nobody' }),
  entry('person of kuleuven', { subject: 'at-kuleuven', sealedValues: 'sealed' }),
  entry('person of vives', { subject: 'at-vives', client: 'of-kuleuven' }),
  entry('keys', {}),
];
const ports = {
  auditLog: { page: async () => log },
  clients: {
    find: async (id: string) =>
      ({ id, metadata: id === 'of-nobody' ? {} : { pedel_organisation: id.replace('of-', '') } }) as never,
  },
  accounts: { findById: async (id: string) => ({ affiliations: [{ organisation: id.replace('at-', '') }] }) as never },
};
const seenBy = async (actor: Actor) =>
  (await searchAudit(actor, { filter: {}, limit: 50 }, ports)).entries.map(({ id }) => id);

test('the log is read by role and organisation: whole, of own clients, of own people, or of own acts', async () => {
  const everything = log.map(({ id }) => id);
  expect(await seenBy(actorWith('owner', 'association'))).toEqual(everything);
  expect(await seenBy(actorWith('auditor', 'association'))).toEqual(everything);
  expect(await seenBy(actorWith('auditor', ['kuleuven']))).toEqual([
    'own act',
    'client of kuleuven',
    'person of kuleuven',
  ]);
  expect(await seenBy(actorWith('client-administrator', ['kuleuven']))).toEqual(['own act', 'client of kuleuven']);
  expect(await seenBy(actorWith('people-administrator', ['vives']))).toEqual(['own act', 'person of vives']);
  expect(await seenBy(actorWith('desk', ['kuleuven']))).toEqual(['own act']);
  expect(await seenBy({ ...actorWith('owner', 'association'), grants: [] })).toEqual(['own act']);
});

test('sealed values are no part of what is found, and one request looks at a bounded number of entries', async () => {
  const { entries } = await searchAudit(actorWith('owner', 'association'), { filter: {}, limit: 50 }, ports);
  expect(JSON.stringify(entries)).not.toContain('sealed');
  let read = 0;
  const endless = {
    ...ports,
    auditLog: {
      page: async (_: unknown, __: unknown, limit: number) => {
        read += limit;
        return Array.from({ length: limit }, (_, n) => entry(`e${read}-${n}`, {}));
      },
    },
  };
  const found = await searchAudit(actorWith('desk', ['kuleuven']), { filter: {}, limit: 50 }, endless);
  expect([found.entries, read, found.next?.id]).toEqual([[], 2000, 'e2000-199']);
});

test('an auditor sees people masked, but those whom another role of his looks after', () => {
  const at = (organisation: string) => ({ affiliations: [{ organisation }] }) as never;
  const both = (one: Actor, other: Actor): Actor => ({ ...one, grants: [...one.grants, ...other.grants] });
  const auditor = actorWith('auditor', 'association');
  const sees = (actor: Actor) => [
    seesEverybody(actor),
    seesPerson(actor, at('kuleuven')),
    seesPerson(actor, at('vives')),
  ];
  expect(sees(auditor)).toEqual([false, false, false]);
  expect(sees(both(auditor, actorWith('desk', ['kuleuven'])))).toEqual([false, true, false]);
  expect(sees(both(auditor, actorWith('client-administrator', 'association')))).toEqual([false, false, false]);
  expect(sees(both(auditor, actorWith('owner', 'association')))).toEqual([true, true, true]);
  expect(sees(actorWith('desk', ['kuleuven']))).toEqual([true, true, true]);
});

test('deliveries are read by owners and auditors, and tried again by owners only', async () => {
  const tried: string[] = [];
  const deps = {
    outbox: { list: async () => [], tryAgain: async (id: string) => tried.push(id) > 0 },
    auditLog: { append: async () => undefined },
    ...{ now: () => 1, randomBytes: (size: number) => new Uint8Array(size) },
  };
  const kinds = async (role: RoleName) => {
    const actor = actorWith(role, 'association');
    const listed = await listDeliveries(actor, { state: 'failed', limit: 9 }, deps);
    return [listed.kind, (await retryDelivery(actor, role, deps)).kind];
  };
  expect(await kinds('owner')).toEqual(['listed', 'due']);
  expect(await kinds('auditor')).toEqual(['listed', 'not-allowed']);
  for (const role of ['client-administrator', 'people-administrator', 'desk'] as const)
    expect(await kinds(role)).toEqual(['not-found', 'not-found']);
  expect(tried).toEqual(['owner']);
});

test('an entry says in which roles it was done, by which way, and for which request', () => {
  expect(auditActorOf(actorWith('desk', ['kuleuven', 'vives']))).toEqual({
    ...{ kind: 'person', id: 'me', roles: ['desk kuleuven vives'], via: 'api', requestId: 'r1' },
  });
  expect(auditActorOf({ ...actorWith('owner', 'association'), kind: 'system', via: 'command' })).toEqual({
    kind: 'command',
    id: 'me',
  });
});
