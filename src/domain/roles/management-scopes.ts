/** Which permissions a scope of the management API leaves to a service; its roles give them, and a scope only narrows. */
import { type ManagementScope, managementScopes } from '../clients/resources/management-api.ts';
import type { Permission } from './permissions.ts';

/** What holds nothing secret, and comes with any scope. */
const always: readonly Permission[] = ['organisations:read', 'presets:read'];

const left: Record<ManagementScope, readonly Permission[]> = {
  'clients:read': ['clients:read', 'registration:read'],
  'clients:write': [
    'clients:read',
    'clients:write',
    'clients:first-party',
    'registration:read',
    'registration:write',
    'preview:self',
    'preview:people',
    'preview:any',
  ],
  'clients:secrets': ['clients:read', 'clients:secrets'],
  'people:read': ['people:read', 'people:read-masked'],
  'people:write': ['people:read', 'people:read-masked', 'people:write', 'people:hold'],
  'people:desk': ['people:read', 'people:read-masked', 'people:desk', 'people:suspend'],
  'imports:write': ['imports:read', 'imports:write', 'sources:read'],
  // apart from imports: a token of a source outlives the one that made it
  'sources:write': ['sources:read', 'sources:write'],
  'roles:write': ['roles:read', 'roles:write'],
  'keys:write': ['keys:read', 'keys:write'],
  'webhooks:write': ['clients:read', 'webhooks:read', 'webhooks:write', 'deliveries:read', 'deliveries:retry'],
  'audit:read': [
    'audit:read',
    'audit:of-clients',
    'audit:of-people',
    'audit:own-acts',
    'audit:export',
    'roles:read',
    'keys:read',
    'deliveries:read',
    'health:read',
  ],
};

/** Unknown scopes leave nothing. */
export function permissionsOf(scopes: Iterable<string>): Permission[] {
  const found = new Set<Permission>(always);
  for (const scope of scopes)
    if (Object.hasOwn(left, scope)) for (const each of left[scope as ManagementScope]) found.add(each);
  return [...found];
}

/** The scopes with which a service may have a permission, narrowest first. */
export function scopesFor(permission: Permission): ManagementScope[] {
  const all = Object.keys(managementScopes) as ManagementScope[];
  return all
    .filter((scope) => always.includes(permission) || left[scope].includes(permission))
    .sort((one, other) => left[one].length - left[other].length);
}
