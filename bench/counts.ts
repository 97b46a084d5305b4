/** Whether an act asks more of a database than it did: exact, so that it can be judged on a busy machine too. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Tally } from './counting.ts';

const KINDS = ['reads', 'writes', 'commits'] as const;
export type Counts = Record<string, Record<(typeof KINDS)[number], number>>;
export type Change = { act: string; kind: (typeof KINDS)[number]; before: number; now: number };

/** MongoDB has no commits to count: each write is one. */
const files = { SQLite: 'counts.json', MongoDB: 'counts-mongodb.json' };
export type Database = keyof typeof files;
const fileOf = (database: Database) => fileURLToPath(new URL(files[database], import.meta.url));

export const readCounts = (database: Database): Counts => JSON.parse(readFileSync(fileOf(database), 'utf8')) as Counts;

/** One act a line. */
export function writeCounts(database: Database, counts: Counts): void {
  const lines = Object.entries(counts).map(([act, each]) => `  ${JSON.stringify(act)}: ${JSON.stringify(each)}`);
  writeFileSync(
    fileOf(database),
    `{\n${lines
      .join(',\n')
      .replaceAll(/([{,:])(?=["\d])/g, '$1 ')
      .replaceAll('}', ' }')}\n}\n`,
  );
}

/** `withJobs`: acts that are not judged, because what the jobs do that run in them depends on the time. */
export function countsOf(costs: Map<string, Tally>, withJobs: ReadonlySet<string>): Counts {
  const judged = [...costs].filter(([act]) => !withJobs.has(act));
  return Object.fromEntries(judged.map(([act, { reads, writes, commits }]) => [act, { reads, writes, commits }]));
}

/** What is not as it was; an act that only one side knows counts from nothing, or to nothing. */
export function changesOf(before: Counts, now: Counts): Change[] {
  const acts = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...acts].flatMap((act) =>
    KINDS.map((kind) => ({ act, kind, before: before[act]?.[kind] ?? 0, now: now[act]?.[kind] ?? 0 })).filter(
      (change) => change.before !== change.now,
    ),
  );
}
