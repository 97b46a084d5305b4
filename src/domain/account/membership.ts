/** Makes the claims by which applications decide what somebody may do: groups, roles and entitlements; and two identifiers. */
import { createHash } from 'node:crypto';
import type { JsonValue } from '../json-value.ts';
import type { Account } from './account.ts';
import { isCurrent } from './affiliation.ts';
import { entitlementsOf, fedGroups, groupEntitlement, groupsOf } from './groups.ts';
import type { Organisation } from './organisation.ts';

/** Each but `roles`, which comes with `groups`, has a scope of its own (../clients/scopes.ts). */
export const membershipClaimNames = ['groups', 'roles', 'eduperson_entitlement', 'orcid', 'voperson_id'] as const;

/**
 * The claims to release on `today` (`YYYY-MM-DD`); undefined: the claim is left out. Decisions:
 * - `groups` are plain names, and an empty list where there are none, because some applications let nobody in whose
 *   token lacks the claim;
 * - `roles` are the affiliations that hold today, as `role@organisation` with the ids of the configuration: the words in which
 *   registrations say who may do what. Roles in Pedel itself (owner, admin …) are told to nobody;
 * - `eduperson_entitlement` has what sources give, and the groups of organisations with a `groupNamespace` (AARC-G069);
 * - `orcid` is an https address (eduPerson 202208, 2.2.13; ORCID asks for this form);
 * - `voperson_id` (voPerson 2.0) is for life: made from the account's id, in the scope of the installation's `domain`
 *   and not of the home organisation, which changes when somebody moves. It does not tell the public `sub`.
 */
export function membershipClaims(
  account: Account,
  organisations: Organisation[],
  today: string,
  domain: string,
): Record<(typeof membershipClaimNames)[number], JsonValue | undefined> {
  const current = account.affiliations.filter((each) => isCurrent(each, today));
  const asEntitlements = fedGroups(account, today).flatMap(({ value, organisation }) => {
    const namespace = organisations.find(({ id }) => id === organisation)?.groupNamespace;
    return namespace === undefined ? [] : [groupEntitlement(namespace, value)];
  });
  const entitlements = [...new Set([...entitlementsOf(account, today), ...asEntitlements.sort()])];
  return {
    groups: groupsOf(account, today),
    roles: [...new Set(current.map(({ role, organisation }) => `${role}@${organisation}`))].sort(),
    eduperson_entitlement: entitlements.length === 0 ? undefined : entitlements,
    orcid: account.orcid,
    voperson_id: `${opaque(account.id)}@${domain}`,
  };
}

/** 32 characters in one case, because not everybody tells capitals from small letters in identifiers. */
function opaque(accountId: string): string {
  return createHash('sha256').update(`voperson_id ${accountId}`).digest('hex').slice(0, 32);
}
