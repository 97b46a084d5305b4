/**
 * SCIM (`/scim/v2`) as a resource server, which a service is given in `pedel_service_resources` and asks by `resource` (RFC
 * 8707). As the management API, it is nobody's registration, and never a person's (rule 15).
 */
import type { ResourceServer } from './resource-servers.ts';

export const SCIM_PATH = '/scim/v2';
export const SCIM_SCOPE = 'scim';

/** Opaque, so that a token is worth nothing from the moment at which it is revoked; ten minutes at most. */
export function scimApi(issuer: string): ResourceServer {
  return {
    identifier: `${issuer}${SCIM_PATH}`,
    scopes: [{ name: SCIM_SCOPE }],
    token_format: 'opaque',
    token_seconds: 600,
  };
}
