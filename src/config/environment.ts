/** Options from environment variables, which override those of the file. */
import { dottedPath, type Fault } from './fault.ts';
import type { Leaf } from './paths.ts';
import { secrets } from './secrets.ts';

/** Puts the values of the environment into `raw`. Returns a map from keys to the variables that set them. */
export function overlay(
  raw: Record<string, unknown>,
  leaves: Leaf[],
  environment: Record<string, string | undefined>,
  faults: Fault[],
): Map<string, string> {
  const origin = new Map<string, string>();
  for (const { path, kind, environment: name } of leaves) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    origin.set(dottedPath(path), name);
    if (kind === 'structured') {
      faults.push({
        key: name,
        where: 'environment',
        value: text,
        expected: 'a value in the configuration file',
        remedy: `put ${dottedPath(path)} in a file, and name it with --config`,
      });
      continue;
    }
    let group = raw;
    for (const step of path.slice(0, -1)) {
      if (typeof group[step] !== 'object' || group[step] === null) group[step] = {};
      group = group[step] as Record<string, unknown>;
    }
    group[path.at(-1) as string] = fromText(text, kind);
  }
  return origin;
}

function fromText(text: string, kind: Leaf['kind']): unknown {
  if (kind === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(true|false|yes|no|1|0)$/i.test(text)) return /^(true|yes|1)$/i.test(text);
  return text;
}

/** Warns of unknown PEDEL_ variables. They are no faults, because container platforms set variables of their own. */
export function unknownEnvironment(environment: Record<string, string | undefined>, leaves: Leaf[]): string[] {
  const known = new Set([
    'PEDEL_CONFIG',
    ...leaves.map(({ environment: name }) => name),
    ...secrets.flatMap(({ name }) => [name, `${name}_FILE`]),
  ]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('PEDEL_') && !name.startsWith('PEDEL_TEST_') && !known.has(name))
    .map((name) => `unknown environment variable ${name}: is it misspelt? (config/README.md lists all variables)`);
}
