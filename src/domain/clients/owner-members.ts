/** Members of a registration by which an application gets more than its own organisation has to give: only an owner sets them. */
import type { ClientRecord } from '../ports/clients.ts';
import type { ClientMemberName } from './metadata/client-members.ts';

/** Permission `clients:first-party` (rule 15). */
export const ownerMembers: readonly ClientMemberName[] = [
  'pedel_first_party',
  'pedel_introspects',
  'pedel_introspection_username',
  'pedel_profile',
  'pedel_access_token_seconds',
  'pedel_refresh_token_idle_seconds',
  'pedel_service_resources',
  'pedel_source',
  'pedel_exchanges',
];

/** Those in which two registrations differ; what `before` does not have counts as absent. */
export function changedOwnerMembers(
  before: ClientRecord['metadata'],
  after: ClientRecord['metadata'],
): ClientMemberName[] {
  return ownerMembers.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}
