/** Grants a role to a person or to a service client. */

import { accessByAffiliations } from '../../domain/account/account-access.ts';
import { isExpired } from '../../domain/clients/client-validity.ts';
import { randomId } from '../../domain/random.ts';
import { hasToGive, may, mayActOn } from '../../domain/roles/permissions.ts';
import { covers, isRoleName, type RoleGrant, type RoleHolder } from '../../domain/roles/role.ts';
import { type Actor, entryBy } from '../actor.ts';
import { noteRefusal, ownersOf, type Refusal, standing, subjectOf } from './authority.ts';
import { type RoleDeps, type WantedGrant, wordsOf } from './deps.ts';
import { changeRoles, heldBy } from './register.ts';

/**
 * Why nobody could grant that. `no-holder`: no such account or client; `ended`: the account or client is over.
 * `not-a-service`: the client has no `client_credentials`, no secret or key, or registered itself. `many`: there are as many
 * grants as there may be.
 */
export type GrantFault =
  | 'no-role'
  | 'no-holder'
  | 'ended'
  | 'not-a-service'
  | 'no-organisation'
  | 'unknown-organisation'
  | 'owner-of-association'
  | 'many';
export type Granted =
  | { kind: 'granted'; grant: RoleGrant }
  /** it is covered by `grant`, which was there before */
  | { kind: 'unchanged'; grant: RoleGrant }
  | { kind: 'refused'; fault: GrantFault }
  | Refusal;

/** All grants are read with each request of an administrator, so their number is bounded. */
export const MOST_GRANTS = 1000;

/** @throws Problem `lost_race` */
export async function grantRole(actor: Actor, wanted: WantedGrant, deps: RoleDeps): Promise<Granted> {
  const organisations = normal(wanted.organisations);
  const refuse = (because: Extract<Refusal, { kind: 'not-allowed' }>['because']) =>
    noteRefusal(actor, 'grant', { ...wanted, organisations }, because, deps);
  if (may(actor, 'roles:write', undefined) !== 'yes') {
    await refuse('no-right');
    return may(actor, 'roles:read', undefined) === 'yes'
      ? { kind: 'not-allowed', because: 'no-right' }
      : { kind: 'not-found' };
  }
  const fault = faultOf({ ...wanted, organisations }, deps) ?? (await holderFault(wanted.holder, deps));
  if (fault !== undefined) return { kind: 'refused', fault };

  const id = randomId(deps.randomBytes);
  const outcome = await changeRoles<Granted>(deps, ({ grants }) => {
    const acting = standing(actor, grants); // an owner who was revoked meanwhile grants nothing
    const allowed = mayActOn(acting, wanted.holder, grants);
    if (allowed !== 'yes') return { outcome: { kind: 'not-allowed', because: allowed } };
    if (!hasToGive(acting, { role: wanted.role, organisations }))
      return { outcome: { kind: 'not-allowed', because: 'no-right' } };
    const there = heldBy(grants, wanted.holder).find(
      (held) => held.role === wanted.role && covers(held, organisations),
    );
    if (there !== undefined) return { outcome: { kind: 'unchanged', grant: there } };
    if (grants.length >= MOST_GRANTS) return { outcome: { kind: 'refused', fault: 'many' } };
    const { holder, role } = wanted;
    const grant: RoleGrant = {
      id,
      holder: { kind: holder.kind, id: holder.id },
      role,
      organisations,
      grantedBy: actor.kind === 'system' ? `command ${actor.id}` : actor.id,
      grantedAt: deps.now(),
    };
    const next = [...grants, grant];
    return {
      outcome: { kind: 'granted', grant },
      grants: next,
      entry: entryBy(
        actor,
        {
          action: 'role.granted',
          details: { role, organisations: wordsOf(organisations), grant: id },
          ...subjectOf(holder),
        },
        deps,
      ),
      effects: [
        ...(holder.kind === 'person' ? [{ kind: 'protect' as const, account: holder.id }] : []),
        ...(role === 'owner'
          ? [
              {
                kind: 'tell-owners' as const,
                change: 'granted' as const,
                holder,
                owners: ownersOf(next),
                at: deps.now(),
              },
            ]
          : []),
      ],
    };
  });
  if (outcome.kind === 'not-allowed') await refuse(outcome.because);
  return outcome;
}

const normal = (organisations: WantedGrant['organisations']) =>
  organisations === 'association' ? organisations : [...new Set(organisations)].sort();

function faultOf({ role, organisations }: WantedGrant, { organisations: known }: RoleDeps): GrantFault | undefined {
  if (!isRoleName(role)) return 'no-role';
  if (organisations === 'association') return undefined;
  if (organisations.length === 0) return 'no-organisation';
  if (role === 'owner') return 'owner-of-association';
  const ids = known.map(({ id }) => id);
  return organisations.every((id) => ids.includes(id)) ? undefined : 'unknown-organisation';
}

async function holderFault({ kind, id }: RoleHolder, { ports, now }: RoleDeps): Promise<GrantFault | undefined> {
  if (kind === 'person') {
    const account = await ports.accounts.findById(id);
    if (account === undefined) return 'no-holder';
    return accessByAffiliations(account, now()).kind === 'ended' ? 'ended' : undefined;
  }
  const client = await ports.clients.find(id);
  if (client === undefined) return 'no-holder';
  if (isExpired(client, now())) return 'ended';
  const { grant_types: grants, token_endpoint_auth_method: method } = client.metadata;
  const service = Array.isArray(grants) && grants.includes('client_credentials') && method !== 'none';
  return service && client.registration === undefined ? undefined : 'not-a-service';
}
