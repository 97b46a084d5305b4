/** The map of views is true: every page has an entry that names what it is given, and every entry a page. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import ejs from 'ejs';

const root = new URL('../../', import.meta.url).pathname;
const read = (file: string) => readFileSync(`${root}${file}`, 'utf8');
const files = globSync('**/*.ejs', { cwd: `${root}views/` }).map((file) => file.replace(/\.ejs$/, ''));
const includesOf = (view: string) =>
  [...read(`views/${view}.ejs`).matchAll(/include\('\/([\w/-]+)'/g)].map(([, name = '']) => name);
const fragments = new Set(files.flatMap(includesOf));
const pages = files.filter((name) => !fragments.has(name) && name !== 'layout' && !name.startsWith('mail/'));

test('every view compiles, also one that nobody has opened since the start', () => {
  for (const view of files) expect(ejs.compile(read(`views/${view}.ejs`), { filename: view })).toBeInstanceOf(Function);
});

describe('the map of views', () => {
  const map = globSync('src/http/views/*.ts', { cwd: root }).map(read).join('\n');

  test('has an entry for every page, and no other', () => {
    const entries = [...map.matchAll(/^ {2}'([\w/-]+)':/gm)].map(([, name = '']) => name);
    expect(entries.length).toBeGreaterThan(30);
    expect(entries.sort()).toEqual(pages.sort());
  });

  test('names every member that a page asks for only where it is there', () => {
    // one that is asked for outright, and is not there, is an error of the page; of these nobody would know
    const known = new Set(
      [...`${map}${read('src/http/page.ts')}${read('src/http/console-heading.ts')}`.matchAll(/\b(\w+)\??:/g)].map(
        ([, name]) => name,
      ),
    );
    const unknown = [...pages, 'layout', 'activation/meter', 'activation/where-to'].flatMap((view) =>
      [...read(`views/${view}.ejs`).matchAll(/\blocals\.(\w+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => !known.has(name))
        .map((name) => `${view}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
