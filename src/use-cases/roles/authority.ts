/** What granting and revoking have in common: who still may, who are the owners, and the record of a refusal. */

import type { RoleGrant, RoleHolder } from '../../domain/roles/role.ts';
import { type Actor, entryBy } from '../actor.ts';
import type { RoleDeps, WantedGrant } from './deps.ts';

/** `no-right`: to grant this role, or for these organisations. `last-owner`: nobody would be left who could act. */
export type NotAllowed = 'no-right' | 'himself' | 'higher-role' | 'last-owner';
export type Refusal = { kind: 'not-found' } | { kind: 'not-allowed'; because: NotAllowed };

/** The actor with those of its grants that still stand. */
export function standing(actor: Actor, grants: readonly RoleGrant[]): Actor {
  const ids = new Set(grants.map(({ id }) => id));
  return { ...actor, grants: actor.grants.filter(({ id }) => ids.has(id)) };
}

/** Ids of the accounts of all owners. */
export function ownersOf(grants: readonly RoleGrant[]): string[] {
  const owners = grants.filter(({ role, holder }) => role === 'owner' && holder.kind === 'person');
  return [...new Set(owners.map(({ holder }) => holder.id))];
}

/** How the audit log says to whom something was done. */
export function subjectOf({ kind, id }: RoleHolder): { subject: string } | { client: string } {
  return kind === 'person' ? { subject: id } : { client: id };
}

/** An act that was refused for want of authority stands in the audit log, whoever tried it. */
export async function noteRefusal(
  actor: Actor,
  act: 'grant' | 'revoke',
  { holder, role, organisations }: WantedGrant,
  because: NotAllowed,
  deps: RoleDeps,
): Promise<void> {
  const words = organisations === 'association' ? organisations : organisations.join(' ');
  const details = { act, role, organisations: words.slice(0, 200), because };
  await deps.ports.auditLog.append(entryBy(actor, { action: 'role.refused', details, ...subjectOf(holder) }, deps));
}
