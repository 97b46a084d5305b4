/** Nothing lies in the style sheets and among the icons that no page uses, and no page asks for a class that nothing styles. */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (...patterns: string[]) =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .sort()
    .map((file) => readFileSync(root + file, 'utf8'))
    .join('\n');

/** The classes that the selectors of a style sheet name. */
function classesOf(css: string): Set<string> {
  const selectors = css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/url\([^)]*\)/g, '')
    .replace(/[^{}]*;/g, '')
    .replace(/"[^"]*"/g, '');
  return new Set([...selectors.matchAll(/\.([a-z][\w-]*)/g)].map(([, name = '']) => name));
}

/** Names that are put together: hues, the two layouts, and the tones of a badge. */
const made = /^(?:h\d|tint-\d|narrow|wide|good|warn|danger|note|neutral)$/;

test.each([
  ['pedel', ['views/assets/*.css'], ['views/**/*.ejs', 'views/assets/*.js', 'src/{http,web}/**/*.ts']],
  ...['toledo', 'webmail', 'ku-loket', 'alumni-portal', 'mailbox'].map(
    (name) =>
      [name, [`demo/${name}/*.css`], [`demo/${name}/**/*.{ejs,ts}`, 'demo/relying-party/views/*.ejs']] as [
        string,
        string[],
        string[],
      ],
  ),
  ['the demo', ['demo/relying-party/*.css'], ['demo/**/*.{ejs,ts}']],
])('%s: every class of the style sheet is on a page', (_name, sheets, pages) => {
  const words = new Set(
    (read(...pages).match(/class(?:Name)? ?=(?:"(?:<%.*?%>|[^"])*"| '[^']*')|const colours = .*/g) ?? []).flatMap(
      (attribute) => attribute.match(/[\w-]+/g) ?? [],
    ),
  );
  const unused = [...classesOf(read(...sheets))].filter((name) => !words.has(name) && !made.test(name));
  expect(unused).toEqual([]);
});

test('every custom property is used, in the style sheet or on a drawing', () => {
  const css = read('views/assets/pedel.css');
  const set = new Set([...css.matchAll(/(?<=^|[{;\s])(--[\w-]+):/g)].map(([, name = '']) => name));
  expect([...set].filter((name) => !css.includes(`var(${name}`))).toEqual([]);
});

test('every icon of the list is on a page', () => {
  const listed = [...read('src/http/icons.ts').matchAll(/^ {2}'?([a-z-]+)'?: '[a-z-]+',$/gm)].map(
    ([, name = '']) => name,
  );
  expect(listed.length).toBeGreaterThan(5);
  const used = new Set(
    read('views/**/*.ejs', 'src/{web,http}/**/*.ts').match(/(?<=icon\([^)]*'|icon: ')[a-z-]+(?=')/g),
  );
  expect(listed.filter((name) => !used.has(name))).toEqual([]);
});
