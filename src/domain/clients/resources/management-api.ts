/**
 * The management API (`/api/v1`) as a resource server: its scopes, which a service is given in `pedel_service_resources`
 * and asks by `resource` (RFC 8707). It is nobody's registration, and never a person's (rule 15).
 */
import type { ClientRecord } from '../../ports/clients.ts';
import { ownClientId } from '../own-client.ts';
import type { ResourceServer } from './resource-servers.ts';

export const MANAGEMENT_PATH = '/api/v1';

/** Each with what it lets a service do, as far as the service has a role for it. */
export const managementScopes = {
  'clients:read': 'read applications, their history and what they were refused',
  'clients:write': 'register, change and remove applications',
  'clients:secrets': 'add and retire secrets of applications',
  'people:read': 'read people and their sessions',
  'people:write': 'change people',
  'people:desk': 'act as the service desk does',
  'imports:write': 'import people',
  'sources:write': 'make and take back tokens of sources, and release what their safeguard holds',
  'roles:write': 'grant and withdraw roles',
  'keys:write': 'rotate signing keys',
  'webhooks:write': 'add and change webhooks',
  'audit:read': 'read the audit log',
} as const;
export type ManagementScope = keyof typeof managementScopes;

/** Opaque, so that a token is worth nothing from the moment at which it is revoked; ten minutes at most. */
export function managementApi(issuer: string): ResourceServer {
  return {
    identifier: `${issuer}${MANAGEMENT_PATH}`,
    scopes: Object.keys(managementScopes).map((name) => ({ name })),
    token_format: 'opaque',
    token_seconds: 600,
  };
}

/** Stands for the client that has our own APIs: Pedel itself, which is never stored. */
export function ownOwner(): ClientRecord {
  return { id: ownClientId, revision: 0, metadata: {}, secrets: [], createdAt: 0, updatedAt: 0 };
}
