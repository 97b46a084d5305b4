/** Whom an agent of the service desk sees: people of the agent's organisations, without a role, and not the agent. */
import type { Account } from '../../domain/account/account.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { RoleGrants } from '../../domain/ports/role-grants.ts';
import { isHeldBy, type RoleGrant } from '../../domain/roles/role.ts';
import { type Actor, reachOf } from '../actor.ts';
import { mayOnPerson } from '../people/act-on-person.ts';
import { type FoundPeople, findAccounts, type PeoplePorts, type PeopleQuery, shown } from '../people/search-people.ts';

export type DeskPorts = PeoplePorts & {
  accounts: PeoplePorts['accounts'] & Pick<Accounts, 'findById'>;
  roleGrants: Pick<RoleGrants, 'read'>;
};

/** @param grants all that are stored, read for this request */
export function isOfDesk(actor: Actor, account: Account, grants: readonly RoleGrant[]): boolean {
  if (mayOnPerson(actor, 'people:desk', account) !== 'yes' || account.roles.length > 0) return false;
  if (actor.kind === 'person' && actor.id === account.id) return false;
  return !grants.some((grant) => isHeldBy(grant, { kind: 'person', id: account.id }));
}

/** @returns `not-found`: the actor is at no desk */
export async function findAtDesk(
  actor: Actor,
  query: PeopleQuery,
  { accounts, roleGrants, now }: DeskPorts,
): Promise<FoundPeople | { kind: 'not-found' }> {
  const reach = reachOf(actor, 'people:desk');
  if (reach.length === 0) return { kind: 'not-found' };
  const { grants } = await roleGrants.read();
  const { found, next } = await findAccounts(reach, query, accounts, (account) => isOfDesk(actor, account, grants));
  const people = found.map((account) => shown(account, false, now()));
  return { kind: 'found', people, ...(next === undefined ? {} : { next }) };
}

/** The person with this id, as the agent may see it. Undefined: there is none for this agent. */
export async function personAtDesk(
  actor: Actor,
  id: string,
  { accounts, roleGrants }: Pick<DeskPorts, 'accounts' | 'roleGrants'>,
): Promise<Account | undefined> {
  const account = await accounts.findById(id);
  if (account === undefined) return undefined;
  const { grants } = await roleGrants.read();
  return isOfDesk(actor, account, grants) ? account : undefined;
}
