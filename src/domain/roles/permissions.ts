/** What each role may do, as one table, and the answer to "may this one do that?". */
import { covers, isHeldBy, type RoleGrant, type RoleHolder, type RoleName, rankOf } from './role.ts';

/** `own`: at the organisations of the grant; `all`: wherever. */
type Reach = 'own' | 'all';
type Row = {
  roles: Partial<Record<RoleName, Reach>>;
  /** who has this other permission sees the thing, and is refused (403); anybody else learns nothing of it (404) */
  seenBy?: string;
};

const administered = { owner: 'all', 'client-administrator': 'own', auditor: 'own' } as const;
const changed = { owner: 'all', 'client-administrator': 'own' } as const;
const people = { owner: 'all', 'people-administrator': 'own' } as const;
const owned = { owner: 'all' } as const;
const overseen = { owner: 'all', auditor: 'own' } as const;
const anyRole = {
  owner: 'all',
  'client-administrator': 'all',
  'people-administrator': 'all',
  desk: 'all',
  auditor: 'all',
} as const;

/**
 * One row for each thing that is done. The organisation asked about is that of the thing: of a client its owner's
 * (`pedel_organisation`), of a person one of those where the person has an affiliation; undefined: the association's.
 */
const table = {
  /** clients with their release, access, secrets (never their values), refusals, history and webhooks */
  'clients:read': { roles: administered },
  'clients:write': { roles: changed, seenBy: 'clients:read' },
  'clients:secrets': { roles: changed, seenBy: 'clients:read' },
  /** `pedel_first_party`, introspection, profile, lifetimes (rule 15) */
  'clients:first-party': { roles: owned, seenBy: 'clients:read' },
  /** initial access tokens, clients that wait for approval */
  'registration:read': { roles: administered },
  'registration:write': { roles: changed, seenBy: 'registration:read' },
  /** what a client would learn: of oneself and sample persons, or trying it oneself; the organisation is the client's */
  'preview:self': { roles: changed, seenBy: 'clients:read' },
  /** … of this person; the organisation is the person's */
  'preview:people': { roles: people, seenBy: 'clients:read' },
  'preview:any': { roles: owned, seenBy: 'clients:read' },
  /** an auditor sees them with names, numbers and addresses masked */
  'people:read-masked': {
    roles: { owner: 'all', 'people-administrator': 'own', desk: 'own', auditor: 'own' },
  },
  'people:read': {
    roles: { owner: 'all', 'people-administrator': 'own', desk: 'own' },
    seenBy: 'people:read-masked',
  },
  'people:write': { roles: people, seenBy: 'people:read-masked' },
  'imports:read': { roles: { owner: 'all', 'people-administrator': 'own', desk: 'own', auditor: 'own' } },
  'imports:write': { roles: people, seenBy: 'imports:read' },
  /** the configured sources, their tokens for SCIM (never the values) and their safeguards */
  'sources:read': { roles: { owner: 'all', 'people-administrator': 'own', auditor: 'own' } },
  'sources:write': { roles: people, seenBy: 'sources:read' },
  /** to resend a letter, give a desk pass, end sessions */
  'people:desk': { roles: { 'people-administrator': 'own', desk: 'own' }, seenBy: 'people:read-masked' },
  /** closing an account at once, and opening it again */
  'people:suspend': {
    roles: { owner: 'all', 'people-administrator': 'own', desk: 'own' },
    seenBy: 'people:read-masked',
  },
  /** keeping an account from being erased (legal hold) */
  'people:hold': { roles: owned, seenBy: 'people:read-masked' },
  /** the whole log */
  'audit:read': { roles: overseen },
  /** entries about clients of the organisation, and about its people */
  'audit:of-clients': { roles: administered },
  'audit:of-people': { roles: { owner: 'all', 'people-administrator': 'own', auditor: 'own' } },
  /** entries about what one did oneself */
  'audit:own-acts': { roles: anyRole },
  'audit:export': { roles: overseen },
  'roles:read': { roles: overseen },
  'roles:write': { roles: owned, seenBy: 'roles:read' },
  'keys:read': { roles: overseen },
  'keys:write': { roles: owned, seenBy: 'keys:read' },
  /** webhooks of the association; those of a client are `clients:…` */
  'webhooks:read': { roles: overseen },
  'webhooks:write': { roles: owned, seenBy: 'webhooks:read' },
  'deliveries:read': { roles: overseen },
  'deliveries:retry': { roles: owned, seenBy: 'deliveries:read' },
  'health:read': { roles: overseen },
  /** the rules of organisations and the catalogue, which hold nothing secret */
  'organisations:read': { roles: anyRole },
  'presets:read': { roles: anyRole },
} as const satisfies Record<string, Row>;

