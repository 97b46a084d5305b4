/** Finds how a file of people is written (encoding, kind, separator) and gives its text; what is none is named. */
import { Readable } from 'node:stream';

/** The feed could not be read at all; the message says why. */
export class UnreadableFeed extends Error {
  override name = 'UnreadableFeed';
}

export type FeedKind = 'csv' | 'jsonl' | 'ldif';
export type FeedText = {
  kind: FeedKind;
  text: Readable;
  delimiter: ',' | ';' | '\t';
  /** lines before the header: blank ones, and one that says `sep=;` */
  linesBefore: number;
};

/** The longest header line in characters; whatever is longer is no CSV of people. */
const LONGEST_HEADER = 1_000_000;

const WORKBOOK = 'choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file';
/** How other files begin, as hexadecimal, and what to do with them. */
const OTHERS: [RegExp, string][] = [
  [/^504b0304/, `this is a workbook of a spreadsheet (.xlsx, .ods) or a zip archive, not a CSV: open it, ${WORKBOOK}`],
  [/^d0cf11e0/, `this is a workbook of a spreadsheet (.xls), not a CSV: open it, ${WORKBOOK}`],
  [/^1f8b/, 'this is compressed (gzip): unpack it first, for example gunzip -c FILE | pedel people import -'],
  [/^25504446/, 'this is a PDF: ask for the list as CSV'],
];

/**
 * Reads as far as the first line that says something, and finds the rest from there: UTF-8 or UTF-16 (by their byte order
 * mark, or by the zero bytes of a header in UTF-16), `sep=` in a line of its own, and what separates the columns.
 * @param encoding how the file is written where it has no byte order mark; configured, never guessed
 * @throws UnreadableFeed for what is no CSV, JSON lines or LDIF
 */
export async function readFeedText(input: Readable, encoding: 'utf-8' | 'windows-1252' = 'utf-8'): Promise<FeedText> {
  const chunks = input[Symbol.asyncIterator]();
  let start: Buffer = Buffer.alloc(0);
  while (start.length < 4) {
    const { value, done } = await chunks.next();
    if (done) break;
    start = Buffer.concat([start, Buffer.from(value)]);
  }
  const refuse = (reason: string): never => {
    input.destroy();
    throw new UnreadableFeed(reason);
  };
  const other = OTHERS.find(([beginning]) => beginning.test(start.subarray(0, 4).toString('hex')));
  if (other !== undefined) refuse(other[1]);
  const decoder = new TextDecoder(encodingOf(start, encoding)); // takes the byte order mark away
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

  let linesBefore = 0;
  let first = await line();
  const skip = async () => {
    head = head.slice(first.length);
    linesBefore += 1;
    first = await line();
  };
  while (first !== '' && /^[\s,;]*$/.test(first)) await skip();
  const separator = /^"?sep=([,;\t|])"?\s*$/i.exec(first.replace(/[\r\n]+$/, ''))?.[1];
  if (separator === '|')
    refuse('the columns are separated by |: save the file with commas, semicolons or tabs between them');
  if (separator !== undefined) await skip();
  const kind = kindOf(first, refuse);
  async function* rest() {
    if (head !== '') yield head;
    while (!ended) {
      const { value, done } = await chunks.next();
      ended = done === true;
      const more = ended ? decoder.decode() : decoder.decode(Buffer.from(value), { stream: true });
      if (more !== '') yield more;
    }
  }
  const delimiter = (separator as FeedText['delimiter'] | undefined) ?? delimiterOf(first);
  return { kind, text: Readable.from(rest()), delimiter, linesBefore };
}

function kindOf(first: string, refuse: (reason: string) => never): FeedKind {
  const begins = first.trimStart();
  if (begins.startsWith('{')) return 'jsonl';
  if (begins.startsWith('['))
    refuse("this is one JSON list: write a person a line, for example with jq -c '.[]' FILE | pedel people import -");
  if (/^<(?:!doctype html|html)/i.test(begins))
    refuse('this is a web page: did the download ask for a sign-in? Save the list itself');
  if (begins.startsWith('<')) refuse('this is XML, which is not read: ask for the list as CSV or JSON lines');
  if (/^(?:#|version:|dn::?\s)/i.test(begins)) return 'ldif';
  if (first.includes('|') && !/[,;\t]/.test(first))
    refuse('the columns are separated by |: save the file with commas, semicolons or tabs between them');
  return 'csv';
}

function encodingOf(start: Buffer, otherwise: string): string {
  const [first = 1, second = 1] = start;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (start.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf]))) return 'utf-8';
  if (second === 0 && first !== 0) return 'utf-16le'; // the header is ASCII
  return first === 0 && second !== 0 ? 'utf-16be' : otherwise;
}

/** The one that parts the header into the most columns; a comma where there is none. */
function delimiterOf(header: string): FeedText['delimiter'] {
  const columns = header.replace(/"[^"]*"/g, '');
  const found = ([',', ';', '\t'] as const).map((each) => ({ each, count: columns.split(each).length }));
  return found.sort((a, b) => b.count - a.count)[0]?.each ?? ',';
}
