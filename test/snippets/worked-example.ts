/** A block of a worked example is applied to a copy of the sources as its reader would: the file is named above it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Block } from './documents.ts';

/**
 * Makes or changes the file of a block in `folder`, and says which.
 * @returns path inside `folder`
 * @throws Error when the caption names no file, a new one is there already, another is not, or a diff has no one place
 */
export function applyBlock(folder: string, block: Block): string {
  const { name, language, caption, code } = block;
  const [, file, added] = /^`([\w./-]+\.\w+)`(, new\b)?[^`]*:$/.exec(caption) ?? [];
  if (file === undefined) throw new Error(`${name}: "${caption}" does not begin with the name of a file`);
  const path = join(folder, file);
  const isNew = added !== undefined;
  if (existsSync(path) === isNew) throw new Error(`${name}: ${file} is ${isNew ? 'there already' : 'not there'}`);
  if (isNew) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, language === 'diff' ? patched(readFileSync(path, 'utf8'), code, `${name}: ${file}`) : code);
  return file;
}

/**
 * A text with a diff applied that has no line numbers: hunks are parted by `@@`, and the lines of each that are kept or
 * removed stand together in the text, once.
 */
function patched(text: string, diff: string, what: string): string {
  const lines = text.split('\n');
  for (const hunk of diff.split(/^@@.*\n/m)) {
    const marked = hunk.split('\n').slice(0, -1);
    if (marked.some((line) => !/^[ +-]/.test(line)) || !/^[+-]/m.test(hunk))
      throw new Error(`${what}: no diff:\n${hunk}`);
    const without = (mark: string) => marked.filter((line) => !line.startsWith(mark)).map((line) => line.slice(1));
    const old = without('+');
    const places = [...lines.keys()].filter((at) => old.every((line, index) => lines[at + index] === line));
    const [place] = places;
    if (place === undefined || places.length > 1) throw new Error(`${what} has ${places.length} places for\n${hunk}`);
    lines.splice(place, old.length, ...without('-'));
  }
  return lines.join('\n');
}
