/** Every promise in SECURITY.md names the test that holds it, and those tests exist. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { references, rows } from './support/security-table.ts';

describe('SECURITY.md', () => {
  test('has a row for each of the 33 rules', () => {
    expect(rows.map(({ rule }) => rule)).toEqual(Array.from({ length: 33 }, (_, index) => index + 1));
  });

  test('each list of tests belongs to a rule, and names none twice', () => {
    const known = rows.map(({ rule }) => rule);
    expect(references.filter(({ rule }) => !known.includes(rule))).toEqual([]);
    const lines = references.map(({ rule, file, name }) => `${rule} ${file} ${name}`);
    expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  });

  test('a row without a test says that its part comes later', () => {
    const bare = rows.filter(
      ({ rule, promise }) => !references.some((each) => each.rule === rule) && !/later/i.test(promise),
    );
    expect(bare).toEqual([]);
  });

  test.each(references)('rule $rule is held by $file "$name"', ({ file, name }) => {
    const path = new URL(`../${file}`, import.meta.url);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, 'utf8')).toContain(name);
  });
});
