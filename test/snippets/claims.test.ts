/** All code in documents is tested: a test names and runs each block and each example. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Block, blocksOf, documents, examples, isUnder, root, text } from './documents.ts';

/** Shown, not typed. */
const OUTPUT = ['text', 'console'];

/** Examples that a test of another folder runs, with that test. */
const runElsewhere: Record<string, string> = {
  'fail2ban.conf': 'test/web/trace.test.ts',
  'fail2ban-clients.conf': 'test/oidc/client-failures.test.ts',
};

/** Blocks that no test runs, by name, each with its reason. */
const notRun: Record<string, string> = {
  'docs/operations.md: Applications that fail: json':
    'a line of the log, of which test/oidc/client-failures.test.ts holds the members',
  'docs/operations.md: Failed sign-ins: json': 'a line of the log, of which test/web/trace.test.ts holds the members',
  'docs/operations.md: Dashboard and alerts: yaml': 'test/operation/dashboard.test.ts holds the metrics that it names',
  'docs/operations.md: Webhooks: json': 'the body of a message, of which test/jobs/webhooks.test.ts holds the members',
  'docs/operations.md: Webhooks: sh': 'test/commands/webhooks.test.ts runs the command',
  'docs/scaling.md: 200,000 people on a stand-in for MongoDB: sh': 'a measurement of half an hour',
  'docs/scaling.md: Lists of the console and the API, measured: sh': 'a measurement of a quarter of an hour',
  'docs/operations.md: Move the issuer to another host: sh': 'asks a host that only its reader has',
};

const tests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.test.ts'))
  .map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))
  .join('\n');
const named = (call: string) =>
  [...tests.matchAll(new RegExp(`\\b${call}\\(\\s*'([^']+)'`, 'g'))].map(([, name]) => name);

const blocks = documents.flatMap((document) => blocksOf(document));

/** npm's own lines: running them would install Pedel or run this test again. Their words are looked at below. */
const npmLines = ({ code }: Block): string[] =>
  code
    .split(/\n|&&/)
    .map((line) => line.replace(/(^| )#.*/, '').trim())
    .filter(Boolean);
const isNpmOnly = (block: Block) =>
  block.language === 'sh' && npmLines(block).every((line) => /^npm (ci|test|run) ?/.test(line));

describe('the code of the documents', () => {
  test('says its language, so that it is seen whether it can run', () => {
    expect(blocks.filter(({ language }) => !/^[a-z]+$/.test(language)).map(({ name }) => name)).toEqual([]);
    expect(blocks.length).toBeGreaterThan(8);
  });

  test('is run by a test, block by block', () => {
    const wanted = blocks.filter((block) => !OUTPUT.includes(block.language) && !isNpmOnly(block));
    const sections = named('snippetsUnder');
    const ofSections = wanted.filter((block) => sections.some((section) => isUnder(section ?? '', block)));
    const run = [...named('snippet'), ...ofSections.map(({ name }) => name)];
    expect(wanted.map(({ name }) => name).sort()).toEqual([...new Set([...run, ...Object.keys(notRun)])].sort());
  });

  test('calls scripts of npm and test files that exist', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(npmLines);
    const called = lines.flatMap((line) => /^npm (?:run |(?=test))(?:--?\S+ )*([\w:-]+)/.exec(line)?.[1] ?? []);
    expect(called).toEqual(expect.arrayContaining(['demo', 'test']));
    expect(called.filter((script) => !(script in scripts))).toEqual([]);
    const files = lines.flatMap((line) => line.match(/\b(?:test|bench|docs)\/[\w/.-]+/g) ?? []);
    expect(files.filter((file) => !existsSync(`${root}/${file}`))).toEqual([]);
  });

  test('is an example that a test runs, file by file', () => {
    expect(examples).toEqual([...new Set([...named('example'), ...Object.keys(runElsewhere)])].sort());
    for (const [name, file] of Object.entries(runElsewhere)) expect(text(file)).toContain(`examples/${name}`);
  });
});

describe('blocks are found', () => {
  const markdown = ['# A', '```sh', 'one', '```', '## B', '```js', 'const fence = "`";', '```', '```js', '2', '```'];

  test('by document, heading, language and number', () => {
    expect(blocksOf('x.md', markdown.join('\n')).map(({ name, code }) => [name, code])).toEqual([
      ['x.md: A: sh', 'one\n'],
      ['x.md: B: js', 'const fence = "`";\n'],
      ['x.md: B: js 2', '2\n'],
    ]);
  });

  test('with the line of text before it, which belongs to one block', () => {
    const captions = blocksOf('x.md', ['# A', 'of one', '', ...markdown.slice(1)].join('\n')).map(
      ({ caption }) => caption,
    );
    expect(captions).toEqual(['of one', '## B', '']);
  });

  test('to the last line, or not at all', () => {
    expect(() => blocksOf('x.md', '```sh\none')).toThrow('never closed');
  });
});
