/**
 * What of a registration only owners decide (rule 15): who is asked for no consent, who learns of others' tokens, by what people are
 * known together, whose people a service feeds, how long things live. Which APIs it may ask goes by whose they are
 * (use-cases/clients/client-authority.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import type { ClientRecord } from '../ports/clients.ts';
import type { ClientMemberName } from './metadata/client-members.ts';

/** Permission `clients:first-party`. */
export const ownerMembers = [
  'pedel_first_party',
  'pedel_introspects',
  'pedel_introspection_username',
  'pedel_profile',
  'pedel_access_token_seconds',
  'pedel_refresh_token_idle_seconds',
  'pedel_sector',
  'pedel_source',
] as const satisfies ClientMemberName[];

/** Those in which two registrations differ; what `before` does not have counts as absent. */
export function changedOwnerMembers(
  before: ClientRecord['metadata'],
  after: ClientRecord['metadata'],
): (typeof ownerMembers)[number][] {
  return ownerMembers.filter((name) => !isDeepStrictEqual(before[name], after[name]));
}
