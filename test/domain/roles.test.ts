/** Who may do what: the table of roles, and the rules on granting them. */
import { describe, expect, test } from '@jest/globals';
import {
  type Authority,
  hasToGive,
  may,
  mayActOn,
  type Permission,
  permissions,
  reachOf,
} from '../../src/domain/roles/permissions.ts';
import { type RoleGrant, type RoleName, roleNames } from '../../src/domain/roles/role.ts';
import { actorOf, clientActorOf, systemActor } from '../../src/use-cases/actor.ts';
import { anAccount } from '../support/account.ts';

const grant = (role: RoleName, organisations: RoleGrant['organisations'], holder = 'me'): RoleGrant => ({
  id: `${holder} ${role}`,
  holder: { kind: 'person', id: holder },
  role,
  organisations,
  grantedBy: 'x',
  grantedAt: 1,
});
const having = (...grants: RoleGrant[]): Authority => ({ kind: 'person', id: 'me', grants });

/**
 * What is answered for a thing of the own organisation, of another one, of the association: y(es), h(idden), r(efused).
 * The roles in the order of `roleNames`, each granted for one organisation (the owner: for the association).
 */
const expected: Record<Permission, string> = {
  'clients:read': 'yyy yhh hhh hhh yhh',
  'clients:write': 'yyy yhh hhh hhh rhh',
  'clients:secrets': 'yyy yhh hhh hhh rhh',
  'clients:first-party': 'yyy rhh hhh hhh rhh',
  'registration:read': 'yyy yhh hhh hhh yhh',
  'registration:write': 'yyy yhh hhh hhh rhh',
  'preview:self': 'yyy yhh hhh hhh rhh',
  'preview:people': 'yyy rhh yhh hhh rhh',
  'preview:any': 'yyy rhh hhh hhh rhh',
  'people:read-masked': 'yyy hhh yhh yhh yhh',
  'people:read': 'yyy hhh yhh yhh rhh',
  'people:write': 'yyy hhh yhh rhh rhh',
  'imports:read': 'yyy hhh yhh yhh yhh',
  'imports:write': 'yyy hhh yhh rhh rhh',
  'sources:read': 'yyy hhh yhh hhh yhh',
  'sources:write': 'yyy hhh yhh hhh rhh',
  'people:desk': 'rrr hhh yhh yhh rhh',
  'people:suspend': 'yyy hhh yhh yhh rhh',
  'people:hold': 'yyy hhh rhh rhh rhh',
  'audit:read': 'yyy hhh hhh hhh yhh',
  'audit:of-clients': 'yyy yhh hhh hhh yhh',
  'audit:of-people': 'yyy hhh yhh hhh yhh',
  'audit:own-acts': 'yyy yyy yyy yyy yyy',
  'audit:export': 'yyy hhh hhh hhh yhh',
  'roles:read': 'yyy hhh hhh hhh yhh',
  'roles:write': 'yyy hhh hhh hhh rhh',
  'keys:read': 'yyy hhh hhh hhh yhh',
  'keys:write': 'yyy hhh hhh hhh rhh',
  'webhooks:read': 'yyy hhh hhh hhh yhh',
  'webhooks:write': 'yyy hhh hhh hhh rhh',
  'deliveries:read': 'yyy hhh hhh hhh yhh',
  'deliveries:retry': 'yyy hhh hhh hhh rhh',
  'health:read': 'yyy hhh hhh hhh yhh',
  'organisations:read': 'yyy yyy yyy yyy yyy',
  'presets:read': 'yyy yyy yyy yyy yyy',
};

