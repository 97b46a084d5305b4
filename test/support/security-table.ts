/** SECURITY.md as the tests read it: a row for each rule, and the tests that it names for it. */
import { readFileSync } from 'node:fs';

export type Reference = { rule: number; file: string; name: string };

const text = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');

/** Rows `| 4 | promise |`. */
export const rows = [...text.matchAll(/^\|\s*(\d+)\s*\|(.*)\|\s*$/gm)].map(([, rule = '', promise = '']) => ({
  rule: Number(rule),
  promise,
}));

/** Lines `- `test/file.test.ts` "name"` under the heading `### Rule 4`. */
export const references: Reference[] = text
  .split(/^### Rule /m)
  .slice(1)
  .flatMap((section) =>
    [...section.matchAll(/^- `(test\/[^`]+)` "(.+)"$/gm)].map(([, file = '', name = '']) => ({
      rule: Number.parseInt(section, 10),
      file,
      name,
    })),
  );
