/** Reads a file of YAML, and tells on which line of it a value stands. */
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { Fault } from './fault.ts';

export type YamlFile = { content: Record<string, unknown>; where: (path: PropertyKey[]) => string };

/** Undefined: `faults` says why it cannot be used. */
export function readYaml(path: string, readFile: (path: string) => string, faults: Fault[]): YamlFile | undefined {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    faults.push({
      key: '(file)',
      where: path,
      expected: 'a readable YAML file',
      remedy: `${reason}; name another file with --config`,
    });
    return undefined;
  }
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    faults.push({ key: '(file)', where: `${path}:${line}:${col}`, expected: 'YAML', remedy: error.message });
  }
  const content = document.errors.length > 0 ? undefined : (document.toJS() ?? {});
  if (content !== undefined && (typeof content !== 'object' || Array.isArray(content))) {
    faults.push({
      key: '(file)',
      where: path,
      expected: 'options with their values',
      remedy: 'write lines such as "issuer: https://idp.example.edu"',
    });
  }
  if (faults.length > 0) return undefined;
  const where = (wanted: PropertyKey[]): string => {
    for (let length = wanted.length; length > 0; length -= 1) {
      const node = document.getIn(wanted.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range !== undefined) return `${path}:${lines.linePos(node.range[0]).line}`;
    }
    return path;
  };
  return { content: content as Record<string, unknown>, where };
}
