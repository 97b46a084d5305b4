/** Reads a person from JSON by the table of attributes: known names only, each of its type; the rest is named, and ignored. */
import { PEDEL_USER, type ScimUser } from '../../domain/feed/scim-entry.ts';
import { type Attribute, attributeNamed, CORE_USER, commonAttributes, type Schema } from './attributes.ts';
import { invalid } from './errors.ts';

/** `ignored`: names of attributes that are not known here. */
export type ReadUser = { user: ScimUser; ignored: string[] };
type Members = Record<string, unknown>;

const LONGEST_TEXT = 1000;
const MOST_VALUES = 100;
const MOST_IGNORED = 20;
/** What the server sets, which a body may repeat (RFC 7644, 3.3). */
const SERVERS = ['schemas', 'id', 'meta'];

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws ScimError `invalidSyntax`, `invalidValue` */
export function readUser(body: unknown, schemas: { core: Schema; pedel: Schema }): ReadUser {
  if (!isObject(body)) throw invalid('invalidSyntax', 'the body is no JSON object');
  const { schemas: named } = body;
  if (!Array.isArray(named) || !named.some((each) => sameName(each, CORE_USER)))
    throw invalid('invalidSyntax', `schemas must be a list that has ${CORE_USER}`);
  const ignored: string[] = [];
  const rest: Members = {};
  let extension: unknown;
  for (const [name, value] of Object.entries(body)) {
    if (sameName(name, PEDEL_USER)) extension = value;
    else if (!SERVERS.some((each) => sameName(name, each))) rest[name] = value;
  }
  const attributes = [...commonAttributes, ...schemas.core.attributes];
  const user = readMembers(rest, attributes, '', ignored) as ScimUser;
  if (extension !== undefined && extension !== null) {
    if (!isObject(extension)) throw invalid('invalidValue', `${PEDEL_USER} must be an object`);
    const pedel = readMembers(extension, schemas.pedel.attributes, `${PEDEL_USER}:`, ignored);
    if (Object.keys(pedel).length > 0) user[PEDEL_USER] = pedel as NonNullable<ScimUser[typeof PEDEL_USER]>;
  }
  if (user.userName === undefined || user.userName.trim() === '') throw invalid('invalidValue', 'userName is required');
  return { user, ignored: [...new Set(ignored)].slice(0, MOST_IGNORED) };
}

const sameName = (a: unknown, b: string) => typeof a === 'string' && a.toLowerCase() === b.toLowerCase();

/** In the order of the table, so that the same members are always the same text. */
function readMembers(given: Members, attributes: readonly Attribute[], prefix: string, ignored: string[]): Members {
  const found = new Map<string, unknown>();
  for (const [name, value] of Object.entries(given)) {
    const attribute = attributeNamed(attributes, name);
    if (attribute === undefined) ignored.push(`${prefix}${name}`.slice(0, 100));
    else if (found.has(attribute.name)) throw invalid('invalidSyntax', `${prefix}${attribute.name} is there twice`);
    else if (!attribute.readOnly) found.set(attribute.name, value);
  }
  const read: Members = {};
  for (const attribute of attributes) {
    const value = readValue(found.get(attribute.name), attribute, `${prefix}${attribute.name}`, ignored);
    if (value !== undefined) read[attribute.name] = value;
  }
  return read;
}

/** Undefined: it is not assigned (null and an empty list, RFC 7643, 2.5). */
function readValue(value: unknown, attribute: Attribute, path: string, ignored: string[]): unknown {
  if (value === undefined || value === null) return undefined;
  if (!attribute.multiValued) return readOne(value, attribute, path, ignored);
  if (!Array.isArray(value)) throw invalid('invalidValue', `${path} must be a list`);
  if (value.length > MOST_VALUES)
    throw invalid('tooMany', `${path} has ${value.length} values, at most ${MOST_VALUES}`);
  const read = value.map((each) => readOne(each, attribute, path, ignored)).filter((each) => each !== undefined);
  const primaries = read.filter((each) => isObject(each) && each.primary === true).length;
  if (primaries > 1)
    throw invalid('invalidValue', `${path} has ${primaries} values that are primary, at most one may be`);
  return read.length === 0 ? undefined : read;
}

function readOne(value: unknown, attribute: Attribute, path: string, ignored: string[]): unknown {
  if (attribute.type === 'complex') {
    if (!isObject(value))
      throw invalid('invalidValue', `${path} must be ${attribute.multiValued ? 'a list of objects' : 'an object'}`);
    const read = readMembers(value, attribute.subAttributes ?? [], `${path}.`, ignored);
    const says = Object.keys(read).some((name) => !['type', 'primary', 'display'].includes(name));
    return says ? read : undefined;
  }
  if (attribute.type === 'boolean') {
    const said = typeof value === 'string' ? value.toLowerCase() : String(value);
    if (typeof value === 'object' || !['true', 'false'].includes(said))
      throw invalid('invalidValue', `${path} must be true or false`);
    return said === 'true';
  }
  if (typeof value !== 'string') throw invalid('invalidValue', `${path} must be a text`);
  if (value.length > LONGEST_TEXT)
    throw invalid('invalidValue', `${path} has ${value.length} characters, at most ${LONGEST_TEXT}`);
  if (value.includes('\0')) throw invalid('invalidValue', `${path} contains a null byte`);
  return value;
}
