/** Finds how a file of people is written (encoding, separator) and gives its text; what is no CSV is named. */
import { Readable } from 'node:stream';

/** The feed could not be read at all; the message says why. */
export class UnreadableFeed extends Error {
  override name = 'UnreadableFeed';
}

export type FeedText = {
  text: Readable;
  delimiter: ',' | ';' | '\t';
  /** lines before the header: one that says `sep=;` */
  linesBefore: number;
};

/** The longest header line in characters; whatever is longer is no CSV of people. */
const LONGEST_HEADER = 1_000_000;

const WORKBOOK =
  'this is a workbook of a spreadsheet, not a CSV: open it, choose "Save as" and "CSV UTF-8", and import that file';

/**
 * Reads as far as the header and finds the rest from there: UTF-8 or UTF-16 (by their byte order mark, or by the zero
 * bytes of a header in UTF-16), `sep=` in a line of its own, and commas, semicolons or tabs between the columns.
 * @throws UnreadableFeed for a workbook (.xlsx, .xls), and for a file without a first line
 */
export async function readFeedText(input: Readable): Promise<FeedText> {
  const chunks = input[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    start = Buffer.concat([start, Buffer.from(value)]);
  }
  if (/^(?:504b0304|d0cf11e0)/.test(start.subarray(0, 4).toString('hex'))) {
    input.destroy();
    throw new UnreadableFeed(WORKBOOK);
  }
  const decoder = new TextDecoder(encodingOf(start)); // takes the byte order mark away
  let head = decoder.decode(start, { stream: true });
  let ended = false;
  const readOn = async () => {
    const { value, done } = await chunks.next();
    ended = done === true;
    head += ended ? decoder.decode() : decoder.decode(Buffer.from(value), { stream: true });
  };
  const line = async () => {
    for (;;) {
      const found = /^[^\r\n]*(?:\r\n?|\n)/.exec(head);
      // a lone carriage return at the end may be the first half of a line break
      if (found !== null && !(found[0].endsWith('\r') && found[0].length === head.length && !ended)) return found[0];
      if (ended || head.length > LONGEST_HEADER) return head;
      await readOn();
    }
  };

  let first = await line();
  let linesBefore = 0;
  const separator = /^"?sep=([,;\t])"?\s*$/i.exec(first.replace(/[\r\n]+$/, ''))?.[1] as
    | FeedText['delimiter']
    | undefined;
  if (separator !== undefined) {
    head = head.slice(first.length);
    linesBefore = 1;
    first = await line();
  }
  async function* rest() {
    if (head !== '') yield head;
    while (!ended) {
      const { value, done } = await chunks.next();
      ended = done === true;
      const more = ended ? decoder.decode() : decoder.decode(Buffer.from(value), { stream: true });
      if (more !== '') yield more;
    }
  }
  return { text: Readable.from(rest()), delimiter: separator ?? delimiterOf(first), linesBefore };
}

function encodingOf(start: Buffer): string {
  const [first = 1, second = 1] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (second === 0 && first !== 0) return 'utf-16le'; // the header is ASCII
  return first === 0 && second !== 0 ? 'utf-16be' : 'utf-8';
}

/** The one that parts the header into the most columns; a comma where there is none. */
function delimiterOf(header: string): FeedText['delimiter'] {
  const columns = header.replace(/"[^"]*"/g, '');
  const found = ([',', ';', '\t'] as const).map((each) => ({ each, count: columns.split(each).length }));
  return found.sort((a, b) => b.count - a.count)[0]?.each ?? ',';
}
