import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { RoleGrants, RoleRegister } from '../../../src/domain/ports/role-grants.ts';
import type { Storage } from '../../../src/domain/ports/storage.ts';
import type { RoleGrant } from '../../../src/domain/roles/role.ts';
import { type Actor, actorOf, systemActor } from '../../../src/use-cases/actor.ts';
import type { RoleDeps } from '../../../src/use-cases/roles/deps.ts';
import { grantRole } from '../../../src/use-cases/roles/grant.ts';
import { revokeRole } from '../../../src/use-cases/roles/revoke.ts';
import { anAccount } from '../../support/account.ts';
import { organisations } from '../../support/organisations.ts';
import { count, crowds, NOW, race, together } from './together.ts';

export const aGrant = (change: Partial<RoleGrant> = {}): RoleGrant => ({
  id: 'g',
  holder: { kind: 'person', id: 'an' },
  role: 'owner',
  organisations: 'association',
  grantedBy: 'command root',
  grantedAt: 1,
  ...change,
});
export const aRegister = (revision: number, ...grants: RoleGrant[]): RoleRegister => ({
  revision,
  grants,
  effects: [],
});

export function roleGrantsContract(storage: () => Storage, rounds: number): void {
  const roleGrants = (): RoleGrants => storage().roleGrants;

  test('nothing is granted at first; what is stored is read as it is', async () => {
    expect(await roleGrants().read()).toEqual({ revision: 0, grants: [], effects: [] });
    const register: RoleRegister = {
      revision: 1,
      grants: [aGrant(), aGrant({ id: 'h', role: 'desk', organisations: ['$where', '"\u0000🌱'] })],
      effects: [{ id: 'roles:1:0', kind: 'protect', account: 'an' }],
    };
    expect(await roleGrants().replace(register, 0)).toBe(true);
    expect(await roleGrants().read()).toEqual(register);
  });

  test('a write that was decided on an earlier revision changes nothing', async () => {
    expect(await roleGrants().replace(aRegister(2, aGrant()), 1)).toBe(false);
    expect(await roleGrants().replace(aRegister(1, aGrant()), 0)).toBe(true);
    expect(await roleGrants().replace(aRegister(1), 0)).toBe(false);
    expect(await roleGrants().replace(aRegister(2), 1)).toBe(true);
    expect(await roleGrants().replace(aRegister(2, aGrant()), 1)).toBe(false);
    expect(await roleGrants().read()).toEqual(aRegister(2));
    await expect(roleGrants().replace(aRegister(2), 2)).rejects.toThrow(TypeError);
  });

  race('of %i who write at once on what they read, one does, in each round', crowds, rounds, async (callers) => {
    const { revision } = await roleGrants().read();
    const results = await together(callers, (caller) =>
      roleGrants().replace(aRegister(revision + 1, aGrant({ id: `g${caller}` })), revision),
    );
    expect(count(results, true)).toBe(1);
    const { grants, revision: now } = await roleGrants().read();
    expect([now, grants.map(({ id }) => id)]).toEqual([revision + 1, [`g${results.indexOf(true)}`]]);
  });

  const deps = (): RoleDeps => ({ ports: storage(), organisations, now: () => NOW, randomBytes });
  const owners = async () => (await roleGrants().read()).grants.map(({ holder }) => holder.id).sort();
  const actorOfId = async (id: string) =>
    actorOf({ id, givenName: id, familyName: '' }, (await roleGrants().read()).grants, 'console');
  const aPerson = (id: string) =>
    storage().accounts.insert(
      anAccount({ id, userNumbers: [id], emails: [], personalEmail: `${id}@example.org`, activatedAt: 1 }),
    );
  const emptied = async () => {
    const { revision } = await roleGrants().read();
    await roleGrants().replace(aRegister(revision + 1), revision);
  };

  race(
    "of two owners who take %i times each other's role at once, one stays",
    [2, 20],
    rounds,
    async (callers, round) => {
      await emptied();
      const [one, other] = [`one-${callers}-${round}`, `other-${callers}-${round}`];
      for (const id of [one, other]) {
        await aPerson(id);
        await grantRole(
          systemActor('root'),
          { holder: { kind: 'person', id }, role: 'owner', organisations: 'association' },
          deps(),
        );
      }
      const { grants } = await roleGrants().read();
      const grantOf = (id: string) => grants.find(({ holder }) => holder.id === id)?.id ?? '';
      const actors = [await actorOfId(one), await actorOfId(other)];
      const results = await together(callers, (caller) =>
        revokeRole(actors[caller % 2] as Actor, grantOf(caller % 2 === 0 ? other : one), deps()),
      );
      expect(results.filter(({ kind }) => kind === 'revoked')).toHaveLength(1);
      const left = await owners();
      expect(left).toHaveLength(1);
      for (const id of [one, other])
        expect((await storage().accounts.findById(id))?.roles).toEqual(left.includes(id) ? ['owner'] : []);
      expect((await roleGrants().read()).effects).toEqual([]);
    },
  );

  race(
    'of %i commands that revoke the last owners at once, none revokes the last',
    [3, 20],
    rounds,
    async (callers, round) => {
      await emptied();
      const ids = Array.from({ length: callers }, (_, n) => `p${callers}-${round}-${n}`);
      await Promise.all(ids.map(aPerson));
      for (const id of ids)
        await grantRole(
          systemActor('root'),
          { holder: { kind: 'person', id }, role: 'owner', organisations: 'association' },
          deps(),
        );
      const { grants } = await roleGrants().read();
      const results = await together(callers, (caller) =>
        revokeRole(systemActor('root'), grants[caller]?.id ?? '', deps()),
      );
      expect(
        count(
          results.map(({ kind }) => kind),
          'revoked',
        ),
      ).toBe(callers - 1);
      expect(await owners()).toHaveLength(1);
    },
  );

  test('of 20 who grant the same at once, one grants it, and the account has the role once', async () => {
    await aPerson('an');
    const wanted = { holder: { kind: 'person', id: 'an' }, role: 'desk', organisations: 'association' } as const;
    const results = await together(20, () => grantRole(systemActor('root'), wanted, deps()));
    expect(
      count(
        results.map(({ kind }) => kind),
        'granted',
      ),
    ).toBe(1);
    expect((await roleGrants().read()).grants).toHaveLength(1);
    expect((await storage().accounts.findById('an'))?.roles).toEqual(['desk']);
    expect(await storage().auditLog.page({ action: 'role.granted' }, undefined, 9)).toHaveLength(1);
  });
}
