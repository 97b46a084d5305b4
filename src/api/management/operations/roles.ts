/** Operations on roles: who may do what in Pedel itself. */
import { z } from 'zod';
import type { RoleGrant } from '../../../domain/roles/role.ts';
import { type GrantFault, grantRole } from '../../../use-cases/roles/grant.ts';
import { listRoles } from '../../../use-cases/roles/list.ts';
import { revokeRole } from '../../../use-cases/roles/revoke.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { grantAskedShape, grantList, grantShape, timeOf } from '../schemas.ts';

const tag = 'Roles';

const depsOf = ({ storage, organisations, now, randomBytes }: ApiParts) => ({
  ports: storage,
  organisations,
  now,
  randomBytes,
});

const listGrants = operation({
  operationId: 'listRoleGrants',
  method: 'GET',
  path: '/role-grants',
  tag,
  summary: 'Lists who has which role, and where.',
  permission: 'roles:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: grantList,
  async act({ actor, limit, after = 0 }, parts) {
    const listed = await listRoles(actor, depsOf(parts));
    if (listed.kind === 'not-found') throw new Refused('not-found');
    const from = Number(after);
    const next = from + limit < listed.grants.length ? from + limit : undefined;
    return { body: { items: listed.grants.slice(from, from + limit).map(shown) }, next };
  },
});

const grant = operation({
  operationId: 'grantRole',
  method: 'POST',
  path: '/role-grants',
  tag,
  summary: 'Grants a role to a person or a service; nobody grants what he lacks, nor to himself.',
  permission: 'roles:write',
  body: grantAskedShape,
  status: 201,
  answer: grantShape,
  mayBeThere: true,
  audit: 'role.granted',
  async act({ actor, body }, parts) {
    const granted = await grantRole(actor, body, depsOf(parts));
    if (granted.kind === 'not-found') throw new Refused('not-found');
    if (granted.kind === 'not-allowed') throw new Refused('not-allowed', { detail: notAllowed[granted.because] });
    if (granted.kind === 'refused') throw faulty(granted.fault);
    const status = granted.kind === 'unchanged' ? { status: 200 as const } : {};
    return { body: shown(granted.grant), location: `/role-grants/${granted.grant.id}`, ...status };
  },
});

const revoke = operation({
  operationId: 'revokeRole',
  method: 'DELETE',
  path: '/role-grants/{id}',
  tag,
  summary: 'Withdraws a role, from the next request on. The last owner who can sign in stays.',
  permission: 'roles:write',
  status: 204,
  audit: 'role.revoked',
  async act({ actor, path }, parts) {
    const revoked = await revokeRole(actor, path.id ?? '', depsOf(parts));
    if (revoked.kind === 'not-found') throw new Refused('not-found');
    if (revoked.kind === 'not-allowed') throw new Refused('not-allowed', { detail: notAllowed[revoked.because] });
    return {};
  },
});

const notAllowed = {
  'no-right': 'only an owner grants and withdraws roles, and none beyond his own',
  himself: 'nobody changes his own roles',
  'higher-role': 'the holder has a higher role',
  'last-owner': 'no owner who can sign in would be left',
} as const;

const faults: Record<GrantFault, [pointer: string, remedy: string]> = {
  'no-role': ['/role', 'give a role that exists'],
  'no-holder': ['/holder/id', 'give the id of an account, or the client_id of a service'],
  ended: ['/holder/id', 'the account or client is over: choose another, or prolong it first'],
  'not-a-service': ['/holder/id', 'choose a client that authenticates and has client_credentials'],
  'no-organisation': ['/organisations', 'name an organisation, or "association"'],
  'unknown-organisation': ['/organisations', 'name organisations that /organisations lists'],
  'owner-of-association': ['/organisations', 'an owner is one of the association: give "association"'],
  many: ['', 'withdraw a role that is no longer needed: there are as many as there may be'],
};

function faulty(fault: GrantFault): Refused {
  const [pointer, remedy] = faults[fault];
  return new Refused('invalid', { errors: [{ pointer, code: fault, detail: 'it cannot be granted', remedy }] });
}

function shown({ id, holder, role, organisations, grantedBy, grantedAt }: RoleGrant) {
  return { id, holder, role, organisations, granted_by: grantedBy, granted_at: timeOf(grantedAt) };
}

export const roleOperations: readonly Operation[] = [listGrants, grant, revoke];
