/** Compares the organisations and groups that a registration names with those of the configuration. */
import { isAllowedValue, type Source } from '../../feed/source.ts';
import type { JsonValue } from '../../json-value.ts';
import type { ClientRecord } from '../../ports/clients.ts';
import { accessRuleOf, organisationsIn } from '../access-rule.ts';
import { ownerOf } from '../client-owner.ts';
import { type DerivedRule, readTerm } from '../release/derived-claims.ts';

/** What is configured: ids of organisations, and what sources of people may say. */
export type Known = {
  organisations: readonly string[];
  sources: readonly Pick<Source, 'id' | 'organisations' | 'groups'>[];
};
type NamedGroup = { name: string; organisation?: string | undefined };

type Member = 'pedel_access' | 'pedel_derived_claims' | 'pedel_organisation' | 'pedel_source';
export type UnknownName = { member: Member; value: string; remedy: string };

/** What a registration names that is not configured, with a remedy. Undefined: nothing. */
export function unknownNames(metadata: ClientRecord['metadata'], known: Known): UnknownName | undefined {
  const access = accessRuleOf(metadata);
  const terms = derivingTerms(metadata).map(readTerm);
  const owner = ownerOf({ metadata });
  return (
    unknownOrganisation('pedel_organisation', owner === undefined ? [] : [owner], known) ??
    unknownSource(metadata.pedel_source, known) ??
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

function unknownOrganisation(member: Member, ids: string[], { organisations }: Known): UnknownName | undefined {
  const unknown = ids.find((id) => !organisations.includes(id));
  if (unknown === undefined) return undefined;
  const remedy = `use an organisation of the configuration: ${organisations.join(', ')}`;
  return { member, value: unknown, remedy };
}

function unknownSource(id: JsonValue | undefined, { sources }: Known): UnknownName | undefined {
  if (id === undefined || sources.some((source) => source.id === id)) return undefined;
  const remedy = `use a source of the configuration: ${sources.map((source) => source.id).join(', ') || 'there is none'}`;
  return { member: 'pedel_source', value: String(id), remedy };
}

/** A group that no source may name will never have anybody in it. */
function unknownGroup(member: Member, groups: NamedGroup[], { sources }: Known): UnknownName | undefined {
  const mayGive = ({ name, organisation }: NamedGroup) =>
    sources.some(
      (source) =>
        (organisation === undefined || source.organisations.includes(organisation)) &&
        isAllowedValue(source.groups ?? [], name),
    );
  const unknown = groups.find((group) => !mayGive(group));
  if (unknown === undefined) return undefined;
  const { name, organisation } = unknown;
  const at = organisation === undefined ? '' : ` at ${organisation}`;
  const listed = [...new Set(sources.flatMap(({ groups: patterns = [] }) => patterns))].slice(0, 20);
  const now = listed.length === 0 ? 'now none lists any' : `now they list ${listed.join(', ')}`;
  const remedy = `use a group that a source may give${at}, or add it to the groups of one in the configuration (${now})`;
  return { member, value: `${name}${organisation === undefined ? '' : `@${organisation}`}`, remedy };
}
