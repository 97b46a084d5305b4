/** Ends the roles of accounts that ended and of clients that were removed, so that they do not come back with them. */

import { accessByAffiliations } from '../../domain/account/account-access.ts';
import { randomId } from '../../domain/random.ts';
import type { RoleGrant, RoleHolder } from '../../domain/roles/role.ts';
import { ownersOf, subjectOf } from './authority.ts';
import type { RoleDeps } from './deps.ts';
import { changeRoles, heldBy } from './register.ts';

type Because = 'account-ended' | 'client-removed';
export type EndedRoles = { holder: RoleHolder; roles: string[]; because: Because; ownersLeft: number };

/** A node whose clock is ahead must not end what another one still allows. */
const CLOCKS_APART_MS = 5000;

/** Any number of nodes may: each grant ends once. Of an owner all owners are told, this one included. */
export async function endRolesOfTheGone(deps: RoleDeps): Promise<EndedRoles[]> {
  const { grants } = await deps.ports.roleGrants.read();
  const holders = new Map(grants.map(({ holder }) => [`${holder.kind} ${holder.id}`, holder]));
  const ended: EndedRoles[] = [];
  for (const holder of holders.values()) {
    const going = await gone(holder, heldBy(grants, holder), deps);
    if (going === undefined) continue;
    const outcome = await end(holder, going, deps);
    if (outcome !== undefined) ended.push(outcome);
  }
  return ended;
}

/** Which grants are to end, and why. A client that was registered again under its id does not get the old ones. */
async function gone(
  { kind, id }: RoleHolder,
  held: RoleGrant[],
  { ports, now }: RoleDeps,
): Promise<{ ids: string[]; because: Because } | undefined> {
  const all = held.map((grant) => grant.id);
  if (kind === 'person') {
    const account = await ports.accounts.findById(id);
    const over = account === undefined || accessByAffiliations(account, now() - CLOCKS_APART_MS).kind === 'ended';
    return over ? { ids: all, because: 'account-ended' } : undefined;
  }
  const client = await ports.clients.find(id);
  const ids = held.flatMap((grant) => (client === undefined || grant.grantedAt < client.createdAt ? [grant.id] : []));
  return ids.length === 0 ? undefined : { ids, because: 'client-removed' };
}

function end(
  holder: RoleHolder,
  { ids, because }: { ids: string[]; because: Because },
  deps: RoleDeps,
): Promise<EndedRoles | undefined> {
  return changeRoles<EndedRoles | undefined>(deps, ({ grants }) => {
    const ending = grants.filter(({ id }) => ids.includes(id));
    if (ending.length === 0) return { outcome: undefined };
    const next = grants.filter(({ id }) => !ids.includes(id));
    const roles = [...new Set(ending.map(({ role }) => role))];
    return {
      outcome: { holder, roles, because, ownersLeft: ownersOf(next).length },
      grants: next,
      entry: {
        id: randomId(deps.randomBytes),
        at: deps.now(),
        actor: { kind: 'system' },
        action: 'role.ended',
        details: { roles: roles.join(' '), because },
        ...subjectOf(holder),
      },
      effects: [
        ...(holder.kind === 'person' ? [{ kind: 'protect' as const, account: holder.id }] : []),
        ...(roles.includes('owner')
          ? [
              {
                kind: 'tell-owners' as const,
                change: 'ended' as const,
                holder,
                owners: ownersOf(grants),
                at: deps.now(),
              },
            ]
          : []),
      ],
    };
  });
}
