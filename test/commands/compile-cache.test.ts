/** `bin/pedel` keeps what Node compiles only where nobody but the owner of the libraries can write. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const isRoot = process.getuid?.() === 0;
const OTHER = 12_345;

let folder: string;
let libraries: string;
let kept: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pedel-compiled-'));
  libraries = join(folder, 'node_modules');
  kept = join(libraries, '.pedel-compiled');
  mkdirSync(libraries);
  cpSync(join(root, 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'src', 'commands'), { recursive: true });
  writeFileSync(join(folder, 'src', 'commands', 'main.ts'), 'console.log(process.env.NODE_COMPILE_CACHE as string);\n');
  symlinkSync(process.execPath, join(folder, 'node'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The folder that Node was told of; 'undefined': none. */
function toldOf(environment: Record<string, string> = {}): string {
  const path = `${folder}:${process.env.PATH ?? ''}`;
  return execFileSync(join(folder, 'bin', 'pedel'), { env: { PATH: path, ...environment }, encoding: 'utf8' }).trim();
}

test('the owner of the libraries has a folder beside them that only this user may open, and what is in it is used', () => {
  expect(toldOf()).toBe(kept);
  expect(statSync(kept).mode & 0o777).toBe(0o700);
  expect(toldOf()).toBe(kept);
});

test('a folder that others may open is left alone', () => {
  for (const mode of [0o777, 0o770, 0o755]) {
    rmSync(kept, { recursive: true, force: true });
    mkdirSync(kept);
    chmodSync(kept, mode);
    expect(toldOf()).toBe('undefined');
  }
});

test('so is a link to elsewhere', () => {
  mkdirSync(join(folder, 'elsewhere'), { mode: 0o700 });
  symlinkSync(join(folder, 'elsewhere'), kept);
  expect(toldOf()).toBe('undefined');
});

// files of others can be made by root only
(isRoot ? test : test.skip)('where the libraries or the folder are of another user, none is used or made', () => {
  lchownSync(libraries, OTHER, OTHER);
  expect(toldOf()).toBe('undefined');
  expect(() => statSync(kept)).toThrow('ENOENT');
  lchownSync(libraries, 0, 0);
  mkdirSync(kept, { mode: 0o700 });
  lchownSync(kept, OTHER, OTHER);
  expect(toldOf()).toBe('undefined');
});

test('a folder that the operator names is taken as it is', () => {
  expect(toldOf({ NODE_COMPILE_CACHE: join(folder, 'named') })).toBe(join(folder, 'named'));
  expect(() => statSync(kept)).toThrow('ENOENT');
});

test('a hashing process keeps what it compiles in the same folder, and gets no other variable', () => {
  const script = `
    import { createWorkers } from ${JSON.stringify(join(root, 'src', 'hashing', 'workers.ts'))};
    const fork = (module, { env }) => { console.log(JSON.stringify(env)); process.exit(); };
    const next = () => ({ work: {}, resolve() {}, reject() {} });
    createWorkers({ module: new URL('file:///none'), processes: 1, fork, next }).assign();`;
  const variablesUnder = (environment: Record<string, string>) =>
    JSON.parse(
      execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], {
        env: { PEDEL_SECRET: 'a secret of thirty-two characters or more', ...environment },
        encoding: 'utf8',
      }),
    );
  expect(variablesUnder({ NODE_COMPILE_CACHE: join(folder, 'named') })).toEqual({
    NODE_COMPILE_CACHE: join(folder, 'named'),
  });
  expect(variablesUnder({})).toEqual({});
});
