/** Packages: each is declared, used where it is declared for, and explained in docs/decisions/dependencies.md. */
import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

type Names = Record<string, string>;
const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Names
>;
const product = Object.keys(dependencies);
const development = Object.keys(devDependencies);
const all = [...product, ...development, ...Object.keys(optionalDependencies)];

/** What a file imports, resolves or requires by a package's name: `@scope/name` or `name`. */
function packagesOf(file: string): string[] {
  const named =
    /(?:(?:^|[;\n])\s*(?:import|export)\s[^'"`;]*?from\s*|\bimport\(\s*|(?:^|\n)import\s*|\brequire\(\s*|\brequire\.resolve\(\s*|\bmeta\.resolve\(\s*|\burl\)\(\s*)['"]((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^'"]*)?['"]/g;
  return [...read(file).matchAll(named)].map((match) => match[1] ?? '').filter((name) => !isBuiltin(name));
}

/** File by file, so that a message names both. */
function imports(patterns: string[]): { file: string; name: string }[] {
  const files = globSync(patterns, { cwd: root }).sort();
  return files.flatMap((file) => packagesOf(file).map((name) => ({ file, name })));
}

const ofProduct = imports(['src/**/*.ts', 'locales/**/*.ts']);
const elsewhere = imports(['demo/**/*.ts', 'test/**/*.{ts,cjs,mjs}', 'bench/**/*.ts', 'docs/**/*.ts', '*.js']);

describe('package.json', () => {
  test('a room of the product imports no development package, and none that is there by chance', () => {
    expect(ofProduct.length).toBeGreaterThan(100);
    expect(ofProduct.filter(({ name }) => !product.includes(name))).toEqual([]);
  });

  test('demo, tests and tools import nothing that is there by chance', () => {
    expect(elsewhere.length).toBeGreaterThan(100);
    expect(elsewhere.filter(({ name }) => !all.includes(name))).toEqual([]);
  });

  test('what the product declares it uses; what only demo and tests use is a development package', () => {
    expect(product.filter((name) => !ofProduct.some((each) => each.name === name))).toEqual([]);
  });

  test('types are declared for packages that are there', () => {
    const described = development.filter((name) => name.startsWith('@types/') && name !== '@types/node');
    const without = described.filter((name) => !all.includes(name.slice('@types/'.length)));
    expect(without).toEqual([]);
  });

  test('installs without a warning on the oldest Node that README names, and brings along the one that bin/pedel starts', () => {
    const { engines, optionalDependencies } = JSON.parse(read('package.json')) as Record<string, Names>;
    expect(engines).toEqual({ node: '>=20' });
    expect(read('README.md')).toContain('from version 20');
    const wanted = /-ge (\d+) \]/.exec(read('bin/pedel'))?.[1];
    for (const version of Object.values(optionalDependencies ?? {}))
      expect(version).toMatch(new RegExp(`^\\^${wanted}\\.`));
  });
});

describe('package-lock.json', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { resolved?: string; license?: string; dev?: boolean; hasInstallScript?: boolean }>;
  };

  test('names no registry: each installation uses its own', () => {
    const resolved = Object.entries(packages).filter(([, { resolved = '' }]) => /^https?:/.test(resolved));
    expect(resolved).toEqual([]);
  });

  test('nothing of the product runs a script at installation', () => {
    const scripted = Object.entries(packages).filter(([path, each]) => path !== '' && each.hasInstallScript);
    expect(scripted.filter(([, { dev }]) => dev !== true)).toEqual([]);
  });

  test('undici is the major release of Node, whose dispatchers the library knows', () => {
    expect(dependencies.undici?.match(/\d+/)?.[0]).toBe(process.versions.undici?.split('.')[0]);
  });

  describe('docs/decisions/dependencies.md', () => {
    const page = read('docs/decisions/dependencies.md');
    const rowsOf = (heading: string) => {
      const section = page.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
      return section
        .split('\n')
        .filter((line) => line.startsWith('| `'))
        .map((line) => line.split('|').map((cell) => cell.trim()))
        .map(([, names = '', purpose = '', , licence = '']) => ({
          names: [...names.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
          purpose,
          licence,
        }));
    };
    const tables = { product: rowsOf("The product's"), development: rowsOf('For demo, tests and building') };
    const namesIn = (rows: { names: string[] }[]) => rows.flatMap(({ names }) => names).sort();

    test('has one row for each package, and none for another', () => {
      expect(namesIn(tables.product)).toEqual([...product, ...Object.keys(optionalDependencies)].sort());
      expect(namesIn(tables.development)).toEqual([...development].sort());
    });

    test('says what each is for, and its licence as the package has it', () => {
      for (const { names, purpose, licence } of [...tables.product, ...tables.development]) {
        expect([names, purpose]).toEqual([names, expect.stringMatching(/../)]);
        const licences = new Set(names.map((name) => packages[`node_modules/${name}`]?.license));
        expect([names, licence]).toEqual([names, [...licences].join(', ')]);
      }
    });
  });
});
