/** Reads a form that a browser sends with a file (multipart/form-data, RFC 7578) as it comes: nothing of the file is kept. */
import type { Readable } from 'node:stream';

/** What a form of ours never sends. */
export class MalformedForm extends Error {
  override name = 'MalformedForm';
}

export type Part = { name: string; isFile: boolean; content: AsyncGenerator<Buffer> };

const LINE_END = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const MOST_HEADERS = 4096;
const MOST_PARTS = 50;

/**
 * Each part in its order. What of its content is not read is skipped with the next.
 * @param type the Content-Type, with the boundary (RFC 2046, 5.1.1)
 * @throws MalformedForm also where the form ends before its last boundary
 */
export async function* partsOf(input: Readable, type: string): AsyncGenerator<Part> {
  const found = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(type);
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw new MalformedForm('it has no boundary');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const reader = createReader(input);
  for await (const _ of reader.upTo(delimiter)); // what stands before the first part is for readers of mail
  for (let number = 1; ; number += 1) {
    const after = await reader.line(MOST_HEADERS);
    if (after.startsWith('--')) return;
    if (number > MOST_PARTS) throw new MalformedForm('it has too many parts');
    const headers = await reader.text(HEADERS_END, MOST_HEADERS);
    const disposition = /^content-disposition:\s*form-data\s*(;.*)$/im.exec(headers)?.[1] ?? '';
    const name = /;\s*name="([^"]{1,100})"/i.exec(disposition)?.[1];
    if (name === undefined) throw new MalformedForm('a part of it has no name');
    const content = reader.upTo(delimiter);
    yield { name, isFile: /;\s*filename\*?=/i.test(disposition), content };
    for await (const _ of content); // the rest
  }
}

/** All of a small field. @throws MalformedForm where it is longer */
export async function textOf({ content }: Pick<Part, 'content'>, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > most) throw new MalformedForm('a part of it is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function createReader(input: Readable) {
  const source = input[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  // so that the first boundary has a line end before it like all others
  let held: Buffer = LINE_END;

  async function more(): Promise<void> {
    const { value, done } = await source.next();
    if (done) throw new MalformedForm('it ends before its end');
    held = held.length === 0 ? value : Buffer.concat([held, value]);
  }

  /** What comes before the mark, which is taken as well. No more of it is held than the mark is long. */
  async function* upTo(mark: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = held.indexOf(mark);
      const safe = at >= 0 ? at : Math.max(0, held.length - mark.length + 1);
      const before = held.subarray(0, safe);
      held = held.subarray(at >= 0 ? at + mark.length : safe);
      if (before.length > 0) yield before;
      if (at >= 0) return;
      await more();
    }
  }

  const text = (mark: Buffer, most: number) => textOf({ content: upTo(mark) }, most);
  return {
    upTo,
    text,
    /** What follows a boundary: nothing, or `--` after the last, where a line end may be missing. */
    async line(most: number): Promise<string> {
      while (held.length < 2) await more();
      return held.subarray(0, 2).toString() === '--' ? '--' : text(LINE_END, most);
    },
  };
}
