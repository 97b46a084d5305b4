/** Reads the filters of a closed list: comparisons joined by `and` (RFC 7644, 3.4.2.2). */
import type { UserQuery } from '../../use-cases/scim/list-users.ts';
import { CORE_USER } from './attributes.ts';
import { invalid } from './errors.ts';

export type Comparison = { path: string; operator: string; value: string | boolean };

const LONGEST = 1000;
const KNOWN =
  'userName, id, externalId or emails.value with eq, or meta.lastModified with gt, ge, lt or le, joined by "and"';

const comparison =
  /\s*([A-Za-z][\w:.$-]*)\s+(eq|ne|co|sw|ew|gt|ge|lt|le)\s+("(?:[^"\\]|\\.)*"|true|false)\s*(?:$|(and)\s+)/iy;

/** Undefined: it is none of this form. */
export function readComparisons(text: string): Comparison[] | undefined {
  if (text.length > LONGEST) return undefined;
  const found: Comparison[] = [];
  comparison.lastIndex = 0;
  for (let more = true; more; ) {
    const match = comparison.exec(text);
    if (match === null) return undefined;
    const [, path = '', operator = '', literal = '', and] = match;
    const value = literalOf(literal);
    if (value === undefined) return undefined;
    found.push({ path: path.toLowerCase(), operator: operator.toLowerCase(), value });
    more = and !== undefined;
  }
  return found;
}

function literalOf(literal: string): string | boolean | undefined {
  if (/^(true|false)$/i.test(literal)) return literal.toLowerCase() === 'true';
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

/** @throws ScimError `invalidFilter`, naming what is known */
export function readFilter(text: string | undefined): UserQuery {
  if (text === undefined || text.trim() === '') return {};
  if (text.length > LONGEST) throw invalid('invalidFilter', `a filter has at most ${LONGEST} characters`);
  const refused = () => invalid('invalidFilter', `this filter is not known here: use ${KNOWN}`);
  const query: UserQuery = {};
  for (const { path, operator, value } of readComparisons(text) ?? [{ path: '', operator: '', value: '' }]) {
    if (typeof value !== 'string') throw refused();
    const name = path.replace(`${CORE_USER.toLowerCase()}:`, '');
    const known = {
      id: 'id',
      username: 'userName',
      externalid: 'externalId',
      'emails.value': 'email',
      emails: 'email',
    } as const;
    const member = Object.hasOwn(known, name) ? known[name as keyof typeof known] : undefined;
    if (member !== undefined && operator === 'eq') {
      if (query[member] !== undefined && query[member] !== value) query.none = true;
      query[member] = value;
    } else if (name === 'meta.lastmodified') bound(query, operator, value, refused);
    else throw refused();
  }
  return query;
}

/** Times are whole milliseconds here, so that "later than" is "from the next one on". */
function bound(query: UserQuery, operator: string, value: string, refused: () => Error): void {
  const at = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw refused();
  const from = operator === 'gt' ? at + 1 : operator === 'ge' ? at : undefined;
  const before = operator === 'lt' ? at : operator === 'le' ? at + 1 : undefined;
  if (from !== undefined) query.from = Math.max(from, query.from ?? 0);
  else if (before !== undefined) query.before = Math.min(before, query.before ?? before);
  else throw refused();
}
