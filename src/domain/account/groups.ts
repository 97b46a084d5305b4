/**
 * Groups and entitlements of a person, as sources give them: each holds as long as the affiliation in whose row it stood.
 */
import type { FedValue } from '../feed/fed-records.ts';
import type { Account } from './account.ts';
import { isCurrent } from './affiliation.ts';

/** Of one person in one file, of groups and of entitlements each. */
export const VALUES_AT_MOST = 100;
export const GROUP_LENGTH = 100;
/** eduPerson 202208 and SCHAC 1.6 keep their URIs within it. */
export const ENTITLEMENT_LENGTH = 255;

/** The names of the groups that hold on `today` (`YYYY-MM-DD`), each once, in alphabetical order. */
export function groupsOf(account: Account, today: string): string[] {
  return valuesOf(fedGroups(account, today));
}

/** The entitlements (URIs) that hold on `today` (`YYYY-MM-DD`), each once, in alphabetical order. */
export function entitlementsOf(account: Account, today: string): string[] {
  return valuesOf(heldOf(account, account.entitlements, today));
}

/** The groups that hold on `today` (`YYYY-MM-DD`), with the organisation and source of each. */
export function fedGroups(account: Pick<Account, 'affiliations' | 'groups'>, today: string): FedValue[] {
  return heldOf(account, account.groups, today);
}

function heldOf({ affiliations }: Pick<Account, 'affiliations'>, values: FedValue[] = [], today: string): FedValue[] {
  return values.filter(({ organisation, role, source }) =>
    affiliations.some(
      (each) =>
        each.organisation === organisation && each.role === role && each.source === source && isCurrent(each, today),
    ),
  );
}

const valuesOf = (held: FedValue[]) => [...new Set(held.map(({ value }) => value))].sort();

/** Whether groups can be named under it: `urn:geant:kuleuven.be`, a URN of RFC 8141 with no component `group`. */
export function isGroupNamespace(urn: string): boolean {
  return /^urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9](?::[A-Za-z0-9._~-]+)+$/.test(urn) && !urn.split(':').includes('group');
}

/**
 * The name of a group as an entitlement: `<namespace>:group:<name>` (AARC-G069, 2), where what is no part of a URN (RFC
 * 8141) is percent-encoded, and the colon too, because it would begin a subgroup.
 */
export function groupEntitlement(namespace: string, name: string): string {
  return `${namespace}:group:${encodeURIComponent(name)}`;
}

/**
 * What is wrong with the name of a group, to be read after it; undefined: nothing. Many applications take groups from a
 * header or a list in which a comma, a quotation mark or a line end begins the next one; after @ registrations name
 * the organisation.
 */
export function groupFault(name: string): string | undefined {
  if (name.length > GROUP_LENGTH)
    return `is too long (${name.length} characters): shorten it to ${GROUP_LENGTH} at most`;
  if (/^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} ._:/+#&()-]*[\p{L}\p{M}\p{N}._:/+#&()-])?$/u.test(name)) return undefined;
  return 'is no name of a group: begin with a letter or digit, and use letters, digits, spaces and . _ - : / + # & ( ) only';
}

/** What is wrong with an entitlement, to be read after it; undefined: it is a URN or a web address (eduPerson 202208, 2.2.7). */
export function entitlementFault(uri: string): string | undefined {
  if (uri.length > ENTITLEMENT_LENGTH)
    return `is too long (${uri.length} characters): shorten it to ${ENTITLEMENT_LENGTH} at most`;
  const urn = /^urn:[a-z0-9][a-z0-9-]{1,31}:[^\s]+$/i.test(uri);
  const web = /^https?:\/\//i.test(uri) && URL.canParse(uri);
  if ((urn || web) && /^[A-Za-z0-9._~:/?#@!$&'()*+,=%-]+$/.test(uri) && !/%(?![0-9A-Fa-f]{2})/.test(uri))
    return undefined;
  return 'is no URI: give a URN such as urn:mace:dir:entitlement:common-lib-terms, or a web address, with %3B and the like for special characters';
}
