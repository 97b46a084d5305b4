/**
 * The worked examples of CONTRIBUTING.md are complete: made one after the other in a copy of the sources, they compile,
 * pass the linter, and the tests that they name pass.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Copy, copyOfCheckout } from '../support/copy.ts';
import { type Block, snippetsUnder, text } from './documents.ts';
import { applyBlock } from './worked-example.ts';

const run = promisify(execFile);

const examples: Block[][] = [
  snippetsUnder('CONTRIBUTING.md: Add a page'),
  snippetsUnder('CONTRIBUTING.md: Add a claim'),
  snippetsUnder('CONTRIBUTING.md: Add a rule'),
  snippetsUnder('CONTRIBUTING.md: Add a storage method'),
];

const sections = text('CONTRIBUTING.md')
  .split(/^## /m)
  .filter((section) => examples.some(([block]) => section.startsWith(`${block?.heading}\n`)));
/** What each says to run: words after `npm test --`. */
const testLines = sections.map((section) =>
  [...section.matchAll(/`npm test -- ([^`]+)`/g)].map(([, words = '']) => words.split(' ')),
);

describe('the worked examples of CONTRIBUTING.md', () => {
  let copy: Copy;
  const changed: string[] = [];

  /** Runs a program in the copy: its status, and everything it said. */
  async function status(command: string, ...words: string[]) {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PEDEL_')));
    return run(command, words, { cwd: copy.folder, env }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }) => ({ code, said: `${stdout}${stderr}` }),
    );
  }

  beforeAll(async () => {
    copy = copyOfCheckout();
    for (const block of examples.flat()) {
      if (block.language !== 'sh') changed.push(applyBlock(copy.folder, block));
      else expect(await status('sh', '-ec', block.code)).toMatchObject({ code: 0 });
    }
  }, 60_000);
  afterAll(() => copy?.remove());

  test('compile', async () => {
    expect(await status(process.execPath, 'node_modules/typescript/bin/tsc')).toEqual({ code: 0, said: '' });
  }, 120_000);

  test('pass the linter', async () => {
    const sources = [...new Set(changed)].filter((file) => file.endsWith('.ts'));
    const { code, said } = await status('node_modules/.bin/biome', 'check', '--error-on-warnings', ...sources);
    expect(code === 0 ? '' : said).toBe('');
  }, 60_000);

  test('bring a claim into the document of what applications get', () => {
    expect(readFileSync(join(copy.folder, 'docs/applications.md'), 'utf8')).toContain('`eduperson_entitlement`');
  });

  test('name test files that are there', () => {
    const named = sections.flatMap((section) => section.match(/\btest\/[\w/-]+\.test\.ts\b/g) ?? []);
    expect(named).toContain('test/storage/mongodb.test.ts'); // another part of the tests runs it
    expect(named.filter((file) => !existsSync(join(copy.folder, file)))).toEqual([]);
  });

  test('name the tests that they add or change, and these pass', async () => {
    expect(testLines.map((lines) => lines.length > 0)).toEqual(examples.map(() => true));
    // one call for all that ask for whole files
    const isWhole = (words: string[]) => words.every((word) => word.endsWith('.test.ts'));
    const calls = [testLines.flat().filter(isWhole).flat(), ...testLines.flat().filter((words) => !isWhole(words))];
    const passed = new Set<string>();
    for (const words of calls) {
      const options = ['-i', '--json', '--outputFile=results.json', '--cacheDirectory=.jest'];
      const { code, said } = await status('npm', '--silent', 'test', '--', ...words, ...options);
      expect(code === 0 ? '' : said).toBe('');
      for (const [file, count] of passedIn(copy.folder)) {
        expect(count).toBeGreaterThan(0);
        passed.add(file);
      }
    }
    const named = calls.flat().filter((word) => word.endsWith('.test.ts'));
    expect([...passed].sort()).toEqual([...new Set(named)].sort());
    expect(named).toEqual(expect.arrayContaining(changed.filter((file) => file.endsWith('.test.ts'))));
  }, 240_000);
});

/** Test file -> how many of its tests passed. */
function passedIn(folder: string): [file: string, count: number][] {
  type Results = { testResults: { name: string; assertionResults: { status: string }[] }[] };
  const { testResults } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Results;
  return testResults.map(({ name, assertionResults }) => [
    name.slice(name.indexOf('/test/') + 1),
    assertionResults.filter((result) => result.status === 'passed').length,
  ]);
}

describe('an example that is no longer true', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pedel-example-'));
    writeFileSync(join(folder, 'a.ts'), 'one\ntwo\nthree\ntwo\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const applied = (caption: string, language: string, code: string) => () =>
    applyBlock(folder, { name: 'x.md: A', document: 'x.md', heading: 'A', language, caption, code });

  test('is refused where the file above it is not one of the sources, or a new one is', () => {
    expect(applied('`b.ts`:', 'diff', ' one\n+half\n')).toThrow('x.md: A: b.ts is not there');
    expect(applied('`a.ts`, new:', 'ts', 'one\n')).toThrow('x.md: A: a.ts is there already');
    expect(applied('`a.ts`, `b.ts`:', 'diff', ' one\n+half\n')).toThrow('does not begin with the name of a file');
    expect(applied('Like this:', 'ts', 'one\n')).toThrow('does not begin with the name of a file');
  });

  test('is refused where its lines stand nowhere or twice, or it changes nothing', () => {
    expect(applied('`a.ts`:', 'diff', ' four\n+five\n')).toThrow('x.md: A: a.ts has 0 places');
    expect(applied('`a.ts`:', 'diff', ' two\n+half\n')).toThrow('x.md: A: a.ts has 2 places');
    expect(applied('`a.ts`:', 'diff', ' wo\n+half\n')).toThrow('x.md: A: a.ts has 0 places');
    expect(applied('`a.ts`:', 'diff', '+half\n')).toThrow('x.md: A: a.ts has 5 places');
    expect(applied('`a.ts`:', 'diff', ' one\n two\n')).toThrow('no diff');
    expect(applied('`a.ts`:', 'diff', ' one\nhalf\n')).toThrow('no diff');
  });

  test('is applied where it is true', () => {
    expect(applied('`a.ts`, where it counts:', 'diff', '-one\n+uno\n two\n@@\n three\n-two\n')()).toBe('a.ts');
    expect(readFileSync(join(folder, 'a.ts'), 'utf8')).toBe('uno\ntwo\nthree\n');
    expect(applied('`c/d.ts`, new (by hand):', 'ts', 'one\n')()).toBe('c/d.ts');
    expect(existsSync(join(folder, 'c/d.ts'))).toBe(true);
  });
});
