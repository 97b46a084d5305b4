/** Applies a PATCH (RFC 7644, 3.5.2) to what a source said last. Only names of the table of attributes are ever written. */
import { isDeepStrictEqual } from 'node:util';
import { PEDEL_USER, type ScimUser } from '../../domain/feed/scim-entry.ts';
import { CORE_USER, type Schema } from './attributes.ts';
import { invalid } from './errors.ts';
import type { Comparison } from './filter.ts';
import { type Path, readPath, type Target } from './path.ts';
import { isObject, type ReadUser, readUser } from './read-user.ts';

const MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const MOST_OPERATIONS = 100;

type Members = Record<string, unknown>;
type Act = 'add' | 'replace' | 'remove';
export type PatchOperation = { act: Act; path: Path; named: string; value: unknown };
type Schemas = { core: Schema; pedel: Schema };

/** The operations of a body, each with a path; those of a value without one are as many as it has members. @throws ScimError */
export function readPatch(body: unknown, schemas: Schemas): PatchOperation[] {
  if (!isObject(body)) throw invalid('invalidSyntax', 'the body is no JSON object');
  const named = Array.isArray(body.schemas) ? body.schemas : [];
  if (!named.some((each) => String(each).toLowerCase() === MESSAGE.toLowerCase()))
    throw invalid('invalidSyntax', `schemas must be a list that has ${MESSAGE}`);
  const operations = Object.entries(body).find(([name]) => name.toLowerCase() === 'operations')?.[1];
  if (!Array.isArray(operations) || operations.length === 0)
    throw invalid('invalidSyntax', 'Operations must be a list with at least one operation');
  const read = operations.slice(0, MOST_OPERATIONS + 1).flatMap((each) => readOperation(each, schemas));
  if (read.length > MOST_OPERATIONS) throw invalid('tooMany', `at most ${MOST_OPERATIONS} attributes change at once`);
  return read;
}

function readOperation(operation: unknown, schemas: Schemas): PatchOperation[] {
  if (!isObject(operation)) throw invalid('invalidSyntax', 'an operation must be an object');
  const act = String(operation.op).toLowerCase();
  if (act !== 'add' && act !== 'replace' && act !== 'remove')
    throw invalid('invalidSyntax', 'op must be add, replace or remove');
  const { path, value } = operation;
  if (path !== undefined && path !== null && typeof path !== 'string')
    throw invalid('invalidPath', 'path must be a text');
  if (act !== 'remove' && value === undefined) throw invalid('invalidValue', `${act} needs a value`);
  const one = (named: string, given: unknown): PatchOperation => ({
    act,
    path: readPath(named, schemas),
    named,
    value: given,
  });
  if (typeof path === 'string' && path !== '') return [one(path, value)];
  if (act === 'remove') throw invalid('noTarget', 'remove needs a path');
  if (!isObject(value)) throw invalid('invalidValue', 'without a path, the value must be an object');
  // the server's own members may be repeated where all of a resource is sent
  return Object.entries(value)
    .filter(([name]) => !['id', 'meta', 'schemas'].includes(name.toLowerCase()))
    .map(([name, given]) => one(name, given));
}

/** @throws ScimError, and then nothing is changed */
export function patched(user: ScimUser, operations: readonly PatchOperation[], schemas: Schemas): ReadUser {
  const { [PEDEL_USER]: pedel, ...core } = user;
  const members = { core: { ...core } as Members, pedel: { ...pedel } as Members };
  const ignored: string[] = [];
  for (const { act, path, named, value } of operations) {
    if (path.kind === 'unknown') ignored.push(named.slice(0, 100));
    else if (path.kind === 'attribute') change(members, path.target, act, value);
    else members.pedel = changedExtension(members, act, value, schemas);
  }
  const read = readUser({ schemas: [CORE_USER], ...members.core, [PEDEL_USER]: members.pedel }, schemas);
  return { user: read.user, ignored: [...new Set([...ignored, ...read.ignored])].slice(0, 20) };
}

function changedExtension(members: { core: Members; pedel: Members }, act: Act, value: unknown, schemas: Schemas) {
  if (act === 'remove') return {};
  if (!isObject(value)) throw invalid('invalidValue', `${PEDEL_USER} must be an object`);
  for (const [name, given] of Object.entries(value)) {
    const path = schemas.pedel.attributes.some((each) => each.readOnly && each.name === name)
      ? undefined
      : readPath(`${PEDEL_USER}:${name}`, schemas);
    if (path?.kind === 'attribute') change(members, path.target, act, given);
  }
  return members.pedel;
}