describe('what a role may do', () => {
  test.each(permissions)('%s: in the own organisation, in another one, and for the association', (permission) => {
    const answers = roleNames.map((role) => {
      const actor = having(grant(role, role === 'owner' ? 'association' : ['vives']));
      return ['vives', 'kuleuven', undefined].map((organisation) => may(actor, permission, organisation)[0]).join('');
    });
    expect(answers.join(' ')).toBe(expected[permission]);
  });

  test('a role for the association holds at every organisation, and for what belongs to none', () => {
    const actor = having(grant('client-administrator', 'association'));
    for (const organisation of ['vives', 'kuleuven', undefined])
      expect(may(actor, 'clients:write', organisation)).toBe('yes');
    expect(may(actor, 'clients:first-party', 'vives')).toBe('refused');
    expect(may(actor, 'keys:read', undefined)).toBe('hidden');
  });

  test('who has no role learns of nothing, and the system may do everything', () => {
    for (const permission of permissions) {
      expect([permission, may(having(), permission, 'vives')]).toEqual([permission, 'hidden']);
      expect([permission, may(systemActor('an'), permission, undefined)]).toEqual([permission, 'yes']);
    }
  });

  test('a token narrows what the roles of a service client allow, and never widens it', () => {
    const narrowed = {
      ...having(grant('client-administrator', ['vives'])),
      only: ['clients:read', 'keys:read'] as const,
    };
    expect(may(narrowed, 'clients:read', 'vives')).toBe('yes');
    expect(may(narrowed, 'clients:write', 'vives')).toBe('refused');
    expect(may(narrowed, 'keys:read', undefined)).toBe('hidden');
    expect(reachOf(narrowed, 'clients:read')).toEqual(['vives']);
    expect(reachOf(narrowed, 'registration:read')).toEqual([]);
  });

  test('a list shows what its reader may see: the organisations of all of the grants', () => {
    const actor = having(
      grant('client-administrator', ['vives', 'thomasmore']),
      grant('auditor', ['kuleuven', 'vives']),
      grant('desk', ['luca']),
    );
    expect(reachOf(actor, 'clients:read')).toEqual(['kuleuven', 'thomasmore', 'vives']);
    expect(reachOf(actor, 'clients:write')).toEqual(['thomasmore', 'vives']);
    expect(reachOf(actor, 'keys:write')).toEqual([]);
    expect(reachOf(having(grant('auditor', 'association')), 'clients:read')).toBe('association');
    expect(reachOf(systemActor('an'), 'keys:write')).toBe('association');
  });
});

describe('who acts on whom', () => {
  const held = [
    grant('owner', 'association', 'an'),
    grant('client-administrator', ['vives'], 'bo'),
    grant('people-administrator', ['vives'], 'me'),
    grant('desk', ['vives'], 'cem'),
  ];
  const me = having(grant('people-administrator', ['vives']));
  const person = (id: string) => ({ kind: 'person' as const, id });

  test('nobody acts on himself, nor on somebody with a higher role', () => {
    expect(mayActOn(me, person('me'), held)).toBe('himself');
    expect(mayActOn(me, person('an'), held)).toBe('higher-role');
    for (const id of ['bo', 'cem', 'nobody']) expect(mayActOn(me, person(id), held)).toBe('yes');
    expect(mayActOn(having(grant('desk', ['vives'])), person('bo'), held)).toBe('higher-role');
    expect(mayActOn(having(grant('owner', 'association')), person('an'), held)).toBe('yes');
    expect(mayActOn(systemActor('an'), person('an'), held)).toBe('yes');
  });

  test('a service client of the same id is somebody else', () => {
    expect(mayActOn(me, { kind: 'client', id: 'me' }, held)).toBe('yes');
  });

  test('an owner gives every role for every organisation; nobody else gives any', () => {
    for (const role of roleNames)
      for (const organisations of ['association', ['vives']] as const) {
        const wanted = { role, organisations: organisations as RoleGrant['organisations'] };
        expect(hasToGive(having(grant('owner', 'association')), wanted)).toBe(true);
        expect(hasToGive(systemActor('an'), wanted)).toBe(true);
        for (const other of roleNames.filter((name) => name !== 'owner'))
          expect(hasToGive(having(grant(other, 'association')), wanted)).toBe(false);
      }
  });
});

describe('an actor', () => {
  test('has the grants of its own, and none of a service client with the id of the account', () => {
    const mine = grant('desk', ['vives'], 'account');
    const clients: RoleGrant = { ...grant('owner', 'association'), holder: { kind: 'client', id: 'account' } };
    const account = anAccount({ id: 'account', givenName: 'An', familyName: 'Peeters' });
    const actor = actorOf(account, [mine, clients, grant('owner', 'association', 'bo')], 'console', 'r1');
    expect(actor).toEqual({
      kind: 'person',
      id: 'account',
      name: 'An Peeters',
      grants: [mine],
      via: 'console',
      requestId: 'r1',
    });
  });

  test('that is a service client has none from before it was registered', () => {
    const of = (grantedAt: number): RoleGrant => ({
      ...grant('client-administrator', ['vives']),
      holder: { kind: 'client', id: 'terraform' },
      grantedAt,
    });
    const client = { id: 'terraform', metadata: {}, createdAt: 100 };
    expect(clientActorOf(client, [of(99)], ['clients:read']).grants).toEqual([]);
    expect(clientActorOf(client, [of(100)], ['clients:read'])).toMatchObject({ grants: [of(100)], name: 'terraform' });
  });
});
