/**
 * The columns `groups` and `entitlements` of a feed: several values, which belong to the affiliation of their row and to
 * their source (rule 26).
 */
import type { Account } from '../account/account.ts';
import { entitlementFault, groupFault, VALUES_AT_MOST } from '../account/groups.ts';
import type { FedValue, FeedMemory } from './fed-records.ts';
import { listSaid, siblingsOf } from './feed-entries.ts';
import { isAllowedValue, type Source } from './source.ts';

/** One value of a statement, with the affiliation in whose row it stands. */
export type StatedValue = Omit<FedValue, 'source'>;

const columns = ['groups', 'entitlements'] as const;
type Column = (typeof columns)[number];
/** Of a row, and of a statement; absent: the file has no such column. */
type Lists<Value> = { [Name in Column]?: Value[] };
type Row = Lists<string> & { line: number; affiliation: { organisation: string; role: string } };

/** The text of a whole cell: more than its values may have, so that each faulty one is named by itself. */
const CELL_LENGTH = 50_000;
const kinds: Record<Column, { one: string; fault: (value: string) => string | undefined; example: string }> = {
  groups: { one: 'a group', fault: groupFault, example: "groups: ['ict-*']" },
  entitlements: {
    one: 'an entitlement',
    fault: entitlementFault,
    example: "entitlements: ['urn:mace:dir:entitlement:common-lib-terms']",
  },
};

/**
 * The values of a row, separated by `;`, each once. A value that is faulty, or that the source may not give, is refused.
 * @param read the text of a column, at most so long
 */
export function fedLists(
  fields: Record<string, string>,
  source: Source,
  read: (column: string, longest: number) => string,
  refuse: (column: string, value: string, reason: string) => void,
): Lists<string> {
  const lists: Lists<string> = {};
  for (const column of columns) {
    if (fields[column] === undefined) continue;
    const values = unique(
      read(column, CELL_LENGTH)
        .split(';')
        .map((part) => part.trim())
        .filter(Boolean),
    );
    if (values.length > VALUES_AT_MOST) refuse(column, '', tooMany(column, values.length));
    else {
      for (const value of values) {
        const reason = kinds[column].fault(value) ?? notOfSource(column, value, source);
        if (reason !== undefined) refuse(column, value, reason);
      }
    }
    lists[column] = values;
  }
  return lists;
}

function notOfSource(column: Column, value: string, source: Source): string | undefined {
  const patterns = source[column] ?? [];
  if (isAllowedValue(patterns, value)) return undefined;
  const { one, example } = kinds[column];
  if (patterns.length > 0)
    return `is not ${one} that source "${source.id}" may give (${patterns.slice(0, 10).join(', ')}): leave it out, or add it to ${column} of the source`;
  return `cannot be taken: source "${source.id}" may give no ${column} until the configuration lists them, for example ${example}`;
}

const tooMany = (column: Column, count: number) =>
  `holds ${count} values, at most ${VALUES_AT_MOST} are kept of one person: leave out ${column} that no application asks for`;

/** Refuses people of whom all rows together say too many; the line is the one that exceeds. */
export function tooManyValues(rows: Row[]): { line: number; column: string; reason: string }[] {
  return columns.flatMap((column) => {
    const seen = new Set<string>();
    for (const { line, [column]: values = [] } of rows) {
      for (const value of values) seen.add(value);
      if (seen.size > VALUES_AT_MOST) return [{ line, column, reason: tooMany(column, seen.size) }];
    }
    return [];
  });
}

/** What all rows of a person say, in a fixed order. A column that the file does not have is absent. */
export function statedValues(rows: Row[]): Lists<StatedValue> {
  const stated: Lists<StatedValue> = {};
  for (const column of columns) {
    if (rows.every((row) => row[column] === undefined)) continue;
    stated[column] = canonicalValues(
      rows.flatMap(({ affiliation: { organisation, role }, [column]: values = [] }) =>
        values.map((value) => ({ value, organisation, role })),
      ),
    );
  }
  return stated;
}

/**
 * What an entry of a source says of an organisation replaces what it said of it before; other organisations, and the values
 * of other entries and sources, stay. `said`: what the source has said so far, changed in place as `next` is.
 */
export function stateGroups(
  next: Account,
  said: FeedMemory['fields'],
  statement: Lists<StatedValue> & { key: string; complete: boolean; affiliations: { organisation: string }[] },
  source: string,
): void {
  for (const column of columns) {
    const stated = statement[column];
    if (stated === undefined) continue;
    for (const organisation of unique(statement.affiliations.map((each) => each.organisation))) {
      const key = `${column}.${organisation}`;
      const before = JSON.parse(said[key] ?? '[]') as StatedValue[];
      const here = stated.filter((each) => each.organisation === organisation);
      const now = canonicalValues(statement.complete ? here : [...here, ...before]);
      if (JSON.stringify(now) === (said[key] ?? '[]')) continue;
      delete said[key];
      if (now.length > 0) said[key] = JSON.stringify(now);
      const others = (next[column] ?? []).filter(
        (each) => each.organisation !== organisation || each.source !== source,
      );
      const theirs = siblingsOf(next, source, statement.key).flatMap((each) => listSaid<StatedValue>(each, key));
      const own = canonicalValues([...now, ...theirs]);
      const values = [...others, ...own.map((each): FedValue => ({ ...each, source }))];
      delete next[column];
      if (values.length > 0) next[column] = values;
    }
  }
}

function canonicalValues(values: StatedValue[]): StatedValue[] {
  const texts = values.map(({ value, organisation, role }) => JSON.stringify({ value, organisation, role }));
  return unique(texts)
    .sort()
    .map((text) => JSON.parse(text) as StatedValue);
}

const unique = <Value>(values: Value[]): Value[] => [...new Set(values)];
