/** JSON lines: one person a line, with `affiliations[]`. */
import type { Readable } from 'node:stream';
import { feedColumns, isAffiliationColumn, UNREAD } from '../../domain/feed/feed-columns.ts';
import type { FeedRecord } from './feed-record.ts';
import { linesOf } from './text-lines.ts';

type Fields = Record<string, string>;

export async function* jsonRecords(
  text: Readable,
  columnOf: (name: string) => string,
  linesBefore: number,
): AsyncGenerator<FeedRecord> {
  for await (const { line, text: original } of linesOf(text, linesBefore)) {
    if (original.trim() === '') continue;
    yield { line, original, ...readPerson(original, columnOf) };
  }
}

const NO_JSON = 'is no JSON: write each person as one object on one line, in double quotes throughout';

type Read = { rows: Fields[] } | { fault: string; column?: string; key?: string };

function readPerson(text: string, columnOf: (name: string) => string): Read {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: NO_JSON };
  }
  if (!isObject(value)) return { fault: 'is no JSON object: write each person as {"person": "…", …}' };
  if (Object.hasOwn(value, UNREAD)) return { fault: NO_JSON };
  const own = Object.entries(value).find(([name]) => columnOf(name) === 'person')?.[1];
  const key = typeof own === 'string' || typeof own === 'number' ? { key: String(own).trim() } : {};
  const refuse = (column: string, fault: string): Read => ({ fault, column, ...(key.key === '' ? {} : key) });
  const { affiliations, ...rest } = value;
  if (!Array.isArray(affiliations) || affiliations.length === 0)
    return refuse('affiliations', 'must be a list with one object for each role: [{"organisation": "…", "role": "…"}]');
  const person = flat(rest, columnOf);
  if ('fault' in person) return refuse(person.column, person.fault);
  const rows: Fields[] = [];
  for (const [index, each] of affiliations.entries()) {
    if (!isObject(each))
      return refuse(`affiliations[${index}]`, 'must be an object such as {"organisation": "…", "role": "…"}');
    const own = flat(each, columnOf);
    if ('fault' in own) return refuse(`affiliations[${index}].${own.column}`, own.fault);
    const foreign = Object.keys(own.fields).find((column) => !isAffiliationColumn(column));
    if (foreign !== undefined)
      return refuse(
        `affiliations[${index}].${foreign}`,
        'is said of the person: write it beside affiliations, not within',
      );
    rows.push({ ...person.fields, ...own.fields });
  }
  return { rows };
}

/** Members as columns: lists joined with `;`, `address` with its members. */
function flat(
  value: Record<string, unknown>,
  columnOf: (name: string) => string,
): { fields: Fields } | { column: string; fault: string } {
  const fields: Fields = {};
  for (const [name, member] of Object.entries(value)) {
    const column = columnOf(name);
    if (column === 'ignore' || column === 'line' || column === 'reason') continue;
    if (column === 'address' && isObject(member)) {
      const within = flat(
        Object.fromEntries(Object.entries(member).map(([part, text]) => [`address.${part}`, text])),
        columnOf,
      );
      if ('fault' in within) return within;
      Object.assign(fields, within.fields);
    } else if (!feedColumns.includes(column)) {
      return { column: name.slice(0, 60), fault: `is unknown: leave it out, or use one of ${feedColumns.join(', ')}` };
    } else {
      const text = column === 'password_hash' && isObject(member) ? JSON.stringify(member) : textOf(member);
      if (text === undefined) return { column: name, fault: 'must be a text, or a list of texts' };
      fields[column] = text;
    }
  }
  return { fields };
}

function textOf(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) return undefined;
  return value.join(';');
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
