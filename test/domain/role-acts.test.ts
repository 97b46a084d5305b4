/** Who grants and revokes which role, what of it is refused and recorded, and what ends by itself. */

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ClientRecord } from '../../src/domain/ports/clients.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant, RoleHolder, RoleName } from '../../src/domain/roles/role.ts';
import { actorOf, clientActorOf, mayOnClient, systemActor } from '../../src/use-cases/actor.ts';
import type { RoleDeps, WantedGrant } from '../../src/use-cases/roles/deps.ts';
import { endRolesOfTheGone } from '../../src/use-cases/roles/end-gone.ts';
import { grantRole, MOST_GRANTS } from '../../src/use-cases/roles/grant.ts';
import { listRoles } from '../../src/use-cases/roles/list.ts';
import { settleRoles } from '../../src/use-cases/roles/register.ts';
import { revokeRole } from '../../src/use-cases/roles/revoke.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { openTestStorage } from '../support/storage.ts';

const NOW = Date.UTC(2026, 8, 21, 9);
let now: number;
let storage: Storage;
let deps: RoleDeps;
beforeEach(async () => {
  now = NOW;
  storage = await openTestStorage({ now: () => now });
  deps = { ports: storage, organisations, now: () => now, randomBytes };
  for (const [id, language] of [
    ['an', 'nl'],
    ['bo', 'en'],
    ['cem', 'nl'],
  ] as const)
    await storage.accounts.insert(
      anAccount({
        id,
        givenName: id,
        familyName: 'Maes',
        userNumbers: [`u-${id}`],
        emails: [],
        personalEmail: `${id}@example.org`,
        activatedAt: 1,
        language,
      }),
    );
});
afterEach(() => storage.close());

const root = systemActor('root');
const person = (id: string): RoleHolder => ({ kind: 'person', id });
const service = (id = 'terraform'): RoleHolder => ({ kind: 'client', id });
const grants = async () => (await storage.roleGrants.read()).grants;
const actor = async (id: string) => actorOf({ id, givenName: id, familyName: '' }, await grants(), 'console', 'r1');
async function grant(holder: RoleHolder, role: RoleName, at: WantedGrant['organisations'] = 'association', by = root) {
  return grantRole(by, { holder, role, organisations: at }, deps);
}
async function granted(...given: Parameters<typeof grant>): Promise<RoleGrant> {
  const outcome = await grant(...given);
  if (outcome.kind !== 'granted') throw new Error(JSON.stringify(outcome));
  return outcome.grant;
}
const aClient = (change: Partial<ClientRecord['metadata']> = {}, more: Partial<ClientRecord> = {}) =>
  storage.clients.put(
    {
      id: 'terraform',
      revision: 1,
      metadata: {
        client_name: 'Terraform',
        grant_types: ['client_credentials'],
        token_endpoint_auth_method: 'client_secret_basic',
        ...change,
      },
      secrets: [],
      createdAt: NOW - 1000,
      updatedAt: 0,
      ...more,
    },
    0,
  );
const entries = (action: string) => storage.auditLog.page({ action }, undefined, 9);
const letters = async () =>
  (await storage.outbox.list({}, undefined, 50)).map(({ payload }) => {
    const { to, template, language, data } = payload as Record<string, never>;
    return [to, template, language, (data as unknown as { owner: string }).owner];
  });

