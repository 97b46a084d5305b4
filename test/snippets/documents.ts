/** The code blocks of the documents, under the names by which tests refer to them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * One fenced block. `name`: document, heading and language, and from the second one of these on its number. `caption`:
 * the line of text before it.
 */
export type Block = {
  name: string;
  document: string;
  heading: string;
  language: string;
  caption: string;
  code: string;
};

/** Relative to the root: what people read before they type. */
export const documents: string[] = [
  ...namesIn('.').filter((name) => name.endsWith('.md')),
  ...['docs', 'config', 'examples', 'test', 'demo', 'bench'].flatMap((folder) =>
    namesIn(folder, true)
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
].sort();

/** Files under examples/: each is a snippet as a whole. */
export const examples = namesIn('examples').filter((name) => !name.endsWith('.md'));

export const text = (file: string): string => readFileSync(`${root}/${file}`, 'utf8');

export function blocksOf(document: string, markdown = text(document)): Block[] {
  const blocks: Block[] = [];
  const seen = new Map<string, number>();
  let heading = '';
  let caption = '';
  let open: { fence: string; language: string; lines: string[] } | undefined;
  for (const line of markdown.split('\n')) {
    const fence = /^ *(`{3,}|~{3,})(.*)$/.exec(line);
    if (open !== undefined) {
      if (fence?.[1]?.startsWith(open.fence) && fence[2]?.trim() === '') {
        const { language, lines } = open;
        const base = `${document}: ${heading}: ${language}`;
        const count = (seen.get(base) ?? 0) + 1;
        seen.set(base, count);
        const name = count === 1 ? base : `${base} ${count}`;
        blocks.push({ name, document, heading, language, caption, code: `${lines.join('\n')}\n` });
        open = undefined;
        caption = '';
      } else open.lines.push(line);
    } else if (fence !== null) open = { fence: fence[1] ?? '', language: (fence[2] ?? '').trim(), lines: [] };
    else {
      heading = /^#+ +(.*?) *$/.exec(line)?.[1] ?? heading;
      if (line.trim() !== '') caption = line;
    }
  }
  if (open !== undefined) throw new Error(`${document}: a fence is opened and never closed`);
  return blocks;
}

/**
 * The code of one block. Name it by a literal in the test that runs it: that is how `claims.test.ts` sees that it is run.
 * @throws Error when the document has no such block
 */
export function snippet(name: string): string {
  const document = name.slice(0, name.indexOf(': '));
  const blocks = blocksOf(document);
  const found = blocks.find((block) => block.name === name);
  if (found === undefined)
    throw new Error(`there is no "${name}"; there are\n${blocks.map((block) => block.name).join('\n')}`);
  return found.code;
}

/**
 * Every block of a section in its order. Name it by a literal, `DOCUMENT: HEADING`: all of its blocks count as run.
 * @throws Error when the document has no such section, or it no block
 */
export function snippetsUnder(section: string): Block[] {
  const found = blocksOf(section.slice(0, section.indexOf(': '))).filter((block) => isUnder(section, block));
  if (found.length === 0) throw new Error(`there is no block under "${section}"`);
  return found;
}

export const isUnder = (section: string, { document, heading }: Block): boolean =>
  section === `${document}: ${heading}`;

/** The text of a file of examples/, named by a literal likewise. */
export const example = (name: string): string => text(`examples/${name}`);

/**
 * Puts what a test has in place of what a document names. What the document no longer says is a fault: the test would
 * run something else than its reader.
 */
export function substituted(code: string, replacements: Record<string, string>): string {
  let result = code;
  for (const [words, replacement] of Object.entries(replacements)) {
    if (!code.includes(words)) throw new Error(`the document does not say "${words}" (any more):\n${code}`);
    result = result.replaceAll(words, replacement);
  }
  return result;
}

function namesIn(folder: string, deep = false): string[] {
  return readdirSync(`${root}/${folder}`, { recursive: deep, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(`${root}/${folder}`.length)}/${entry.name}`.replace(/^\/+/, ''))
    .sort();
}
