/** The list of mutations stays true: each is still made in one place, and a test is named for it (`npm run test:mutations`). */
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { mutations } from './mutations/list/index.ts';
import { mutated, namePattern, runsFor } from './mutations/mutation.ts';
import { sourceOf } from './mutations/tree.ts';
import { references, rows } from './support/security-table.ts';

describe('the list of mutations', () => {
  test('is long, and no id stands in it twice', () => {
    expect(mutations.length).toBeGreaterThan(300);
    const ids = mutations.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('each one can be made: its search text stands once in its file, and it changes something', () => {
    const faults = mutations.flatMap((mutation) => {
      const source = sourceOf(mutation.file);
      try {
        return mutated(source, mutation) === source ? [`${mutation.id} changes nothing`] : [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
    expect(faults).toEqual([]);
  });

  test('each one has tests to run, and those of a rule are named in SECURITY.md', () => {
    const faults = mutations.flatMap((mutation) => {
      const runs = runsFor(mutation);
      const missing = runs.filter(
        ({ file, names }) => !existsSync(new URL(`../${file}`, import.meta.url)) || names?.length === 0,
      );
      return runs.length === 0 || missing.length > 0
        ? [`${mutation.id}: ${missing.map(({ file }) => file).join()}`]
        : [];
    });
    expect(faults).toEqual([]);
  });

  test('each rule that holds today has at least two', () => {
    const held = rows.map(({ rule }) => rule).filter((rule) => references.some((each) => each.rule === rule));
    const few = held.filter((rule) => mutations.filter((mutation) => mutation.rule === rule).length < 2);
    expect(few).toEqual([]);
  });

  test('a name of test.each finds its tests', () => {
    const found = new RegExp(namePattern(['%s is no public address', 'rule $rule (all)']));
    expect('rule 18: ::7f00:1 is no public address').toMatch(found);
    expect('rule 4 (all)').toMatch(found);
    expect('rule 4 all').not.toMatch(found);
  });
});
