/** A mutation: one small weakening of the product, made by search and replace, which a named test has to notice. */
import { references } from '../support/security-table.ts';

export type Mutation = {
  /** unique; short words */
  id: string;
  /** path from the root */
  file: string;
  /** stands exactly once in the file */
  search: string;
  replace: string;
  /** what an attacker gains, or a person loses, in one line */
  why: string;
} & (
  | {
      /** a rule of SECURITY.md, which names its tests */
      rule: number;
      /** only these files of the row, in this order; absent: all of them, the quick ones first */
      tests?: string[];
    }
  | {
      /** a promise of the ports of storage */
      rule: 'sqlite' | 'mongodb';
      /** the chapter of `test/storage/contract.ts` that holds it; its file is `test/storage/contract/<chapter>.ts` */
      chapter: string;
      /** only this test of the chapter, by the start of its name */
      test?: string;
    }
  | {
      /** a promise of one database alone, or of the work in the background */
      rule: 'sqlite' | 'mongodb' | 'jobs';
      tests: string[];
      /** only those of this name */
      test?: string;
    }
);

/** A test file, and which of its tests are run; absent: all. */
export type Run = { file: string; names?: string[] };

const contractFiles = {
  sqlite: () => 'test/storage/sqlite.test.ts',
  // the chapters are shared out over two files
  mongodb: (chapter: string) =>
    chapter === 'accounts'
      ? 'test/storage/mongodb-races-accounts.test.ts'
      : 'test/storage/mongodb-races-others.test.ts',
};

/** What is run against it: of each file those tests that SECURITY.md names for the rule. */
export function runsFor(mutation: Mutation): Run[] {
  if ('chapter' in mutation) {
    const { rule, chapter, test = '' } = mutation;
    return [{ file: contractFiles[rule](chapter), names: [`keeps the contract of storage: ${chapter} ${test}`] }];
  }
  const { rule } = mutation;
  if (typeof rule === 'string') {
    const names = 'test' in mutation && mutation.test !== undefined ? { names: [mutation.test] } : {};
    return (mutation.tests ?? []).map((file) => ({ file, ...names }));
  }
  // several nodes and other programs: too much for each mutation, and their part of the tests runs them
  const named = references.filter((each) => each.rule === rule && !each.file.startsWith('test/nodes/'));
  const files = mutation.tests ?? [...new Set(named.map(({ file }) => file))];
  return files.map((file) => ({ file, names: named.filter((each) => each.file === file).map(({ name }) => name) }));
}

/** The text with the mutation made. @throws where `search` does not stand in it exactly once */
export function mutated(text: string, { id, file, search, replace }: Mutation): string {
  const parts = text.split(search);
  if (parts.length !== 2) throw new Error(`${id}: its search text stands ${parts.length - 1} times in ${file}`);
  return parts.join(replace);
}

/** Jest's pattern for tests of these names; `%s` and `$member` of `test.each` stand for anything. */
export function namePattern(names: string[]): string {
  return names
    .map((name) =>
      name
        .split(/%[a-z#]|\$\w+/)
        .map((part) => RegExp.escape(part))
        .join('.*'),
    )
    .join('|');
}
