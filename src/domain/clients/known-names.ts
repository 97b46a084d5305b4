/** Compares the organisations and groups that a registration names with those of the configuration. */
import { isAllowedValue, type Source } from '../feed/source.ts';
import type { ClientRecord } from '../ports/clients.ts';
import { accessRuleOf, organisationsIn } from './access-rule.ts';
import { type DerivedRule, readTerm } from './derived-claims.ts';

/** What is configured: ids of organisations, and what sources of people may say. */
export type Known = { organisations: readonly string[]; sources: readonly Pick<Source, 'organisations' | 'groups'>[] };
type NamedGroup = { name: string; organisation?: string | undefined };

/**
 * In one sentence, which begins with the member, what a registration names that is not configured. Undefined: nothing.
 */
export function unknownNames(metadata: ClientRecord['metadata'], known: Known): string | undefined {
  const access = accessRuleOf(metadata);
  const terms = derivingTerms(metadata).map(readTerm);
  return (
    unknownOrganisation('pedel_access', organisationsIn(access), known) ??
    unknownOrganisation(
      'pedel_derived_claims',
      terms.flatMap((term) => term?.organisation ?? []),
      known,
    ) ??
    unknownGroup('pedel_access', access === 'everybody' ? [] : (access.groups ?? []).map(groupOf), known) ??
    unknownGroup(
      'pedel_derived_claims',
      terms.flatMap((term) => (term?.kind === 'group' ? [term] : [])),
      known,
    )
  );
}

function derivingTerms({ pedel_derived_claims: rules }: ClientRecord['metadata']): string[] {
  return ((rules ?? []) as unknown as DerivedRule[]).flatMap(({ when }) => when);
}

function groupOf(named: string): NamedGroup {
  const at = named.lastIndexOf('@');
  return { name: named.slice(0, at), organisation: named.slice(at + 1) };
}

function unknownOrganisation(member: string, ids: string[], { organisations }: Known): string | undefined {
  const unknown = ids.find((id) => !organisations.includes(id));
  if (unknown === undefined) return undefined;
  return `${member} names the organisation "${unknown}", and the configuration has ${organisations.join(', ')}`;
}

/** A group that no source may name will never have anybody in it. */
function unknownGroup(member: string, groups: NamedGroup[], { sources }: Known): string | undefined {
  const mayGive = ({ name, organisation }: NamedGroup) =>
    sources.some(
      (source) =>
        (organisation === undefined || source.organisations.includes(organisation)) &&
        isAllowedValue(source.groups ?? [], name),
    );
  const unknown = groups.find((group) => !mayGive(group));
  if (unknown === undefined) return undefined;
  const { name, organisation } = unknown;
  const where = organisation === undefined ? '' : ` at ${organisation}`;
  const listed = sources.flatMap(({ groups: patterns = [] }) => patterns);
  const known = listed.length === 0 ? 'none lists groups' : `they list ${[...new Set(listed)].slice(0, 20).join(', ')}`;
  return `${member} names the group "${name}", which no source of the configuration may give${where} (${known})`;
}
