/** Who asks for a use case to be done: a person, a service client, or whoever works at the machine itself. */
import type { Account } from '../domain/account/account.ts';
import type { AuditAction, AuditDetails } from '../domain/audit/audit-entry.ts';
import { ownerOf } from '../domain/clients/client-owner.ts';
import type { AuditEntry, ChangeEntry } from '../domain/ports/audit-log.ts';
import type { ClientRecord } from '../domain/ports/clients.ts';
import { type RandomBytes, randomId } from '../domain/random.ts';
import { type Allowed, hasToGive, may, type Permission } from '../domain/roles/permissions.ts';
import { isHeldBy, type RoleGrant } from '../domain/roles/role.ts';

export { may, reachOf } from '../domain/roles/permissions.ts';

export type Actor = {
  kind: 'person' | 'client' | 'system';
  /** of the account or client; of the system: `command …` */
  id: string;
  /** for people to read */
  name: string;
  /** its own, as they stand at this request; never kept for the next one */
  grants: readonly RoleGrant[];
  /** what its token allows beside its roles (scopes); absent: no such bound */
  only?: readonly Permission[];
  via: 'console' | 'api' | 'command';
  /** of the request in the log */
  requestId?: string;
};

/** A command: whoever may run it has the database as well, so it may do everything. `user`: of the operating system. */
export function systemActor(user: string | undefined): Actor {
  return { kind: 'system', id: user ?? 'unknown', name: user ?? 'command', grants: [], via: 'command' };
}

/** A person who is signed in. `grants`: all that are stored, read for this request. */
export function actorOf(
  { id, givenName, familyName }: Pick<Account, 'id' | 'givenName' | 'familyName'>,
  grants: readonly RoleGrant[],
  via: 'console' | 'api',
  requestId?: string,
): Actor {
  return {
    kind: 'person',
    id,
    name: `${givenName} ${familyName}`.trim(),
    grants: grants.filter((grant) => isHeldBy(grant, { kind: 'person', id })),
    via,
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * A service client. A grant from before the client was registered was another's, which had its id.
 * @param only what the scopes of its token allow
 */
export function clientActorOf(
  { id, metadata, createdAt }: Pick<ClientRecord, 'id' | 'metadata' | 'createdAt'>,
  grants: readonly RoleGrant[],
  only: readonly Permission[],
  requestId?: string,
): Actor {
  return {
    kind: 'client',
    id,
    name: typeof metadata.client_name === 'string' ? metadata.client_name : id,
    grants: grants.filter((grant) => isHeldBy(grant, { kind: 'client', id }) && grant.grantedAt >= createdAt),
    only,
    via: 'api',
    ...(requestId === undefined ? {} : { requestId }),
  };
}

/**
 * The audit entry of what an actor does, to be written in the same act as the change. `what`: action, details, and whom or
 * which client it was done to.
 */
export function entryBy<Action extends AuditAction>(
  actor: Actor,
  what: { action: Action; details?: AuditDetails[Action]; subject?: string; client?: string },
  { now, randomBytes }: { now: () => number; randomBytes: RandomBytes },
): ChangeEntry {
  return {
    id: randomId(randomBytes),
    at: now(),
    actor: auditActorOf(actor),
    via: actor.via,
    ...(actor.requestId === undefined ? {} : { requestId: actor.requestId }),
    ...what,
  } as ChangeEntry;
}

/**
 * `may` for a client as it is stored. Who changes a service client that holds a role, its secrets above all, could act by that
 * role: only who could grant it may (an owner).
 * @param grants all that are stored, read for this request; the copy that an actor has is only its own
 */
export function mayOnClient(
  actor: Actor,
  permission: Extract<Permission, `clients:${string}`>,
  client: Pick<ClientRecord, 'id' | 'metadata' | 'registration'>,
  grants: readonly RoleGrant[],
): Allowed {
  const answer = may(actor, permission, ownerOf(client));
  if (answer !== 'yes' || permission === 'clients:read') return answer;
  const held = grants.filter((grant) => isHeldBy(grant, { kind: 'client', id: client.id }));
  return held.every((grant) => hasToGive(actor, grant)) ? 'yes' : 'refused';
}

/** The actor as the audit log names it. */
export function auditActorOf({ kind, id, grants, via, requestId }: Actor): AuditEntry['actor'] {
  if (kind === 'system') return { kind: 'command', id };
  const roles = grants.map(({ role, organisations }) =>
    organisations === 'association' ? role : [role, ...organisations].join(' '),
  );
  return {
    kind,
    id,
    ...(roles.length === 0 ? {} : { roles }),
    ...(via === 'command' ? {} : { via }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
