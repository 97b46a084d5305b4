/** Parts a stream of text into its lines. */
import type { Readable } from 'node:stream';
import { UnreadableFeed } from './feed-text.ts';

/** More than one person can need; what is longer has no line breaks and is something else. */
const LONGEST_LINE = 1_000_000;

/** Each line with its number, without its break. @throws UnreadableFeed where a line has no end */
export async function* linesOf(text: Readable, linesBefore: number): AsyncGenerator<{ line: number; text: string }> {
  let rest = '';
  let line = linesBefore;
  for await (const chunk of text) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      line += 1;
      yield { line, text: part.replace(/\r$/, '') };
    }
    if (rest.length > LONGEST_LINE)
      throw new UnreadableFeed(`line ${line + 1} has more than a million characters: give each person a line`);
  }
  if (rest !== '') yield { line: line + 1, text: rest };
}
