/** The documents are true: links lead to files and headings, "journey A.2" to its section, and each file says what it is. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { messagesOf } from '../locales/index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md', 'config/*.md', 'src/**/*.md'], { cwd: root }).sort();
const sources = globSync('src/**/*.ts', { cwd: root }).sort();

/** A heading's anchor as GitHub makes it: small letters, no punctuation, dashes for spaces. */
const anchorOf = (heading: string) =>
  heading
    .replace(/`|\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '');
const anchorsOf = (file: string) =>
  new Set([...prose(read(file)).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));

describe('documents', () => {
  test.each(documents)('%s links to files and headings that are there', (file) => {
    const links = [...prose(read(file)).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)|src="(?!https?:)([^"]+)"/g)].map(
      ([, link, picture]) => link ?? picture ?? '',
    );
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? file : relative(root, join(root, dirname(file), path));
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });

  /** a file of an example is said to be new */
  test.each(['CONTRIBUTING.md', 'docs/glossary.md'])('%s names files that are there', (file) => {
    const named = [
      ...prose(read(file)).matchAll(/`((?:src|test|docs|locales|views|config|bench|bin|demo)\/[\w./-]*\w)`(?!, new)/g),
    ];
    const missing = named.map(([, path = '']) => path).filter((path) => !existsSync(join(root, path)));
    expect(named.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });
});

describe('journeys', () => {
  const sections = new Set([...read('docs/journeys.md').matchAll(/^#{2,3} ([A-Z](?:\.\d+)?)\b/gm)].map(([, at]) => at));
  /** `journey A.2`, `(B.6)`, `journeys A.1–5, B.1–3`: each section that is named, ranges written out. */
  const namedIn = (text: string) =>
    [...text.matchAll(/\b([A-E])\.(\d{1,2})(?:[–-](\d{1,2}))?(?![\w.]*\()/g)].flatMap(
      ([, letter, first, last = first]) =>
        Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => `${letter}.${Number(first) + index}`),
    );
  const commentsOf = (file: string) => [...read(file).matchAll(/\/\*\*[\s\S]*?\*\/|\/\/.*$/gm)].join('\n');
  const named = [...sources, ...globSync('test/**/*.ts', { cwd: root })]
    .filter((file) => file !== 'test/docs.test.ts')
    .flatMap((file) => namedIn(commentsOf(file)).map((section) => ({ file, section })));

  test('that comments name have a section in docs/journeys.md', () => {
    expect(namedIn('(journeys A.1–5, B.1–3)')).toEqual(['A.1', 'A.2', 'A.3', 'A.4', 'A.5', 'B.1', 'B.2', 'B.3']);
    expect(named.filter(({ file }) => file.startsWith('src/')).length).toBeGreaterThan(5);
    expect(named.filter(({ section }) => !sections.has(section))).toEqual([]);
  });
});

describe('the map', () => {
  const foldersOf = (place: string) =>
    readdirSync(join(root, place), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  /** the rows of a table, by the names in code style of its first column, each with a text in the second */
  const rowsOf = (file: string) =>
    [...read(file).matchAll(/^\| (`[^|]+`) \| (\S[^|]*) \|$/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.replace(/\/$/, '')),
    );

  test('in the README says of each folder of src what is decided there', () => {
    const rooms = rowsOf('README.md');
    expect(foldersOf('src').filter((folder) => !rooms.includes(`src/${folder}`))).toEqual([]);
  });

  test('in src/domain/README.md says it of each folder of the domain, and of no other', () => {
    expect(rowsOf('src/domain/README.md').sort()).toEqual(foldersOf('src/domain').sort());
  });
});

describe('sources', () => {
  test('begin with what they promise, in a sentence', () => {
    const silent = sources.filter((file) => !/^\/\*\*\s[\s\S]*?[.:?][^\n]*?\s*\*\//.test(read(file)));
    expect(silent).toEqual([]);
  });
});

test.each([
  ['en', '## In English'],
  ['nl', '## In het Nederlands'],
] as const)('docs/desk.md calls buttons and pages as they are called on the pages (%s)', (language, heading) => {
  const [, section = ''] = read('docs/desk.md').split(heading);
  const [own = ''] = section.split('\n## ');
  const lines = own.replace(/(?<!\n)\n(?![\n|\d-])/g, ' '); // a name may go on in the next line
  const quoted = [...lines.matchAll(/(?<!\*)\*([^*\n]+)\*(?!\*)/g)].map(([, words = '']) => words);
  expect(quoted.length).toBeGreaterThan(7);
  const said = new Set(Object.values(messagesOf(language)).map((each) => each.replace(/\{\{\w+\}\}/g, '…')));
  expect(quoted.filter((words) => !said.has(words))).toEqual([]);
});
