/**
 * Which attributes an answer has (RFC 7644, 3.9): `id` and `schemas` always; what the server alone says of a person only where
 * `attributes` names it (RFC 7643, 7: returned `request`), so that what a source wrote reads back as it was written.
 */
import { CORE_USER, PEDEL_USER, pedelAttributes } from './attributes.ts';
import { invalid } from './errors.ts';

type Members = Record<string, unknown>;
export type Choice = { attributes?: string | undefined; excludedAttributes?: string | undefined };

const ALWAYS = ['schemas', 'id'];

/** @throws ScimError `invalidValue` where both are given */
export function projected(resource: Members, { attributes, excludedAttributes }: Choice): Members {
  const [only, without] = [namesIn(attributes), namesIn(excludedAttributes)];
  if (only.length > 0 && without.length > 0)
    throw invalid('invalidValue', 'give attributes or excludedAttributes, not both');
  return withSchemas(
    pick(resource, '', (path) => {
      const kept = onRequest.find((name) => covers(name, path));
      if (kept !== undefined && !only.some((name) => covers(kept, name))) return false;
      if (only.length > 0) return only.some((name) => covers(name, path) || covers(path, name));
      return !without.some((name) => covers(name, path));
    }),
  );
}

const onRequest = pedelAttributes([])
  .filter(({ returned }) => returned === 'request')
  .map(({ name }) => `${PEDEL_USER}:${name}`.toLowerCase());

/** An extension of which nothing is left is not there, and not among `schemas` either (RFC 7643, 3). */
function withSchemas(members: Members): Members {
  const { [PEDEL_USER]: pedel, ...rest } = members;
  if (pedel !== undefined && Object.keys(pedel as object).length > 0) return members;
  return { ...rest, schemas: (members.schemas as string[]).filter((schema) => schema !== PEDEL_USER) };
}

const namesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .map((name) => (name.startsWith(`${CORE_USER.toLowerCase()}:`) ? name.slice(CORE_USER.length + 1) : name))
    .filter((name) => name !== '');

/** Whether `name` is the attribute at `path`, or one that it is part of. */
const covers = (name: string, path: string) =>
  path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}:`);

function pick(members: Members, prefix: string, wanted: (path: string) => boolean): Members {
  const kept: Members = {};
  for (const [name, value] of Object.entries(members)) {
    const path = `${prefix}${name}`.toLowerCase();
    if (prefix === '' && ALWAYS.includes(name)) kept[name] = value;
    else if (wanted(path)) kept[name] = inner(value, `${prefix}${name}${name === PEDEL_USER ? ':' : '.'}`, wanted);
  }
  return kept;
}

function inner(value: unknown, prefix: string, wanted: (path: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => inner(each, prefix, wanted));
  return typeof value === 'object' && value !== null ? pick(value as Members, prefix, wanted) : value;
}