function change(members: { core: Members; pedel: Members }, target: Target, act: Act, value: unknown): void {
  const holder = target.extension ? members.pedel : members.core;
  const { attribute, sub, where } = target;
  const { name, multiValued, type } = attribute;
  if (multiValued) {
    const values = listed(holder[name]);
    const next =
      where !== undefined || sub !== undefined ? chosen(values, target, act, value) : whole(values, act, value);
    if (next.length === 0) delete holder[name];
    else holder[name] = next;
  } else if (sub !== undefined) {
    const inner = isObject(holder[name]) ? holder[name] : {};
    holder[name] = withMember(inner, sub.name, act, value);
  } else if (act === 'remove') delete holder[name];
  else if (type === 'complex' && isObject(value) && isObject(holder[name])) holder[name] = merged(holder[name], value);
  else holder[name] = value;
  if (where !== undefined && !multiValued) throw new TypeError('a filter chooses among several values');
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? [...value] : []);
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === null ? [] : [value]);

/** All values of an attribute: replaced, added to, or those that are named taken away. */
function whole(values: unknown[], act: Act, value: unknown): unknown[] {
  if (act === 'replace') return asList(value);
  if (act === 'remove') {
    if (value === undefined || value === null) return [];
    const gone = asList(value);
    return values.filter((each) => !gone.some((other) => isSame(each, other)));
  }
  const added = asList(value).filter((each) => !values.some((other) => isDeepStrictEqual(each, other)));
  return [...(added.some(isPrimary) ? values.map(notPrimary) : values), ...added];
}

/** Whether a value is the one that is named, perhaps by its `value` alone. */
const isSame = (each: unknown, named: unknown) =>
  isObject(each) && isObject(named) && named.value !== undefined
    ? each.value === named.value
    : isDeepStrictEqual(each, named);
const isPrimary = (each: unknown) => isObject(each) && ['true', true].includes(lowered(each.primary) as never);
const lowered = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);
const notPrimary = (each: unknown) => (isObject(each) && each.primary === true ? { ...each, primary: false } : each);

/** Those values that the filter chooses, or all of them. One that is added to and not there is made as the filter says. */
function chosen(values: unknown[], { attribute, sub, where = [] }: Target, act: Act, value: unknown): unknown[] {
  const isChosen = (each: unknown) => isObject(each) && where.every((one) => holds(each, one));
  if (!values.some(isChosen)) {
    if (act === 'remove') return values;
    if (act === 'replace' && where.length > 0) {
      const which = where.map(({ path, value: wanted }) => `${path} eq ${JSON.stringify(wanted)}`).join(' and ');
      throw invalid('noTarget', `${attribute.name} has no value with ${which}`);
    }
    const made = Object.fromEntries(where.map(({ path, value: wanted }) => [path, wanted]));
    return [...values, sub === undefined ? merged(made, value) : withMember(made, sub.name, act, value)];
  }
  if (act === 'remove' && sub === undefined) return values.filter((each) => !isChosen(each));
  const next = (each: Members) =>
    sub !== undefined
      ? withMember(each, sub.name, act, value)
      : act === 'replace' && isObject(value)
        ? value
        : merged(each, value);
  const changed = values.map((each) => (isChosen(each) ? next(each as Members) : each));
  const [now] = changed.filter((each, place) => isPrimary(each) && !isPrimary(values[place]));
  return now === undefined ? changed : changed.map((each) => (each === now ? each : notPrimary(each)));
}

function holds(each: Members, { path, value }: Comparison): boolean {
  return typeof value === 'string' && typeof each[path] === 'string'
    ? each[path].toLowerCase() === value.toLowerCase()
    : (each[path] ?? false) === value;
}

function withMember(members: Members, name: string, act: Act, value: unknown): Members {
  const { [name]: _, ...rest } = members;
  return act === 'remove' ? rest : { ...rest, [name]: value };
}

function merged(members: unknown, value: unknown): unknown {
  if (!isObject(value)) throw invalid('invalidValue', 'the value of several sub-attributes must be an object');
  const rest = Object.entries(isObject(members) ? members : {}).filter(
    ([name]) => !Object.keys(value).some((given) => given.toLowerCase() === name.toLowerCase()),
  );
  return { ...Object.fromEntries(rest), ...value };
}
