/** Every promise in SECURITY.md names the test that holds it, and those tests exist. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const text = readFileSync(new URL('../SECURITY.md', import.meta.url), 'utf8');

/** Rows `| 4 | promise | `test/file.test.ts` "name"; … |` */
const rows = [...text.matchAll(/^\|\s*(\d+)\s*\|(.*)\|\s*$/gm)].map(([, rule = '', rest = '']) => ({
  rule: Number(rule),
  rest,
}));
const references = rows.flatMap(({ rule, rest }) =>
  [...rest.matchAll(/`(test\/[^`]+)`\s+"([^"]+)"/g)].map(([, file = '', name = '']) => ({ rule, file, name })),
);

describe('SECURITY.md', () => {
  test('has a row for each of the 29 rules', () => {
    expect(rows.map(({ rule }) => rule)).toEqual(Array.from({ length: 29 }, (_, index) => index + 1));
  });

  test('a row without a test says that its part comes later', () => {
    const bare = rows.filter(
      ({ rule, rest }) => !references.some((each) => each.rule === rule) && !/later/i.test(rest),
    );
    expect(bare).toEqual([]);
  });

  test.each(references)('rule $rule is held by $file "$name"', ({ file, name }) => {
    const path = new URL(`../${file}`, import.meta.url);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(name);
  });
});