describe('granting', () => {
  test('tells who did it, by which way, what and where; the account is protected, and no second grant is made', async () => {
    await granted(person('an'), 'owner');
    const by = await actor('an');
    const made = await granted(person('bo'), 'desk', ['vives', 'kuleuven', 'vives'], by);
    expect(made).toMatchObject({ role: 'desk', organisations: ['kuleuven', 'vives'], grantedBy: 'an', grantedAt: NOW });
    expect((await storage.accounts.findById('bo'))?.roles).toEqual(['desk']);
    expect(await grant(person('bo'), 'desk', ['vives'], by)).toEqual({ kind: 'unchanged', grant: made });
    expect(await storage.auditLog.page({ subject: 'bo' }, undefined, 9)).toMatchObject([
      {
        action: 'role.granted',
        actor: { kind: 'person', id: 'an' },
        via: 'console',
        requestId: 'r1',
        details: { role: 'desk', organisations: 'kuleuven vives', grant: made.id },
      },
    ]);
    expect(await storage.auditLog.page({ subject: 'an' }, undefined, 9)).toMatchObject([
      { action: 'role.granted', actor: { kind: 'command', id: 'root' }, via: 'command' },
    ]);
  });

  test('is only an owner’s, and the refusal stands in the audit log', async () => {
    await granted(person('an'), 'owner');
    for (const role of ['client-administrator', 'people-administrator', 'desk'] as const) {
      const id = `${role}`;
      await storage.accounts.insert(anAccount({ id, userNumbers: [id], emails: [], activatedAt: 1 }));
      await granted(person(id), role);
      expect([role, await grant(person('cem'), 'desk', 'association', await actor(id))]).toEqual([
        role,
        { kind: 'not-found' },
      ]);
    }
    await granted(person('bo'), 'auditor');
    const refused = { kind: 'not-allowed', because: 'no-right' };
    expect(await grant(person('cem'), 'desk', ['vives'], await actor('bo'))).toEqual(refused);
    expect(await entries('role.refused')).toHaveLength(4);
    expect((await entries('role.refused'))[0]).toMatchObject({
      actor: { kind: 'person', id: expect.any(String) },
      subject: 'cem',
      details: { act: 'grant', role: 'desk', because: 'no-right' },
    });
    expect((await grants()).some(({ holder }) => holder.id === 'cem')).toBe(false);
  });

  test('gives nobody anything himself, an owner neither', async () => {
    await granted(person('an'), 'owner');
    const himself = { kind: 'not-allowed', because: 'himself' };
    expect(await grant(person('an'), 'desk', 'association', await actor('an'))).toEqual(himself);
    expect(await entries('role.refused')).toMatchObject([{ subject: 'an', details: { because: 'himself' } }]);
  });

  test('is no more an owner’s whose role was revoked after the page was read', async () => {
    await granted(person('an'), 'owner');
    const ofBo = await granted(person('bo'), 'owner');
    const before = await actor('bo');
    expect(await revokeRole(await actor('an'), ofBo.id, deps)).toMatchObject({ kind: 'revoked' });
    const refused = { kind: 'not-allowed', because: 'no-right' };
    expect(await grant(person('cem'), 'owner', 'association', before)).toEqual(refused);
    expect(await revokeRole(before, (await grants())[0]?.id ?? '', deps)).toEqual(refused);
  });

  test.each([
    ['no-holder', person('nobody'), 'desk', 'association'],
    ['no-holder', service('nobody'), 'desk', 'association'],
    ['no-organisation', person('an'), 'desk', []],
    ['unknown-organisation', person('an'), 'desk', ['vives', 'x\0']],
    ['owner-of-association', person('an'), 'owner', ['vives']],
    ['no-role', person('an'), 'king' as RoleName, 'association'],
    ['no-role', person('an'), 'constructor' as RoleName, 'association'],
  ] as const)('is refused for its own fault (%s)', async (fault, holder, role, at) => {
    expect(await grant(holder, role, at as WantedGrant['organisations'])).toEqual({ kind: 'refused', fault });
    expect(await grants()).toEqual([]);
  });

  test('is not for an account that has ended', async () => {
    await storage.accounts.insert(anAccount({ id: 'old', userNumbers: ['old'], emails: [], endsAt: NOW - 1 }));
    expect(await grant(person('old'), 'desk')).toEqual({ kind: 'refused', fault: 'ended' });
  });

  test('stops at a bound, because every request of an administrator reads all grants', async () => {
    const register = {
      revision: 1,
      grants: Array.from({ length: MOST_GRANTS }, (_, n) => ({
        ...{ id: `g${n}`, holder: person(`p${n}`), role: 'desk' as const, organisations: ['vives'] },
        ...{ grantedBy: 'x', grantedAt: 0 },
      })),
      effects: [],
    };
    await storage.roleGrants.replace(register, 0);
    expect(await grant(person('an'), 'desk')).toEqual({ kind: 'refused', fault: 'many' });
  });
});

