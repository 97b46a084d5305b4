/** Who acts in the console, from the roles that an account has; grants with organisations take their place. */
import type { Account, Role } from '../../domain/account/account.ts';

export type Permission = 'clients:read' | 'clients:write';
export type Actor = {
  kind: 'person' | 'client' | 'system';
  id: string;
  name: string;
  grants: readonly { role: Role }[];
  via: 'console' | 'api' | 'command';
};

export function actorOf({ id, givenName, familyName, roles }: Account): Actor {
  const name = `${givenName} ${familyName}`;
  return { kind: 'person', id, name, via: 'console', grants: roles.map((role) => ({ role })) };
}

const granted: Record<Role, readonly Permission[]> = {
  owner: ['clients:read', 'clients:write'],
  admin: ['clients:read', 'clients:write'],
  helpdesk: [],
};

/** `hidden`: answer as if it did not exist. `refused`: it is seen, and not allowed. */
export function may(
  { grants }: Actor,
  permission: Permission,
  _organisation: string | undefined,
): 'yes' | 'hidden' | 'refused' {
  return grants.some(({ role }) => granted[role].includes(permission)) ? 'yes' : 'hidden';
}
