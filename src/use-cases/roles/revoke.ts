/** Takes a granted role away; the last owner stays. */

import { isOpen } from '../../domain/account/account-access.ts';
import { hasToGive, may, mayActOn } from '../../domain/roles/permissions.ts';
import type { RoleGrant } from '../../domain/roles/role.ts';
import { type Actor, entryBy } from '../actor.ts';
import { noteRefusal, ownersOf, type Refusal, standing, subjectOf } from './authority.ts';
import { type RoleDeps, wordsOf } from './deps.ts';
import { changeRoles } from './register.ts';

export type Revoked = { kind: 'revoked'; grant: RoleGrant } | Refusal;

/**
 * Revokes the grant of this id. The last owner who can sign in stays, whoever asks: of two who take the last two owners away
 * at once, one is refused. @throws Problem `lost_race`
 */
export async function revokeRole(actor: Actor, id: string, deps: RoleDeps): Promise<Revoked> {
  if (may(actor, 'roles:read', undefined) !== 'yes') return { kind: 'not-found' };
  const { grants: before } = await deps.ports.roleGrants.read();
  const wanted = before.find((grant) => grant.id === id);
  if (wanted === undefined) return { kind: 'not-found' };
  const able = wanted.role === 'owner' ? await ableOwners(before, deps) : [];

  const outcome = await changeRoles<Revoked>(deps, ({ grants }) => {
    const grant = grants.find((each) => each.id === id);
    if (grant === undefined) return { outcome: { kind: 'not-found' } };
    const because = refusalOf(standing(actor, grants), grant, grants, able);
    if (because !== undefined) return { outcome: { kind: 'not-allowed', because } };
    const { holder, role, organisations } = grant;
    const next = grants.filter((each) => each.id !== id);
    const details = { role, organisations: wordsOf(organisations), grant: id };
    return {
      outcome: { kind: 'revoked', grant },
      grants: next,
      entry: entryBy(actor, { action: 'role.revoked', details, ...subjectOf(holder) }, deps),
      effects: [
        ...(holder.kind === 'person' ? [{ kind: 'protect' as const, account: holder.id }] : []),
        ...(role === 'owner'
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
  if (outcome.kind === 'not-allowed') await noteRefusal(actor, 'revoke', wanted, outcome.because, deps);
  return outcome;
}

function refusalOf(actor: Actor, grant: RoleGrant, grants: readonly RoleGrant[], able: readonly string[]) {
  if (may(actor, 'roles:write', undefined) !== 'yes') return 'no-right' as const;
  const allowed = mayActOn(actor, grant.holder, grants);
  if (allowed !== 'yes') return allowed;
  if (!hasToGive(actor, grant)) return 'no-right' as const;
  if (grant.role !== 'owner' || grant.holder.kind !== 'person') return undefined;
  const left = ownersOf(grants.filter((each) => each !== grant));
  const locksOut = left.length === 0 || (able.includes(grant.holder.id) && !left.some((owner) => able.includes(owner)));
  return locksOut ? ('last-owner' as const) : undefined;
}

/** Owners who can sign in: one whose account was never activated, or is over, keeps nobody from being locked out. */
async function ableOwners(grants: readonly RoleGrant[], { ports, now }: RoleDeps): Promise<string[]> {
  const accounts = await Promise.all(ownersOf(grants).map((id) => ports.accounts.findById(id)));
  return accounts.flatMap((account) => (account !== undefined && isOpen(account, now()) ? [account.id] : []));
}