describe('a service client', () => {
  test('holds a role if it authenticates by itself and an operator registered it', async () => {
    await aClient();
    const made = await granted(service(), 'client-administrator', ['vives']);
    expect(await entries('role.granted')).toMatchObject([{ client: 'terraform', details: { grant: made.id } }]);
    const client = await storage.clients.find('terraform');
    if (client === undefined) throw new Error('it is there');
    expect(clientActorOf(client, await grants(), ['clients:read']).grants).toEqual([made]);
  });

  test.each([
    ['is public', { token_endpoint_auth_method: 'none' }, {}],
    ['acts for people only', { grant_types: ['authorization_code'] }, {}],
    [
      'registered itself',
      {},
      {
        registration: {
          state: 'approved' as const,
          accessToken: 'x',
          terms: { organisation: 'vives', hosts: [], kinds: [], approval: 'none' as const, pkce: 'required' as const },
        },
      },
    ],
  ])('holds none where it %s', async (_, change, more) => {
    await aClient(change, more);
    expect(await grant(service(), 'auditor')).toEqual({ kind: 'refused', fault: 'not-a-service' });
  });

  test('with a role is changed by owners only, whoever administers its organisation', async () => {
    await aClient({ pedel_organisation: 'vives' });
    await granted(person('an'), 'owner');
    await granted(person('bo'), 'client-administrator', ['vives']);
    const client = await storage.clients.find('terraform');
    if (client === undefined) throw new Error('it is there');
    const allowed = async (id: string, permission: 'clients:read' | 'clients:secrets' | 'clients:write') =>
      mayOnClient(await actor(id), permission, client, await grants());
    expect(await allowed('bo', 'clients:secrets')).toBe('yes');
    await granted(service(), 'people-administrator', ['vives']);
    expect([await allowed('bo', 'clients:secrets'), await allowed('bo', 'clients:write')]).toEqual([
      'refused',
      'refused',
    ]);
    expect([await allowed('bo', 'clients:read'), await allowed('an', 'clients:secrets')]).toEqual(['yes', 'yes']);
    expect(await allowed('cem', 'clients:secrets')).toBe('hidden');
  });

  test('does not get the roles of one of before that had its id, and they end', async () => {
    await aClient();
    await granted(service(), 'auditor');
    await storage.clients.remove('terraform');
    now += 1000;
    await aClient({}, { createdAt: now });
    expect(await endRolesOfTheGone(deps)).toMatchObject([{ because: 'client-removed', roles: ['auditor'] }]);
    expect(await grants()).toEqual([]);
    expect(await endRolesOfTheGone(deps)).toEqual([]);
  });
});

describe('owners', () => {
  test('all get a letter, each in his or her language, about one that is made and one that ends', async () => {
    await granted(person('an'), 'owner');
    const second = await granted(person('bo'), 'owner');
    expect(await letters()).toEqual([
      ['an@example.org', 'owner-added', 'nl', 'an Maes (u-an)'],
      ['an@example.org', 'owner-added', 'nl', 'bo Maes (u-bo)'],
      ['bo@example.org', 'owner-added', 'en', 'bo Maes (u-bo)'],
    ]);
    await revokeRole(root, second.id, deps);
    expect((await letters()).slice(3)).toEqual([
      ['an@example.org', 'owner-removed', 'nl', 'bo Maes (u-bo)'],
      ['bo@example.org', 'owner-removed', 'en', 'bo Maes (u-bo)'],
    ]);
    await granted(person('cem'), 'desk');
    expect(await letters()).toHaveLength(5);
  });

  test('the last who can sign in stays, whoever asks, and the refusal is recorded', async () => {
    const first = await granted(person('an'), 'owner');
    expect(await revokeRole(root, first.id, deps)).toEqual({ kind: 'not-allowed', because: 'last-owner' });
    await storage.accounts.insert(anAccount({ id: 'new', userNumbers: ['new'], emails: [] }));
    const neverActive = await granted(person('new'), 'owner');
    await aClient();
    await granted(service(), 'owner');
    expect(await revokeRole(root, first.id, deps)).toEqual({ kind: 'not-allowed', because: 'last-owner' });
    expect(await entries('role.refused')).toHaveLength(2);
    expect(await revokeRole(root, neverActive.id, deps)).toMatchObject({ kind: 'revoked' });
    await granted(person('bo'), 'owner');
    expect(await revokeRole(await actor('bo'), first.id, deps)).toMatchObject({ kind: 'revoked' });
  });

  test('nobody revokes his own role', async () => {
    const own = await granted(person('an'), 'owner');
    await granted(person('bo'), 'owner');
    expect(await revokeRole(await actor('an'), own.id, deps)).toEqual({ kind: 'not-allowed', because: 'himself' });
  });
});

