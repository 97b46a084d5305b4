/** SECURITY.md as the tests read it: a row for each rule, and the tests that it names. */
import { readFileSync } from 'node:fs';

export type Reference = { rule: number; file: string; name: string };

const text = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');

/** Rows `| 4 | promise | `test/file.test.ts` "name"; … |`; `rest` is all that follows the number. */
export const rows = [...text.matchAll(/^\|\s*(\d+)\s*\|(.*)\|\s*$/gm)].map(([, rule = '', rest = '']) => ({
  rule: Number(rule),
  rest,
}));

export const references: Reference[] = rows.flatMap(({ rule, rest }) =>
  [...rest.matchAll(/`(test\/[^`]+)`\s+"([^"]+)"/g)].map(([, file = '', name = '']) => ({ rule, file, name })),
);