export type Permission = keyof typeof table;
export const permissions = Object.keys(table) as Permission[];
const rowOf = (permission: Permission): Row => table[permission];

/** Who acts, as far as it decides what may be done. `only`: what the token allows beside the roles; absent: no such bound. */
export type Authority = {
  kind: 'person' | 'client' | 'system';
  id: string;
  grants: readonly RoleGrant[];
  only?: readonly Permission[];
};

export type Allowed = 'yes' | 'hidden' | 'refused';

/**
 * `hidden`: answer as if it did not exist (404); `refused`: it is seen, but not allowed (403).
 * @param organisation id of the thing's organisation; undefined: the association's
 */
export function may(actor: Authority, permission: Permission, organisation: string | undefined): Allowed {
  if (holds(actor, permission, organisation)) return 'yes';
  const { seenBy } = rowOf(permission);
  return seenBy !== undefined && holds(actor, seenBy as Permission, organisation) ? 'refused' : 'hidden';
}

function holds({ kind, grants, only }: Authority, permission: Permission, organisation: string | undefined): boolean {
  if (only !== undefined && !only.includes(permission)) return false;
  if (kind === 'system') return true;
  const { roles } = rowOf(permission);
  return grants.some((grant) => roles[grant.role] === 'all' || (roles[grant.role] && covers(grant, organisation)));
}

/**
 * Where somebody has a permission, for a list or a search: `association`, everywhere and for what belongs to no
 * organisation; or the ids of organisations, sorted; empty: nowhere.
 */
export function reachOf({ kind, grants, only }: Authority, permission: Permission): 'association' | string[] {
  if (only !== undefined && !only.includes(permission)) return [];
  if (kind === 'system') return 'association';
  const { roles } = rowOf(permission);
  const found = new Set<string>();
  for (const grant of grants) {
    const reach = roles[grant.role];
    if (reach === undefined) continue;
    if (reach === 'all' || grant.organisations === 'association') return 'association';
    for (const id of grant.organisations) found.add(id);
  }
  return [...found].sort();
}

/** Whether there is anything at all that somebody may do here; without it `/admin` answers 404. */
export function hasAnyRole({ kind, grants }: Authority): boolean {
  return kind === 'system' || grants.length > 0;
}

/** Nobody acts on himself, nor on somebody with a higher role. */
export function mayActOn(
  actor: Authority,
  holder: RoleHolder,
  held: readonly RoleGrant[],
): 'yes' | 'himself' | 'higher-role' {
  if (actor.kind === 'system') return 'yes';
  if (actor.kind === holder.kind && actor.id === holder.id) return 'himself';
  return rankOf(held.filter((grant) => isHeldBy(grant, holder))) > rankOf(actor.grants) ? 'higher-role' : 'yes';
}

/** Nobody gives or takes a role higher than his own, or one for organisations beyond his own. */
export function hasToGive(
  actor: Authority,
  { role, organisations }: Pick<RoleGrant, 'role' | 'organisations'>,
): boolean {
  if (actor.kind === 'system') return true;
  return actor.grants.some(
    (own) =>
      rowOf('roles:write').roles[own.role] !== undefined &&
      rankOf([own]) >= rankOf([{ role }]) &&
      covers(own, organisations),
  );
}
