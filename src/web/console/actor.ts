/** The roles of accounts from before roles were granted for organisations, as grants; the register of grants takes their place. */
import type { Account } from '../../domain/account/account.ts';
import { formerRoles, type RoleGrant, type RoleName } from '../../domain/roles/role.ts';

export function formerGrants({ id, roles }: Account): RoleGrant[] {
  return roles
    .flatMap((role): RoleName[] => (role === 'owner' ? ['owner'] : (formerRoles[role] ?? [])))
    .map((role) => ({
      id: `${id} ${role}`,
      holder: { kind: 'person', id },
      role,
      organisations: 'association',
      grantedBy: 'upgrade',
      grantedAt: 0,
    }));
}
