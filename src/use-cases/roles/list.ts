/** Lists who has which role, with names, for those who may know it. */

import { isClosed } from '../../domain/account/account-access.ts';
import { isExpired } from '../../domain/clients/client-validity.ts';
import { suspensionOf } from '../../domain/lifecycle/suspension.ts';
import { may } from '../../domain/roles/permissions.ts';
import { type RoleGrant, roleNames } from '../../domain/roles/role.ts';
import type { Actor } from '../actor.ts';
import type { RoleDeps } from './deps.ts';

/**
 * `name`: a person's name and number, or a client's name and id. `state`: `able` to use it; `not-active`, never activated;
 * `suspended`; `ended`, closed or expired; `gone`, not there any more. `grantedByName`: absent where it was no person or client.
 */
export type NamedGrant = RoleGrant & {
  name: string;
  state: 'able' | 'not-active' | 'suspended' | 'ended' | 'gone';
  grantedByName?: string;
};

/** Owners first, then by role and name. */
export async function listRoles(
  actor: Actor,
  { ports, now }: Pick<RoleDeps, 'ports' | 'now'>,
): Promise<{ kind: 'listed'; grants: NamedGrant[] } | { kind: 'not-found' }> {
  if (may(actor, 'roles:read', undefined) !== 'yes') return { kind: 'not-found' };
  const { grants } = await ports.roleGrants.read();
  const known = new Map<string, Promise<Named>>();
  const named = (kind: 'person' | 'client', id: string) => {
    const key = `${kind} ${id}`;
    const found = known.get(key) ?? nameOf(kind, id, { ports, now });
    known.set(key, found);
    return found;
  };
  const listed = await Promise.all(
    grants.map(async (grant): Promise<NamedGrant> => {
      const by = await named('person', grant.grantedBy);
      const byClient = by.state === 'gone' ? await named('client', grant.grantedBy) : by;
      return {
        ...grant,
        ...(await named(grant.holder.kind, grant.holder.id)),
        ...(byClient.state === 'gone' ? {} : { grantedByName: byClient.name }),
      };
    }),
  );
  const order = ({ role, name }: NamedGrant) => `${roleNames.indexOf(role)} ${name}`;
  return { kind: 'listed', grants: listed.sort((a, b) => order(a).localeCompare(order(b))) };
}

type Named = Pick<NamedGrant, 'name' | 'state'>;

async function nameOf(
  kind: 'person' | 'client',
  id: string,
  { ports, now }: Pick<RoleDeps, 'ports' | 'now'>,
): Promise<Named> {
  if (kind === 'client') {
    const client = await ports.clients.find(id);
    if (client === undefined) return { name: id, state: 'gone' };
    const { client_name: name } = client.metadata;
    return {
      name: typeof name === 'string' ? `${name} (${id})` : id,
      state: isExpired(client, now()) ? 'ended' : 'able',
    };
  }
  const account = await ports.accounts.findById(id);
  if (account === undefined) return { name: id, state: 'gone' };
  const number = account.userNumbers[0] ?? account.emails[0];
  const name = `${account.givenName} ${account.familyName}`.trim() + (number === undefined ? '' : ` (${number})`);
  if (account.activatedAt === undefined) return { name, state: 'not-active' };
  if (suspensionOf(account, now()) !== undefined) return { name, state: 'suspended' };
  return { name, state: isClosed(account, now()) ? 'ended' : 'able' };
}
