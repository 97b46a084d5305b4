/** Reads paths of PATCH by the table of attributes (RFC 7644, 3.5.2), as identity providers write them. */
import { type Attribute, attributeNamed, CORE_USER, commonAttributes, PEDEL_USER, type Schema } from './attributes.ts';
import { invalid } from './errors.ts';
import { type Comparison, readComparisons } from './filter.ts';

/** `extension`: it is an attribute of ours. `where`: of the values of one that has several. */
export type Target = { extension: boolean; attribute: Attribute; where?: Comparison[]; sub?: Attribute };
/** `extension`: all of it. `unknown`: an attribute that is not known here, which is named and ignored. */
export type Path = { kind: 'attribute'; target: Target } | { kind: 'extension' | 'unknown' };

const form = /^([A-Za-z$][\w$-]*)(?:\[([^[\]]*)\])?(?:\.([A-Za-z$][\w$-]*))?$/;

/** @throws ScimError `invalidPath`, and `mutability` for what only the server sets */
export function readPath(path: string, schemas: { core: Schema; pedel: Schema }): Path {
  const text = path.trim();
  if (text.length > 500) throw invalid('invalidPath', 'a path has at most 500 characters');
  if (text.toLowerCase() === PEDEL_USER.toLowerCase()) return { kind: 'extension' };
  const ours = withoutPrefix(text, PEDEL_USER);
  const plain = ours ?? withoutPrefix(text, CORE_USER) ?? text;
  if (/^urn:/i.test(plain)) return { kind: 'unknown' };
  const match = form.exec(plain);
  if (match === null) throw invalid('invalidPath', `the path "${text.slice(0, 100)}" cannot be read`);
  const [, name = '', filter, subName] = match;
  const attributes = ours === undefined ? [...commonAttributes, ...schemas.core.attributes] : schemas.pedel.attributes;
  if (ours === undefined && ['id', 'meta', 'schemas'].includes(name.toLowerCase())) {
    if (name.toLowerCase() === 'schemas') return { kind: 'unknown' };
    throw invalid('mutability', `${name} is set by the server`);
  }
  const attribute = attributeNamed(attributes, name);
  if (attribute === undefined) return { kind: 'unknown' };
  if (attribute.readOnly) throw invalid('mutability', `${name} is set by the server`);
  const sub = subName === undefined ? undefined : attributeNamed(attribute.subAttributes ?? [], subName);
  if (subName !== undefined && sub === undefined) return { kind: 'unknown' };
  const target: Target = { extension: ours !== undefined, attribute, ...(sub === undefined ? {} : { sub }) };
  return {
    kind: 'attribute',
    target: filter === undefined ? target : { ...target, where: readWhere(filter, attribute) },
  };
}

function withoutPrefix(text: string, urn: string): string | undefined {
  return text.toLowerCase().startsWith(`${urn.toLowerCase()}:`) ? text.slice(urn.length + 1) : undefined;
}

/** What chooses among several values: sub-attributes with `eq`, joined by `and`. */
function readWhere(filter: string, { name, multiValued, subAttributes = [] }: Attribute): Comparison[] {
  if (!multiValued || subAttributes.length === 0)
    throw invalid('invalidPath', `${name} has no values from which a filter chooses`);
  const refused = () =>
    invalid('invalidFilter', `use sub-attributes of ${name} with eq, joined by "and": ${name}[type eq "work"]`);
  const comparisons = readComparisons(filter);
  if (comparisons === undefined) throw refused();
  return comparisons.map(({ path, operator, value }) => {
    const sub = attributeNamed(subAttributes, path);
    if (sub === undefined || operator !== 'eq') throw refused();
    return { path: sub.name, operator, value };
  });
}
