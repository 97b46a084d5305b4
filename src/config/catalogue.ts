/** Reads the catalogue: one YAML file for each preset, Pedel's own and those of a folder beside; tells all faults at once. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { inListOrder, type Preset, presetSchema } from '../domain/clients/presets/preset.ts';
import { registrationFaults } from '../domain/clients/presets/preset-rendering.ts';
import { dottedPath, type Fault, shown, valueAt } from './fault.ts';

/** `own`: from the folder that the configuration names. */
export type Listed = Preset & { own: boolean };
export type Catalogue = { presets: Listed[]; faults: Fault[] };

const TOO_LONG = 100_000;
const MOST_FILES = 500;

/**
 * A preset of `ownFolder` takes the place of ours with its id.
 * @param folder Pedel's own; `ownFolder` absent: there is none
 */
export function readCatalogue(folder: string, ownFolder?: string): Catalogue {
  const faults: Fault[] = [];
  const ours = readFolder(folder, faults).map((preset) => ({ ...preset, own: false }));
  const theirs = ownFolder === undefined ? [] : readFolder(ownFolder, faults).map((each) => ({ ...each, own: true }));
  const byId = new Map([...ours, ...theirs].map((preset) => [preset.id, preset]));
  for (const { id, through } of byId.values()) {
    if (through === undefined || byId.get(through)?.metadata !== undefined) continue;
    const where = join(
      theirs.some((each) => each.id === id) && ownFolder !== undefined ? ownFolder : folder,
      `${id}.yaml`,
    );
    faults.push({
      key: 'through',
      where,
      value: through,
      expected: 'the id of a preset',
      remedy: 'name one with metadata',
    });
  }
  return { presets: inListOrder([...byId.values()]) as Listed[], faults };
}

function readFolder(folder: string, faults: Fault[]): Preset[] {
  let names: string[];
  try {
    names = readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = code === 'ENOENT' ? 'there is no such folder; correct the path' : `it cannot be read (${code})`;
    faults.push({ key: '(folder)', where: folder, expected: 'a folder of YAML files', remedy });
    return [];
  }
  if (names.length > MOST_FILES) {
    const remedy = `it has ${names.length} files; keep ${MOST_FILES} at most`;
    faults.push({ key: '(folder)', where: folder, expected: 'a folder of presets', remedy });
  }
  return names.slice(0, MOST_FILES).flatMap((name) => readPreset(join(folder, name), faults) ?? []);
}

function readPreset(path: string, faults: Fault[]): Preset | undefined {
  const refuse = (key: string, where: string, expected: string, remedy: string, value = {}) =>
    faults.push({ key, where, ...value, expected, remedy });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    refuse('(file)', path, 'a readable file', (error as Error).message);
    return undefined;
  }
  if (text.length > TOO_LONG) {
    refuse('(file)', path, `at most ${TOO_LONG} characters`, 'shorten it');
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of document.errors)
    refuse('(file)', `${path}:${lines.linePos(pos[0]).line}`, 'YAML', message);
  if (document.errors.length > 0) return undefined;
  const where = (wanted: PropertyKey[], within = 0): string => {
    for (let length = wanted.length; length > 0; length -= 1) {
      const node = document.getIn(wanted.slice(0, length), true);
      if (!isNode(node) || !node.range) continue;
      const block = isScalar(node) && String(node.type).startsWith('BLOCK') && length === wanted.length;
      return `${path}:${lines.linePos(node.range[0]).line + (block ? 1 + within : 0)}`;
    }
    return path;
  };
  // an alias can make a few lines into gigabytes
  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    refuse('(file)', path, 'YAML without many aliases', (error as Error).message);
    return undefined;
  }
  const { data, error } = presetSchema.safeParse(raw);
  if (data === undefined) {
    for (const issue of error.issues) faults.push(faultOf(issue, raw, where));
    return undefined;
  }
  if (`${data.id}.yaml` !== basename(path).replace(/\.yml$/, '.yaml')) {
    refuse('id', where(['id']), 'the name of the file', `name the file ${data.id}.yaml`, { value: data.id });
    return undefined;
  }
  const refused = registrationFaults(data);
  for (const { member, value, expected, remedy } of refused) {
    const at = where(['metadata', member]);
    refuse(`metadata.${member}`, at, expected, remedy, value === undefined ? {} : { value });
  }
  return refused.length > 0 ? undefined : data;
}

function faultOf(issue: z.core.$ZodIssue, raw: unknown, where: (path: PropertyKey[], line?: number) => string): Fault {
  if (issue.code === 'unrecognized_keys') {
    const key = dottedPath([...issue.path, issue.keys[0] ?? '']);
    const expected = 'a member that presets have';
    return {
      key,
      where: where([...issue.path, issue.keys[0] ?? '']),
      expected,
      remedy: `remove ${issue.keys.join(', ')}`,
    };
  }
  const line = issue.code === 'custom' ? ((issue.params as { line?: number } | undefined)?.line ?? 0) : 0;
  return {
    key: dottedPath(issue.path),
    where: where(issue.path, line),
    ...shown(issue.path, valueAt(raw, issue.path)),
    expected: 'what docs/decisions/catalogue.md describes',
    remedy: issue.message,
  };
}