describe('what ends by itself', () => {
  test('the roles of an account that ended, which do not come back with it; every owner is told', async () => {
    await granted(person('an'), 'owner');
    await granted(person('bo'), 'owner');
    await granted(person('bo'), 'desk', ['vives']);
    const bo = await storage.accounts.findById('bo');
    if (bo === undefined) throw new Error('it is there');
    await storage.accounts.replace({ ...bo, endsAt: NOW + 1000, revision: bo.revision + 1 }, bo.revision);
    expect(await endRolesOfTheGone(deps)).toEqual([]);
    now = NOW + 10_000;
    expect(await endRolesOfTheGone(deps)).toEqual([
      { holder: person('bo'), roles: ['owner', 'desk'], because: 'account-ended', ownersLeft: 1 },
    ]);
    expect((await grants()).map(({ holder }) => holder.id)).toEqual(['an']);
    expect((await storage.accounts.findById('bo'))?.roles).toEqual([]);
    expect(await entries('role.ended')).toMatchObject([
      { actor: { kind: 'system' }, subject: 'bo', details: { roles: 'owner desk', because: 'account-ended' } },
    ]);
    expect((await letters()).at(-1)?.slice(1, 2)).toEqual(['owner-removed']);
  });
});

test('what a crash left after a change is done by the next that looks, and once', async () => {
  const killed = async () => {
    throw new Error('killed');
  };
  const dying: RoleDeps = {
    ...deps,
    ports: {
      ...storage,
      accounts: { ...storage.accounts, findById: storage.accounts.findById, replace: killed },
      outbox: { put: killed },
    },
  };
  const wanted = { holder: person('an'), role: 'owner', organisations: 'association' } as const;
  expect(await grantRole(root, wanted, dying)).toMatchObject({ kind: 'granted' });
  expect((await storage.accounts.findById('an'))?.roles).toEqual([]);
  expect((await storage.roleGrants.read()).effects).toHaveLength(2);
  await Promise.all([settleRoles(deps), settleRoles(deps)]);
  await settleRoles(deps);
  expect((await storage.accounts.findById('an'))?.roles).toEqual(['owner']);
  expect(await letters()).toHaveLength(1);
  expect((await storage.roleGrants.read()).effects).toEqual([]);
});

test('the list names who holds what and who granted it, and is for those who may read it', async () => {
  await granted(person('an'), 'owner');
  await aClient();
  await granted(service(), 'auditor', ['vives'], await actor('an'));
  await granted(person('bo'), 'auditor', ['vives']);
  const listed = await listRoles(await actor('an'), deps);
  expect(listed).toMatchObject({
    kind: 'listed',
    grants: [
      { name: 'an Maes (u-an)', role: 'owner', state: 'able' },
      { name: 'bo Maes (u-bo)', role: 'auditor', organisations: ['vives'] },
      { name: 'Terraform (terraform)', role: 'auditor', grantedByName: 'an Maes (u-an)' },
    ],
  });
  expect(await listRoles(await actor('bo'), deps)).toEqual({ kind: 'not-found' });
  expect(await listRoles(await actor('cem'), deps)).toEqual({ kind: 'not-found' });
});
