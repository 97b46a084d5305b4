/** Lists of people: by index, or by cursors (RFC 9865) that hold for one source and one filter. */
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { listUsers } from '../../use-cases/scim/list-users.ts';
import type { ScimPorts, Stored } from '../../use-cases/scim/users.ts';
import { invalid } from './errors.ts';
import { readFilter } from './filter.ts';
import { isObject } from './read-user.ts';

export const LIST_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const SEARCH_MESSAGE = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
export const PAGE_RESULTS = 100;
export const MOST_RESULTS = 200;
/** What lies further is reached by cursors, which cost the same on every page. */
const FURTHEST_INDEX = 10_000;

/** What was asked, from the query or from a body of `.search`. `cursor`: '' begins. */
export type ListRequest = {
  filter?: string;
  count: number;
  startIndex: number;
  cursor?: string;
  attributes?: string;
  excludedAttributes?: string;
};

export function readListQuery(query: URLSearchParams): ListRequest {
  return readList((name) => query.get(name) ?? undefined);
}

/** A body that names no schema is taken: scim2-cli sends such. @throws ScimError `invalidSyntax` */
export function readSearch(body: unknown): ListRequest {
  if (!isObject(body)) throw invalid('invalidSyntax', 'the body is no JSON object');
  const { schemas = [SEARCH_MESSAGE] } = body;
  if (!Array.isArray(schemas) || !schemas.includes(SEARCH_MESSAGE))
    throw invalid('invalidSyntax', `schemas must be a list that has ${SEARCH_MESSAGE}`);
  return readList((name) => {
    const value = body[name];
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) return value.join(',');
    if (typeof value === 'object') throw invalid('invalidSyntax', `${name} must be a text, a number or a list`);
    return String(value);
  });
}

/** A number below the least counts as the least (RFC 7644, 3.4.2.4). */
function readList(given: (name: string) => string | undefined): ListRequest {
  const whole = (name: string, otherwise: number, least: number) => {
    const text = given(name);
    if (text === undefined || text === '') return otherwise;
    if (!/^-?\d{1,9}$/.test(text))
      throw invalid(name === 'count' ? 'invalidCount' : 'invalidValue', `${name} must be a whole number`);
    return Math.max(least, Number(text));
  };
  const texts = Object.fromEntries(
    (['filter', 'cursor', 'attributes', 'excludedAttributes'] as const).flatMap((name) => {
      const value = given(name);
      return value === undefined ? [] : [[name, value.slice(0, 2000)]];
    }),
  );
  return {
    ...texts,
    count: Math.min(whole('count', PAGE_RESULTS, 0), MOST_RESULTS),
    startIndex: whole('startIndex', 1, 1),
  };
}

const FIELD = 'scim-cursor';

/** @throws ScimError `invalidFilter`, `invalidCursor` */
export async function answerList(
  { filter, count, startIndex, cursor }: ListRequest,
  source: string,
  shown: (stored: Stored) => object,
  { ports, sealer }: { ports: Pick<ScimPorts, 'accounts'>; sealer: Pick<Sealer, 'mac' | 'macMatches'> },
): Promise<object> {
  const query = readFilter(filter);
  const bound = [source, filter ?? ''];
  const limit = Math.max(1, count);
  if (cursor !== undefined) {
    const after = cursor === '' ? undefined : readCursor(sealer, bound, cursor);
    const { users, next } = await listUsers(ports, source, query, { limit, after });
    const resources = count === 0 ? [] : users.map(shown);
    return {
      schemas: [LIST_MESSAGE],
      itemsPerPage: resources.length,
      ...(next === undefined || count === 0 ? {} : { nextCursor: writeCursor(sealer, bound, next) }),
      Resources: resources,
    };
  }
  if (startIndex > FURTHEST_INDEX)
    throw invalid(
      'tooMany',
      `startIndex is at most ${FURTHEST_INDEX}: read longer lists by cursor, beginning with cursor=`,
    );
  const { users, total = 0 } = await listUsers(ports, source, query, { limit, skip: startIndex - 1 });
  const resources = count === 0 ? [] : users.map(shown);
  return {
    schemas: [LIST_MESSAGE],
    totalResults: total,
    itemsPerPage: resources.length,
    startIndex,
    Resources: resources,
  };
}

function writeCursor(sealer: Pick<Sealer, 'mac'>, bound: string[], next: string): string {
  return `${Buffer.from(next).toString('base64url')}.${sealer.mac(FIELD, ...bound, next)}`;
}

function readCursor(sealer: Pick<Sealer, 'macMatches'>, bound: string[], cursor: string): string {
  const [encoded = '', mac = ''] = cursor.split('.', 2);
  const next = Buffer.from(encoded, 'base64url').toString();
  if (sealer.macMatches(mac, FIELD, ...bound, next)) return next;
  throw invalid('invalidCursor', 'it is no cursor of this list: begin again with cursor=');
}
